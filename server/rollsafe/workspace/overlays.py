"""Workloads as a kustomization builds them: replicas, images and probes after patches and overrides.

Only what plans speak of is worked out. What is written in a way that is not understood (a patch in a
language of its own, a remote base) is named in `Rendering.unread` instead of being guessed.
"""

from collections.abc import Collection, Iterator
from typing import Final
from weakref import WeakKeyDictionary

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.images import ImageReference, parse_image
from rollsafe.artefacts.kubernetes import (
    Container,
    ImageOverride,
    KubernetesObject,
    Kustomization,
    Workload,
    is_placeholder,
)
from rollsafe.artefacts.kubernetes.container import EnvVar, variables_in
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence
from rollsafe.formats.yaml import read_yaml
from rollsafe.text import Located
from rollsafe.text.records import field, open_record, replace, state
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.view import View

_MAX_DEPTH: Final = 12
_read: Final[WeakKeyDictionary[SourceFile, Collection[Node]]] = WeakKeyDictionary()


class Setting(NamedTuple):
    """A value that is in force, and where it is written."""

    text: str
    file: SourceFile
    where: Located


class SetVariable(NamedTuple):
    """A variable of a container that is in force, and where it is written."""

    variable: EnvVar
    file: SourceFile
    where: Located


@open_record
class _Change:
    """A patch of one workload: a partial object. `where` replaces places inside of an inline text."""

    file: SourceFile
    node: Mapping
    where: Located | None = None

    def setting(self, node: Node | None) -> Setting | None:
        if not isinstance(node, Scalar) or node.is_null:
            return None
        return Setting(node.text, self.file, self.where or node)


