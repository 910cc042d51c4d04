"""What a chart is deployed with, as rules ask for it: its files of values, and what its templates demand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats import nodes
from rollsafe.formats.yaml import read_yaml
from rollsafe.text.cached import cached_property
from rollsafe.workspace.system.charts.editions import Edition, edition_of
from rollsafe.workspace.system.charts.partial import Demand
from rollsafe.workspace.system.charts.rendering import values_in
from rollsafe.workspace.system.charts.sources import ChartSource, Source, label_of
from rollsafe.workspace.system.charts.values import NOTHING, Table, at

_ASIDE: Final = frozenset({EnvironmentKind.DEVELOPMENT, EnvironmentKind.PREVIEW})

Demands = tuple[Edition, Sequence[Demand]]
"""What the templates of a chart lack with the values of an edition."""


class RequiredValue(Element):
    """A tag that Helm stops at, with the values of some environments at least.

    `lacking` are the paths of their files, empty for the defaults alone; `giving` those that give the value.
    """

    family = "kubernetes"

    def __init__(self, file: SourceFile, demand: Demand, chart: str, *, of: Sequence[Demands]) -> None:
        super().__init__(file, demand.tag.start, demand.tag.end)
        self.chart = chart
        self.value = demand.value
        self.message = demand.message
        marks = [(edition.path, any(_mark(one) == _mark(demand) for one in some)) for edition, some in of]
        self.lacking = tuple(path for path, is_lacking in marks if is_lacking)
        self.giving = tuple(
            edition.path
            for edition, some in of
            if not any(_mark(one) == _mark(demand) for one in some) and _has(edition, demand.value)
        )


class DeployedValues(Element):
    """A file of values of a chart; `values` is what comes of it over the defaults.

    `others` are the chart's other files of values for environments, `schema` says what there may be.
    """

    family = "kubernetes"

    def __init__(self, file: SourceFile, root: nodes.Mapping, source: ChartSource, edition: Edition) -> None:
        super().__init__(file, root.start, root.end)
        self.root = root
        self.source = source
        self.edition = edition

    @property
    def chart(self) -> str:
        """The name of the chart."""
        return self.source.name

    @property
    def schema(self) -> Source | None:
        """The chart's `values.schema.json`."""
        return self.source.schema

    @property
    def is_default(self) -> bool:
        """Whether these are the chart's own values."""
        return self.edition.setting is None

    @property
    def values(self) -> Table:
        """All values the chart's templates see."""
        return self.edition.parts[0].values

    @property
    def own(self) -> Table:
        """The values of the file alone."""
        return values_in(self.edition.setting if self.edition.setting is not None else self.source.values)

    @property
    def others(self) -> tuple[Source, ...]:
        """The other files of values for environments."""
        return tuple(one for _, one in self.source.settings if one.path != self.file.path)

    @property
    def overriding(self) -> tuple[Table, ...]:
        """What the other files of values say."""
        return tuple(values_in(one) for one in self.others)

    def beside(self, other: Source) -> Table:
        """Return all values that the templates see with another file of values."""
        return edition_of(self.source, other).parts[0].values

    @cached_property
    def environment(self) -> EnvironmentKind:
        """What it is for, as its name says."""
        return environment_of(label_of(self.file.path)) if not self.is_default else EnvironmentKind.UNKNOWN


def demanded(
    source: ChartSource, of: Sequence[Demands], files: Mapping[str, SourceFile]
) -> Iterator[RequiredValue]:
    """Yield the demands of a chart that some editions do not meet, each tag once."""
    told: set[tuple[str, int]] = set()
    for _, some in of:
        for one in some:
            file = files.get(one.path)
            if _mark(one) in told or file is None or not _stands(one, file):
                continue
            told.add(_mark(one))
            yield RequiredValue(file, one, source.name, of=of)


def deployed_values(
    source: ChartSource, editions: Iterable[Edition], files: Mapping[str, SourceFile]
) -> Iterator[DeployedValues]:
    """Yield the files of values of a chart that are deployed, and its defaults."""
    for one in editions:
        written = one.setting if one.setting is not None else source.values
        file = files.get(written.path) if written is not None else None
        documents = read_yaml(file.text).documents if file is not None and "{{" not in file.text else ()
        root = documents[0] if documents else None
        if file is not None and isinstance(root, nodes.Mapping):
            yield DeployedValues(file, root, source, one)


def _mark(demand: Demand) -> tuple[str, int]:
    return demand.path, demand.tag.start


def _has(edition: Edition, value: tuple[str, ...]) -> bool:
    return bool(value) and at(edition.parts[0].values, value) != NOTHING


def _stands(demand: Demand, file: SourceFile) -> bool:
    """Say whether the tag is where it was when the template was rendered."""
    return file.text[demand.tag.start : demand.tag.start + 2] == "{{"
