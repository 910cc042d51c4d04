"""A container of a pod: image, ports, environment, probes, resources."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from rollsafe.artefacts.image_user import ImageUser
from rollsafe.artefacts.images import ImageReference, parse_image
from rollsafe.artefacts.kubernetes.labels import string_map
from rollsafe.artefacts.kubernetes.objects import KubernetesElement
from rollsafe.artefacts.kubernetes.probes import Probe, sleep_seconds, words_at
from rollsafe.artefacts.kubernetes.references import Reference, reference_at
from rollsafe.artefacts.kubernetes.security import SecurityContext
from rollsafe.artefacts.kubernetes.templates import Amount, amount_at, is_placeholder
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.kubernetes.workload import Workload


class ContainerPort(NamedTuple):
    """A port the container says it listens on."""

    number: Amount
    number_node: Scalar | None
    name: str | None
    name_node: Scalar | None
    protocol: str
    host_port: Amount
    node: Mapping


class EnvVar(NamedTuple):
    """An environment variable: a `value` as written, or a `reference` to a key elsewhere.

    Both are None for a field reference. The repr leaves the value out, as it may be a credential.
    """

    name: str
    name_node: Scalar
    value: str | None
    value_node: Node | None
    reference: Reference | None
    node: Mapping

    def __repr__(self) -> str:
        return f"EnvVar({self.name!r})"


class EnvSource(NamedTuple):
    """An `envFrom` item: every key of an object becomes a variable, after `prefix`."""

    prefix: str
    reference: Reference
    node: Mapping


class VolumeMount(NamedTuple):
    """Where a volume appears inside the container."""

    volume: str
    path: str
    sub_path: str | None
    is_read_only: bool
    node: Mapping


class Container(KubernetesElement, ImageUser):
    """One container of `workload`; `is_init` for init containers, sidecars among them."""

    follows: ClassVar[tuple[str, ...]] = (*KubernetesElement.follows, "workload", "is_init")

    def __init__(self, workload: "Workload", node: Mapping, is_init: bool) -> None:
        super().__init__(workload.file, node, workload.templated)
        self.workload = workload
        self.is_init = is_init

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """What its workload says and where, and which container of it this is."""
        return (self.start - self.workload.start, self.workload.identity)

    @property
    def told_by(self) -> Node | None:
        """The node of its workload."""
        return self.workload.told_by

    @cached_property
    def name(self) -> str:
        """The name as written; empty when there is none."""
        return self.node.text_at("name") or ""

    @cached_property
    def title_node(self) -> Node:
        """Where to point when the container as a whole is meant: its name, else its first key."""
        name = self.node.at("name")
        if isinstance(name, Scalar) and not name.is_null:
            return name
        return self.node.entries[0].key if self.node.entries else self.node

    @property
    def is_sidecar(self) -> bool:
        """Whether it is an init container that keeps running beside the main ones."""
        return self.is_init and self.node.text_at("restartPolicy") == "Always"

    @cached_property
    def image_node(self) -> Scalar | None:
        """The value of `image`."""
        node = self.node.at("image")
        return node if isinstance(node, Scalar) and not node.is_null else None

    @cached_property
    def image(self) -> ImageReference | None:
        """The image; None while none is written."""
        return parse_image(self.image_node.text) if self.image_node is not None else None

    @property
    def pull_policy(self) -> str | None:
        """The `imagePullPolicy` as written."""
        return self.node.text_at("imagePullPolicy")

    @property
    def command(self) -> tuple[str, ...]:
        """The words that replace the image's entry point."""
        return words_at(self.node, "command")

    @property
    def args(self) -> tuple[str, ...]:
        """The arguments."""
        return words_at(self.node, "args")

    @cached_property
    def ports(self) -> tuple[ContainerPort, ...]:
        """The declared ports."""
        items = self.node.items_at("ports")
        return tuple(_port(item) for item in items if isinstance(item, Mapping))

    def port_called(self, name: str) -> ContainerPort | None:
        """Return the port declared under `name`."""
        return next((port for port in self.ports if port.name == name), None)

    def listens_on(self, port: int | str) -> bool:
        """Say whether a port of this number or name is declared."""
        return any(port in (declared.number, declared.name) for declared in self.ports)

    @cached_property
    def env(self) -> tuple[EnvVar, ...]:
        """The variables set one by one, in source order."""
        return tuple(variables_in(self.node))

    @cached_property
    def env_from(self) -> tuple[EnvSource, ...]:
        """The objects whose keys become variables."""
        return tuple(_env_sources(self.node))

    @cached_property
    def mounts(self) -> tuple[VolumeMount, ...]:
        """The mounted volumes."""
        items = self.node.items_at("volumeMounts")
        return tuple(_mount(item) for item in items if isinstance(item, Mapping))

    @property
    def references(self) -> Iterator[Reference]:
        """The ConfigMaps and Secrets its environment is taken from."""
        yield from (var.reference for var in self.env if var.reference is not None)
        yield from (source.reference for source in self.env_from)

    @cached_property
    def readiness_probe(self) -> Probe | None:
        """The probe that decides whether the pod gets traffic."""
        return self._probe("readinessProbe")

    @cached_property
    def liveness_probe(self) -> Probe | None:
        """The probe that decides whether the container is restarted."""
        return self._probe("livenessProbe")

    @cached_property
    def startup_probe(self) -> Probe | None:
        """The probe that holds the others back while the container starts."""
        return self._probe("startupProbe")

    @property
    def probes(self) -> tuple[Probe, ...]:
        """The probes there are."""
        found = (self.readiness_probe, self.liveness_probe, self.startup_probe)
        return tuple(probe for probe in found if probe is not None)

    @cached_property
    def requests(self) -> dict[str, str]:
        """Requested resources as written, such as `{"cpu": "100m"}`."""
        return string_map(self.node.at("resources", "requests"))

    @cached_property
    def limits(self) -> dict[str, str]:
        """Resource limits as written."""
        return string_map(self.node.at("resources", "limits"))

    @cached_property
    def security(self) -> SecurityContext:
        """What the container may do, with what it takes from its pod."""
        return SecurityContext(self)

    @property
    def pre_stop(self) -> Mapping | None:
        """The handler run before the container is told to stop."""
        return self.node.map_at("lifecycle", "preStop")

    @property
    def pre_stop_seconds(self) -> int | None:
        """How long the pre-stop handler sleeps; None when it does not, or not for a fixed time."""
        return sleep_seconds(self.pre_stop) if self.pre_stop is not None else None

    def graph_keys(self) -> Iterable[str]:
        """Return `image:repository` where the image is written out."""
        image = self.image
        if image is None or not image.path or is_placeholder(image.path):
            return ()
        return (f"image:{image.path}",)

    def _probe(self, name: str) -> Probe | None:
        key, node = self.node.key_at(name), self.node.at(name)
        if node is None or self.lacks(name):
            return None
        return Probe(name, key or Scalar(node.start, node.start, name), node)


