"""Edits of the SQL that a program sends, as edits of the program.

A rule says what is to be sent. The framework's writer says it, in the framework's own words where it has
some for it and in SQL otherwise. What comes out is read again: it has to send what the rule asked for.
"""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final

from rollsafe.artefacts.migrations.code.recognition import translate
from rollsafe.artefacts.migrations.code.script import Step
from rollsafe.artefacts.migrations.code.writing import Site, Sql, Writer, pieces, writer_of
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.translated import APART, TranslatedFile
from rollsafe.formats.code import Call
from rollsafe.formats.sql import read_sql
from rollsafe.text import Edit, Span, apply_edits, overlap
from rollsafe.text.patterns import lazily

_DOWN: Final = f"-- {Direction.DOWN} migration\n"
_UNSAID = lazily(r"\bcomputed_(?:\w+\(|type\b)|\$\{|\?")
"""What stands in a translation for what only running the program would tell."""
_MANY: Final = 4_000
_MOST_STEPS: Final = 250
"""Statements of a program whose fixes are said in its words; to find out what one sends all of it is read."""


def rewritten(
    file: TranslatedFile, steps: Sequence[Step], tool: str, edits: Iterable[Edit]
) -> tuple[Edit, ...] | None:
    """Return edits of a program's SQL as edits of the program; None if it cannot be said."""
    host, asked = file.host, tuple(edits)
    if len(steps) > _MOST_STEPS:
        return None
    writer, plan = writer_of(tool, host), _Plan(file, steps)
    if writer is None or not all(map(plan.take, asked)):
        return None
    found = plan.edits(writer)
    if found is None or overlap(found):
        return None
    text = _applied(host, tool, found, plan.apart)
    if text is None or not _sends(SourceFile(host.path, text, host.around), tool, file, asked):
        return None
    return _by_lines(host.text, text)


def _applied(host: SourceFile, tool: str, edits: list[Edit], apart: set[Direction]) -> str | None:
    text: str | None = apply_edits(host.text, edits)
    for way in sorted(apart):
        again = writer_of(tool, SourceFile(host.path, text, host.around)) if text is not None else None
        text = again.without_transaction(way) if again is not None else None
    return text


def _sends(file: SourceFile, tool: str, before: TranslatedFile, asked: tuple[Edit, ...]) -> bool:
    """Say whether a program, read again, sends what was asked for."""
    made = translate(file, tool)
    if made is None or made.problems:
        return False
    mark = before.text.find(_DOWN)
    filled = [one for one in asked if one.span.start == mark and one.span.end > mark]
    others = [one for one in asked if one.text != APART and one not in filled]
    wanted = apply_edits(before.text, others)
    if filled:
        back = [_squeezed(one.text) for one in _sent(filled[0].text)]
        return _blocking(_plain(made.script.text, Direction.DOWN)) == _blocking(back)
    return _plain(made.script.text, Direction.UP) == _plain(wanted, Direction.UP)


def _plain(script: str, way: Direction) -> list[str]:
    up, _, down = script.partition(_DOWN)
    return [_squeezed(one.text) for one in read_sql(down if way is Direction.DOWN else up).statements]


def _sent(sql: str) -> list[Sql]:
    return [one for one in pieces(sql) if one.text]


def _blocking(statements: list[str]) -> list[str]:
    """Return statements as they are where a tool goes back in a transaction whatever it is told."""
    return [one.replace(" concurrently ", " ") for one in statements]


def _squeezed(sql: str) -> str:
    return " ".join(sql.split()).lower()


