"""The lines that close a run: how much of what, in how many files, and what was left out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.cli.output.text import plain, plural
from rollsafe.cli.report import Report
from rollsafe.rules import Safety, Severity

if TYPE_CHECKING:
    from rollsafe.review import ReviewRun

_NAMED: Final = 3


def summary(report: Report, *, verbose: bool) -> Iterator[str]:
    """Yield the closing lines; `verbose` names everything that was left out."""
    place = f"in {plural(report.files, 'file')} ({report.elapsed_s:.2f} s)"
    said = [plural(count, severity) for severity in Severity if (count := report.count(severity))]
    if said:
        yield f"{', '.join(said)} {place}.{_fixable(report)}\n"
    elif report.failures:
        yield f"Nothing found {place}, but {plural(len(report.failures), 'rule')} crashed.\n"
    else:
        new = "new " if report.withheld else ""
        yield f"No {new}hazards {place}.\n" if report.files else f"Nothing to check {place}.\n"
    for line in report.withheld:
        yield f"{line}\n"
    yield from _left_out(report) if verbose else _skipped(report)
    if report.review is not None:
        yield from _review(report.review.run, verbose=verbose)


def _review(run: "ReviewRun", *, verbose: bool) -> Iterator[str]:
    if run.reviewed:
        yield f"{run.line}.\n"
    if verbose:
        for path, reason in run.withheld:
            yield f"not shown to the model: {_named(path, reason)}\n"
        for reason, count in sorted(run.dropped.items()):
            yield f"dropped: {plural(count, 'claim')} ({reason})\n"


def _fixable(report: Report) -> str:
    safe = report.fixable(Safety.SAFE)
    fixable = report.fixable(Safety.SAFE, Safety.UNSAFE)
    return f" {fixable} fixable: {safe} safe." if fixable else ""


def _skipped(report: Report) -> Iterator[str]:
    if report.skipped:
        named = [_named(path, reason) for path, reason in report.skipped[:_NAMED]]
        more = " …" if len(report.skipped) > _NAMED else ""
        yield f"{plural(len(report.skipped), 'file')} skipped: {', '.join(named)}{more}\n"


def _named(path: str, reason: str) -> str:
    return f"{plain(path)} ({plain(reason)})"


def _left_out(report: Report) -> Iterator[str]:
    for path, reason in report.skipped:
        yield f"skipped: {_named(path, reason)}\n"
    for line in (*report.problems, *report.histories):
        yield f"{plain(line)}\n"
    if report.unrecognised:
        yield f"{plural(report.unrecognised, 'file')} read and of no kind that rules are about.\n"
