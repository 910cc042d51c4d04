"""Counts per rule instead of findings."""

from collections import Counter
from collections.abc import Iterator

from rollsafe.cli.console import Paint
from rollsafe.cli.output.json import encoded
from rollsafe.cli.report import Report, at_least
from rollsafe.rules import Safety, Severity
from rollsafe.text.tuples import NamedTuple


class RuleCount(NamedTuple):
    """How often one rule spoke, how bad the worst of it is, and how many fixes can be applied."""

    rule: str
    severity: Severity
    total: int
    fixable: int


def counts(report: Report) -> list[RuleCount]:
    """Return the counts, most frequent rule first."""
    total: Counter[str] = Counter()
    fixable: Counter[str] = Counter()
    worst: dict[str, Severity] = {}
    for one in report.findings:
        name, severity = one.found.rule.name, one.found.severity
        total[name] += 1
        fixable[name] += any(fix.safety is not Safety.MANUAL for fix in one.found.fixes)
        if at_least(severity, worst.setdefault(name, severity)):
            worst[name] = severity
    rows = (RuleCount(name, worst[name], count, fixable[name]) for name, count in total.items())
    return sorted(rows, key=lambda row: (-row.total, row.rule))


def lines(report: Report, paint: Paint) -> Iterator[str]:
    """Yield one line per rule: count, severity, name, fixable findings."""
    rows = counts(report)
    width = len(str(rows[0].total)) if rows else 0
    for row in rows:
        severity = paint.severity(row.severity, f"{row.severity:<7}")
        fixable = f"  [{row.fixable} fixable]" if row.fixable else ""
        yield f"{row.total:>{width}}  {severity}  {row.rule}{fixable}\n"


def document(report: Report) -> bytes:
    """Return the counts as one JSON object."""
    return encoded({
        "schema": "rollsafe/statistics/1",
        "files": report.files,
        "rules": [
            {"rule": row.rule, "severity": row.severity.value, "count": row.total, "fixable": row.fixable}
            for row in counts(report)
        ],
    })  # fmt: skip
