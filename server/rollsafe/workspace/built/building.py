"""Building a kustomization: its objects step by step, each step with the place that causes it.

Nothing is fetched and nothing is run. Names keep the form in which files refer to each other: prefixes,
suffixes and hashes change all ends of a reference alike.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, Kustomization, is_placeholder
from rollsafe.text.records import field, state
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.built.fields import set_fields
from rollsafe.workspace.built.patching import Laying, Names, layings
from rollsafe.workspace.built.strategic import UnknownError
from rollsafe.workspace.built.tree import Place, Table, TooLargeError, in_file, tree_of
from rollsafe.workspace.graph import Graph

_MAX_DEPTH: Final = 12
_MAX_LAYERS: Final = 200
_MAX_OBJECTS: Final = 2_000
_MAX_STEPS: Final = 200
_MAKING: Final = ("generators", "helmCharts", "helmChartInflationGenerator", "helmGlobals")
"""Fields that make objects no file tells of."""

_CHANGING: Final = ("transformers", "configurations", "replacements", "vars", "openapi")
"""Fields that change objects in ways that are not followed."""

_EARLY: Final = ("patchesStrategicMerge",)
_MIDDLE: Final = ("patches",)
_LATE: Final = ("patchesJson6902",)


class Step(NamedTuple):
    """An object after a change, None where it is taken away, and what causes it."""

    tree: Table | None
    cause: Place


@state
class BuiltObject:
    """An object of a build. `thing` is how it is written, `first` the same as a tree.

    `patches` are the objects of files that are laid over it. `is_open` tells that it may be changed in ways
    that are not known.
    """

    thing: KubernetesObject
    first: Table
    names: tuple[str, ...]
    steps: list[Step] = field(default_factory=list[Step])
    patches: list[KubernetesObject] = field(default_factory=list[KubernetesObject])
    is_open: bool = False

    @property
    def tree(self) -> Table | None:
        """The object as it is built; None for one that is taken away."""
        return self.steps[-1].tree if self.steps else self.first

    @property
    def is_changed(self) -> bool:
        """Whether it is another than the one that is written."""
        return bool(self.steps)


@state
class Building:
    """What one kustomization builds, as far as it can be told.

    `layers` are the kustomizations that take part, `paths` the files. `is_complete` is False where there
    may be more objects than these, `is_open` where all of them may be changed further.
    """

    root: Kustomization
    objects: list[BuiltObject] = field(default_factory=list[BuiltObject])
    layers: list[Kustomization] = field(default_factory=list[Kustomization])
    paths: set[str] = field(default_factory=set[str])
    left_out: list[tuple[KubernetesObject, str]] = field(default_factory=list[tuple[KubernetesObject, str]])
    """Objects that are written in its files and are not followed, with the reason."""

    is_complete: bool = True


def roots(graph: Graph) -> list[Kustomization]:
    """Return the kustomizations that no other one includes: those that are deployed."""
    found = graph.every(Kustomization, "dir:")
    included = {entry.path for one in found for entry in (*one.resources, *one.components)}
    return [one for one in found if one.kind != "Component" and one.directory not in included]


def build(root: Kustomization, graph: Graph) -> Building:
    """Return what a kustomization builds."""
    building = Building(root)
    _Builder(building, graph).layer(root, frozenset())
    return building


class _Builder:
    def __init__(self, building: Building, graph: Graph) -> None:
        self._building = building
        self._graph = graph

    def layer(self, layer: Kustomization, above: frozenset[str]) -> None:
        """Take what a kustomization includes, and change it."""
        building = self._building
        if len(building.layers) >= _MAX_LAYERS or len(building.objects) >= _MAX_OBJECTS:
            building.is_complete = False
            return
        building.layers.append(layer)
        building.paths.add(layer.file.path)
        first = len(building.objects)
        if any(layer.root.at(name) is not None for name in _MAKING):
            building.is_complete = False
        for entry in layer.resources:
            self._include(entry.path, above | {layer.directory})
        # A component works on all that the one that names it has, resources before it included.
        mine = slice(0 if layer.kind == "Component" else first, None)
        for entry in layer.components:
            self._component(entry.path, above | {layer.directory}, first)
        self._change(layer, building.objects[mine])

    def _include(self, path: str | None, above: frozenset[str]) -> None:
        if path is None or len(above) > _MAX_DEPTH or path in above:
            self._building.is_complete = False
        elif self._graph.has_file(path):
            self._file(path)
        else:
            layer = self._graph.first(Kustomization, f"dir:{path}")
            if layer is None or layer.kind == "Component":
                self._building.is_complete = False
            else:
                self.layer(layer, above)

    def _component(self, path: str | None, above: frozenset[str], first: int) -> None:
        layer = None if path is None or path in above else self._graph.first(Kustomization, f"dir:{path}")
        if layer is None or len(above) > _MAX_DEPTH:
            self._building.is_complete = False
            for one in self._building.objects[first:]:
                one.is_open = True
            return
        outer = self._building.objects[:first]
        del self._building.objects[:first]
        self.layer(layer, above)
        self._building.objects[:0] = outer

    def _file(self, path: str) -> None:
        found = self._graph.find(KubernetesObject, f"file:{path}")
        self._building.paths.add(path)
        for thing in found:
            reason = self._why_not(thing)
            tree = first_of(thing) if not reason else None
            if tree is None:
                self._building.is_complete = False
                self._building.left_out.append((thing, reason or "it is too large or too deep"))
            else:
                self._building.objects.append(BuiltObject(thing, tree, (thing.name,)))
        if not found:
            self._building.is_complete = False

    def _change(self, layer: Kustomization, objects: list[BuiltObject]) -> None:
        is_open = any(layer.root.at(name) is not None for name in _CHANGING)
        early, late = [*layings(layer, _EARLY, self._graph)], [*layings(layer, _LATE, self._graph)]
        early += layings(layer, _MIDDLE, self._graph)
        self._building.paths.update(e.path for e in layer.named_paths if e.path is not None)
        for one in objects:
            one.is_open = one.is_open or is_open
            _patch(one, early)
            _set_fields(one, layer)
            _patch(one, late)
            _rename(one, layer)

    def _why_not(self, thing: KubernetesObject) -> str:
        """Return why an object is not followed through its overlays; empty for one that is."""
        if thing.templated:
            return "something fills in its file before it is applied"
        if not thing.has_static_name:
            return "its name is not written out"
        return "the overlay has too many objects" if len(self._building.objects) >= _MAX_OBJECTS else ""


def first_of(thing: KubernetesObject) -> Table | None:
    """Return an object as it is written; None for one that is too large."""
    if _Tree not in thing.kept:
        try:
            found = tree_of(thing.node, in_file(thing.file))
        except TooLargeError:
            found = None
        thing.kept[_Tree] = found
    known = thing.kept[_Tree]
    return known if isinstance(known, Table) else None


class _Tree:
    """Stands for the tree of an object among what is kept with it."""


def _patch(one: BuiltObject, patches: list[Laying]) -> None:
    for patch in patches:
        tree = one.tree
        if tree is None:
            return
        answer = patch.target.matches(Names(tree, one.names))
        if answer is None:
            one.is_open = True
        elif answer:
            one.patches += [patch.thing] if patch.thing is not None else []
            one.steps += _steps(one, patch, tree)


def _steps(one: BuiltObject, patch: Laying, tree: Table) -> Iterator[Step]:
    found: list[Step] = []
    try:
        for change in patch.steps(tree):
            if change is None:
                found.append(Step(None, patch.place))
            else:
                found.append(Step(change.tree, change.cause))
    except (UnknownError, RecursionError):
        one.is_open = True
        return iter(())
    if len(one.steps) + len(found) > _MAX_STEPS:
        found = found[-1:]
    return iter(found)


def _set_fields(one: BuiltObject, layer: Kustomization) -> None:
    tree = one.tree
    if tree is not None:
        one.steps += [Step(*change) for change in set_fields(layer, tree, one.names)]


def _rename(one: BuiltObject, layer: Kustomization) -> None:
    before, after = layer.name_prefix, layer.name_suffix
    if is_placeholder(before + after):
        one.is_open = True
    elif before or after:
        one.names = tuple(dict.fromkeys((*one.names, f"{before}{one.names[-1]}{after}")))
