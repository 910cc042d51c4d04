"""A project as it is with one kustomization built: its objects stand in for the files they are built from."""

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar, cast

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.kubernetes import KubernetesElement, Kustomization
from rollsafe.workspace.graph import Graph, GraphStore
from rollsafe.workspace.questions import ALL, Question, group_of

E = TypeVar("E", bound=Element)
T = TypeVar("T")


class BuiltGraph(Graph):
    """A view in which manifests that kustomizations list are not seen, and what is built of them is.

    Kustomizations that take no part are not seen either.
    """

    def __init__(
        self, store: GraphStore, built: GraphStore, layers: Iterable[Kustomization], listed: Collection[str]
    ) -> None:
        super().__init__(store)
        self._built = built
        self._layers = {id(layer) for layer in layers}
        self._listed = listed
        self.asked_built: set[Question] = set()
        """What was asked of the objects that are built."""

    @property
    def is_built(self) -> bool:
        """Whether objects are as they are built, with all that kustomizations change in them."""
        return True

    def find(self, kind: type[E], key: str) -> tuple[E, ...]:
        """Return the elements of `kind` under `key`, built ones first."""
        self.asked_built.add((kind, key))
        return self._seen(kind, self._built.rows(kind, key), super().find(kind, key))

    def every(self, kind: type[E], prefix: str) -> tuple[E, ...]:
        """Return all elements of `kind` found under keys with `prefix`, built ones first."""
        self.asked_built.add((kind, group_of(prefix) + ALL))
        return self._seen(kind, self._built.every(kind, prefix), super().every(kind, prefix))

    def keys(self, kind: type[Element], prefix: str) -> list[str]:
        """Return the keys of `kind` that begin with `prefix`, sorted; prefix included."""
        self.asked_built.add((kind, group_of(prefix)))
        found = super().keys(kind, prefix)
        if not issubclass(kind, KubernetesElement):
            return found
        self.asked.add((kind, group_of(prefix) + ALL))
        seen = {key for key in found if self._seen(kind, (), tuple(self._store.rows(kind, key)))}
        return sorted(seen.union(self._built.keys(kind, prefix)))

    def derive(self, kind: type[E], prefix: str, make: Callable[[tuple[E, ...]], T]) -> T:
        """Return what `make` makes of the elements that `every` returns."""
        return self.remember(("derived", kind, prefix, make), lambda: make(self.every(kind, prefix)))

    def _seen(self, kind: type[E], built: Iterable[E], found: tuple[E, ...]) -> tuple[E, ...]:
        if issubclass(kind, Kustomization):
            return tuple(one for one in found if id(one) in self._layers)
        if not issubclass(kind, KubernetesElement):
            return found
        return (*built, *(one for one in found if cast("Element", one).file.path not in self._listed))
