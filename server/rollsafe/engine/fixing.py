"""Applying fixes: as many as can be applied together, again and again until none is left."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from rollsafe.engine.found import Found
from rollsafe.engine.project import Project
from rollsafe.rules import Edit, Fix, Safety
from rollsafe.text import apply_edits, overlap
from rollsafe.text.records import field, state

_MAX_PASSES: Final = 50
"""Migrations that follow are written one a pass, so this is how many a directory may get in a run."""

_NUMBERED = re.compile(r"(?:[^/]*/)*[A-Za-z]?\d[\d.\-]*(?=_)")

Choose = Callable[[Found], Fix | None]


@state
class Applied:
    """What a run of fixes did. Texts are whole files; `original` is None for a created file."""

    original: dict[str, str | None] = field(default_factory=dict[str, str | None])
    result: dict[str, str] = field(default_factory=dict[str, str])
    fixed: list[tuple[Found, Fix]] = field(default_factory=list[tuple[Found, Fix]])

    @property
    def changed(self) -> list[str]:
        """The paths whose text differs from before, sorted."""
        return sorted(path for path, text in self.result.items() if self.original[path] != text)


def choose_by_safety(*, unsafe: bool) -> Choose:
    """Return a choice of each finding's first safe fix, or also unsafe ones; manual ones never."""
    allowed = {Safety.SAFE, Safety.UNSAFE} if unsafe else {Safety.SAFE}

    def choose(found: Found) -> Fix | None:
        candidates = [fix for fix in found.fixes if fix.safety in allowed]
        return min(candidates, key=lambda fix: fix.safety is not Safety.SAFE, default=None)

    return choose


def fix_project(project: Project, choose: Choose, only: Callable[[Found], bool] | None = None) -> Applied:
    """Apply the chosen fixes to the project in memory until nothing is left to fix.

    The project's snapshot is brought forward; writing files is the caller's business. Fixes that
    touch the same text wait for the next pass, and a fix that brings its own finding back is not
    applied twice.
    """
    applied = Applied()
    tries = _Tries()
    for _ in range(_MAX_PASSES):
        batch = _Batch(project)
        findings = [found for found in project.engine.all_findings() if only is None or only(found)]
        tries.see(findings)
        for found in findings:
            fix = choose(found) if tries.may(found) else None
            if fix is not None and batch.add(found, fix):
                tries.note(found)
        if not batch.taken:
            break
        batch.apply(applied)
    return applied


_Mark: TypeAlias = tuple[str, str, str, str]


def _mark(found: Found) -> _Mark:
    """Return what tells findings apart while their places move."""
    return (found.rule.name, found.path, found.message, found.file.slice(found.span))


class _Tries:
    """Counts fixes of findings that look the same: no more are applied than there were at any time."""

    def __init__(self) -> None:
        self._most: Counter[_Mark] = Counter()
        self._done: Counter[_Mark] = Counter()

    def see(self, findings: Iterable[Found]) -> None:
        """Take note of all findings of a pass."""
        self._most |= Counter(map(_mark, findings))

    def may(self, found: Found) -> bool:
        """Say whether one more fix of findings like this is no repetition."""
        mark = _mark(found)
        return self._done[mark] < self._most[mark]

    def note(self, found: Found) -> None:
        """Take note that a finding is fixed."""
        self._done[_mark(found)] += 1


class _Batch:
    """Fixes that can be applied together."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._edits: dict[str, list[Edit]] = {}
        self._creates: dict[str, str] = {}
        self._numbers: set[str] = set()
        self.taken: list[tuple[Found, Fix]] = []

    def add(self, found: Found, fix: Fix) -> bool:
        """Take a fix in unless it clashes with one already taken; say whether it was."""
        if any(path in self._creates or path in self._project.snapshot.paths for path, _ in fix.creates):
            return False
        numbers = {number for path, _ in fix.creates if (number := _number(path)) is not None}
        if numbers & self._numbers:
            return False
        edits = edits_by_path(found, fix)
        for path, own in edits.items():
            merged = merge(self._edits.get(path, []), own)
            if merged is None or path not in self._project.snapshot.files:
                return False
        for path, own in edits.items():
            self._edits[path] = merge(self._edits.get(path, []), own) or []
        self._creates.update(fix.creates)
        self._numbers |= numbers
        self.taken.append((found, fix))
        return True

    def apply(self, applied: Applied) -> None:
        """Bring the project forward by everything taken, and record it."""
        snapshot = self._project.snapshot
        texts = {p: apply_edits(snapshot.files[p].text, edits) for p, edits in self._edits.items()}
        for path in texts:
            applied.original.setdefault(path, snapshot.files[path].text)
        for path in self._creates:
            applied.original.setdefault(path, None)
        texts |= self._creates
        applied.result |= texts
        applied.fixed += self.taken
        self._project.replace(texts)


def _number(path: str) -> str | None:
    """Return a numbered path up to the end of its number, such as `db/V12`; None without one.

    Two fixes that each want to create the next number of a sequence cannot be applied together.
    """
    match = _NUMBERED.match(path)
    return match[0] if match is not None else None


def edits_by_path(found: Found, fix: Fix) -> dict[str, list[Edit]]:
    """Return a fix's edits grouped by the project path they belong to."""
    grouped: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        grouped.setdefault(found.path, []).append(edit)
    for path, edit in fix.elsewhere:
        grouped.setdefault(path, []).append(edit)
    return grouped


def merge(taken: list[Edit], new: Iterable[Edit]) -> list[Edit] | None:
    """Return both lists as one, an edit both hold only once; None when they clash.

    They also clash where one inserts at the border of what the other replaces: what is put there may be
    meant for the text that goes or moves.
    """
    fresh = [edit for edit in new if edit not in taken]
    borders = _borders(taken), _borders(fresh)
    if _inserts(fresh) & borders[0] or _inserts(taken) & borders[1]:
        return None
    merged = taken + fresh
    return None if overlap(merged) else merged


def _inserts(edits: Iterable[Edit]) -> set[int]:
    return {edit.span.start for edit in edits if edit.span.start == edit.span.end}


def _borders(edits: Iterable[Edit]) -> set[int]:
    return {at for edit in edits if edit.span.start < edit.span.end for at in edit.span}
