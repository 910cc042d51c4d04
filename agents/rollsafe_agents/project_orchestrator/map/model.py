"""What a service map holds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property  # pydantic knows this one
from typing import Literal

from pydantic import Field, PrivateAttr, computed_field

from rollsafe.plans.model import Claim, Evidence, Part, PlanDocument, Section
from rollsafe.workspace.system import System

Mode = Literal["sync", "async", "unknown"]


class Fact(Part):
    """A short text and the line it is written on."""

    text: str
    evidence: Evidence


class MapService(Part):
    """Something that runs. `id` is stable: `service:orders` or `store:db`; `code` is a directory.

    `secrets` are names, `builds` and `deploys` jobs, `owned` the line of CODEOWNERS. `replicas` and `probes`
    are those of `shown_in`, the environment asked for or the first that has it.
    """

    id: str
    name: str
    kind: Literal["service", "store"]
    layer: str
    product: str | None
    code: str | None
    dockerfile: str | None
    images: tuple[str, ...]
    builds: tuple[Fact, ...]
    deploys: tuple[Fact, ...]
    objects: tuple[str, ...]
    ports: tuple[int, ...]
    owner: str | None
    owned: Evidence | None
    shown_in: str | None
    replicas: Claim
    probes: Claim
    stores: tuple[str, ...]
    secrets: tuple[Fact, ...]
    environments: tuple[str, ...]
    schedule: str | None
    is_development: bool
    claim: Claim


class MapAddress(Part):
    """Where `variable` (or `depends_on`) says the other side is."""

    variable: str
    address: str
    evidence: Evidence


class MapEdge(Part):
    """`source` needs `target`; `state` is `dangling` where nothing of the system answers at the address.

    `environments` are those whose files say so. `is_elsewhere`: in the environment the map shows of `source`
    the same variables lead to somebody else.
    """

    source: str
    target: str
    protocol: str
    mode: Mode
    addresses: tuple[MapAddress, ...]
    contracts: tuple[str, ...]
    timeout: Claim
    state: Literal["found", "dangling", "external"]
    environments: tuple[str, ...]
    is_elsewhere: bool
    claim: Claim


class MapEntrance(Part):
    """A way in from outside."""

    name: str
    target: str
    is_encrypted: bool | None
    claim: Claim


class MapContract(Part):
    """The description of an interface. `operations` is None where they are not read.

    `removed` are the operations the base has and this state has not; None without a base.
    """

    path: str
    language: str
    title: str
    version: str
    operations: int | None
    provider: str | None
    consumers: tuple[str, ...]
    removed: tuple[str, ...] | None
    claim: Claim


class MapCell(Part):
    """What one environment says of a key."""

    environment: str
    state: str
    evidence: Evidence | None


class MapKey(Part):
    """A key of a subject in every environment that has the subject; no value is kept.

    `agreement`: `same` or `differs` where values can be compared, `unknown` where they cannot.
    """

    subject: str
    key: str
    cells: tuple[MapCell, ...]
    agreement: Literal["same", "differs", "unknown"]
    gap: Claim | None


class MapDifference(Part):
    """An image, a number of replicas or the probes of a service, where environments differ."""

    subject: str
    what: Literal["image", "replicas", "probes"]
    values: tuple[tuple[str, Claim], ...]


class MapStage(Part):
    """The jobs that do one stage for a service; `is_whole` where they do it for the whole repository.

    `is_unknown`: no job names the service, and one does this stage for something nobody can tell.
    """

    stage: str
    jobs: tuple[Fact, ...]
    is_whole: bool
    is_unknown: bool


class MapCoverage(Part):
    """What pipelines do for a service."""

    service: str
    stages: tuple[MapStage, ...]
    missing: tuple[str, ...]


class MapMigrations(Part):
    """A directory of migrations: the tool they follow, the store they change, the jobs that apply them."""

    directory: str
    tool: str
    store: str | None
    jobs: tuple[Fact, ...]
    claim: Claim


class MapImage(Part):
    """A Dockerfile that builds an image nothing here runs."""

    dockerfile: str
    claim: Claim


class MapNode(Part):
    """A part of the system; `id` is `kind:name` and stays as long as the name does."""

    id: str
    kind: str
    name: str
    layer: str
    evidence: tuple[Evidence, ...]


class MapLink(Part):
    """What one part of the system has to do with another; `detail` is a variable, an address or a command."""

    source: str
    target: str
    relation: str
    detail: str
    status: Literal["FACT", "DERIVED"]
    evidence: tuple[Evidence, ...]


class MapGraph(Part):
    """Everything that was found, with where each of it is written."""

    nodes: tuple[MapNode, ...]
    links: tuple[MapLink, ...]


class MapWeakness(Part):
    """A single point of failure or a bottleneck."""

    kind: Literal[
        "no pods",
        "single replica",
        "no probe",
        "fan-in",
        "shared store",
        "long chain",
        "cycle",
        "single host",
    ]
    subject: str
    claim: Claim


class ServiceMap(PlanDocument):
    """What runs, who talks to whom, what differs between environments, and what only documents say."""

    schema_: Literal["rollsafe/service-map/1"] = Field(default="rollsafe/service-map/1", alias="schema")
    first: tuple[Claim, ...]
    services: tuple[MapService, ...]
    entrances: tuple[MapEntrance, ...]
    edges: tuple[MapEdge, ...]
    contracts: tuple[MapContract, ...]
    environments: tuple[str, ...]
    keys: tuple[MapKey, ...]
    differences: tuple[MapDifference, ...]
    coverage: tuple[MapCoverage, ...]
    weaknesses: tuple[MapWeakness, ...]
    migrations: tuple[MapMigrations, ...]
    unused_images: tuple[MapImage, ...]
    drift: tuple[Claim, ...]
    _system: System = PrivateAttr(default_factory=System)

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator on a property
    @cached_property
    def graph(self) -> MapGraph:
        """Every part of the system; made when the map is written as data, the text has no use for it."""
        from rollsafe_agents.project_orchestrator.map.graph import graph_of

        return graph_of(self._system)

    def of(self, system: System) -> "ServiceMap":
        """Say which system it is the map of, and return it."""
        self._system = system
        return self

    @property
    def shown(self) -> list[MapService]:
        """What is drawn and compared: what is not for development only, where there is any such."""
        return shown(self.services)

    def sections(self) -> Iterator[Section]:
        """Yield the verdict with what to look at first, then the sections."""
        from rollsafe_agents.project_orchestrator.map.text import sections

        return sections(self)

    def forms(self) -> Mapping[str, Callable[[], str]]:
        """Return the map as a diagram for Mermaid and for Graphviz."""
        from rollsafe_agents.project_orchestrator.map.drawing import dot, mermaid

        return {"mermaid": lambda: mermaid(self), "dot": lambda: dot(self)}


def shown(services: Sequence[MapService]) -> list[MapService]:
    """Return the services that are not for development only; all of them where all are."""
    return [one for one in services if not one.is_development] or list(services)
