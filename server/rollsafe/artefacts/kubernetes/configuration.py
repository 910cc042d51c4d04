"""ConfigMaps and Secrets by their keys; values stay in the file."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from rollsafe.artefacts.kubernetes.objects import KubernetesObject
from rollsafe.artefacts.kubernetes.templates import is_placeholder, may_hold_more
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

_DATA: Final = ("data", "binaryData", "stringData")


class DataKey(NamedTuple):
    """A key of a ConfigMap or Secret, and where it is written."""

    name: str
    node: Node


class ConfigMap(KubernetesObject):
    """A ConfigMap."""

    provides: ClassVar[str] = "ConfigMap"
    """The kind of object pods ask for."""

    @cached_property
    def keys(self) -> tuple[DataKey, ...]:
        """The keys, in source order."""
        return tuple(self._keys())

    @property
    def data(self) -> Iterator[tuple[str, Scalar]]:
        """The keys of `data` with their values, those that are text."""
        held = self.node.map_at("data")
        for name, value in held.pairs() if held is not None else ():
            if isinstance(value, Scalar):
                yield name, value

    @property
    def key_names(self) -> frozenset[str]:
        """The names of the keys."""
        return frozenset(key.name for key in self.keys)

    @property
    def keys_are_known(self) -> bool:
        """Whether every key the object has in the cluster is written here."""
        return not any(self._may_have_more_keys(section) for section in _DATA)

    @property
    def is_immutable(self) -> bool:
        """Whether the cluster refuses changes to it."""
        return bool(self.node.bool_at("immutable"))

    @property
    def provided_name(self) -> str:
        """The name under which pods find it."""
        return self.name

    def graph_keys(self) -> Iterable[str]:
        """Return the object's keys, and `Secret/name` for what only makes a Secret."""
        keys = dict.fromkeys(super().graph_keys())
        if self.provided_name and not is_placeholder(self.provided_name):
            keys[f"{self.provides}/{self.provided_name}"] = None
        return keys

    def _keys(self) -> Iterable[DataKey]:
        return _keys_of(self.node, *_DATA)

    def _may_have_more_keys(self, section: str) -> bool:
        data = self.node.at(section)
        if not isinstance(data, Mapping):
            return not self.lacks(section)
        if any(is_placeholder(entry.name) for entry in data.entries):
            return True
        return self.templated and may_hold_more(self.file.text, data)


class Secret(ConfigMap):
    """A Secret, or a SealedSecret or ExternalSecret from which a controller makes one."""

    provides = "Secret"

    @property
    def keys_are_known(self) -> bool:
        """Whether every key the Secret has in the cluster is written here."""
        if self.kind == "ExternalSecret":
            template = ("spec", "target", "template")
            return self.lacks("spec", "dataFrom") and self.lacks(*template)
        return super().keys_are_known

    @property
    def provided_name(self) -> str:
        """The name under which pods find it."""
        if self.kind == "ExternalSecret":
            return self.node.text_at("spec", "target", "name") or self.name
        return self.name

    def _keys(self) -> Iterable[DataKey]:
        if self.kind == "SealedSecret":
            return _keys_of(self.node.map_at("spec"), "encryptedData")
        if self.kind == "ExternalSecret":
            nodes = [item.at("secretKey") for item in self.node.items_at("spec", "data")]
            return [DataKey(node.text, node) for node in nodes if isinstance(node, Scalar)]
        return super()._keys()


def _keys_of(node: Mapping | None, *sections: str) -> list[DataKey]:
    entries: list[Entry] = []
    for section in sections:
        data = node.map_at(section) if node is not None else None
        entries += data.entries if data is not None else ()
    return [DataKey(entry.name, entry.key) for entry in entries if entry.name != "<<"]
