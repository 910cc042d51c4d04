"""`concise`: a line per finding, `path:line:column: rule [severity] message`; a model's remarks last."""

from collections.abc import Iterator

from rollsafe.cli.console import Paint
from rollsafe.cli.output.text import plain
from rollsafe.cli.report import Report
from rollsafe.rules.pages import page_url


def lines(report: Report, paint: Paint) -> Iterator[str]:
    """Yield the lines."""
    for one in report.findings:
        found, start = one.found, one.place.start
        place = paint.bold(f"{plain(one.path)}:{start.line}:{start.column}")
        rule = paint.link(found.rule.name, page_url(found.rule))
        severity = paint.severity(found.severity, f"[{found.severity}]")
        yield f"{place}: {rule} {severity} {plain(found.message)}\n"
    for at in report.review.remarks if report.review else ():
        remark, start = at.remark, at.place.start
        place = paint.bold(f"{plain(at.place.path)}:{start.line}:{start.column}")
        severity = paint.severity(remark.severity, f"[{remark.severity}]")
        said = plain(f"{remark.mark} ({remark.provenance.said_for}): {remark.message}")
        yield f"{place}: {remark.name} {severity} {said}\n"
