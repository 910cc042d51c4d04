"""Files beside migrations that say something of them which has to be known before they are read."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from rollsafe.artefacts.source import SourceFile

V = TypeVar("V")


class ToldBeside(ABC, Generic[V]):
    """The migrations of a workspace, and what files beside them say of each."""

    def __init__(self) -> None:
        self._sources: dict[str, SourceFile] = {}
        self._told: dict[str, tuple[str, V]] = {}
        self._placed: dict[str, SourceFile] = {}
        self._edited: set[str] = set()
        self._is_told_anew = False

    @abstractmethod
    def tells(self, path: str) -> bool:
        """Say whether a file speaks of migrations; it is one otherwise."""

    @abstractmethod
    def said(self, path: str, text: str) -> tuple[str, V] | None:
        """Return the directory or file that a file speaks of, and what it says; None for nothing."""

    @abstractmethod
    def found(self, path: str, told: dict[str, V]) -> V | None:
        """Return what is said of a migration, by what it is said of."""

    def put(self, path: str, source: SourceFile | None) -> None:
        """Take a file as it is now; None for one that is gone."""
        if self.tells(path):
            told = self.said(path, source.text) if source is not None else None
            if told != self._told.get(path):
                self._is_told_anew = True
                self._told.pop(path, None)
                self._told.update({path: told} if told is not None else {})
            return
        self._edited.add(path)
        if source is not None:
            self._sources[path] = source
        else:
            self._sources.pop(path, None)
            self._placed.pop(path, None)

    def placed(self, path: str) -> SourceFile | None:
        """Return a migration with what is said of it; None for one of which nothing is."""
        return self._placed.get(path)

    def settle(self) -> set[str]:
        """Look at what is said; return the paths of the migrations of which something else is."""
        paths = [*self._sources] if self._is_told_anew else self._edited & self._sources.keys()
        edited, self._edited, self._is_told_anew = self._edited, set(), False
        told = dict(self._told.values())
        changed: set[str] = set()
        for path in paths if told or self._placed else ():
            value = self.found(path, told)
            before = self._placed.get(path)
            if value is None:
                if self._placed.pop(path, None) is not None:
                    changed.add(path)
            elif before is None or path in edited or before.around != value:
                self._placed[path] = SourceFile(path, self._sources[path].text, value)
                changed.add(path)
        return changed


def home_of(path: str) -> str:
    """Return the directory of a path."""
    return path.rpartition("/")[0]
