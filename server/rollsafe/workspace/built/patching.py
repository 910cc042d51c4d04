"""The patches of a kustomization: which objects they are for, and the objects after them."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, Kustomization, PatchList
from rollsafe.artefacts.kubernetes.kustomization import Patch
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.formats.yaml import read_yaml
from rollsafe.text import Located
from rollsafe.text.records import open_record, replace
from rollsafe.workspace.built.fields import Change
from rollsafe.workspace.built.operations import applied, operations_of
from rollsafe.workspace.built.strategic import UnknownError, laid_over
from rollsafe.workspace.built.tree import (
    Locate,
    Place,
    Row,
    Table,
    TooLargeError,
    Value,
    in_file,
    tree_of,
)
from rollsafe.workspace.graph import Graph

_SIMPLE: Final = re.compile(r"\^?[\w.*|-]*\$?")
"""Expressions that are sure to be matched in short time."""

_MOST_STARS: Final = 3
_LONGEST: Final = 253
_MOST_DOCUMENTS: Final = 200


class Names:
    """What an object can be found by; None for what kustomize leaves open."""

    def __init__(self, tree: Table, names: tuple[str, ...]) -> None:
        self.names = names
        self.kind = tree.text("kind") or ""
        self.namespace = tree.text("metadata", "namespace")
        self.labels = tree.at("metadata", "labels")
        self.annotations = tree.at("metadata", "annotations")
        self.group, _, self.version = (tree.text("apiVersion") or "").rpartition("/")


@open_record
class Target:
    """The objects a patch is for, as expressions; None for any."""

    kind: str | None
    name: str | None
    namespace: str | None = None
    group: str | None = None
    version: str | None = None
    labels: str | None = None
    annotations: str | None = None
    is_exact: bool = False

    def matches(self, thing: Names) -> bool | None:
        """Say whether a patch is for an object; None where that is not to be told."""
        if self.is_exact:
            return self.kind == thing.kind and self.name in thing.names
        answers = [
            _fits(self.kind, (thing.kind,)),
            _fits(self.name, thing.names),
            _fits(self.namespace, (thing.namespace or "default",)),
            _fits(self.group, (thing.group,)),
            _fits(self.version, (thing.version,)),
            _selects(self.labels, thing.labels),
            _selects(self.annotations, thing.annotations),
        ]
        return False if False in answers else None if None in answers else True


def _fits(pattern: str | None, words: Iterable[str]) -> bool | None:
    if pattern is None:
        return True
    if pattern in words:
        return True
    if _SIMPLE.fullmatch(pattern) is None or pattern.count("*") > _MOST_STARS or "|*" in pattern:
        return None
    try:
        expression = re.compile(f"(?:{pattern})")
    except re.error:
        return None
    return any(len(word) <= _LONGEST and expression.fullmatch(word) is not None for word in words)


def _selects(selector: str | None, labels: Value | None) -> bool | None:
    """Say whether labels are what a selector asks for, as far as it is a list of `key=value`."""
    if selector is None:
        return True
    for part in selector.split(","):
        key, equals, value = part.replace("==", "=").partition("=")
        if not equals or key.endswith("!"):
            return None
        if not isinstance(labels, Table) or labels.text(key.strip()) != value.strip():
            return False
    return True


@open_record
class Laying:
    """One document of a patch: an object, or a list of operations; None where nobody could read it.

    `thing` is the object that a file holds for it.
    """

    target: Target
    said: Value | None
    place: Place
    thing: KubernetesObject | None = None

    def steps(self, tree: Table) -> Iterator[Change | None]:
        """Yield an object after each step of the patch; None where it is deleted.

        Raises `UnknownError` where it cannot be told what comes out.
        """
        if isinstance(self.said, Row):
            for operation in operations_of(self.said):
                changed = applied(tree, operation)
                if changed is not tree:
                    tree = changed
                    yield Change(tree, operation.place)
        elif isinstance(self.said, Table):
            laid = laid_over(tree, self.said)
            if laid.tree is None:
                yield None
            elif laid.tree is not tree:
                yield Change(laid.tree, laid.touched[0] if laid.touched else self.place)
        else:
            raise UnknownError


def layings(layer: Kustomization, fields: tuple[str, ...], graph: Graph) -> Iterator[Laying]:
    """Yield the patches of a kustomization that stand in some of its fields."""
    for patch in layer.patches:
        if patch.field in fields:
            given = _target(patch)
            for node, locate, thing in _documents(layer, patch, graph):
                yield replace(_laying(node, locate, given), thing=thing)


def _target(patch: Patch) -> Target | None:
    node = patch.node.at("target")
    if node is None:
        return None
    return Target(
        node.text_at("kind"),
        node.text_at("name"),
        node.text_at("namespace"),
        node.text_at("group"),
        node.text_at("version"),
        node.text_at("labelSelector"),
        node.text_at("annotationSelector"),
    )


def _laying(node: Node | None, locate: Locate, given: Target | None) -> Laying:
    if node is None:
        return Laying(given or Target(None, None), None, locate(Scalar(0, 0, "")))
    named = Target(node.text_at("kind"), node.text_at("metadata", "name"), is_exact=True)
    try:
        said: Value | None = tree_of(node, locate)
    except TooLargeError:
        said = None
    title = node.at("metadata", "name") or node
    return Laying(given or named, said, locate(title))


def _documents(
    layer: Kustomization, patch: Patch, graph: Graph
) -> Iterator[tuple[Node | None, Locate, KubernetesObject | None]]:
    if patch.body is not None:
        yield from ((node, locate, None) for node, locate in _inline(layer, patch.body))
        return
    path = patch.file.path if patch.file is not None else None
    found = () if path is None else graph.find(KubernetesObject, f"file:{path}")
    lists = () if path is None else graph.find(PatchList, f"file:{path}")
    for one in found:
        yield (None if one.templated else one.node), in_file(one.file), one
    for several in lists:
        yield several.node, in_file(several.file), None
    if not found and not lists:
        yield None, lambda _: Place(layer.file, patch.node.start, patch.node.end), None


def _inline(layer: Kustomization, body: Scalar) -> Iterator[tuple[Node | None, Locate]]:
    offsets = script_offsets(layer.file.text, body)

    def locate(node: Located) -> Place:
        start = offsets(node.start)
        return Place(layer.file, start, max(start, offsets(max(node.end - 1, node.start)) + 1))

    tree = read_yaml(body.text)
    if tree.problems or tree.templated:
        yield None, lambda _: Place(layer.file, body.start, body.end)
        return
    for document in tree.documents[:_MOST_DOCUMENTS]:
        yield document, locate