def _port(node: Mapping) -> ContainerPort:
    number, name = node.at("containerPort"), node.at("name")
    named = name if isinstance(name, Scalar) and not name.is_null else None
    return ContainerPort(
        number=amount_at(number),
        number_node=number if isinstance(number, Scalar) else None,
        name=named.text if named is not None else None,
        name_node=named,
        protocol=node.text_at("protocol") or "TCP",
        host_port=amount_at(node, "hostPort"),
        node=node,
    )


def variables_in(container: Mapping) -> Iterator[EnvVar]:
    """Yield the variables of a container's mapping, which may be that of a patch."""
    for node in container.items_at("env"):
        name = node.at("name")
        if isinstance(node, Mapping) and isinstance(name, Scalar):
            value = node.at("value")
            text = value.text if isinstance(value, Scalar) else None
            yield EnvVar(name.text, name, text, value, _key_reference(node), node)


def _key_reference(variable: Mapping) -> Reference | None:
    for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        source = variable.at("valueFrom", key)
        if source is not None:
            return reference_at(kind, source, key=source.at("key"))
    return None


def _env_sources(container: Mapping) -> Iterator[EnvSource]:
    for node in container.items_at("envFrom"):
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            reference = reference_at(kind, node.at(key))
            if reference is not None and isinstance(node, Mapping):
                yield EnvSource(node.text_at("prefix") or "", reference, node)


def _mount(node: Mapping) -> VolumeMount:
    return VolumeMount(
        volume=node.text_at("name") or "",
        path=node.text_at("mountPath") or "",
        sub_path=node.text_at("subPath") or node.text_at("subPathExpr"),
        is_read_only=bool(node.bool_at("readOnly")),
        node=node,
    )
