"""`check` and `fix`: read, analyse, fix when asked, report."""

import sys
import time
from collections.abc import Callable

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.comparison import hides, known_before, tell_withheld, update_baselines
from rollsafe.cli.console import Console
from rollsafe.cli.emit import emit
from rollsafe.cli.options import CheckOptions, read_options
from rollsafe.cli.progress import Progress
from rollsafe.cli.report import Report, Reported
from rollsafe.cli.session import Opened, Session, open_projects, open_session, report_of

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
    try:
        session = open_session(options, progress)
        opened = open_projects(session)
        if options.filters.update_baseline:
            return _update_baselines(session, opened, console)
        known = known_before(session, opened)
    finally:
        if progress:
            progress.clear()
    if options.fixing.wanted:
        console = _fix(session, opened, hides(known), console)
    report = report_of(session, opened, hides(known))
    tell_withheld(report, known)
    report.elapsed_s = time.perf_counter() - begun
    return _finish(report, options, console)
