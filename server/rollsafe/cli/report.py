"""The result of a check as every form of output takes it, in lines, columns and paths as users see them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from rollsafe.artefacts.source import SourceFile
from rollsafe.cli.paths import Shown
from rollsafe.engine.found import Found, RuleFailure
from rollsafe.rules import Edit, Fix, Safety, Severity
from rollsafe.text import Located
from rollsafe.workspace.snapshot import Skipped, Snapshot


class Point(NamedTuple):
    """A line and a column, both from 1, columns in code points."""

    line: int
    column: int


class Place(NamedTuple):
    """A range of a file; `end` is the point after the last character."""

    path: str
    start: Point
    end: Point


class Replacement(NamedTuple):
    """A text that replaces what is at a place."""

    place: Place
    text: str


class Creation(NamedTuple):
    """A file that comes into being."""

    path: str
    text: str


@dataclass(frozen=True)
class Reported:
    """One finding to speak of."""

    found: Found
    snapshot: Snapshot
    fingerprint: str
    shown: Shown

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.place_of(self.found.file, self.found.span)

    @property
    def path(self) -> str:
        """The path of its file."""
        return self.shown(self.snapshot.root, self.found.path)

    @property
    def order(self) -> tuple[str, Point, str, str]:
        """Sort key: path, line, column, rule, message."""
        return (self.path, self.place.start, self.found.rule.name, self.found.message)

    @property
    def equivalents(self) -> tuple[str, ...]:
        """The names of the same hazard in other tools, as far as they are true of this occurrence."""
        own = self.found.equivalents
        return self.found.rule.equivalents if own is None else own

    def place_of(self, file: SourceFile, where: Located) -> Place:
        """Return the place of something in a file of the same project."""
        start, end = file.lines.position(where.start), file.lines.position(where.end)
        return Place(
            self.shown(self.snapshot.root, file.path),
            Point(start.line + 1, start.column + 1),
            Point(end.line + 1, end.column + 1),
        )

    def replacements(self, fix: Fix) -> list[Replacement]:
        """Return the edits of a fix by path and place."""
        return sorted(self._replacements(fix))

    def creations(self, fix: Fix) -> list[Creation]:
        """Return the files a fix creates."""
        return [Creation(self.shown(self.snapshot.root, new.path), new.text) for new in fix.creates]

    def _replacements(self, fix: Fix) -> Iterator[Replacement]:
        for edit in fix.edits:
            yield self._replacement(self.found.file, edit)
        for path, edit in fix.elsewhere:
            file = self.snapshot.files.get(path)
            if file is not None:
                yield self._replacement(file, edit)

    def _replacement(self, file: SourceFile, edit: Edit) -> Replacement:
        return Replacement(self.place_of(file, edit.span), edit.text)


@dataclass
class Report:
    """Everything a check has to say. Paths are relative to the current directory.

    `files` counts what was understood, `unrecognised` what was read and is no kind of file we know;
    `problems` are lines about places that could not be made sense of; `withheld` says what is not shown.
    """

    findings: list[Reported] = field(default_factory=list[Reported])
    files: int = 0
    unrecognised: int = 0
    problems: list[str] = field(default_factory=list[str])
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    failures: list[RuleFailure] = field(default_factory=list[RuleFailure])
    withheld: list[str] = field(default_factory=list[str])
    elapsed_s: float = 0.0

    def count(self, severity: Severity) -> int:
        """Return the number of findings of one severity."""
        return sum(one.found.severity is severity for one in self.findings)

    def fixable(self, *safeties: Safety) -> int:
        """Return the number of findings with a fix of one of the given kinds."""
        return sum(any(fix.safety in safeties for fix in one.found.fixes) for one in self.findings)

    def reaches(self, threshold: Severity | None) -> bool:
        """Say whether any finding is at least as severe as `threshold`; None is never reached."""
        return threshold is not None and any(at_least(it.found.severity, threshold) for it in self.findings)


_RANK = {severity: rank for rank, severity in enumerate(reversed(Severity))}


def at_least(severity: Severity, threshold: Severity) -> bool:
    """Say whether a severity is as bad as `threshold` or worse."""
    return _RANK[severity] >= _RANK[threshold]
