"""Whether a run can still go on when the next one is due."""

from collections.abc import Iterator

from rollsafe.plans.contribution import derived, unknown
from rollsafe.plans.model import Claim
from rollsafe.plans.schedules import shortest_gap
from rollsafe.plans.times import words
from rollsafe_agents.workflow_orchestrator.flow.draft import Flow
from rollsafe_agents.workflow_orchestrator.flow.duration import Longest


def meetings(flow: Flow, longest: Longest) -> Iterator[tuple[bool, Claim]]:
    """Yield for every schedule whether runs meet, and whether that is a mistake."""
    for clock in flow.clocks:
        gap = shortest_gap(clock.expression)
        where = clock.claim.evidence
        if gap is None:
            yield False, unknown(f"how often `{clock.expression}` fires: it is not read", *where)
        elif longest.total is None:
            text = f"whether a run is done before the next is due, {words(gap)} later; else {clock.meets}"
            yield False, unknown(text, *where)
        elif longest.total > gap:
            text = f"a run may take {words(longest.total)}, the next is due after {words(gap)}: {clock.meets}"
            yield clock.may_meet, derived(text, *where, *longest.claim.evidence[:3])
        else:
            text = f"a run is done {words(longest.total)} after its start, the next is due after {words(gap)}"
            yield False, derived(text, *where)
