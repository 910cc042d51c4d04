"""What one file says about the system, cut loose from its text: the parts of an outline.

Facts hold strings and numbers only, so that two readings of a file can be compared and an edit that changes
none of them changes nothing else. Values of variables are never among them: a digest tells two apart.
"""

from enum import StrEnum
from hashlib import blake2b

from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple


class Place(NamedTuple):
    """A line of a file; `line` is 1-based."""

    path: str
    line: int


def place_of(file: SourceFile, where: Located) -> Place:
    """Return the line on which something in a file begins."""
    return Place(file.path, file.line_number(where))


def digest_of(value: str) -> str:
    """Return what tells two values apart without telling either."""
    return blake2b(value.encode("utf-8", "replace"), digest_size=8).hexdigest()


class Form(StrEnum):
    """In which words something that runs is written."""

    COMPOSE = "compose"
    KUBERNETES = "kubernetes"


class Origin(StrEnum):
    """Where the value of a variable comes from."""

    LITERAL = "set"
    DEFAULT = "default"
    SECRET = "secret"
    CONFIG = "config"
    OUTSIDE = "from outside"
    RUNTIME = "runtime"
    EMPTY = "empty"


class Address(NamedTuple):
    """Another party's address in a value; credentials are left out. `scheme` is empty where none is written.

    `is_sure` tells an address proper from a word that is one only if somebody is called so.
    """

    scheme: str
    host: str
    port: int | None
    is_sure: bool


class Variable(NamedTuple):
    """A variable of something that runs.

    `source` and `key` name the object and key it is taken from, for CONFIG and SECRET; `key` of OUTSIDE is
    the variable of the deploying environment.
    """

    name: str
    origin: Origin
    digest: str
    source: str
    key: str
    addresses: tuple[Address, ...]
    place: Place


class Bulk(NamedTuple):
    """All keys of an object (`ConfigMap`, `Secret`) or of an environment `file` as variables."""

    kind: str
    name: str
    prefix: str
    place: Place


class Image(NamedTuple):
    """An image somebody names: `name` with registry, without tag and digest; `text` as written."""

    name: str
    text: str
    place: Place


class BuildUse(NamedTuple):
    """How an image is built; None for what lies outside of the project."""

    context: str | None
    dockerfile: str | None
    place: Place


class Port(NamedTuple):
    """A port something listens on; `published` is the one of the host, None where it stays inside."""

    number: int
    name: str
    published: int | None
    place: Place


class Known(NamedTuple):
    """What is known about a widely used image."""

    title: str
    layer: str
    port: int | None
    keeps_data: bool


class Needs(NamedTuple):
    """Another service of the same file that is started before."""

    name: str
    place: Place


class Unit(NamedTuple):
    """Something that runs: a Compose service or a workload. `kind` is the workload's, `service` for Compose.

    `replicas` is None where nothing fixed is written. `aliases` are further host names it answers to.
    `is_partial`: it changes a unit of another file. `is_open`: other projects' services can be reached, too.
    """

    name: str
    form: Form
    kind: str
    namespace: str
    place: Place
    labels: tuple[tuple[str, str], ...]
    images: tuple[Image, ...]
    build: BuildUse | None
    replicas: int | None
    ports: tuple[Port, ...]
    probes: tuple[str, ...]
    schedule: str
    variables: tuple[Variable, ...]
    bulks: tuple[Bulk, ...]
    needs: tuple[Needs, ...]
    aliases: tuple[str, ...]
    known: Known | None
    keeps_data: bool
    is_development: bool
    is_partial: bool
    is_open: bool


class Door(NamedTuple):
    """A Kubernetes Service: under `name` the pods with these labels are reached."""

    name: str
    namespace: str
    type: str
    selector: tuple[tuple[str, str], ...]
    ports: tuple[tuple[int, str], ...]
    place: Place


class Route(NamedTuple):
    """Requests from outside for `host` and `path` (empty: any) go to the Service `door`."""

    object: str
    host: str
    path: str
    door: str
    namespace: str
    is_encrypted: bool
    place: Place


class Key(NamedTuple):
    """A key of an object or environment file; `digest` is empty where the value is."""

    name: str
    digest: str
    addresses: tuple[Address, ...]
    place: Place


class Keys(NamedTuple):
    """A `ConfigMap`, a `Secret` or an environment `file`, by its keys."""

    kind: str
    name: str
    namespace: str
    keys: tuple[Key, ...]
    is_example: bool
    place: Place


class Scaler(NamedTuple):
    """An autoscaler of `Kind/name`; bounds are None where they are not fixed numbers."""

    target: str
    least: int | None
    most: int | None
    place: Place


class Recipe(NamedTuple):
    """A Dockerfile: its images, the ports it exposes; `known` is what its last stage begins with."""

    path: str
    bases: tuple[Image, ...]
    ports: tuple[Port, ...]
    has_health_check: bool
    is_development: bool
    known: Known | None


class ContractKind(StrEnum):
    """In which language an interface is described."""

    OPENAPI = "OpenAPI"
    ASYNCAPI = "AsyncAPI"
    PROTO = "Protocol Buffers"
    GRAPHQL = "GraphQL"


class Contract(NamedTuple):
    """The description of an interface; `operations` are sorted, empty where nobody reads the language."""

    kind: ContractKind
    path: str
    title: str
    version: str
    operations: tuple[str, ...]
    place: Place


class Entity(NamedTuple):
    """A component a catalogue names, with its owner."""

    kind: str
    name: str
    owner: str
    place: Place


class Overlay(NamedTuple):
    """A kustomization: its directory and the files and directories it includes."""

    directory: str
    includes: tuple[str, ...]
    is_component: bool
    place: Place


class Step(NamedTuple):
    """A migration: its directory, and the tool whose conventions it follows."""

    home: str
    tool: str
    is_down: bool
    place: Place


class OwnerLine(NamedTuple):
    """A line of CODEOWNERS."""

    pattern: str
    owners: tuple[str, ...]
    place: Place


class ClaimKind(StrEnum):
    """What a document says something about."""

    PATH = "path"
    PORT = "port"
    NAME = "name"


class DocClaim(NamedTuple):
    """Something a document takes to be there: a path of the project, a port of this machine, a name."""

    kind: ClaimKind
    text: str
    place: Place
