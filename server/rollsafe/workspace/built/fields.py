"""What a kustomization sets in every object: namespace, labels, annotations, replicas, images."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.images import ImageReference, parse_image
from rollsafe.artefacts.kubernetes import ImageOverride, Kustomization, is_placeholder
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.built.tree import (
    Leaf,
    Locate,
    Member,
    Place,
    Row,
    Table,
    Value,
    in_file,
    leaf,
    tree_of,
)

_OF_THE_CLUSTER: Final = frozenset(
    {
        *("Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "PersistentVolume"),
        *("StorageClass", "PriorityClass", "IngressClass", "RuntimeClass", "APIService", "Node"),
        *("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "PodSecurityPolicy"),
    }
)
_SCALED: Final = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})
_SELECTING: Final = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "DaemonSet"})
_DEEPEST: Final = 24


class Change(NamedTuple):
    """An object after something was set in it, and where that is said."""

    tree: Table
    cause: Place


def set_fields(layer: Kustomization, tree: Table, names: tuple[str, ...]) -> Iterator[Change]:
    """Yield an object after each thing a kustomization sets in it, in kustomize's order.

    `names` are those the object goes by.
    """
    for change in (_namespaced, _labelled, _annotated, _scaled, _pictured):
        for found in change(layer, tree, names):
            tree = found.tree
            yield found


def _namespaced(layer: Kustomization, tree: Table, _names: tuple[str, ...]) -> Iterator[Change]:
    node = layer.root.at("namespace")
    if not isinstance(node, Scalar) or node.is_null or tree.text("kind") in _OF_THE_CLUSTER:
        return
    if tree.text("metadata", "namespace") != node.text:
        place = _place(layer, node)
        yield Change(_put(tree, ("metadata", "namespace"), Leaf(place, node)), place)


def _labelled(layer: Kustomization, tree: Table, _names: tuple[str, ...]) -> Iterator[Change]:
    for pairs, in_selectors, in_templates in _label_sets(layer):
        before = tree
        for path in _label_paths(tree, in_selectors=in_selectors, in_templates=in_templates):
            tree = _with_pairs(tree, path, pairs, in_file(layer.file))
        if tree is not before:
            yield Change(tree, _place(layer, pairs))


def _label_sets(layer: Kustomization) -> Iterator[tuple[Mapping, bool, bool]]:
    """Yield labels, with whether selectors and whether pod templates get them, too."""
    for item in layer.root.items_at("labels"):
        pairs = item.map_at("pairs")
        if pairs is not None:
            selectors = bool(item.bool_at("includeSelectors"))
            yield pairs, selectors, selectors or bool(item.bool_at("includeTemplates"))
    common = layer.root.map_at("commonLabels")
    if common is not None:
        yield common, True, True


def _label_paths(tree: Table, *, in_selectors: bool, in_templates: bool) -> Iterator[tuple[str, ...]]:
    yield ("metadata", "labels")
    kind = tree.text("kind") or ""
    if in_templates:
        for above in (("spec",), ("spec", "jobTemplate", "spec")):
            if isinstance(tree.at(*above, "template"), Table):
                yield (*above, "template", "metadata", "labels")
    if not in_selectors:
        return
    if kind in ("Service", "ReplicationController"):
        yield ("spec", "selector")
    elif kind in _SELECTING or tree.at("spec", "selector", "matchLabels") is not None:
        yield ("spec", "selector", "matchLabels")
    elif kind == "NetworkPolicy" and tree.at("spec", "podSelector", "matchLabels") is not None:
        yield ("spec", "podSelector", "matchLabels")


def _annotated(layer: Kustomization, tree: Table, _names: tuple[str, ...]) -> Iterator[Change]:
    pairs = layer.root.map_at("commonAnnotations")
    if pairs is None:
        return
    paths: list[tuple[str, ...]] = [("metadata", "annotations")]
    if isinstance(tree.at("spec", "template"), Table):
        paths.append(("spec", "template", "metadata", "annotations"))
    before = tree
    for path in paths:
        tree = _with_pairs(tree, path, pairs, in_file(layer.file))
    if tree is not before:
        yield Change(tree, _place(layer, pairs))


def _with_pairs(tree: Table, path: tuple[str, ...], pairs: Mapping, locate: Locate) -> Table:
    for key, value in pairs.pairs():
        if isinstance(value, Scalar) and tree.text(*path, key) != value.text:
            tree = _put(tree, (*path, key), tree_of(value, locate))
    return tree


def _scaled(layer: Kustomization, tree: Table, names: tuple[str, ...]) -> Iterator[Change]:
    if tree.text("kind") not in _SCALED:
        return
    for override in layer.replicas:
        node = override.node.at("count")
        if override.name in names and isinstance(node, Scalar) and not node.is_null:
            place = _place(layer, node)
            if tree.text("spec", "replicas") != node.text:
                tree = _put(tree, ("spec", "replicas"), Leaf(place, node))
                yield Change(tree, place)


def _pictured(layer: Kustomization, tree: Table, _names: tuple[str, ...]) -> Iterator[Change]:
    for override in layer.images:
        found = _with_image(tree, override, layer, 0)
        if isinstance(found, Table) and found is not tree:
            tree = found
            yield Change(tree, _place(layer, _telling(override)))


def _with_image(value: Value, override: ImageOverride, layer: Kustomization, depth: int) -> Value:
    """Return a value with the images of all containers in it replaced that an override is for."""
    if not isinstance(value, Table) or depth > _DEEPEST:
        return value
    members = dict(value.members)
    for name, (key, below) in value.members.items():
        if name in ("containers", "initContainers") and isinstance(below, Row):
            items = tuple(_container(item, override, layer) for item in below.items)
            new: Value = below if items == below.items else Row(below.place, items)
        else:
            new = _with_image(below, override, layer, depth + 1)
        if new is not below:
            members[name] = Member(key, new)
    return value if members == value.members else Table(value.place, members)


def _container(item: Value, override: ImageOverride, layer: Kustomization) -> Value:
    text = item.text("image") if isinstance(item, Table) else None
    if not isinstance(item, Table) or text is None or is_placeholder(text):
        return item
    reference = parse_image(text)
    if override.name != _full_name(reference):
        return item
    new = _renamed(override, reference)
    node = _telling(override)
    return item if new == text else item.holding("image", leaf(new, _place(layer, node)))


def _full_name(reference: ImageReference) -> str:
    return f"{reference.registry}/{reference.repository}" if reference.registry else reference.repository


def _renamed(override: ImageOverride, reference: ImageReference) -> str:
    name = override.new_name or _full_name(reference)
    suffix = override.node.text_at("tagSuffix") or ""
    if override.digest:
        return f"{name}@{override.digest}"
    tag = override.new_tag or reference.tag
    if tag and (override.new_tag or reference.digest is None):
        return f"{name}:{tag}{suffix}"
    return f"{name}@{reference.digest}" if reference.digest else name


def _telling(override: ImageOverride) -> Node:
    for key in ("digest", "newTag", "newName"):
        found = override.node.at(key)
        if isinstance(found, Scalar) and not found.is_null:
            return found
    return override.name_node


def _put(tree: Table, path: tuple[str, ...], value: Value) -> Table:
    step, rest = path[0], path[1:]
    if not rest:
        return tree.holding(step, value)
    below = tree.at(step)
    inner = below if isinstance(below, Table) else Table(value.place, {})
    return tree.holding(step, _put(inner, rest, value))


def _place(layer: Kustomization, node: Node) -> Place:
    return Place(layer.file, node.start, node.end)
