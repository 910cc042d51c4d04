"""The graph of a repository's system: what there is, what depends on what, and where that is written."""

from collections.abc import Iterable
from enum import StrEnum

from rollsafe.text.cached import cached_property
from rollsafe.text.records import entity, field
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.charts.facts import ChartFacts
from rollsafe.workspace.system.coverage import Cover
from rollsafe.workspace.system.facts import (
    Contract,
    DocClaim,
    Door,
    Entity,
    Keys,
    Place,
    Recipe,
    Route,
    Scaler,
    Unit,
)
from rollsafe.workspace.system.jobs import JobFact
from rollsafe.workspace.system.layers import Layer


class NodeKind(StrEnum):
    """What a node is. Its name is the first part of the node's id."""

    SERVICE = "service"
    STORE = "store"
    EXTERNAL = "external"
    ENTRANCE = "entrance"
    IMAGE = "image"
    DOCKERFILE = "dockerfile"
    OBJECT = "object"
    PORT = "port"
    CONFIG = "config"
    SECRET = "secret"
    MIGRATIONS = "migrations"
    CONTRACT = "contract"
    PIPELINE = "pipeline"
    JOB = "job"
    SCHEDULE = "schedule"
    ENVIRONMENT = "environment"
    OWNER = "owner"


class Relation(StrEnum):
    """What an edge says of its two ends."""

    BUILDS = "builds"
    BASED_ON = "based on"
    USES_IMAGE = "uses image"
    RUNS = "runs"
    DEPLOYS = "deploys"
    TARGETS = "targets"
    ROUTES = "routes to"
    LISTENS = "listens on"
    DEPENDS = "depends on"
    CONNECTS = "connects to"
    CONFIG = "reads config"
    SECRET = "reads secret"
    PROVIDES = "provides"
    MIGRATES = "migrates"
    OWNS = "owns"
    SCHEDULE = "runs on schedule"
    CONTAINS = "contains"
    GATES = "gates"
    CALLS = "calls"
    SCALES = "scales"


class Node(NamedTuple):
    """Something of the system. `id` is `kind:name`, stable as long as the name is; places are sorted."""

    id: str
    kind: NodeKind
    name: str
    layer: Layer
    places: tuple[Place, ...]


class Edge(NamedTuple):
    """`source` does to `target` what `relation` says. `detail` is the variable, address or path it rests on.

    `is_derived`: it follows from names, it is not written as such.
    """

    source: str
    target: str
    relation: Relation
    detail: str
    places: tuple[Place, ...]
    is_derived: bool = False


class Connection(NamedTuple):
    """A service reaches `target` (a node's id) at an address; `variable` holds it, where it is in one.

    `is_dangling`: the address is one of this system, and nothing there answers to it.
    """

    source: str
    target: str
    scheme: str
    host: str
    port: int | None
    variable: str
    place: Place
    is_dangling: bool


@entity
class System:
    """Nodes and edges, sorted, and the facts behind them by the id of the service."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    connections: tuple[Connection, ...] = ()
    units: dict[str, tuple[Unit, ...]] = field(default_factory=dict[str, tuple[Unit, ...]])
    code: dict[str, str] = field(default_factory=dict[str, str])
    doors: tuple[Door, ...] = ()
    routes: tuple[Route, ...] = ()
    keys: tuple[Keys, ...] = ()
    scalers: tuple[Scaler, ...] = ()
    recipes: tuple[Recipe, ...] = ()
    contracts: tuple[Contract, ...] = ()
    entities: tuple[Entity, ...] = ()
    claims: tuple[DocClaim, ...] = ()
    jobs: tuple[JobFact, ...] = ()
    coverage: tuple[Cover, ...] = ()
    charts: tuple[ChartFacts, ...] = ()
    tool_of: dict[str, str] = field(default_factory=dict[str, str])
    recipe_of: dict[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def by_id(self) -> dict[str, Node]:
        """The nodes by their ids."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def doors_called(self) -> dict[str, list[Door]]:
        """The Kubernetes Services by name."""
        found: dict[str, list[Door]] = {}
        for door in self.doors:
            found.setdefault(door.name, []).append(door)
        return found

    @cached_property
    def coverage_of(self) -> dict[str, list[Cover]]:
        """What jobs do, by the id of the service they do it for."""
        found: dict[str, list[Cover]] = {}
        for cover in self.coverage:
            found.setdefault(cover.service, []).append(cover)
        return found

    def of(self, *kinds: NodeKind) -> list[Node]:
        """Return the nodes of some kinds, by kind as asked and name."""
        return [node for kind in kinds for node in self.nodes if node.kind is kind]

    def edges_from(self, node: str, *relations: Relation) -> list[Edge]:
        """Return the edges that begin at a node, of some relations or of all."""
        return _of(self._outgoing.get(node, ()), relations)

    def edges_to(self, node: str, *relations: Relation) -> list[Edge]:
        """Return the edges that end at a node, of some relations or of all."""
        return _of(self._incoming.get(node, ()), relations)

    @cached_property
    def _outgoing(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.source, []).append(edge)
        return found

    @cached_property
    def _incoming(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.target, []).append(edge)
        return found


def _of(edges: Iterable[Edge], relations: tuple[Relation, ...]) -> list[Edge]:
    return [edge for edge in edges if not relations or edge.relation in relations]