class _Plan:
    """What becomes of each step of a script."""

    def __init__(self, file: TranslatedFile, steps: Sequence[Step]) -> None:
        self._file = file
        self._steps = steps
        self._inner: dict[int, list[Edit]] = {}
        self._removed: set[int] = set()
        self._before: dict[int, list[Sql]] = {}
        self._after: dict[int, list[Sql]] = {}
        self._copied: list[Edit] = []
        self._back: list[Sql] | None = None
        self.apart: set[Direction] = set()

    def take(self, edit: Edit) -> bool:
        """Take in an edit of the script; say whether it is one of whole steps or within one."""
        (start, end), text = edit.span, edit.text
        copied = self._file.copied(edit)
        if text == APART:
            self.apart.add(Direction.DOWN if start else Direction.UP)
        elif copied is not None:
            self._copied.append(copied)
        elif start < end and start == self._file.text.find(_DOWN):
            self._back = pieces(text.partition("\n")[2])
        elif start == end and text.endswith("\n") and (at := self._first_from(start)) is not None:
            self._before.setdefault(at, []).extend(pieces(text))
        elif (at := self._holding(start, end)) is not None:
            self._inner.setdefault(at, []).append(edit)
        elif start == end:
            at = self._last_until(start)
            if at is not None:
                self._after.setdefault(at, []).extend(pieces(text.lstrip(";")))
            return at is not None
        else:
            return self._remove(start, end, text)
        return True

    def _first_from(self, offset: int) -> int | None:
        return next((at for at, one in enumerate(self._steps) if one.start >= offset), None)

    def _last_until(self, offset: int) -> int | None:
        return next((at for at in range(len(self._steps) - 1, -1, -1) if self._steps[at].end <= offset), None)

    def _holding(self, start: int, end: int) -> int | None:
        return next((at for at, one in enumerate(self._steps) if one.start <= start and end <= one.end), None)

    def _remove(self, start: int, end: int, text: str) -> bool:
        met = [at for at, one in enumerate(self._steps) if one.start < end and start < one.end]
        whole = all(start <= self._steps[at].start and self._steps[at].end <= end for at in met)
        self._removed.update(met)
        return bool(met) and whole and not text

    def edits(self, writer: Writer) -> list[Edit] | None:
        """Return the edits of the program; None if some cannot be said."""
        if self._back is not None:
            back = writer.way_back(self._back)
            return None if back is None else [*self._copied, *back]
        touched = sorted({*self._inner, *self._removed, *self._before, *self._after})
        units = dict.fromkeys(self._steps[at].unit for at in touched)
        found = list(self._copied)
        for unit in sorted(units, key=lambda one: (one is None, one)):
            site = writer.site(unit) if unit is not None else None
            mine = [at for at, one in enumerate(self._steps) if one.unit == unit]
            made = self._unit(writer, site, mine) if site is not None else None
            if made is None:
                return None
            found += made
        return _joined(found)

    def _unit(self, writer: Writer, site: Site, mine: list[int]) -> list[Edit] | None:
        """Return the edits of one statement of the program, which sends the steps `mine`."""
        changed = [at for at in mine if at in self._inner or at in self._removed]
        ups, downs = self._of(mine, Direction.UP), self._of(mine, Direction.DOWN)
        if not changed:
            return self._beside(writer, site, ups, downs)
        told = self._told(writer, site, changed)
        if told is not None:
            beside = self._beside(writer, site, ups, downs)
            return None if beside is None else [*told, *beside]
        rest = [at for at in (ups or downs) if at not in changed]
        cuts = [self._steps[at].cut for at in changed]
        if rest and all(cut is not None for cut in cuts) and site.way is not None:
            return self._cut(writer, site, changed, rest)
        edits = [one for at in changed for one in self._inner.get(at, ())]
        if any(self._steps[at].is_restating for at in mine) or any(map(_is_wording, edits)):
            return None
        return self._instead(writer, site, ups, downs)

    def _of(self, mine: list[int], way: Direction) -> list[int]:
        return [at for at in mine if self._steps[at].direction is way]

    def _now(self, at: int) -> list[Sql]:
        """Return what is sent in the place of a step."""
        if at in self._removed:
            return []
        step = self._steps[at]
        inner = [
            Edit(Span(e.span.start - step.start, e.span.end - step.start), e.text)
            for e in self._inner.get(at, ())
        ]
        text = self._file.text[step.start : step.end]
        return [Sql(text)] if not inner else pieces(apply_edits(text, inner))

    def _beside(self, writer: Writer, site: Site, ups: list[int], downs: list[int]) -> list[Edit] | None:
        """Return the edits that put statements before and after one that stays."""
        first: dict[Direction, list[Sql]] = {}
        last: dict[Direction, list[Sql]] = {}
        for way, steps in ((Direction.UP, ups), (Direction.DOWN, downs)):
            inner = [at for at in steps[1:] if at in self._before] + [
                at for at in steps[:-1] if at in self._after
            ]
            if inner:
                return None
            first[way] = self._before.get(steps[0], []) if steps else []
            last[way] = self._after.get(steps[-1], []) if steps else []
        # What undoes something runs the other way round.
        before = self._lines(writer, site, first[Direction.UP], _either(site, first, last))
        after = self._lines(writer, site, last[Direction.UP], _either(site, last, first))
        return None if before is None or after is None else writer.around(site, before, after)

    def _lines(self, writer: Writer, site: Site, up: list[Sql], down: list[Sql]) -> list[str] | None:
        return writer.statements(up, down, site) if up or down else []

    def _told(self, writer: Writer, site: Site, changed: list[int]) -> list[Edit] | None:
        """Return the edits by which the framework itself says one change; None if it has no words for it."""
        if len(changed) != 1 or not isinstance(site.code, Call):
            return None
        at = changed[0]
        step, inner = self._steps[at], self._inner.get(at, [])
        call = site.code
        if step.cut is not None:
            part = writer.node(step.cut)
            call = part if isinstance(part, Call) else call
        if at in self._removed:
            made = writer.without(call, self._file.text[step.start : step.end])
        else:
            made = writer.idiom(call, self._words(inner[0])) if len(inner) == 1 else None
        return None if made is None else list(made)

    def _words(self, edit: Edit) -> str:
        """Return what an edit says in capitals: words that are added, or words taken away after a minus."""
        taken = " ".join(self._file.slice(edit.span).split())
        return (edit.text.strip() or f"-{taken}").upper() if not (taken and edit.text.strip()) else ""

    def _cut(self, writer: Writer, site: Site, changed: list[int], rest: list[int]) -> list[Edit] | None:
        """Return the edits that take parts out of a statement and send what becomes of them after it."""
        kept = {self._steps[at].cut for at in rest}
        if any(self._steps[at].cut in kept for at in changed) or any(at in self._before for at in changed):
            return None
        found: list[Edit] = []
        for cut in dict.fromkeys(self._steps[at].cut for at in changed):
            if cut is not None:
                found.append(writer.cut(cut))
        now = [one for at in changed for one in (*self._now(at), *self._after.get(at, ()))]
        up = now if site.way is Direction.UP else []
        lines = self._lines(writer, site, up, now if not up else [])
        return None if lines is None else [*found, *writer.around(site, [], lines)]

    def _instead(self, writer: Writer, site: Site, ups: list[int], downs: list[int]) -> list[Edit] | None:
        """Return the edits that put SQL in the place of a statement."""
        up, down = self._all(ups), self._all(downs)
        if site.way is None and not up:
            return writer.replaced(site, writer.emptied(site))
        if any(one.text.startswith("CREATE TABLE") for one in up):
            return None
        if any(_UNSAID.search(one.text) for one in (*up, *down)):
            return None
        lines = writer.instead(up, down, site) if up or down else []
        return None if lines is None else writer.replaced(site, lines)

    def _all(self, steps: list[int]) -> list[Sql]:
        found: list[Sql] = []
        for at in steps:
            found += [*self._before.get(at, ()), *self._now(at), *self._after.get(at, ())]
        return found


