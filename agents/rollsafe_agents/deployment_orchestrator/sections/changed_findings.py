"""What rollsafe found in the files that differ from the base."""

from typing import Final

from rollsafe.plans.contribution import PlanContext, derived
from rollsafe.plans.model import Claim, Part

_ORDER: Final = ("error", "warning", "info", "hint")


class Finding(Part):
    """A finding; `claim` has its message, its rule and its place."""

    severity: str
    claim: Claim


def changed_findings(context: PlanContext) -> list[Finding]:
    """Return the findings in files that differ from the base, the worst first."""
    found = context.findings_in(one.path for one in context.changed)
    found.sort(key=lambda one: (_ORDER.index(one.severity), one.evidence.path, one.evidence.line, one.rule))
    return [
        Finding(severity=one.severity, claim=derived(one.message, one.evidence, rule=one.rule))
        for one in found
    ]
