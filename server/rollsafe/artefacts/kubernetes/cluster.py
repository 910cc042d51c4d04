"""Objects other objects lean on: claims, service accounts, namespaces."""

from rollsafe.artefacts.kubernetes.objects import KubernetesObject
from rollsafe.formats.nodes import Scalar


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