def _is_wording(edit: Edit) -> bool:
    """Say whether an edit changes words within what a statement does, not what it does.

    That is no reason to write SQL in the place of the framework's own words.
    """
    replaces = edit.span.start < edit.span.end and bool(edit.text)
    return edit.text.startswith(",") or (replaces and len(edit.text.split()) == 1)


def _either(site: Site, own: dict[Direction, list[Sql]], other: dict[Direction, list[Sql]]) -> list[Sql]:
    return (other if site.way is None else own)[Direction.DOWN]


def _joined(edits: list[Edit]) -> list[Edit]:
    """Return edits with insertions at one place as one, in the order given."""
    found: dict[Span, Edit] = {}
    others: list[Edit] = []
    for one in edits:
        if one.span.start < one.span.end:
            others.append(one)
            continue
        same = found.get(one.span)
        found[one.span] = one if same is None else Edit(one.span, same.text + one.text)
    return [*found.values(), *others]


def _by_lines(before: str, after: str) -> tuple[Edit, ...] | None:
    """Return what turns one text into another as edits of whole lines."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(old) + len(new) > _MANY:
        return (Edit(Span(0, len(before)), after),)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return tuple(
        Edit(Span(starts[a], starts[b]), "".join(new[c:d])) for kind, a, b, c, d in blocks if kind != "equal"
    )
