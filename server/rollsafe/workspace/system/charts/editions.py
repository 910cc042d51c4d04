"""With which values a chart is judged: those it is deployed with, as far as files tell."""

from collections.abc import Mapping
from typing import Final

from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.formats.go_template_nodes import Body
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.charts.rendering import Foreign, template_in, values_in, with_parts
from rollsafe.workspace.system.charts.scope import root_of
from rollsafe.workspace.system.charts.sources import ChartSource, Source
from rollsafe.workspace.system.charts.values import UNKNOWN, Table, merged, put

_MOST: Final = 8
_ASIDE: Final = frozenset({EnvironmentKind.DEVELOPMENT, EnvironmentKind.PREVIEW})


class ChartPart(NamedTuple):
    """A chart of those that are rendered together, and the values its templates see."""

    source: ChartSource
    values: Table
    root: Table


class Edition(NamedTuple):
    """A chart with the values of an environment, whose file is `setting`; None for the defaults alone.

    `values` are all files of values, `defined` what all templates define, `texts` the text of that.
    """

    setting: Source | None
    values: tuple[Source, ...]
    parts: tuple[ChartPart, ...]
    defined: Mapping[str, tuple[str, Body]]
    texts: Mapping[str, str]

    @property
    def path(self) -> str:
        """The path of the file of the environment's values; empty for the defaults."""
        return self.setting.path if self.setting is not None else ""


def editions_of(source: ChartSource) -> tuple[Edition, ...]:
    """Return the editions of a chart that are deployed, the plainest first.

    Values for development are left out. The defaults alone are one, unless there are values for production:
    then nobody deploys them without others.
    """
    kinds = [(environment_of(label), setting) for label, setting in source.settings]
    shipped = [setting for kind, setting in kinds if kind not in _ASIDE]
    production = [setting for kind, setting in kinds if kind is EnvironmentKind.PRODUCTION]
    chosen = [*production, *(one for one in shipped if one not in production)][:_MOST]
    found = [] if production else [edition_of(source, None)]
    return (*found, *(edition_of(source, one) for one in chosen))


def all_editions(source: ChartSource) -> tuple[Edition, ...]:
    """Return a chart with its defaults alone, and with each of the values that are over them."""
    return tuple(edition_of(source, one) for one in (None, *(setting for _, setting in source.settings)))


def edition_of(source: ChartSource, setting: Source | None) -> Edition:
    """Return a chart with its defaults and the values of `setting` over them."""
    values = values_in(source.values)
    if setting is not None:
        values = merged(values_in(setting), values)
    for key, _ in source.given:
        values = put(values, tuple(key.split(".")), UNKNOWN)
    foreign: list[Foreign] = []
    charts = with_parts(source, values, foreign)
    release = source.release or source.name
    parts = [
        ChartPart(
            one, given, root_of(given, dict(one.about), release, f"{one.directory}/templates".lstrip("/"))
        )
        for one, given in charts
    ]
    files = (*(one.source.values for one in parts), setting)
    values_files = tuple(one for one in files if one is not None)
    return Edition(setting, values_files, tuple(parts), *_defined(parts))


def _defined(parts: list[ChartPart]) -> tuple[dict[str, tuple[str, Body]], dict[str, str]]:
    """Return what all templates define, and its texts; the chart's own counts where several define it."""
    bodies: dict[str, tuple[str, Body]] = {}
    texts: dict[str, str] = {}
    for part in reversed(parts):
        for one in part.source.templates:
            template = template_in(one)
            bodies.update({name: (one.path, body) for name, body in template.defined.items()})
            texts.update(template.sources)
    return bodies, texts
