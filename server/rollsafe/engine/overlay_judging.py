"""Judging what one kustomization builds, and which change brings about or does away with what is found."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.kubernetes import KubernetesObject, Kustomization, Workload
from rollsafe.artefacts.kubernetes.recognition import KubernetesManifest
from rollsafe.artefacts.purposes import is_practice
from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.versions import moved
from rollsafe.engine.found import Found
from rollsafe.engine.judging import Judge, without_judged_elsewhere
from rollsafe.engine.overlay_places import Key, Seen, keys_at, keys_of, seen_in, told_at
from rollsafe.workspace.built.building import Building, BuiltObject, build
from rollsafe.workspace.built.graph import BuiltGraph
from rollsafe.workspace.built.tree import Place, Table
from rollsafe.workspace.built.writing import written
from rollsafe.workspace.graph import Graph, GraphStore
from rollsafe.workspace.questions import Question

_FIRST: Final = -1
_WRITTEN: Final = -2

Told: TypeAlias = Callable[[str], Iterable[Found]]
"""Answers with what the rules say of a file by itself."""


@dataclass(frozen=True)
class Verdict:
    """What is known of an object, which is `[start, end)` of `file`, in one overlay.

    Without `keys`, what its file says of it stands. `mended` are the findings of it as it is written that
    are not true of what is built, with what does away with each; `said` the others as they are then. Of a
    patch, which is nothing by itself, nothing is true that is not found in what is built.
    """

    file: SourceFile
    start: int
    end: int
    keys: frozenset[Key] | None = None
    mended: Mapping[Key, Place] = field(default_factory=dict[Key, Place])
    said: Mapping[Key, Found] = field(default_factory=dict[Key, Found])
    is_patch: bool = False

    def mending(self, keys: frozenset[Key]) -> Place | None:
        """Return what does away with a finding of the object's file; None where it stands."""
        if self.keys is None or not keys.isdisjoint(self.keys):
            return None
        if self.is_patch:
            return Place(self.file, self.start, self.end)
        return next((self.mended[key] for key in keys if key in self.mended), None)


class Judged(NamedTuple):
    """What an overlay makes of a finding: what does away with it, or how it is said of what is built."""

    overlay: "OverlayState"
    cause: Place | None
    said: Found | None


@dataclass
class OverlayState:
    """One kustomization that is deployed, as it was judged last.

    `new` are findings by their files, `own` those about the overlay as a whole.
    """

    building: Building
    paths: frozenset[str]
    asked: set[Question]
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict[str, list[Verdict]])
    new: dict[str, list[Found]] = field(default_factory=dict[str, list[Found]])
    own: list[Found] = field(default_factory=list[Found])

    def __post_init__(self) -> None:
        self.path = self.building.root.file.path
        self.directory = self.building.root.directory

    @property
    def told(self) -> set[str]:
        """The files of which it says something."""
        return {self.path, *self.verdicts, *self.new}

    @property
    def name(self) -> str:
        """What it is called in a message."""
        return f"`{self.directory or '.'}`"

    def judged(self, found: Found) -> Judged | None:
        """Return what it makes of a finding; None if it has no such object."""
        verdicts = self.verdicts.get(found.path, ())
        file = verdicts[0].file if verdicts else found.file
        span, subject = moved(found.span, found.file, file), moved(found.subject, found.file, file)
        if span is None or subject is None:
            return None
        about = [one for one in verdicts if one.start <= subject.start < one.end]
        if not about:
            return None
        keys = frozenset(keys_at(found.rule.name, found.message, Place(file, span.start, span.end), subject))
        causes = [one.mending(keys) for one in about]
        said = (one.said[key] for one in about for key in keys if key in one.said)
        return Judged(self, None if None in causes else causes[0], next(said, None))


def judged_overlay(root: Kustomization, judge: Judge, store: GraphStore, told: Told) -> OverlayState:
    """Return what a kustomization makes of the findings of a project."""
    graph = Graph(store)
    building = build(root, graph)
    paths = frozenset((*building.paths, *(layer.file.path for layer in building.layers)))
    overlay = OverlayState(building, paths, graph.asked)
    _Judging(building, judge, graph, store).fill(overlay, told)
    return overlay


