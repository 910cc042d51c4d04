"""Volumes of a pod."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes.references import Reference, keyed_references, reference_at
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.tuples import NamedTuple

_NAMING: Final = frozenset({"name", "$patch", "$retainKeys"})


class Volume(NamedTuple):
    """A volume: `source` is the key that says what it is, such as `emptyDir`; empty when absent.

    `settings` is what stands under that key.
    """

    name: str
    source: str
    settings: Node | None
    node: Mapping

    @property
    def claim(self) -> str | None:
        """The PersistentVolumeClaim it is bound to."""
        return self.node.text_at("persistentVolumeClaim", "claimName")

    @property
    def host_path(self) -> str | None:
        """The directory of the node it exposes."""
        return self.node.text_at("hostPath", "path")

    @property
    def references(self) -> Iterator[Reference]:
        """The ConfigMaps, Secrets and claims the pod needs for it."""
        yield from _source_references(self.node, secret_name="secretName")
        claim = reference_at("PersistentVolumeClaim", self.node.at("persistentVolumeClaim"), "claimName")
        if claim is not None:
            yield claim
        for projected in self.node.items_at("projected", "sources"):
            yield from _source_references(projected, secret_name="name")


def _source_references(node: Node, secret_name: str) -> Iterator[Reference]:
    for key, kind, name in (("configMap", "ConfigMap", "name"), ("secret", "Secret", secret_name)):
        source = node.at(key)
        if source is not None:
            yield from keyed_references(kind, source, name)


def volumes_of(pod_spec: Mapping) -> Iterator[Volume]:
    """Yield the volumes a pod declares."""
    for node in pod_spec.items_at("volumes"):
        if isinstance(node, Mapping):
            name = node.at("name")
            source = next((e.name for e in node.entries if e.name not in _NAMING), "")
            text = name.text if isinstance(name, Scalar) else ""
            yield Volume(text, source, node.at(source) if source else None, node)


SENSITIVE_DIRECTORIES: Final = (
    *("/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/sys", "/usr"),
    *("/var/lib/docker", "/var/lib/containerd", "/var/lib/etcd", "/var/lib/kubelet"),
)
_SOCKETS: Final = frozenset(
    {"docker.sock", "dockershim.sock", "containerd.sock", "crio.sock", "podman.sock", "cri-dockerd.sock"}
)
_SOCKET_DIRECTORIES: Final = frozenset(
    {"/var/run", "/run", "/var/run/docker", "/run/containerd", "/var/run/containerd", "/var/run/crio"}
)


def is_sensitive(path: str) -> bool:
    """Say whether a directory of a node holds what the node itself rests on."""
    plain = path.rstrip("/") or "/"
    return plain == "/" or any(plain == one or plain.startswith(f"{one}/") for one in SENSITIVE_DIRECTORIES)


def is_engine_socket(path: str) -> bool:
    """Say whether a path of a node is, or a directory of it holds, the socket of its container engine."""
    plain = path.rstrip("/")
    return plain.rpartition("/")[2] in _SOCKETS or plain in _SOCKET_DIRECTORIES
