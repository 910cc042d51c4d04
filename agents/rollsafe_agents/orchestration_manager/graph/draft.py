"""Nodes and edges as they are read from the project, process by process, before anything is timed."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from rollsafe.artefacts.base import Element
from rollsafe.plans.contribution import fact
from rollsafe.plans.cpm import Edge
from rollsafe.plans.model import Claim, Evidence
from rollsafe.text.records import entity, field, open_record

ProcessKind = Literal["pipeline", "migrations", "rollout", "start-up", "state machine"]

DIRECT: Final = 12
"""Edges drawn one by one between two groups of which one waits for all of the other."""


@open_record
class Node:
    """One thing that runs. `id` is unique in the whole graph, `title` what people call it in its process.

    `limit` is a time it cannot take longer than, in milliseconds, as `limited` says; None where nothing
    bounds it. `names` are what a file of timings may call it, `legs` the names of its runs side by side, of
    which `most_at_once` run together. `is_instant`: it takes no time of its own. `idle` says why it does
    not run at all when nothing fails. `is_repeated`: nobody knows how often it runs. `stands_for`: how many
    things it is.
    """

    id: str
    kind: str
    title: str
    where: Evidence
    limit: int | None = None
    limited: Claim | None = None
    names: tuple[str, ...] = ()
    legs: tuple[str, ...] = ()
    most_at_once: int | None = None
    is_instant: bool = False
    idle: str = ""
    is_repeated: bool = False
    stands_for: int = 1
    roles: tuple[str, ...] = ()
    element: Element | None = None


@open_record
class Wait:
    """An edge: `target` waits for `source`, because of `claim`."""

    source: str
    target: str
    kind: str
    claim: Claim

    @property
    def edge(self) -> Edge:
        """Both ends."""
        return (self.source, self.target)


@entity
class Process:
    """Nodes that run towards one end: a pipeline, a history of migrations, a rollout, a state machine.

    `dangling` are edges that lead nowhere, `idle` what is there and never runs, `asides` what has to be known
    about how it is read. `may_loop`: a circle is no mistake.
    """

    name: str
    kind: ProcessKind
    where: Evidence
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    waits: list[Wait] = field(default_factory=list[Wait])
    dangling: list[Claim] = field(default_factory=list[Claim])
    idle: list[Claim] = field(default_factory=list[Claim])
    asides: list[Claim] = field(default_factory=list[Claim])
    unknowns: list[Claim] = field(default_factory=list[Claim])
    may_loop: bool = False

    def add(self, node: Node) -> Node:
        """Take in a node."""
        self.nodes[node.id] = node
        return node

    def wait(self, source: str, target: str, kind: str, claim: Claim) -> None:
        """Take in an edge; of several between the same two the first one says why."""
        self.waits.append(Wait(source, target, kind, claim))

    @property
    def edges(self) -> list[Edge]:
        """Both ends of every edge."""
        return [one.edge for one in self.waits]

    def absorb(self, other: "Process") -> None:
        """Take in everything of a process that turned out to belong to this one."""
        self.nodes |= other.nodes
        for name in ("waits", "dangling", "idle", "asides", "unknowns"):
            getattr(self, name).extend(getattr(other, name))


def all_before(process: Process, first: Iterable[str], then: Iterable[str], kind: str, claim: Claim) -> None:
    """Let all of `then` wait for all of `first`; many of both meet in a node of their own."""
    sources, targets = list(dict.fromkeys(first)), list(dict.fromkeys(then))
    if len(sources) * len(targets) <= DIRECT or len(sources) == 1 or len(targets) == 1:
        for target in targets:
            for source in sources:
                process.wait(source, target, kind, claim)
        return
    where = claim.evidence[0]
    meeting = process.add(
        Node(f"{sources[0]}…", "meeting", f"{len(sources)} of the level are done", where, is_instant=True)
    )
    for source in sources:
        process.wait(source, meeting.id, kind, claim)
    for target in targets:
        process.wait(meeting.id, target, kind, claim)


def one_after_another(process: Process, ids: Iterable[str], kind: str, why: Iterator[Claim]) -> None:
    """Chain nodes; `why` yields the reason of each edge."""
    listed = list(ids)
    for source, target in itertools.pairwise(listed):
        process.wait(source, target, kind, next(why))


def said(text: str, *where: Evidence) -> Claim:
    """Return why one node waits for another: it is written."""
    return fact(text, *where)
