"""Findings in rendered text, told where it is written: in the template, or in the values."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from rollsafe.artefacts.kubernetes import Container, KubernetesObject
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.found import Found
from rollsafe.rules import Edit, FileEdit, Fix, Related, Safety, Span
from rollsafe.text import Located, apply_edits
from rollsafe.text.records import open_record, replace
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.charts.composed import ComposedFile
from rollsafe.workspace.system.charts.values_file import scalar_now
from rollsafe.workspace.system.facts import Place

Rerender = Callable[[str, str], str | None]
"""Returns what the template comes to when a file, by its path, has another text."""


@open_record
class Origins:
    """Where the parts of a rendered text stand: values as they were when it was rendered, and as they are."""

    file: ComposedFile
    then: Mapping[str, SourceFile]
    now: Mapping[str, SourceFile]
    rerender: Rerender

    def of(self, located: Located) -> tuple[SourceFile, Span]:
        """Return the scalar of the values that a place says, else its place in the template."""
        said = self.file.said(located)
        value = self.file.value_behind(located) if said is None else None
        if value is not None:
            said, located = self.file.said(value), value
        span = self._in_values(said, self.file.slice(located)) if said is not None else None
        if said is not None and span is not None:
            return self.now[said.path], span
        return self.file.template, self.file.in_template(located)

    def _in_values(self, said: Place, text: str) -> Span | None:
        then, now = self.then.get(said.path), self.now.get(said.path)
        if then is None or now is None:
            return None
        return scalar_now(then, now, said.line, text.strip(" \"'"))


class Placed(NamedTuple):
    """A finding at its place, and the line of the template that makes what it is about."""

    found: Found
    line: int


def placed(found: Found, origins: Origins, titles: frozenset[Span]) -> Placed:
    """Return a finding in rendered text where that is written.

    `titles` are the names that stand for objects and containers as a whole: what is said of these is said of
    the template, wherever the name itself is written.
    """
    file = origins.file
    own = file.in_template(found.span)
    line = file.template.line_number(own)
    where, span = (file.template, own) if found.span in titles else origins.of(found.span)
    subject = file.in_template(found.subject) if where is file.template else span
    told = replace(
        found,
        file=where,
        span=_visible(span),
        subject=subject,
        related=tuple(_related(one, origins) for one in found.related),
        offer=partial(_offer, found, origins, where),
    )
    return Placed(told, line)


def titles_of(elements: tuple[KubernetesObject | Container, ...]) -> frozenset[Span]:
    """Return the places that stand for a whole object or container."""
    return frozenset(Span.of(one.title_node) for one in elements)


def _visible(span: Span) -> Span:
    return span if span.end > span.start else Span(max(0, span.start - 1), max(span.start, 1))


def _related(related: Related, origins: Origins) -> Related:
    file = related.file
    if file is origins.file:
        where, span = origins.of(related.where)
        return Related(where, span, related.message)
    if isinstance(file, ComposedFile):
        return Related(file.template, file.in_template(related.where), related.message)
    return related


# Fixes --------------------------------------------------------------------------------------------


def _offer(found: Found, origins: Origins, where: SourceFile) -> tuple[Fix, ...]:
    return tuple(one for fix in found.fixes if (one := _fix(fix, origins, where)) is not None)


def _fix(fix: Fix, origins: Origins, where: SourceFile) -> Fix | None:
    """Return a fix of rendered text as one of the file `where`; None unless that renders to the same."""
    if fix.elsewhere or fix.creates or not fix.edits or any("{{" in one.text for one in fix.edits):
        return None
    wanted = apply_edits(origins.file.text, fix.edits)
    for file, edits in _versions(fix.edits, origins):
        if edits and origins.rerender(file.path, apply_edits(file.text, edits)) == wanted:
            # Who else sets or reads a value is not known.
            is_in_values = file is not origins.file.template
            safety = Safety.UNSAFE if is_in_values and fix.safety is Safety.SAFE else fix.safety
            if file is where:
                return replace(fix, edits=edits, safety=safety)
            elsewhere = tuple(FileEdit(file.path, one) for one in edits)
            return replace(fix, edits=(), elsewhere=elsewhere, safety=safety)
    return None


def _versions(edits: tuple[Edit, ...], origins: Origins) -> Iterator[tuple[SourceFile, tuple[Edit, ...]]]:
    own = [origins.file.in_own_words(edit) for edit in edits]
    if all(one is not None for one in own):
        yield origins.file.template, tuple(one for one in own if one is not None)
    if len(edits) == 1:
        file, span = origins.of(edits[0].span)
        if file is not origins.file.template:
            yield file, (Edit(span, edits[0].text),)
