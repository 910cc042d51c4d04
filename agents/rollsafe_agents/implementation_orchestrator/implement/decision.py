"""The stub of a decision record: what was decided, and why, for those who come later."""

import re
from collections.abc import Iterable, Sequence

from rollsafe_agents.implementation_orchestrator.implement.model import Affected, Decision, Phase, Question

_RECORD = re.compile(
    r"(?P<home>(?:.*/)?(?:adr|adrs|decisions|decision-records))/(?P<number>\d{2,5})[-_][^/]*\.md$"
)
_LONGEST_NAME = 50


def decision(
    goal: str,
    paths: Iterable[str],
    touched: Sequence[Affected],
    asked: Sequence[Question],
    phases: Sequence[Phase],
) -> Decision:
    """Return a record in the form the repository uses, numbered after its last one; `goal` is one line."""
    found = sorted((m["home"], m["number"]) for path in paths if (m := _RECORD.search(path)) is not None)
    home, last = found[-1] if found else ("docs/adr", "0000")
    number = str(int(last) + 1).zfill(len(last))
    title = goal.rstrip(".…")
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:_LONGEST_NAME].rstrip("-") or "decision"
    return Decision(path=f"{home}/{number}-{name}.md", text=_text(number, title, touched, asked, phases))


def _text(
    number: str, title: str, touched: Sequence[Affected], asked: Sequence[Question], phases: Sequence[Phase]
) -> str:
    services = ", ".join(f"`{one.name}`" for one in touched if one.distance == 0) or "not known yet"
    title = title[:1].upper() + title[1:]
    open_ones = [f"- {one.text}" for one in asked if one.is_asked] or ["- none"]
    steps = [f"{place}. {phase.title}" for place, phase in enumerate(phases, 1)] or ["1. not known yet"]
    lines = (
        f"# {int(number)}. {title}", "", "Status: proposed", "", "## Context", "",
        f"Touches: {services}.", "", "Open:", *open_ones, "", "## Decision", "", *steps, "",
        "## Consequences", "", "## Risks", "", "## Rollback", "",
        "Each step is taken back by itself, the last one first.", "", "## Validation",
    )  # fmt: skip
    return "\n".join(lines)
