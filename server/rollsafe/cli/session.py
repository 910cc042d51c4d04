"""One check: the projects it covers, analysed, and what of their findings is spoken of."""

import os
from collections.abc import Iterator
from datetime import date
from typing import Protocol

from rollsafe.cli.failures import CommandError
from rollsafe.cli.loading import Loaded, load
from rollsafe.cli.options import CheckOptions
from rollsafe.cli.overlay import SettingsSource, check_overrides
from rollsafe.cli.paths import Shown
from rollsafe.cli.progress import Progress
from rollsafe.cli.report import Fingerprints, Report, Reported, at_least
from rollsafe.cli.targets import Asked, Scope, read_targets
from rollsafe.engine import UnknownRuleError, installed_agents
from rollsafe.engine.found import Found, RuleFailure
from rollsafe.engine.project import Project
from rollsafe.engine.rule_index import cards_of
from rollsafe.rules import Confidence
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.facts import Base
from rollsafe.workspace.snapshot import Skipped

_CERTAINTY = {Confidence.LOW: 0, Confidence.MEDIUM: 1, Confidence.HIGH: 2}
_ALONE = "Outside of a project: rules that look at other files did not run."
_UNREAD = "no kind of file that is read"


class Session(NamedTuple):
    """What all steps of one check share."""

    options: CheckOptions
    shown: Shown
    settings_of: SettingsSource
    today: date
    progress: Progress | None


class Opened(NamedTuple):
    """An analysed project and what is asked of it."""

    project: Project
    scope: Scope
    base: Base
    is_project: bool

    @property
    def root(self) -> str:
        """The project's root, absolute."""
        return self.project.snapshot.root


def open_session(options: CheckOptions, progress: Progress | None) -> Session:
    """Prepare a check.

    Raises:
        CommandError: the command line names a rule that does not exist.
    """
    shown = Shown()
    cards = (card for agent in installed_agents() for card in cards_of(agent))
    check_overrides(options.overrides, {name for c in cards for name in (c.name, c.family, c.agent)})
    return Session(options, shown, SettingsSource(options.overrides, shown), date.today(), progress)


def open_projects(session: Session) -> list[Opened]:
    """Read and analyse everything that is asked for.

    Raises:
        CommandError: a path, a configuration file or a revision is no good.
    """
    options = session.options
    targets = read_targets(options.paths, options.stdin_filename, session.shown)
    loaded = load(Asked(targets), session.settings_of, session.progress)
    opened: list[Opened] = []
    for one in loaded:
        base = _base(options.base, one.snapshot.root, opened)
        project = open_project(session, one, base)
        opened.append(Opened(project, one.scope, base, one.is_project))
    return opened


def open_project(session: Session, loaded: Loaded, base: Base) -> Project:
    """Analyse one project.

    Raises:
        CommandError: its settings name a rule that does not exist.
    """
    try:
        project = Project.open(
            loaded.snapshot,
            session.today,
            base=base,
            judged=loaded.scope.holds,
            ignores=session.options.filters.ignores,
            cross_file=loaded.is_project,
        )
    except UnknownRuleError as error:
        place = session.settings_of.place(loaded.snapshot.root)
        raise CommandError(f"{place}: {error}" if place else str(error)) from None
    project.analyse(session.progress.analysing if session.progress else None)
    return project


def _base(ref: str | None, root: str, outer: list[Opened]) -> Base:
    """Return the base of a project; one inside of another project's repository shares what is known of it."""
    if ref is None:
        return Base()
    if not os.path.lexists(os.path.join(root, ".git")):
        for one in reversed(outer):
            inside = os.path.join(one.root, "")
            if root.startswith(inside):
                return one.base.below(root[len(inside) :].replace(os.sep, "/"))
    from rollsafe.workspace.git import GitError, resolve_base

    try:
        return resolve_base(root, ref)
    except GitError as error:
        raise CommandError(f"--base: {error}") from None


class Silence(Protocol):
    """Says which findings are not spoken of."""

    def holds(self, one: Reported) -> bool:
        """Say whether a finding is left out."""
        ...


def report_of(session: Session, opened: list[Opened], hidden: Silence) -> Report:
    """Return what is to be said: everything asked for, found and not `hidden`, sorted."""
    report = Report()
    for one in opened:
        found = reported(session, one)
        report.findings += (it for it in found if passes(session, it.found) and not hidden.holds(it))
        for path in filter(one.scope.holds, one.project.snapshot.files):
            _account_for(report, session, one, path)
        report.skipped += _unread(session, one)
        report.failures += _failures(session, one, {it.rule for it in report.failures})
    if not all(one.is_project for one in opened):
        report.withheld.append(_ALONE)
    report.findings.sort(key=lambda it: it.order)
    report.skipped.sort()
    return report


def reported(session: Session, opened: Opened) -> list[Reported]:
    """Return all findings of what is asked of a project, in its own order."""
    found = opened.project.engine.all_findings()
    snapshot, prints = opened.project.snapshot, Fingerprints(found)
    return [Reported(it, snapshot, session.shown, prints, number) for number, it in enumerate(found)]


def passes(session: Session, found: Found) -> bool:
    """Say whether a finding is severe and certain enough to be spoken of."""
    filters = session.options.filters
    certain = _CERTAINTY[found.confidence] >= _CERTAINTY[filters.min_confidence]
    return certain and at_least(found.severity, filters.min_severity)


def _account_for(report: Report, session: Session, opened: Opened, path: str) -> None:
    """Count a file as understood, as unknown, or as skipped for a reason its reader gave."""
    artefact = opened.project.engine.artefact(path)
    if artefact is None:
        report.unrecognised += 1
        if path in opened.scope.files:
            report.skipped.append(Skipped(session.shown(opened.root, path), _UNREAD))
        return
    if not artefact.problems:
        report.files += 1
        return
    shown = session.shown(opened.root, path)
    fatal = next((problem for problem in artefact.problems if problem.fatal), None)
    if fatal is not None:
        report.skipped.append(Skipped(shown, fatal.message))
    else:
        report.files += 1
    for problem in artefact.problems:
        line, column = artefact.file.lines.position(problem.start)
        report.problems.append(f"{shown}:{line + 1}:{column + 1}: not understood: {problem.message}")


def _unread(session: Session, opened: Opened) -> Iterator[Skipped]:
    for path, reason in opened.project.snapshot.skipped:
        if opened.scope.holds(path):
            yield Skipped(session.shown(opened.root, path), reason)


def _failures(session: Session, opened: Opened, told: set[str]) -> Iterator[RuleFailure]:
    for failure in opened.project.engine.failures.values():
        if failure.rule not in told:
            path = session.shown(opened.root, failure.path)
            yield RuleFailure(failure.rule, path, failure.error)
