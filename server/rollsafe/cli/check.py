"""`check` and `fix`: read, analyse, fix when asked, report."""

import os
import time
from typing import TYPE_CHECKING

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console
from rollsafe.cli.emit import emit, tell_failures
from rollsafe.cli.known import Hidden, hidden_from
from rollsafe.cli.options import CheckOptions, read_options
from rollsafe.cli.progress import Progress
from rollsafe.cli.report import Report, Review
from rollsafe.cli.session import Opened, Session, open_projects, open_session, report_of
from rollsafe.workspace.user_settings import user_settings_file

if TYPE_CHECKING:
    from rollsafe.cli.wish import Wish

_FOR_PROGRAMS = ("json", "sarif")


def run(arguments: Arguments, console: Console) -> int:
    """Check what was asked for; return the exit code.

    Raises:
        CommandError: the check cannot be done.
    """
    begun = time.perf_counter()
    console.quiet = arguments.flag("--quiet")
    console.verbose = arguments.flag("--verbose")
    options = read_options(arguments, is_terminal=console.is_terminal)
    stream = console.progress_stream
    progress = Progress(stream) if stream else None
    wish = _wish(options)
    try:
        session = open_session(options, progress)
        opened = open_projects(session)
        hidden = hidden_from(session, opened)
    finally:
        if progress:
            progress.clear()
    if options.filters.update_baseline:
        return _update_baselines(session, opened, console)
    if options.fixing.diff:
        return _show_diff(session, opened, hidden, console)
    if options.reviewing.dry_run == "":
        return _requests(session, opened, wish, console)
    if options.fixing.apply:
        console = _fix(session, opened, hidden, console)
    report = report_of(session, opened, hidden)
    report.withheld += hidden.lines()
    if console.verbose:
        report.problems += _gaps(session, opened)
        report.histories += _histories(session, opened)
        report.histories += _deployments(session, opened)
    if wish is not None:
        report.review = _review(session, opened, wish)
    report.elapsed_s = time.perf_counter() - begun
    emit(report, options, console)
    return _exit_code(report, options)


def _gaps(session: Session, opened: list[Opened]) -> list[str]:
    """Return what of the files of deployments is not understood."""
    from rollsafe.cli.gaps import lines

    return [line for one in opened for line in lines(session, one)]


def _deployments(session: Session, opened: list[Opened]) -> list[str]:
    """Return what was made of charts, overlays and Compose files."""
    from rollsafe.cli.deployments import lines

    return [line for one in opened for line in lines(session, one)]


def _histories(session: Session, opened: list[Opened]) -> list[str]:
    """Return what was made of the migrations of each history."""
    from rollsafe.cli.histories import lines

    return [line for one in opened for line in lines(session, one)]


def _wish(options: CheckOptions) -> "Wish | None":
    """Return whether and how the user wants a model to be asked."""
    if not options.reviewing.ask and not os.path.lexists(user_settings_file()):
        return None
    from rollsafe.cli.wish import wish_of

    return wish_of(options)


def _review(session: Session, opened: list[Opened], wish: "Wish") -> Review | None:
    """Ask a model, as the user wishes; None where there is nothing the wish is about."""
    from rollsafe.cli.reviewing import review

    try:
        return review(session, opened, wish)
    finally:
        if session.progress:
            session.progress.clear()


def _requests(session: Session, opened: list[Opened], wish: "Wish | None", console: Console) -> int:
    """Print what a review would send."""
    from rollsafe.cli.reviewing import requests

    if wish is not None:
        console.write_document(requests(session, opened, wish))
    return 0


def _exit_code(report: Report, options: CheckOptions) -> int:
    gate = options.reviewing.fail_on
    if report.failures or (gate and report.review and not report.review.run.is_complete):
        return 2
    return int(report.reaches(options.fail_on) or (report.review is not None and report.review.reaches(gate)))


def _update_baselines(session: Session, opened: list[Opened], console: Console) -> int:
    from rollsafe.cli.baselines import update_baselines

    report = report_of(session, opened, Hidden([]))
    for line in update_baselines(session, opened):
        if not console.quiet:
            console.write(f"{line}\n")
    tell_failures(report, console)
    return 2 if report.failures else 0


def _show_diff(session: Session, opened: list[Opened], hidden: Hidden, console: Console) -> int:
    from rollsafe.cli.diff import diff
    from rollsafe.cli.fixing import fix, would

    fixed = [fix(session, one, hidden) for one in opened]
    paint = console.paint(session.options.color)
    changes = [change for one in fixed for change in one.changes]
    for line in diff(changes):
        console.write(paint.diff_line(line))
    if not console.quiet:
        console.note(would(fixed))
    report = report_of(session, opened, hidden)
    tell_failures(report, console)
    return 2 if report.failures else int(bool(changes))


def _fix(session: Session, opened: list[Opened], hidden: Hidden, console: Console) -> Console:
    """Apply fixes; return where the report goes: fixed standard input takes standard output."""
    from rollsafe.cli.fixing import fix, told
    from rollsafe.cli.writing import apply

    fixed = [fix(session, one, hidden) for one in opened]
    changes = [change for one in fixed for change in one.changes]
    if session.options.stdin_filename is not None:
        for one in opened:
            path = next(iter(one.scope.files))
            texts = {change.path: change.after for change in changes}
            console.write(texts.get(path, one.project.snapshot.files[path].text))
        return console.beside()
    apply(changes)
    if not console.quiet:
        for_programs = session.options.outputs[0].form in _FOR_PROGRAMS
        target = console.beside() if for_programs else console
        for line in told(fixed, each=session.options.fixing.show):
            target.write(line)
    return console
