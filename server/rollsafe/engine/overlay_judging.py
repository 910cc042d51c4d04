"""Judging what one kustomization builds, and which change brings about or does away with what is found."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import is_
from typing import Final, TypeAlias

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.kubernetes import KubernetesObject, Kustomization, Workload
from rollsafe.artefacts.kubernetes.recognition import KubernetesManifest
from rollsafe.artefacts.purposes import is_practice
from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.versions import moved
from rollsafe.engine.found import Found
from rollsafe.engine.judging import Judge, without_judged_elsewhere
from rollsafe.engine.overlay_places import Key, Seen, keys_at, keys_of, seen_in, told_at
from rollsafe.text.records import field, open_record, state
from rollsafe.text.tuples import NamedTuple
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


@open_record
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


@state
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
    memory: "_Memory | None" = None

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


class _Answer(NamedTuple):
    """What was made of an object, and of what: while all of that is the same, it would be made again."""

    made_of: tuple[object, ...]
    verdict: Verdict
    new: list[Found]
    asked: set[Question]
    asked_built: set[Question]


class _Memory:
    """What is kept of an overlay from one time to the next, as long as its kustomizations are the same.

    `built` holds the elements of what is built; `elements` those of each object by its file, with what the
    file's objects were made of.
    """

    def __init__(self, layers: list[Kustomization], listed: frozenset[str]) -> None:
        self.layers = layers
        self.listed = listed
        self.built = GraphStore()
        self.elements: dict[str, tuple[tuple[object, ...], list[list[Element]]]] = {}
        self.answers: dict[tuple[str, int], _Answer] = {}

    def fits(self, layers: list[Kustomization], listed: frozenset[str]) -> bool:
        """Say whether kustomizations are the same as they were."""
        same = len(layers) == len(self.layers) and all(map(is_, layers, self.layers))
        return same and listed == self.listed

    def bring(self, by_path: Mapping[str, list[BuiltObject]]) -> set[Question]:
        """Take what is built now; return the questions whose answers change."""
        changed: set[Question] = set()
        for path in self.elements.keys() - by_path.keys():
            del self.elements[path]
            changed |= self.built.update(path, ())
        for path, some in by_path.items():
            made_of = tuple(_made_of(one) for one in some)
            known = self.elements.get(path)
            if known is None or known[0] != made_of:
                elements = [*_apart(_written(some), some)]
                self.elements[path] = made_of, elements
                changed |= self.built.update(path, [one for each in elements for one in each])
        return changed


def _made_of(one: BuiltObject) -> tuple[object, ...]:
    return (one.thing, one.is_open, tuple(step.cause for step in one.steps))


def judged_overlay(
    root: Kustomization,
    judge: Judge,
    store: GraphStore,
    told: Told,
    before: OverlayState | None,
    questions: set[Question],
) -> OverlayState:
    """Return what a kustomization makes of the findings of a project.

    `before` is the same as it was when the answers to `questions` were others.
    """
    graph = Graph(store)
    building = build(root, graph)
    listed = frozenset(key.removeprefix("path:") for key in graph.keys(Kustomization, "path:"))
    paths = frozenset((*building.paths, *(layer.file.path for layer in building.layers)))
    overlay = OverlayState(building, paths, graph.asked)
    memory = before.memory if before is not None else None
    if memory is None or not memory.fits(building.layers, listed):
        memory = _Memory(building.layers, listed)
    overlay.memory = memory
    _fill(overlay, memory, judge, store, told, questions)
    return overlay


def _fill(
    overlay: OverlayState,
    memory: _Memory,
    judge: Judge,
    store: GraphStore,
    told: Told,
    questions: set[Question],
) -> None:
    """Judge what is built, as far as it was not judged before, and note what follows for which file."""
    building = overlay.building
    by_path: dict[str, list[BuiltObject]] = {}
    for one in building.objects:
        by_path.setdefault(one.thing.file.path, []).append(one)
    changed = memory.bring(by_path)
    answers = memory.answers
    memory.answers = {}
    gone = next((one.steps[-1].cause for one in building.objects if one.tree is None), None)
    for path, some in by_path.items():
        raw = [*told(path)]
        for number, (one, elements) in enumerate(zip(some, memory.elements[path][1], strict=True)):
            about = [keys_of(each) for each in raw if _is_about(one, each)]
            judging = _Judging(building, judge, store, memory, gone)
            made_of = (*_made_of(one), gone, about)
            answer = answers.get((path, number))
            if (
                answer is None
                or answer.made_of != made_of
                or not answer.asked.isdisjoint(questions)
                or not answer.asked_built.isdisjoint(changed)
            ):
                verdict, new = judging.conclude(one, elements, about)
                answer = _Answer(made_of, verdict, new, judging.asked, judging.asked_built)
            memory.answers[path, number] = answer
            _note(overlay, one, answer)


def _note(overlay: OverlayState, one: BuiltObject, answer: _Answer) -> None:
    overlay.asked |= answer.asked
    overlay.verdicts.setdefault(one.thing.file.path, []).append(answer.verdict)
    for patch in one.patches:
        overlay.verdicts.setdefault(patch.file.path, []).append(_of_patch(patch, one, answer.verdict))
    for each in answer.new:
        overlay.new.setdefault(each.path, []).append(each)


class _Judging:
    """The judging of one object.

    `gone` is what takes an object away, if anything does: others may have relied on it.
    """

    def __init__(
        self, building: Building, judge: Judge, store: GraphStore, memory: _Memory, gone: Place | None
    ) -> None:
        self._building = building
        self._judge = judge
        self._known: dict[int, frozenset[Key]] = {}
        self._plain = Graph(store)
        self._graph = BuiltGraph(store, memory.built, building.layers, memory.listed)
        self._gone = gone

    @property
    def asked(self) -> set[Question]:
        """What was asked of the project."""
        return self._graph.asked | self._plain.asked

    @property
    def asked_built(self) -> set[Question]:
        """What was asked of what is built."""
        return self._graph.asked_built

    def _found(self, elements: list[Element], graph: Graph) -> list[Seen]:
        calls = self._judge.calls(elements, edited=False)
        found = self._judge.run((element, group.local) for element, group in calls)
        found += self._judge.run(((element, group.cross_file) for element, group in calls), graph)
        if found:
            found = without_judged_elsewhere(found[0].file, found)
        return [one for each in found if (one := seen_in(each)) is not None]

    def conclude(
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
        known = self._known.get(number)
        if known is None:
            tree = one.first if number < 0 else one.steps[number].tree
            manifest = written(one.thing.file.path, [tree]) if tree is not None else None
            graph = self._plain if number == _WRITTEN else self._graph
            seen = self._found([*manifest.elements], graph) if manifest is not None else []
            known = self._known[number] = frozenset(key for each in seen for key in each.keys)
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


def _apart(manifest: KubernetesManifest | None, some: list[BuiltObject]) -> Iterator[list[Element]]:
    """Yield the elements of each object of a file; none for one that is gone or not understood."""
    elements: list[list[Element]] = []
    for element in manifest.elements if manifest is not None else ():
        if isinstance(element, KubernetesObject):
            elements.append([])
        if elements:
            elements[-1].append(element)
    there = [one for one in some if one.is_changed and one.tree is not None]
    changed = dict(zip(map(id, there), elements, strict=True)) if len(elements) == len(there) else {}
    for one in some:
        yield changed.get(id(one)) or _as_written(one)


def _is_about(one: BuiltObject, found: Found) -> bool:
    return found.file is one.thing.file and one.thing.start <= found.subject.start < one.thing.end


def _written(objects: Iterable[BuiltObject]) -> KubernetesManifest | None:
    some = [*objects]
    trees: list[Table] = [one.tree for one in some if one.is_changed and one.tree is not None]
    return written(some[0].thing.file.path, trees) if trees else None
