"""What one overlay has of the same things and another has not."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.images import parse_image
from rollsafe.artefacts.kubernetes import is_placeholder
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.built.building import Building, BuiltObject
from rollsafe.workspace.built.tree import Leaf, Place, Row, Table, Value

_PROBES: Final = ("readinessProbe", "livenessProbe", "startupProbe")
_GUARDS: Final = frozenset({"PodDisruptionBudget", "HorizontalPodAutoscaler", "NetworkPolicy"})
_KEPT_RUNNING: Final = frozenset({"Deployment", "StatefulSet"})


class Aspect(StrEnum):
    """In what two overlays differ."""

    REPLICAS = "replicas"
    PROBE = "probe"
    VARIABLE = "variable"
    KEY = "key"
    OBJECT = "object"
    REGISTRY = "registry"


class Difference(NamedTuple):
    """Something the other overlay has, at `there`; `here` is what stands in its stead, if anything.

    `owner` is the workload, container or generated object it belongs to, `name` what it is called, `less`
    and `more` the two values where there are two.
    """

    aspect: Aspect
    owner: str
    name: str
    there: Place
    here: Place | None = None
    less: str = ""
    more: str = ""


def differences(mine: Building, other: Building) -> Iterator[Difference]:
    """Yield what `other` has and `mine` lacks, as far as both are known."""
    own = {(one.thing.kind, one.thing.name): one for one in mine.objects if one.tree is not None}
    for theirs in other.objects:
        if theirs.tree is None or theirs.is_open:
            continue
        known = own.get((theirs.thing.kind, theirs.thing.name))
        if known is not None and known.tree is not None and not known.is_open:
            yield from _in_workload(known.tree, theirs.tree, known, mine)
        elif known is None and mine.is_complete and theirs.thing.kind in _GUARDS:
            title = theirs.thing.title_node
            place = Place(theirs.thing.file, title.start, title.end)
            yield Difference(Aspect.OBJECT, theirs.thing.kind, theirs.thing.name, place)
    yield from _in_generators(mine, other)


def _in_workload(mine: Table, other: Table, thing: BuiltObject, building: Building) -> Iterator[Difference]:
    kind, name = thing.thing.kind, thing.thing.name
    if kind in _KEPT_RUNNING and not _is_scaled(kind, name, building):
        yield from _in_replicas(mine, other, name)
    for path in (("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec")):
        own = {one.text("name"): one for one in _tables(mine.at(*path, "containers"))}
        for theirs in _tables(other.at(*path, "containers")):
            known = own.get(theirs.text("name"))
            if known is not None and theirs.text("name"):
                yield from _in_container(known, theirs, name)


def _is_scaled(kind: str, name: str, building: Building) -> bool:
    """Say whether an autoscaler of the overlay sets the number of replicas, or may do so."""
    if not building.is_complete:
        return True
    trees = (
        one.tree for one in building.objects if one.thing.kind in ("HorizontalPodAutoscaler", "ScaledObject")
    )
    targets = (tree.at("spec", "scaleTargetRef") for tree in trees if tree is not None)
    return any(isinstance(one, Table) and one.text("name") == name for one in targets)


def _in_replicas(mine: Table, other: Table, name: str) -> Iterator[Difference]:
    less, more = mine.at("spec", "replicas"), other.at("spec", "replicas")
    fewer, many = _count(less), _count(more)
    if more is not None and fewer is not None and many is not None and 0 < fewer < many:
        here = less.place if less is not None else None
        yield Difference(Aspect.REPLICAS, name, "replicas", more.place, here, str(fewer), str(many))


def _count(value: Value | None) -> int | None:
    if value is None:
        return 1
    text = value.text if isinstance(value, Leaf) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def _in_container(mine: Table, other: Table, workload: str) -> Iterator[Difference]:
    name = mine.text("name") or ""
    for probe in _PROBES:
        theirs = other.members.get(probe)
        if theirs is not None and mine.at(probe) is None:
            yield Difference(Aspect.PROBE, name, probe, theirs.key)
    if mine.at("envFrom") is None:
        own = {one.text("name") for one in _tables(mine.at("env"))}
        for variable in _tables(other.at("env")):
            word = variable.text("name")
            if word and word not in own:
                yield Difference(Aspect.VARIABLE, workload, word, variable.place)
    yield from _in_image(mine, other, name)


def _in_image(mine: Table, other: Table, name: str) -> Iterator[Difference]:
    here, there = mine.at("image"), other.at("image")
    if not isinstance(here, Leaf) or not isinstance(there, Leaf):
        return
    if is_placeholder(here.text) or is_placeholder(there.text):
        return
    own, theirs = parse_image(here.text), parse_image(there.text)
    if own.registry != theirs.registry and own.name == theirs.name:
        less, more = own.registry or "Docker Hub", theirs.registry or "Docker Hub"
        yield Difference(Aspect.REGISTRY, name, own.name, there.place, here.place, less, more)


def _in_generators(mine: Building, other: Building) -> Iterator[Difference]:
    """Yield keys that the other overlay generates into an object of the same name."""
    own: dict[tuple[str, str], set[str]] = {}
    unknown: set[tuple[str, str]] = set()
    for layer in mine.layers:
        for one in layer.generators:
            own.setdefault((one.kind, one.name), set()).update(key.name for key in one.keys)
            if one.env_files:
                unknown.add((one.kind, one.name))
    for layer in other.layers:
        for one in layer.generators:
            known = own.get((one.kind, one.name))
            if known is None or (one.kind, one.name) in unknown:
                continue
            for key in one.keys:
                if key.name not in known:
                    place = Place(layer.file, key.node.start, key.node.end)
                    yield Difference(Aspect.KEY, one.name, key.name, place)


def _tables(value: Value | None) -> list[Table]:
    return [one for one in value.items if isinstance(one, Table)] if isinstance(value, Row) else []
