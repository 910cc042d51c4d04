"""What the analysis of an incident holds."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from rollsafe.plans.model import Change, Check, Claim, Part, PlanDocument, Section
from rollsafe_agents.deployment_orchestrator.sections.changed_findings import Finding


class Moment(Part):
    """A line of the timeline; `at` and `who` are None while nobody has filled them in.

    `ask` is a command that tells the time.
    """

    at: str | None
    what: str
    who: str | None
    note: str
    ask: str | None


class Question(Part):
    """A question about the cause, the fact behind it, and the command or file that answers it."""

    text: str
    claim: Claim
    answer: str


class RunFacts(Part):
    """What the journal of the run says of itself; `seconds` from its first entry to its last."""

    run: int
    state: str
    is_sealed: bool
    is_of_this_plan: bool
    seconds: int


class IncidentReport(PlanDocument):
    """What is known after something was taken back. Nobody is blamed, and nothing is guessed."""

    schema_: Literal["rollsafe/incident-report/1"] = Field(
        default="rollsafe/incident-report/1", alias="schema"
    )
    run: RunFacts | None
    keep: tuple[Check, ...]
    impact: tuple[Claim, ...]
    timeline: tuple[Moment, ...]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]
    follow_ups: tuple[Check, ...]
    contacts: tuple[Claim, ...]

    def sections(self) -> Iterator[Section]:
        """Yield the first screen and the sections."""
        from rollsafe_agents.deployment_orchestrator.incident.text import sections

        return sections(self)
