"""A kustomization that is deployed, with what it builds, and what it can be compared with."""

from collections.abc import Sequence
from posixpath import basename, dirname

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.text.cached import cached_property
from rollsafe.workspace.built.building import Building


class Overlay(Element):
    """An overlay beside all others of the project; it is found by no other file."""

    family = "kubernetes"

    def __init__(self, building: Building, others: Sequence[Building]) -> None:
        root = building.root
        super().__init__(root.file, root.start, root.end)
        self.building = building
        self._others = others

    @property
    def directory(self) -> str:
        """The directory it builds."""
        return self.building.root.directory

    @cached_property
    def environment(self) -> EnvironmentKind:
        """What it is for, as its directory is called."""
        return environment_of(basename(self.directory))

    @cached_property
    def staging(self) -> Building | None:
        """The overlay for staging of the same things: it shares a base, and lies as near as any."""
        mine = {layer.directory for layer in self.building.layers} - {self.directory}
        found = [
            other
            for other in self._others
            if environment_of(basename(other.root.directory)) is EnvironmentKind.STAGING
            and not mine.isdisjoint(layer.directory for layer in other.layers)
        ]
        beside = [one for one in found if dirname(one.root.directory) == dirname(self.directory)]
        return next(iter([*beside, *found]), None)
