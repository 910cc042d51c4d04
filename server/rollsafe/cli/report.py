"""The result of a check as every form of output takes it, in lines, columns and paths as users see them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rollsafe.artefacts.source import SourceFile
from rollsafe.cli.paths import Shown
from rollsafe.engine.found import Found, RuleFailure, fingerprints
from rollsafe.rules import Edit, Fix, Safety, Severity
from rollsafe.text import Located
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.snapshot import Skipped, Snapshot

if TYPE_CHECKING:
    from rollsafe.review import Remark, ReviewRun


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


class Fingerprints:
    """The identities of a project's findings; worked out when the first one is asked for."""

    def __init__(self, found: list[Found]) -> None:
        self._found = found

    @cached_property
    def listed(self) -> list[str]:
        """One per finding, in the same order."""
        return fingerprints(self._found)


class Reported:
    """One finding to speak of: the `number`-th of its project."""

    def __init__(
        self, found: Found, snapshot: Snapshot, shown: Shown, prints: Fingerprints, number: int
    ) -> None:
        self.found = found
        self.snapshot = snapshot
        self._shown = shown
        self._prints = prints
        self._number = number

    @property
    def fingerprint(self) -> str:
        """What identifies it across runs."""
        return self._prints.listed[self._number]

    @cached_property
    def place(self) -> Place:
        """Where it is."""
        return self.place_of(self.found.file, self.found.span)

    @property
    def path(self) -> str:
        """The path of its file."""
        return self.place.path

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
            self._shown(self.snapshot.root, file.path),
            Point(start.line + 1, start.column + 1),
            Point(end.line + 1, end.column + 1),
        )

    def replacements(self, fix: Fix) -> list[Replacement]:
        """Return the edits of a fix by path and place."""
        return sorted(self._replacements(fix))

    def creations(self, fix: Fix) -> list[Creation]:
        """Return the files a fix creates."""
        return [Creation(self._shown(self.snapshot.root, new.path), new.text) for new in fix.creates]

    def _replacements(self, fix: Fix) -> Iterator[Replacement]:
        for edit in fix.edits:
            yield self._replacement(self.found.file, edit)
        for path, edit in fix.elsewhere:
            file = self.snapshot.files.get(path)
            if file is not None:
                yield self._replacement(file, edit)

    def _replacement(self, file: SourceFile, edit: Edit) -> Replacement:
        return Replacement(self.place_of(file, edit.span), edit.text)


class RemarkAt(NamedTuple):
    """A model's remark and its place; `file` is the absolute path of its file."""

    remark: "Remark"
    place: Place
    file: str


class Review(NamedTuple):
    """What a model said, beside and never among the findings of rules; ordered by path and line."""

    run: "ReviewRun"
    remarks: tuple[RemarkAt, ...]

    def reaches(self, threshold: Severity | None) -> bool:
        """Say whether any remark is at least as severe as `threshold`; None is never reached."""
        severities = (Severity(one.remark.severity) for one in self.remarks)
        return threshold is not None and any(at_least(severity, threshold) for severity in severities)


class Report:
    """Everything a check has to say. Paths are relative to the current directory.

    `files` counts what was understood, `unrecognised` what was read and is no kind of file we know;
    `problems` are lines about places that could not be made sense of; `withheld` says what is not shown,
    and what did not run. `histories` are lines about what was made of migrations, where that was asked for.
    `review` is None unless a model was asked.
    """

    def __init__(self) -> None:
        self.findings: list[Reported] = []
        self.files = 0
        self.unrecognised = 0
        self.problems: list[str] = []
        self.skipped: list[Skipped] = []
        self.failures: list[RuleFailure] = []
        self.withheld: list[str] = []
        self.histories: list[str] = []
        self.review: Review | None = None
        self.elapsed_s = 0.0

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
