"""What charts say about the system: the facts of their manifests, with the lines that say them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar, cast

from rollsafe.artefacts.kubernetes import (
    ConfigMap,
    HorizontalPodAutoscaler,
    Ingress,
    KubernetesObject,
    Service,
    Workload,
)
from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system import kubernetes
from rollsafe.workspace.system.charts.foreign import foreign_routes, foreign_unit
from rollsafe.workspace.system.charts.render import Line, RenderedText
from rollsafe.workspace.system.charts.rendering import RenderedChart, rendered
from rollsafe.workspace.system.charts.sources import ChartSource
from rollsafe.workspace.system.facts import Door, Image, Keys, Overlay, Place, Route, Scaler, Unit, place_of

T = TypeVar("T")


class ChartUnit(NamedTuple):
    """A unit of a chart, where its replicas are written, and its images by container."""

    unit: Unit
    scale: Place | None
    images: tuple[tuple[str, Image], ...]


class Gap(NamedTuple):
    """What a chart does not tell."""

    text: str
    place: Place


class ChartFacts(NamedTuple):
    """A chart in one environment; `label` is that environment's, `place` where its values begin."""

    chart: str
    directory: str
    label: str
    place: Place
    is_named: bool
    units: tuple[ChartUnit, ...]
    doors: tuple[Door, ...]
    routes: tuple[Route, ...]
    keys: tuple[Keys, ...]
    scalers: tuple[Scaler, ...]
    overlay: Overlay
    gaps: tuple[Gap, ...]


@lru_cache(maxsize=32)
def chart_facts(source: ChartSource) -> tuple[ChartFacts, ...]:
    """Return a chart as each of its environments has it."""
    return tuple(_facts(one) for one in rendered(source))


def _facts(chart: RenderedChart) -> ChartFacts:
    draft = _Draft(chart)
    for text in chart.texts:
        draft.take(text)
    draft.take_foreign()
    source = chart.source
    paths = dict.fromkeys(place.path for unit in draft.units for place in (unit.unit.place,))
    return ChartFacts(
        source.name,
        source.directory,
        chart.label,
        chart.place,
        bool(source.settings),
        tuple(draft.units),
        tuple(draft.doors),
        tuple(draft.routes),
        tuple(draft.keys),
        tuple(draft.scalers),
        Overlay(source.directory, tuple(paths), is_component=True, place=source.place),
        tuple(dict.fromkeys(draft.gaps)),
    )


class _Draft:
    """The facts of a chart while they are collected."""

    def __init__(self, chart: RenderedChart) -> None:
        self.chart = chart
        self.units: list[ChartUnit] = []
        self.doors: list[Door] = []
        self.routes: list[Route] = []
        self.keys: list[Keys] = []
        self.scalers: list[Scaler] = []
        self.gaps = [
            Gap(f"what template `{path}` makes: it is too much to render", Place(path, 1))
            for path in chart.failed
        ]

    def take(self, text: RenderedText) -> None:
        artefact = read(SourceFile(text.path, text.text))
        for element in artefact.elements if artefact is not None else ():
            if isinstance(element, KubernetesObject) and "test" not in element.helm_hooks:
                self._element(element, text)

    def _element(self, element: KubernetesObject, text: RenderedText) -> None:
        own = _template(place_of(element.file, element.title_node), text)
        match element:
            case Workload():
                self._workload(element, text, own)
            case Service():
                self.doors += (
                    _of(one, text)._replace(place=own) for one in _one(kubernetes.door_of(element))
                )
            case Ingress():
                self.routes += (_of(one, text) for one in kubernetes.routes_of(element))
            case ConfigMap():
                self.keys += (_of(one, text)._replace(place=own) for one in _one(kubernetes.keys_of(element)))
            case HorizontalPodAutoscaler():
                self.scalers += (
                    _of(one, text)._replace(place=own) for one in _one(kubernetes.scaler_of(element))
                )
            case _:
                pass

    def _workload(self, workload: Workload, text: RenderedText, own: Place) -> None:
        unit = kubernetes.unit_of(workload)
        if unit is None:
            name = f"`{workload.name}`" if workload.name else "without a name"
            self.gaps.append(
                Gap(f"what {workload.kind} {name} of chart `{self.chart.source.name}` is called", own)
            )
            return
        written = workload.node.at("spec", "replicas")
        scale = _said(place_of(workload.file, written), text) if written is not None else None
        images = [
            (container.name, _of(image, text))
            for container in workload.all_containers
            for image in kubernetes.images_of(container)
        ]
        self.units.append(ChartUnit(_of(unit, text)._replace(place=own), scale, tuple(images)))

    def take_foreign(self) -> None:
        chart = self.chart
        several = sum("image" in one.values.entries for one in chart.foreign) > 1
        for one in chart.foreign:
            found = foreign_unit(one, "" if several else chart.source.name)
            if found is None:
                version = f" {one.part.version}" if one.part.version else ""
                who = f"`{one.part.name}`{version}"
                text = f"what chart {who} deploys for `{chart.source.name}`: it is not in the repository"
                self.gaps.append(Gap(text, one.part.place))
            else:
                unit, scale = found
                self.units.append(ChartUnit(unit, scale, tuple(("", image) for image in unit.images)))
                self.routes += foreign_routes(one, unit.name)


def _one(found: T | None) -> tuple[T, ...]:
    return () if found is None else (found,)


# Places ------------------------------------------------------------------------------------------


def _line(place: Place, text: RenderedText) -> Line:
    return text.lines[min(place.line, len(text.lines)) - 1]


def _template(place: Place, text: RenderedText) -> Place:
    return _line(place, text).template


def _said(place: Place, text: RenderedText) -> Place:
    line = _line(place, text)
    return line.said or line.template


def _of(found: T, text: RenderedText) -> T:
    """Return a fact with the places it is really written at: the value's where a value says it."""
    return cast("T", _moved(found, text))


def _moved(found: object, text: RenderedText) -> object:
    if isinstance(found, Place):
        return _said(found, text) if found.path == text.path else found
    if isinstance(found, tuple):
        parts = [_moved(one, text) for one in cast("tuple[object, ...]", found)]
        make = getattr(type(cast("object", found)), "_make", tuple)
        return cast("Callable[[Iterable[object]], object]", make)(parts)
    return found


def units_of(charts: Sequence[ChartFacts]) -> Iterator[Unit]:
    """Yield the units of charts, each state of them once."""
    yield from dict.fromkeys(one.unit for chart in charts for one in chart.units)
