"""The lines that close a run: how much of what, in how many files, and what was left out."""

from collections.abc import Iterator
from typing import Final

from rollsafe.cli.output.text import plain, plural
from rollsafe.cli.report import Report
from rollsafe.rules import Safety, Severity

_NAMED: Final = 3


def summary(report: Report) -> Iterator[str]:
    """Yield the closing lines."""
    place = f"in {plural(report.files, 'file')} ({report.elapsed_s:.2f} s)"
    said = [plural(count, severity) for severity in Severity if (count := report.count(severity))]
    if said:
        yield f"{', '.join(said)} {place}.{_fixable(report)}\n"
    else:
        yield f"No hazards {place}.\n"
    for line in report.withheld:
        yield f"{line}\n"
    if report.skipped:
        yield f"{_skipped(report)}\n"


def _fixable(report: Report) -> str:
    safe = report.fixable(Safety.SAFE)
    fixable = report.fixable(Safety.SAFE, Safety.UNSAFE)
    return f" {fixable} fixable: {safe} safe." if fixable else ""


def _skipped(report: Report) -> str:
    named = [f"{plain(path)} ({plain(reason)})" for path, reason in report.skipped[:_NAMED]]
    more = " …" if len(report.skipped) > _NAMED else ""
    return f"{plural(len(report.skipped), 'file')} skipped: {', '.join(named)}{more}"
