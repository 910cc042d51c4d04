"""Fixes of findings that outlive the run that made them."""

from collections.abc import Callable

from rollsafe.artefacts.base import Element
from rollsafe.engine.judging import Judge
from rollsafe.rules import Fix, Rule
from rollsafe.workspace.graph import Graph


class Again:
    """Writes the fixes of a finding that was kept, by calling its rule once more; `graph` gives it a view."""

    __slots__ = ("_element", "_graph", "_index", "_judge", "_rule")

    def __init__(
        self, judge: Judge, graph: Callable[[], Graph | None], rule: Rule, element: Element, index: int
    ) -> None:
        self._judge, self._graph, self._rule, self._element, self._index = judge, graph, rule, element, index

    def __call__(self) -> tuple[Fix, ...]:
        """Return the fixes as they are now."""
        found, _ = self._judge.ask(self._rule, self._element, self._graph())
        return found[self._index].fixes if self._index < len(found) else ()
