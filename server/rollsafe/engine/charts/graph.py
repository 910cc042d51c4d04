"""The project as the rendered objects of a chart see it: these in the place of their templates."""

from collections.abc import Callable
from typing import TypeVar

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.kubernetes import KubernetesElement
from rollsafe.workspace.graph import Graph, GraphStore

E = TypeVar("E", bound=Element)
T = TypeVar("T")


class ChartGraph(Graph):
    """Hides the objects in files with a path in `hidden` and shows those of `rendered`."""

    def __init__(self, store: GraphStore, rendered: GraphStore, hidden: frozenset[str]) -> None:
        super().__init__(store)
        self._rendered = rendered
        self._hidden = hidden

    def find(self, kind: type[E], key: str) -> tuple[E, ...]:
        """Return what `Graph.find` does."""
        return self._shown(super().find(kind, key), tuple(self._rendered.rows(kind, key)))

    def every(self, kind: type[E], prefix: str) -> tuple[E, ...]:
        """Return what `Graph.every` does."""
        return self._shown(super().every(kind, prefix), self._rendered.every(kind, prefix))

    def keys(self, kind: type[Element], prefix: str) -> list[str]:
        """Return what `Graph.keys` does."""
        return sorted({*super().keys(kind, prefix), *self._rendered.keys(kind, prefix)})

    def derive(self, kind: type[E], prefix: str, make: Callable[[tuple[E, ...]], T]) -> T:
        """Return what `Graph.derive` does."""
        return self.remember(("derive", kind, prefix, make), lambda: make(self.every(kind, prefix)))

    def _shown(self, written: tuple[E, ...], rendered: tuple[E, ...]) -> tuple[E, ...]:
        kept = tuple(one for one in written if not self._is_hidden(one))
        if not rendered:
            return kept
        return tuple(sorted((*kept, *rendered), key=lambda one: (one.file.path, one.start)))

    def _is_hidden(self, element: Element) -> bool:
        return element.file.path in self._hidden and isinstance(element, KubernetesElement)
