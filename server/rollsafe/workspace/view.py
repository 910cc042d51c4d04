"""A project at one moment, as plans look at it: the views of its files and what refers to what."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar, cast

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.cached import cached_property
from rollsafe.text.records import open_record
from rollsafe.workspace.graph import Graph, GraphStore

E = TypeVar("E", bound=Element)


@open_record
class View:
    """The typed views of files by path, the names of all files, and the graph over them.

    `read` returns the text behind a path, of files without a view too; None for a file that is not there.
    """

    artefacts: Mapping[str, Artefact]
    paths: frozenset[str]
    graph: Graph
    read: Callable[[str], SourceFile | None]

    def elements(self, kind: type[E]) -> list[E]:
        """Return the elements of `kind` in all files, by path and place."""
        rows = [rows for concrete, rows in self._by_type.items() if issubclass(concrete, kind)]
        found = rows[0] if len(rows) == 1 else sorted(row for some in rows for row in some)
        return cast("list[E]", [self._elements[at] for at in found])

    def inside(self, path: str, kind: type[E]) -> list[E]:
        """Return the elements of `kind` in one file, in source order."""
        artefact = self.artefacts.get(path)
        return [one for one in artefact.elements if isinstance(one, kind)] if artefact is not None else []

    @cached_property
    def directories(self) -> frozenset[str]:
        """The directories that hold a file of the project, at any depth; the root is not among them."""
        found: set[str] = set()
        for path in self.paths:
            directory = path.rpartition("/")[0]
            while directory and directory not in found:
                found.add(directory)
                directory = directory.rpartition("/")[0]
        return frozenset(found)

    @cached_property
    def _elements(self) -> list[Element]:
        return [one for path in sorted(self.artefacts) for one in self.artefacts[path].elements]

    @cached_property
    def _by_type(self) -> dict[type[Element], list[int]]:
        """The places of elements among all, by what exactly they are."""
        found: dict[type[Element], list[int]] = {}
        for at, element in enumerate(self._elements):
            found.setdefault(type(element), []).append(at)
        return found


def view_of(
    artefacts: Iterable[Artefact], paths: frozenset[str], read: Callable[[str], SourceFile | None]
) -> View:
    """Return the project that consists of `artefacts`."""
    by_path = {artefact.file.path: artefact for artefact in artefacts}
    store = GraphStore()
    store.set_paths(paths)
    for path, artefact in by_path.items():
        store.update(path, artefact.elements)
    return View(by_path, paths, Graph(store), read)
