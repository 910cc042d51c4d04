"""What a service map holds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from pydantic import Field

from rollsafe.plans.model import Claim, Evidence, Part, PlanDocument, Section

Mode = Literal["sync", "async", "unknown"]


class Fact(Part):
    """A short text and the line it is written on."""

    text: str
    evidence: Evidence


class MapService(Part):
    """Something that runs. `id` is stable: `service:orders` or `store:db`; `code` is a directory.

    `replicas` and `probes` are those of `shown_in`, the environment asked for or the first that has it.
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
    objects: tuple[str, ...]
    ports: tuple[int, ...]
    owner: str | None
    shown_in: str | None
    replicas: Claim
    probes: Claim
    stores: tuple[str, ...]
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
    """`source` needs `target`; `state` is `dangling` where nothing of the system answers at the address."""

    source: str
    target: str
    protocol: str
    mode: Mode
    addresses: tuple[MapAddress, ...]
    contracts: tuple[str, ...]
    timeout: Claim
    state: Literal["found", "dangling", "external"]
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
    """The jobs that do one stage for a service; `is_whole` where they do it for the whole repository."""

    stage: str
    jobs: tuple[Fact, ...]
    is_whole: bool


class MapCoverage(Part):
    """What pipelines do for a service."""

    service: str
    stages: tuple[MapStage, ...]
    missing: tuple[str, ...]


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
    drift: tuple[Claim, ...]

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
