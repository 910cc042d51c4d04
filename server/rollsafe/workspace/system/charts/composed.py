"""A rendered template as a file of its own, in which every part knows where it comes from."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise

from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Edit, Located, Span
from rollsafe.text.cached import cached_property
from rollsafe.workspace.system.charts.render import RenderedText, Stretch
from rollsafe.workspace.system.facts import Place


class ComposedFile(SourceFile):
    """What a template comes to with the values of an environment; offsets are those of this text.

    Elements read from it are those of a manifest. `template` is the file on disk.
    """

    def __init__(self, template: SourceFile, rendered: RenderedText) -> None:
        super().__init__(template.path, rendered.text)
        self.template = template
        self.stretches = tuple(_joined(rendered.stretches))
        self._known: dict[tuple[int, int], Span] = {}

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(one.text) for one in self.stretches)]

    @cached_property
    def _printed(self) -> list[Span]:
        return [one.span for one in self.stretches if one.template.path == self.template.path]

    def prints(self, place: Located) -> bool:
        """Say whether a place of the template is part of what is rendered."""
        end = max(place.end, place.start + 1)
        return any(one.start < end and place.start < one.end for one in self._printed)

    def touched(self, located: Located) -> tuple[tuple[int, Stretch], ...]:
        """Return the stretches that share characters with a place, each with its offset."""
        if not self.stretches:
            return ()
        first = max(0, bisect_right(self._starts, located.start) - 1)
        last = bisect_right(self._starts, max(located.start, located.end - 1))
        return tuple(zip(self._starts[first:last], self.stretches[first:last], strict=False))

    def in_template(self, located: Located) -> Span:
        """Return where a place is in the template: exactly, or as narrowly as its parts are known."""
        known = self._known.get((located.start, located.end))
        if known is None:
            known = self._known[located.start, located.end] = self._in_template(located)
        return known

    def _in_template(self, located: Located) -> Span:
        spans = [_within(one, start, located) for start, one in self.touched(located)]
        if not spans:
            return Span(0, 0)
        return Span(min(one.start for one in spans), max(one.end for one in spans))

    def said(self, located: Located) -> Place | None:
        """Return where the value is written that a place says and nothing else; None for any other."""
        found: set[Place | None] = set()
        for start, one in self.touched(located):
            low, high = max(located.start - start, 0), located.end - start
            if one.text[low:high].strip(" \t\r\n\"'"):
                found.add(one.said)
        return found.pop() if len(found) == 1 else None

    def value_behind(self, key: Located) -> Span | None:
        """Return what stands on the line of a key behind its colon; None where that is nothing."""
        end = self.text.find("\n", key.end)
        rest = self.text[key.end : end if end >= 0 else len(self.text)]
        value = rest[1:].strip()
        if not rest.startswith(":") or not value:
            return None
        start = key.end + rest.index(value, 1)
        return Span(start, start + len(value))

    def line_number(self, place: Located) -> int:
        """Return the 1-based line of the template that a place comes from."""
        return self.template.line_number(self.in_template(place))

    def in_own_words(self, edit: Edit) -> Edit | None:
        """Return an edit of the text as one of the template; None where it changes what a tag prints."""
        start, end = edit.span
        touched = self.touched(Span(max(0, start - 1), end + 1))
        for at, one in touched:
            if one.is_verbatim and at <= start and end <= at + len(one.text):
                by = one.span.start - at
                return Edit(Span(start + by, end + by), edit.text)
        return self._inserted(edit, touched) or self._across(edit)

    def _inserted(self, edit: Edit, touched: tuple[tuple[int, Stretch], ...]) -> Edit | None:
        """Return where text goes that is put right behind what a tag prints."""
        start, end = edit.span
        behind = [one for at, one in touched if at + len(one.text) == start]
        return Edit(Span.at(behind[-1].span.end), edit.text) if start == end and behind else None

    def _across(self, edit: Edit) -> Edit | None:
        """Return an edit of several lines that stand one after the other in the template, too."""
        touched = self.touched(edit.span)
        ends = pairwise(touched)
        if not touched or not all(one.is_verbatim for _, one in touched):
            return None
        if any(one.span.end != other.span.start for (_, one), (_, other) in ends):
            return None
        by = touched[0][1].span.start - touched[0][0]
        return Edit(Span(edit.span.start + by, edit.span.end + by), edit.text)


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield stretches, those that stand one after the other in the template as one."""
    known: Stretch | None = None
    for one in stretches:
        if known is None or not one.text:
            known = known or (one if one.text else None)
        elif known.is_verbatim and one.is_verbatim and known.span.end == one.span.start:
            span = Span(known.span.start, one.span.end)
            known = known._replace(text=known.text + one.text, span=span)
        else:
            yield known
            known = one
    if known is not None:
        yield known


def _within(one: Stretch, start: int, located: Located) -> Span:
    if not one.is_verbatim:
        return one.span
    by = one.span.start - start
    return Span(max(located.start, start) + by, max(min(located.end, start + len(one.text)), start) + by)
