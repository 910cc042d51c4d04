"""Names of other objects that a pod cannot start without."""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes.templates import is_placeholder
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.tuples import NamedTuple


class Reference(NamedTuple):
    """A ConfigMap, Secret, PersistentVolumeClaim or ServiceAccount named by a pod.

    `key` is None when the object as a whole is used. `node` bounds the reference, `name_node` and
    `key_node` the words themselves.
    """

    kind: str
    name: str
    name_node: Scalar
    key: str | None
    key_node: Scalar | None
    is_optional: bool
    node: Node

    @property
    def is_static(self) -> bool:
        """Whether name and key are written out, not left to a template."""
        return not is_placeholder(self.name) and not is_placeholder(self.key or "")


def reference_at(
    kind: str, node: Node | None, name_key: str = "name", key: Node | None = None
) -> Reference | None:
    """Return the reference a mapping makes by its `name_key`; None while no name is written."""
    if not isinstance(node, Mapping):
        return None
    name = node.at(name_key)
    if not isinstance(name, Scalar) or name.is_null:
        return None
    key_node = key if isinstance(key, Scalar) and not key.is_null else None
    text = key_node.text if key_node is not None else None
    return Reference(kind, name.text, name, text, key_node, bool(node.bool_at("optional")), node)


def keyed_references(kind: str, node: Node, name_key: str = "name") -> Iterator[Reference]:
    """Yield what a volume source uses: one reference for each of its `items`, else one for all."""
    keys = [item.at("key") for item in node.items_at("items")]
    for key in keys or [None]:
        reference = reference_at(kind, node, name_key, key)
        if reference is not None:
            yield reference
