"""The dependency graph as a plan: what it holds, piece by piece."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from pydantic import Field

from rollsafe.plans.model import Claim, Part, PlanDocument, Section

Holds = Literal["yes", "no", "unknown"]
Unit = Literal["steps", "milliseconds, at most", "milliseconds, measured"]


class TimedNode(Part):
    """A node with its times in the unit of its process; `title` is a FACT with the place it is written.

    `level`: nodes of a level can run side by side. `length` is None where a timing is missing: it counts 0.
    `stands_for` more than one thing where many are drawn as one.
    """

    id: str
    kind: str
    title: Claim
    legs: tuple[str, ...]
    roles: tuple[str, ...]
    stands_for: int
    length: int | None
    length_reason: Claim
    level: int
    earliest_start: int
    earliest_finish: int
    latest_start: int
    latest_finish: int
    slack: int
    critical: bool


class Dependency(Part):
    """`target` waits for `source`; `critical` where both are on the longest chain, one after the other."""

    source: str
    target: str
    kind: str
    critical: bool
    claim: Claim


class TimedProcess(Part):
    """Nodes that run towards one end, and their schedule.

    `critical` is one longest chain, `chains` how many are as long; `levels` the groups that can run side by
    side. `cycles` and `dangling` are mistakes, `loops` are circles of a state machine, `alone` nodes that
    wait for nothing and that nothing waits for, `idle` what never runs.
    """

    name: str
    kind: str
    place: Claim
    unit: Unit
    unit_reason: Claim
    duration: int
    critical: tuple[str, ...]
    chains: int
    levels: tuple[tuple[str, ...], ...]
    nodes: tuple[TimedNode, ...]
    edges: tuple[Dependency, ...]
    cycles: tuple[Claim, ...]
    loops: tuple[Claim, ...]
    dangling: tuple[Claim, ...]
    alone: tuple[str, ...]
    idle: tuple[Claim, ...]
    asides: tuple[Claim, ...]


class Link(Part):
    """A node that sets another process going while it runs: a job that migrates or deploys."""

    source: str
    process: str
    claim: Claim


class Checkpoint(Part):
    """What can hold a process up: `tests`, `approval`, `verification`, `concurrency`.

    `guards` is the node it stands before; `holds` says whether that one stays away when it fails. `on_path`:
    it is on the longest chain.
    """

    node: str
    kind: str
    guards: str
    holds: Holds
    on_path: bool
    claim: Claim


class Proposal(Part):
    """An edge that is not there, and what speaks for it."""

    source: str
    target: str
    kind: str
    claim: Claim


class Failure(Part):
    """What happens when `node` fails.

    `stops` is how many nodes stay away; `goes_on` are those that run all the same, `perhaps` those of which
    it is not known, `beside` those it has nothing to do with. `state` is what is there then, `recovery` how
    to go on.
    """

    node: str
    stops: int
    stopped: tuple[str, ...]
    goes_on: tuple[Claim, ...]
    perhaps: tuple[Claim, ...]
    beside: tuple[Claim, ...]
    state: tuple[Claim, ...]
    recovery: tuple[Claim, ...]


class WhatIf(Part):
    """One supposition and what it does to the duration of its process, in its unit; negative saves."""

    text: str
    process: str
    change: int
    claim: Claim


class DependencyGraph(PlanDocument):
    """What waits for what, the longest chain, and what a failure does."""

    schema_: Literal["rollsafe/graph-plan/1"] = Field(default="rollsafe/graph-plan/1", alias="schema")
    focus: Literal["everything", "critical path"]
    processes: tuple[TimedProcess, ...]
    links: tuple[Link, ...]
    checkpoints: tuple[Checkpoint, ...]
    proposals: tuple[Proposal, ...]
    failures: tuple[Failure, ...]
    failures_left_out: int
    asked_failures: tuple[Failure, ...]
    what_if: tuple[WhatIf, ...]
    asked_what_if: tuple[WhatIf, ...]
    remarks: tuple[Claim, ...]
    resources: tuple[Claim, ...]

    def sections(self) -> Iterator[Section]:
        """Yield the verdict with the longest chains, then the details."""
        from rollsafe_agents.orchestration_manager.graph.text import sections

        return sections(self)

    def forms(self) -> Mapping[str, Callable[[], str]]:
        """Return the graph as a Mermaid flowchart, for Graphviz, and as plain text by levels."""
        from rollsafe_agents.orchestration_manager.graph import drawing

        return {
            "mermaid": lambda: drawing.mermaid(self),
            "dot": lambda: drawing.dot(self),
            "text": lambda: drawing.levels(self),
        }
