"""The map as Markdown: what to look at first, then one section for each question."""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.model import Section
from rollsafe.plans.writing import flat, frame, written
from rollsafe_agents.project_orchestrator.map.model import ServiceMap
from rollsafe_agents.project_orchestrator.map.text_environments import environments
from rollsafe_agents.project_orchestrator.map.text_pipelines import coverage, diagram, drift, weak_spots
from rollsafe_agents.project_orchestrator.map.text_services import connections, contracts, services

_SECTIONS: Final = (
    ("Services", services), ("Connections", connections), ("Contracts", contracts),
    ("Environments", environments), ("Pipeline coverage", coverage), ("Weak spots", weak_spots),
    ("Documents and reality", drift), ("Diagram", diagram),
)  # fmt: skip


def sections(plan: ServiceMap) -> Iterator[Section]:
    """Yield the header and each of the sections, in order."""
    yield Section("Verdict", "\n".join(_header(plan)))
    for number, (title, write) in enumerate(_SECTIONS, 1):
        yield Section(title, "\n".join(("", f"## {number}. {title}", "", *write(plan))))


def _header(plan: ServiceMap) -> Iterator[str]:
    yield f"# {plan.title}"
    yield ""
    yield " · ".join((f"**{plan.verdict}** {plan.verdict_reason}", *frame(plan)))
    yield ""
    if plan.first:
        yield "Look at first:"
        yield from (f"- [ ] {written(claim, labelled=False)}" for claim in plan.first)
    else:
        yield "Nothing stands out."
    if plan.unknowns:
        yield ""
        yield "Unknown:"
        yield from (f"- {written(claim, labelled=False)}" for claim in plan.unknowns)
    if plan.not_understood:
        yield ""
        yield "Not read: " + "; ".join(flat(name) for name in plan.not_understood)
