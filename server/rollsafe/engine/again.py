"""Fixes of findings that outlive the run that made them."""

from collections.abc import Callable

from rollsafe.artefacts.base import Element
from rollsafe.engine.judging import Judge
from rollsafe.rules import Fix, Rule
from rollsafe.workspace.graph import Graph


def again(
    judge: Judge, graph: Callable[[], Graph | None], rule: Rule, element: Element, index: int
) -> tuple[Fix, ...]:
    """Write the fixes of a finding that was kept, by calling its rule once more; `graph` gives it a view."""
    found, _ = judge.ask(rule, element, graph())
    return found[index].fixes if index < len(found) else ()


def again_within(
    judge: Judge, graph: Callable[[], Graph | None], head: Element, rule: Rule, at: int, index: int
) -> tuple[Fix, ...]:
    """Do the same for an element that `head` holds, counted from 1; 0 is `head` itself."""
    return again(judge, graph, rule, (head, *head.all_held)[at], index)