@open_record
class Rendered:
    """A workload with everything that is laid over it, innermost layer first."""

    workload: Workload
    name: str
    namespace: str | None
    changes: tuple[_Change, ...] = ()
    layers: tuple[Kustomization, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of the workload."""
        return self.workload.kind

    @property
    def key(self) -> str:
        """What a command line calls it: `deployment/orders`."""
        return f"{self.kind.lower()}/{self.name}"

    @property
    def containers(self) -> tuple[Container, ...]:
        """The containers as written in the manifest itself."""
        return self.workload.all_containers

    def setting(self, *path: str) -> Setting | None:
        """Return the value at `path` of the object, the outermost patch that has one winning."""
        for change in reversed(self.changes):
            found = change.setting(change.node.at(*path))
            if found is not None:
                return found
        node = self.workload.node.at(*path)
        if not isinstance(node, Scalar) or node.is_null:
            return None
        return Setting(node.text, self.workload.file, node)

    @property
    def replicas(self) -> Setting | None:
        """The number of pods asked for; None where nothing is written."""
        for layer in reversed(self.layers):
            for override in layer.replicas:
                if override.name in (self.workload.name, self.name) and isinstance(override.amount, int):
                    return Setting(str(override.amount), layer.file, override.node)
        return self.setting("spec", "replicas")

    @property
    def replica_count(self) -> int | None:
        """How many pods are asked for, 1 by default; None when a template or a node decides it."""
        found = self.replicas
        if found is not None:
            return int(found.text) if found.text.isascii() and found.text.isdigit() else None
        return self.workload.replica_count

    @property
    def strategy(self) -> str | None:
        """How pods are replaced, as written; None where the default of the kind holds."""
        key = "updateStrategy" if self.kind in ("StatefulSet", "DaemonSet") else "strategy"
        found = self.setting("spec", key, "type")
        return found.text if found is not None else self.workload.strategy_type

    def image_of(self, container: Container) -> Setting | None:
        """Return the image a container runs; None while none is written."""
        node = container.image_node
        image = Setting(node.text, container.file, node) if node is not None else None
        for layer in self.layers:
            for change in (one for one in self.changes if one.file is layer.file or _names(layer, one.file)):
                image = change.setting(_in_container(change.node, container.name, "image")) or image
            image = _overridden(layer, image) if image is not None else None
        return image

    def variables_of(self, container: Container) -> list[SetVariable]:
        """Return the variables a container is given, each name once, the outermost patch winning."""
        found = {one.name: SetVariable(one, container.file, one.name_node) for one in container.env}
        for change in self.changes:
            node = _in_container(change.node, container.name, "env")
            partial = Mapping(change.node.start, change.node.end)
            if node is not None:
                partial.entries.append(Entry(Scalar(node.start, node.start, "env"), node))
            for one in variables_in(partial):
                found[one.name] = SetVariable(one, change.file, change.where or one.name_node)
        return list(found.values())

    def has(self, container: Container, probe: str) -> bool:
        """Say whether a container has a probe such as `readinessProbe`, its own or a patch's."""
        if any(_in_container(change.node, container.name, probe) is not None for change in self.changes):
            return True
        return not container.lacks(probe)


@state
class Rendering:
    """What one directory or set of files comes to. `files` are those that take part in it."""

    workloads: list[Rendered] = field(default_factory=list[Rendered])
    objects: list[KubernetesObject] = field(default_factory=list[KubernetesObject])
    files: set[str] = field(default_factory=set[str])
    namespace: str | None = None
    unread: list[str] = field(default_factory=list[str])


def render_directory(directory: str, view: View) -> Rendering:
    """Return what `kustomize build` makes of a directory, as far as plans speak of it.

    It is the same object, not to be changed, while the files that take part in it are.
    """
    layers = view.graph.find(Kustomization, f"dir:{directory}")
    kept = layers[0].kept.get(_Kept) if layers else None
    if isinstance(kept, _Kept) and all(_state(path, view) is one for path, one in kept.states.items()):
        return kept.rendering
    rendering = _render(directory, view, frozenset())
    # What is missing may come to be anywhere, without a change of the files that ask for it.
    if layers and not rendering.unread:
        layers[0].kept[_Kept] = _Kept({path: _state(path, view) for path in rendering.files}, rendering)
    return rendering


class _Kept(NamedTuple):
    """A rendering, with the states of the files that take part in it."""

    states: dict[str, Artefact | SourceFile | None]
    rendering: Rendering


def _state(path: str, view: View) -> Artefact | SourceFile | None:
    return view.artefacts.get(path) or view.read(path)


def render_files(paths: list[str], view: View) -> Rendering:
    """Return the workloads and objects of manifest files as they are written."""
    rendering = Rendering()
    for path in paths:
        _take_file(path, view, rendering)
    return rendering


def _render(directory: str, view: View, above: frozenset[str]) -> Rendering:
    rendering = Rendering()
    layers = view.graph.find(Kustomization, f"dir:{directory}")
    if not layers or directory in above or len(above) >= _MAX_DEPTH:
        rendering.unread.append(directory or ".")
        return rendering
    layer = layers[0]
    rendering.files.add(layer.file.path)
    for entry in (*layer.resources, *layer.components):
        if entry.path is None:
            rendering.unread.append(entry.text)
        elif entry.path in view.paths:
            _take_file(entry.path, view, rendering)
        else:
            _include(rendering, _render(entry.path, view, above | {directory}))
    _lay_over(layer, view, rendering)
    return rendering


def _take_file(path: str, view: View, rendering: Rendering) -> None:
    rendering.files.add(path)
    for thing in view.inside(path, KubernetesObject):
        if isinstance(thing, Workload):
            rendering.workloads.append(Rendered(thing, thing.name, thing.namespace))
        else:
            rendering.objects.append(thing)


def _include(rendering: Rendering, other: Rendering) -> None:
    rendering.workloads += other.workloads
    rendering.objects += other.objects
    rendering.files |= other.files
    rendering.unread += other.unread
    rendering.namespace = rendering.namespace or other.namespace


def _lay_over(layer: Kustomization, view: View, rendering: Rendering) -> None:
    """Apply a kustomization's own changes to everything it includes."""
    namespace = layer.namespace if layer.namespace and not is_placeholder(layer.namespace) else None
    rendering.namespace = namespace or rendering.namespace
    changes = list(_patches(layer, view, rendering))
    rendering.workloads = [
        replace(
            one,
            name=f"{layer.name_prefix}{one.name}{layer.name_suffix}",
            namespace=namespace or one.namespace,
            layers=(*one.layers, layer),
            changes=(*one.changes, *(change for name, change in changes if _is_for(name, one))),
        )
        for one in rendering.workloads
    ]


class _Target(NamedTuple):
    """Which workloads a patch is for; None means any."""

    kind: str | None
    name: str | None


def _is_for(target: _Target, one: Rendered) -> bool:
    names = (one.name, one.workload.name)
    return target.kind in (None, one.kind) and (target.name in (None, ".*") or target.name in names)


def _patches(layer: Kustomization, view: View, rendering: Rendering) -> Iterator[tuple[_Target, _Change]]:
    for patch in layer.patches:
        if patch.file is not None:
            path = patch.file.path
            source = view.read(path) if path is not None else None
            if path is None or source is None:
                rendering.unread.append(patch.file.text)
                continue
            rendering.files.add(path)
            documents, file, where = _documents(source), source, None
        elif patch.body is not None:
            documents, file, where = read_yaml(patch.body.text).documents, layer.file, patch.node
        else:
            continue
        for document in documents:
            given = _Target(patch.target_kind, patch.target_name)
            change = _change(document, file, where, given)
            if change is None:
                rendering.unread.append(f"patch in {file.path}")
            else:
                yield change


def _documents(file: SourceFile) -> Collection[Node]:
    """Return the documents of a patch file, which every layer above it and both states of a plan ask for."""
    found = _read.get(file)
    # A list of operations is put together into an object when it is applied, and changed by that.
    if found is None or any(isinstance(document, Sequence) for document in found):
        found = _read[file] = read_yaml(file.text).documents
    return found


def _change(
    document: Node, file: SourceFile, where: Located | None, given: _Target
) -> tuple[_Target, _Change] | None:
    if isinstance(document, Sequence):
        partial = _from_operations(document)
        # Operations are rebuilt into an object, whose parts have no place but the whole list's.
        return None if partial is None else (given, _Change(file, partial, where or document))
    if not isinstance(document, Mapping):
        return None
    named = _Target(document.text_at("kind"), document.text_at("metadata", "name"))
    target = given if given.kind or given.name else named
    return target, _Change(file, document, where)


def _from_operations(operations: Sequence) -> Mapping | None:
    """Return the partial object that `add` and `replace` operations amount to; None for any other."""
    root = Mapping(operations.start, operations.end)
    for item in operations.items:
        steps = (item.text_at("path") or "").strip("/").split("/")
        value = item.at("value")
        if item.text_at("op") not in ("add", "replace") or value is None:
            return None
        if any(step.isdigit() or step == "-" for step in steps):
            return None
        _put(root, [step.replace("~1", "/").replace("~0", "~") for step in steps], value)
    return root


def _put(root: Mapping, steps: list[str], value: Node) -> None:
    at = root
    for step in steps[:-1]:
        below = at.map_at(step)
        if below is None:
            below = Mapping(value.start, value.end)
            at.entries.append(Entry(Scalar(value.start, value.start, step), below))
        at = below
    at.entries.append(Entry(Scalar(value.start, value.start, steps[-1]), value))


def _in_container(node: Mapping, name: str, key: str) -> Node | None:
    """Return what a partial object says under `key` of the container called `name`."""
    for owner in (("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec")):
        for group in ("containers", "initContainers"):
            for container in node.items_at(*owner, group):
                if container.text_at("name") == name:
                    found = container.at(key)
                    if found is not None:
                        return found
    return None


def _names(layer: Kustomization, file: SourceFile) -> bool:
    return any(patch.file is not None and patch.file.path == file.path for patch in layer.patches)


def _overridden(layer: Kustomization, image: Setting) -> Setting:
    for override in layer.images:
        reference = parse_image(image.text)
        if override.name == _full_name(reference):
            text = _new_text(override, reference)
            image = Setting(text, layer.file, _telling(override)) if text != image.text else image
    return image


def _telling(override: ImageOverride) -> Node:
    for key in ("digest", "newTag", "newName"):
        found = override.node.key_at(key)
        if found is not None:
            return found
    return override.name_node


def _full_name(reference: ImageReference) -> str:
    return f"{reference.registry}/{reference.repository}" if reference.registry else reference.repository


def _new_text(override: ImageOverride, reference: ImageReference) -> str:
    name = override.new_name or _full_name(reference)
    if override.digest:
        return f"{name}@{override.digest}"
    tag = override.new_tag or reference.tag
    if tag:
        return f"{name}:{tag}"
    return f"{name}@{reference.digest}" if reference.digest else name
