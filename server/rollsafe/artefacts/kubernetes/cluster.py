"""Objects other objects lean on: claims, service accounts, namespaces, definitions of kinds."""

from collections.abc import Iterable

from rollsafe.artefacts.kubernetes.objects import KubernetesElement, KubernetesObject
from rollsafe.formats.nodes import Node, Scalar


class PersistentVolumeClaim(KubernetesObject):
    """A claim to storage."""

    @property
    def access_modes(self) -> tuple[str, ...]:
        """How many nodes may mount it, such as `ReadWriteOnce`."""
        items = self.node.items_at("spec", "accessModes")
        return tuple(item.text for item in items if isinstance(item, Scalar))

    @property
    def is_single_node(self) -> bool:
        """Whether pods on different nodes cannot share it."""
        modes = self.access_modes
        return bool(modes) and all(mode.startswith("ReadWriteOnce") for mode in modes)

    @property
    def storage_class(self) -> str | None:
        """The storage class as written."""
        return self.node.text_at("spec", "storageClassName")


class ServiceAccount(KubernetesObject):
    """An identity for pods."""

    @property
    def mounts_token(self) -> bool | None:
        """The `automountServiceAccountToken` as written; Kubernetes takes true otherwise."""
        return self.node.bool_at("automountServiceAccountToken")


class Namespace(KubernetesObject):
    """A namespace."""


class CustomResourceDefinition(KubernetesElement):
    """The definition of a kind of one's own. It is no object that rules about objects judge."""

    def schema(self, version: str) -> Node | None:
        """Return the `openAPIV3Schema` of one version of the kind."""
        for item in self.node.items_at("spec", "versions"):
            if item.text_at("name") == version:
                return item.at("schema", "openAPIV3Schema")
        return None

    def graph_keys(self) -> Iterable[str]:
        """Return `defines:group Kind`."""
        group, kind = self.node.text_at("spec", "group"), self.node.text_at("spec", "names", "kind")
        return (f"defines:{group} {kind}",) if group and kind else ()
