"""Charts rendered with the values of each environment."""

from functools import lru_cache
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.go_template import read_go_template
from rollsafe.formats.go_template_nodes import GoTemplate
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.charts.render import RenderedText, Renderer
from rollsafe.workspace.system.charts.scope import root_of
from rollsafe.workspace.system.charts.sources import ChartSource, Part, Source, is_printed
from rollsafe.workspace.system.charts.values import (
    UNKNOWN,
    Table,
    Value,
    at,
    holds,
    merged,
    put,
    read_values,
)
from rollsafe.workspace.system.facts import Place

_DEEPEST: Final = 4


class Foreign(NamedTuple):
    """A chart from elsewhere that one brings along, and the values it is given."""

    part: Part
    values: Table


class RenderedChart(NamedTuple):
    """A chart with the values of one environment.

    `label` is the environment's, `place` where its values begin. `failed` are templates that were too much.
    """

    source: ChartSource
    label: str
    place: Place
    values: Table
    texts: tuple[RenderedText, ...]
    foreign: tuple[Foreign, ...]
    failed: tuple[str, ...]


def rendered(source: ChartSource) -> tuple[RenderedChart, ...]:
    """Return a chart as each environment has it; where no file says which there are, with its own values."""
    base = values_in(source.values)
    if not source.settings:
        return (_rendered(source, source.directory or source.name, source.place, base),)
    return tuple(
        _rendered(source, label, Place(setting.path, 1), merged(values_in(setting), base))
        for label, setting in source.settings
    )


def _rendered(source: ChartSource, label: str, place: Place, values: Table) -> RenderedChart:
    for key, _ in source.given:
        values = put(values, tuple(key.split(".")), UNKNOWN)
    release = source.release or source.name
    texts: list[RenderedText] = []
    foreign: list[Foreign] = []
    failed: list[str] = []
    defined = Renderer(Table())
    renderer_of = with_parts(source, values, foreign)
    for one, _ in renderer_of:
        for template in one.templates:
            defined.define(template.path, template_in(template))
    for one, given in renderer_of:
        root = root_of(given, dict(one.about), release, f"{one.directory}/templates".lstrip("/"))
        renderer = Renderer(root, defined.defined)
        for template in one.templates:
            if is_printed(template.path):
                made = renderer.render(template.path, template_in(template))
                if made is None:
                    failed.append(template.path)
                else:
                    texts.append(made)
    return RenderedChart(source, label, place, values, tuple(texts), tuple(foreign), tuple(failed))


def with_parts(
    source: ChartSource, values: Table, foreign: list[Foreign], depth: int = 0
) -> list[tuple[ChartSource, Table]]:
    """Return a chart and those it brings along, with the values each sees; `foreign` gets the others.

    A chart sees the values of those it brings along as its own, and gives them those it has for them.
    """
    below: list[tuple[ChartSource, Table]] = []
    for part in source.parts:
        wanted = [
            at(values, tuple(one.strip().split("."))) for one in part.condition.split(",") if one.strip()
        ]
        if any(holds(one) is False and one != _ABSENT for one in wanted):
            continue
        own = at(values, (part.key,))
        given = own if isinstance(own, Table) else Table()
        if part.chart is None:
            foreign.append(Foreign(part, given))
        elif depth < _DEEPEST:
            called = part.chart
            if part.key != part.name:
                called = called._replace(about=(("name", part.key), *called.about[1:]))
            found = with_parts(called, _given(called, given, values), foreign, depth + 1)
            below += found
            values = put(values, (part.key,), found[0][1])
    return [(source, values), *below]


def _given(chart: ChartSource, given: Table, values: Table) -> Table:
    """Return the values of a chart that is brought along, those for all charts included."""
    inner = merged(given, values_in(chart.values))
    everywhere, own = at(values, ("global",)), at(inner, ("global",))
    if not isinstance(everywhere, Table):
        return inner
    return put(inner, ("global",), merged(everywhere, own) if isinstance(own, Table) else everywhere)


_ABSENT: Final[Value] = at(Table(), ("",))


@lru_cache(maxsize=2_048)
def template_in(source: Source) -> GoTemplate:
    """Return a template as read."""
    return read_go_template(source.text)


@lru_cache(maxsize=128)
def _values_of(source: Source) -> Table:
    return read_values(SourceFile(source.path, source.text))


def values_in(source: Source | None) -> Table:
    """Return the values of a file; none where there is no file."""
    return _values_of(source) if source is not None else Table()
