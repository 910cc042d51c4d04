"""What an implementation plan is."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from rollsafe.plans.model import Claim, Evidence, Part, PlanDocument, Section

Size = Literal["S", "M", "L"]


class Affected(Part):
    """A part of the system the goal touches: named in it (`distance` 0), or reached from there."""

    name: str
    kind: str
    distance: Annotated[int, Field(ge=0)]
    why: Claim


class Question(Part):
    """What has to be known before building.

    `level`: 1 the goal, 2 how it fits, 3 how it is built. `answer` is what the repository or the user says,
    None while nobody does; then `fallback` is what the plan takes for granted. `is_asked`: one of the few to
    settle first.
    """

    name: str
    level: Annotated[int, Field(ge=1, le=3)]
    text: str
    why: str
    fallback: str
    answer: Claim | None
    is_asked: bool


class Component(Part):
    """What there is of an affected service today, each with where it is written."""

    name: str
    code: Claim
    contract: Claim
    data: Claim
    settings: Claim
    deployed_by: Claim
    tests: Claim
    owner: Claim


class Phase(Part):
    """A step that can be shipped, and taken back, by itself.

    `needs` and `beside` name phases: those before it, and those that can be worked on at the same time.
    """

    name: str
    title: str
    change: str
    touches: tuple[str, ...]
    needs: tuple[str, ...]
    beside: tuple[str, ...]
    is_deployable_alone: bool
    rollback: str
    done_when: str
    command: str | None
    size: Size
    claim: Claim


class Counted(Part):
    """How much more there will be to run."""

    what: str
    count: int
    claim: Claim


class Box(Part):
    """One point of the self-check."""

    name: str
    verdict: Literal["PASS", "FAIL", "UNKNOWN"]
    claim: Claim


class Decision(Part):
    """A stub of the decision record to write; `path` is where the repository keeps them, or would."""

    path: str
    text: str


class ImplementationPlan(PlanDocument):
    """How a goal becomes changes that can be shipped one by one."""

    schema_: Literal["rollsafe/implementation-plan/1"] = Field(
        default="rollsafe/implementation-plan/1", alias="schema"
    )
    goal: str
    source: Evidence | None
    conflicts: tuple[Claim, ...]
    affected: tuple[Affected, ...]
    questions: tuple[Question, ...]
    assumptions: tuple[Claim, ...]
    components: tuple[Component, ...]
    flow: str
    flow_text: tuple[str, ...]
    phases: tuple[Phase, ...]
    risks: tuple[Claim, ...]
    counts: tuple[Counted, ...]
    tests: tuple[Claim, ...]
    boxes: tuple[Box, ...]
    not_covered: tuple[Claim, ...]
    next_actions: tuple[str, ...]
    decision: Decision

    def sections(self) -> Iterator[Section]:
        """Yield the verdict with conflicts and questions, then the parts of the plan."""
        from rollsafe_agents.implementation_orchestrator.implement.text import sections

        return sections(self)
