"""The specification of a workflow as a plan: what it holds, piece by piece."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from pydantic import Field

from rollsafe.plans.model import Check, Claim, Evidence, Part, PlanDocument, Section


class Participant(Part):
    """Who takes part: `role` is what it does in the workflow, such as `orchestrator` or `store`."""

    name: str
    role: str
    owner: str
    claim: Claim


class FlowState(Part):
    """A state: how long it takes at most with all its retries, and what becomes of its failures.

    `longest` is in milliseconds, None where nothing bounds it. `parent` is the state it is nested in.
    `compensation` names what takes its effect back, or says that nothing does.
    """

    id: str
    name: str
    kind: str
    parent: str
    place: Claim
    effect: Claim | None
    limit: Claim
    retries: tuple[Claim, ...]
    handled: Claim | None
    compensation: Claim | None
    longest: int | None


class FlowTransition(Part):
    """A way between two states by their names; `[*]` is the beginning and the end of the scope `parent`."""

    source: str
    target: str
    on: str
    guard: str
    parent: str
    claim: Claim


class FieldSchema(Part):
    """One field of an event; None where no file says it."""

    name: str
    type: str | None
    required: bool | None
    format: str
    place: Evidence


class Event(Part):
    """Something that is sent or starts the workflow.

    `version` is empty where its description has none. `key` is what orders events, `identity` what tells two
    of them apart, `description` where its fields are written: None for what carries nothing of the project's
    own, such as a clock. `compatibility` is how the description differs from the base.
    """

    name: str
    version: str
    direction: Literal["in", "out"]
    channel: str
    producers: tuple[Claim, ...]
    consumers: tuple[Claim, ...]
    key: Claim | None
    identity: Claim | None
    description: Claim | None
    fields: tuple[FieldSchema, ...]
    schema_known: bool
    compatibility: tuple[Claim, ...]
    claim: Claim


class Store(Part):
    """A store the workflow uses itself: who writes it, how that is held together, what others see then."""

    name: str
    written_by: tuple[Claim, ...]
    read_by: tuple[Claim, ...]
    pattern: Claim
    isolation: Claim


class Box(Part):
    """One of the nine questions of the self-check, answered from the files."""

    number: int
    text: str
    answer: Literal["PASS", "FAIL", "UNKNOWN"]
    claims: tuple[Claim, ...]


class WorkflowSpecification(PlanDocument):
    """One workflow: who takes part, how it runs, how it fails, and what nobody has written down."""

    schema_: Literal["rollsafe/workflow-specification/1"] = Field(
        default="rollsafe/workflow-specification/1", alias="schema"
    )
    name: str
    kind: str
    place: Claim
    participants: tuple[Participant, ...]
    states: tuple[FlowState, ...]
    transitions: tuple[FlowTransition, ...]
    flaws: tuple[Claim, ...]
    events: tuple[Event, ...]
    letters: tuple[Claim, ...]
    alarms: tuple[Claim, ...]
    stores: tuple[Store, ...]
    consistency: tuple[Claim, ...]
    longest: int | None
    duration: Claim
    longest_path: tuple[str, ...]
    reliability: tuple[Claim, ...]
    boxes: tuple[Box, ...]
    monitoring: tuple[Check, ...]
    questions: tuple[Claim, ...]

    def sections(self) -> Iterator[Section]:
        """Yield the verdict with the self-check in short, then the nine sections."""
        from rollsafe_agents.workflow_orchestrator.flow.text import sections

        return sections(self)

    def forms(self) -> Mapping[str, Callable[[], str]]:
        """Return the states as a Mermaid diagram, for Graphviz, and as plain text."""
        from rollsafe_agents.workflow_orchestrator.flow import diagram

        return {
            "mermaid": lambda: diagram.mermaid(self),
            "dot": lambda: diagram.dot(self),
            "text": lambda: diagram.lines(self),
        }