class _Judging:
    def __init__(self, building: Building, judge: Judge, graph: Graph, store: GraphStore) -> None:
        self._building = building
        self._judge = judge
        self._known: dict[tuple[int, int], frozenset[Key]] = {}
        self._plain = Graph(store)
        self._built = GraphStore()
        listed = {key.removeprefix("path:") for key in graph.keys(Kustomization, "path:")}
        gone = (one.steps[-1].cause for one in building.objects if one.tree is None)
        self._gone = next(gone, None)
        """What takes an object away, if anything does: others may have relied on it."""
        self._graph = BuiltGraph(store, self._built, building.layers, listed)

    def fill(self, overlay: OverlayState, told: Told) -> None:
        """Judge what is built and note what follows for which file."""
        by_path: dict[str, list[BuiltObject]] = {}
        for one in self._building.objects:
            by_path.setdefault(one.thing.file.path, []).append(one)
        manifests = {path: _written(some) for path, some in by_path.items()}
        for path, manifest in manifests.items():
            same = [element for one in by_path[path] for element in _as_written(one)]
            self._built.load(path, [*same, *(manifest.elements if manifest is not None else ())])
        for path, some in by_path.items():
            raw = [*told(path)]
            for one, elements in _apart(manifests[path], some):
                about = [keys_of(each) for each in raw if _is_about(one, each)]
                verdict, new = self._conclude(one, elements, about)
                overlay.verdicts.setdefault(path, []).append(verdict)
                for patch in one.patches:
                    overlay.verdicts.setdefault(patch.file.path, []).append(_of_patch(patch, one, verdict))
                for each in new:
                    overlay.new.setdefault(each.path, []).append(each)
        overlay.asked |= self._graph.asked | self._plain.asked

    def _found(self, elements: list[Element], graph: Graph) -> list[Seen]:
        calls = self._judge.calls(elements, edited=False)
        found = self._judge.run((element, group.local) for element, group in calls)
        found += self._judge.run(((element, group.cross_file) for element, group in calls), graph)
        if found:
            found = without_judged_elsewhere(found[0].file, found)
        return [one for each in found if (one := seen_in(each)) is not None]

    def _conclude(
        self, one: BuiltObject, elements: list[Element], told: list[frozenset[Key]]
    ) -> tuple[Verdict, list[Found]]:
        """Return what becomes of an object, and what is found of it only because of changes.

        `told` are the findings of its file.
        """
        thing = one.thing
        if (not one.is_changed and self._gone is None) or (not elements and one.tree is not None):
            return Verdict(thing.file, thing.start, thing.end), []
        seen = self._found(elements, self._graph)
        keys = frozenset(key for each in seen for key in each.keys)
        mended: dict[Key, Place] = {}
        for each in told:
            cause = self._mending(one, each) if each.isdisjoint(keys) else None
            mended |= dict.fromkeys(each, cause) if cause is not None else {}
        said = {key: each.found for each in seen for key in each.keys}
        verdict = Verdict(thing.file, thing.start, thing.end, keys, mended, said)
        if one.is_open or is_practice(self._building.root.directory):
            return verdict, []
        known = frozenset(key for each in told for key in each)
        unknown = [each for each in seen if each.keys.isdisjoint(known)]
        return verdict, [new for each in unknown if (new := self._placed(one, each)) is not None]

    def _mending(self, one: BuiltObject, keys: frozenset[Key]) -> Place | None:
        """Return the change that does away with a finding of an object as it is written, if one does."""
        if keys.isdisjoint(self._at(one, _WRITTEN)):
            return None
        for number in range(len(one.steps) - 1, 0, -1):
            if not keys.isdisjoint(self._at(one, number - 1)):
                return one.steps[number].cause
        return one.steps[0].cause if one.steps else self._gone

    def _placed(self, one: BuiltObject, seen: Seen) -> Found | None:
        """Return a new finding at the place that causes it; None for one that no change brings about."""
        if not seen.keys.isdisjoint(self._at(one, _WRITTEN)) or seen.said in self._at(one, _FIRST):
            return None
        if seen.place.file is not one.thing.file:
            return told_at(seen.place, seen.found, one)
        for number in range(len(one.steps) - 1, -1, -1):
            if seen.said not in self._at(one, number - 1):
                return told_at(one.steps[number].cause, seen.found, one)
        return None

    def _at(self, one: BuiltObject, number: int) -> frozenset[Key]:
        """Return what is found of an object after a step.

        `_FIRST` stands for the object before all of them, `_WRITTEN` for the same among the files as written.
        """
        known = self._known.get((id(one), number))
        if known is None:
            tree = one.first if number < 0 else one.steps[number].tree
            manifest = written(one.thing.file.path, [tree]) if tree is not None else None
            graph = self._plain if number == _WRITTEN else self._graph
            seen = self._found([*manifest.elements], graph) if manifest is not None else []
            known = self._known[id(one), number] = frozenset(key for each in seen for key in each.keys)
        return known


def _of_patch(patch: KubernetesObject, one: BuiltObject, verdict: Verdict) -> Verdict:
    """Return what becomes of a patch: what is said of the object it is laid over."""
    keys = None if one.is_open else verdict.keys
    return Verdict(patch.file, patch.start, patch.end, keys, said=verdict.said, is_patch=True)


def _as_written(one: BuiltObject) -> list[Element]:
    """Return the elements of an object that is built as it is written; none for another."""
    thing = one.thing
    if one.is_changed:
        return []
    return [thing, *thing.all_containers] if isinstance(thing, Workload) else [thing]


def _apart(
    manifest: KubernetesManifest | None, some: list[BuiltObject]
) -> Iterator[tuple[BuiltObject, list[Element]]]:
    """Yield the objects of a file with their elements; none for one that is gone or not understood."""
    elements: list[list[Element]] = []
    for element in manifest.elements if manifest is not None else ():
        if isinstance(element, KubernetesObject):
            elements.append([])
        if elements:
            elements[-1].append(element)
    there = [one for one in some if one.is_changed and one.tree is not None]
    changed = dict(zip(map(id, there), elements, strict=True)) if len(elements) == len(there) else {}
    for one in some:
        yield one, changed.get(id(one)) or _as_written(one)


def _is_about(one: BuiltObject, found: Found) -> bool:
    return found.file is one.thing.file and one.thing.start <= found.subject.start < one.thing.end


def _written(objects: Iterable[BuiltObject]) -> KubernetesManifest | None:
    some = [*objects]
    trees: list[Table] = [one.tree for one in some if one.is_changed and one.tree is not None]
    return written(some[0].thing.file.path, trees) if trees else None
