"""What a container may do on its node, as the kubelet puts it together from pod and container."""

from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.kubernetes.templates import Amount, amount_at
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.kubernetes.container import Container

INHERITED: Final = frozenset(
    {
        *("runAsNonRoot", "runAsUser", "runAsGroup", "seccompProfile", "seLinuxOptions"),
        *("appArmorProfile", "windowsOptions"),
    }
)
"""Settings a container takes from its pod while it has none of its own."""

DEFAULT_CAPABILITIES: Final = frozenset(
    {
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    }
)
"""What a runtime gives every container that drops nothing."""

_APPARMOR: Final = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP: Final = "seccomp.security.alpha.kubernetes.io/pod"
_CONTAINER_SECCOMP: Final = "container.seccomp.security.alpha.kubernetes.io/"
_OLD_PROFILES: Final = {
    "runtime/default": "RuntimeDefault",
    "docker/default": "RuntimeDefault",
    "unconfined": "Unconfined",
}


class Capability(NamedTuple):
    """A Linux capability in capitals without `CAP_`, and where it is written."""

    name: str
    node: Scalar


class SecurityContext:
    """The security settings in force for one container.

    A container's own setting wins over its pod's; only those of `INHERITED` are taken from the pod.
    """

    def __init__(self, container: "Container") -> None:
        self._container = container
        workload = container.workload
        self._pod = workload.pod_spec.at("securityContext") if workload.pod_spec is not None else None

    @cached_property
    def own(self) -> Node | None:
        """The container's own `securityContext`, whatever it is."""
        return self._container.node.at("securityContext")

    def at(self, *path: str) -> Node | None:
        """Return the setting in force at `path`."""
        found = self.own.at(*path) if self.own is not None else None
        if isinstance(found, Scalar) and found.is_null:
            found = None
        if found is not None or path[0] not in INHERITED or self._pod is None:
            return found
        return self._pod.at(*path)

    def flag(self, key: str) -> bool | None:
        """Return a yes-or-no setting in force; None when absent or not known."""
        found = self.at(key)
        return found.as_bool() if isinstance(found, Scalar) else None

    def lacks(self, key: str) -> bool:
        """Say whether the setting is for certain neither the container's own nor taken from its pod."""
        if not self._container.templated:
            found = self.at(key)
            return found is None or (isinstance(found, Scalar) and found.is_null)
        if not self._container.lacks("securityContext", key):
            return False
        return key not in INHERITED or self._container.workload.pod_lacks("securityContext", key)

    @property
    def is_privileged(self) -> bool:
        """Whether the container is as powerful as a process of its node."""
        return self.flag("privileged") is True

    @property
    def user(self) -> Amount:
        """The user id the container starts with, as written."""
        return amount_at(self.at("runAsUser"))

    @property
    def group(self) -> Amount:
        """The primary group id the container starts with, as written."""
        return amount_at(self.at("runAsGroup"))

    @cached_property
    def added(self) -> tuple[Capability, ...]:
        """The capabilities given beyond the runtime's own."""
        return self._capabilities("add")

    @cached_property
    def dropped(self) -> frozenset[str]:
        """The names of the capabilities taken away."""
        return frozenset(one.name for one in self._capabilities("drop"))

    @property
    def drops_all(self) -> bool:
        """Whether every capability is taken away but those added."""
        return "ALL" in self.dropped or self.dropped >= DEFAULT_CAPABILITIES

    def adds(self, *names: str) -> Capability | None:
        """Return the first of the added capabilities that is one of `names`."""
        return next((one for one in self.added if one.name in names), None)

    @cached_property
    def seccomp(self) -> str | None:
        """The type of the seccomp profile in force, also where an annotation names it."""
        found = self.at("seccompProfile", "type")
        if isinstance(found, Scalar) and not found.is_null:
            return found.text
        notes = self._container.workload.pod_annotations
        old = notes.get(_CONTAINER_SECCOMP + self._container.name) or notes.get(_SECCOMP)
        return _OLD_PROFILES.get(old, "Localhost") if old else None

    @cached_property
    def apparmor(self) -> str | None:
        """The type of the AppArmor profile in force, also where an annotation names it."""
        found = self.at("appArmorProfile", "type")
        if isinstance(found, Scalar) and not found.is_null:
            return found.text
        old = self._container.workload.pod_annotations.get(_APPARMOR + self._container.name)
        return _OLD_PROFILES.get(old, "Localhost") if old else None

    def _capabilities(self, key: str) -> tuple[Capability, ...]:
        items = self.own.items_at("capabilities", key) if self.own is not None else []
        return tuple(
            Capability(item.text.upper().removeprefix("CAP_"), item)
            for item in items
            if isinstance(item, Scalar)
        )

    @property
    def mapping(self) -> Mapping | None:
        """The container's own settings where they are a mapping that holds something."""
        return self.own if isinstance(self.own, Mapping) and self.own.entries else None
