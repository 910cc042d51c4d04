"""What is wrong with the expressions of a workflow, each fault with its place in the file."""

from collections.abc import Iterator
from typing import Final, TypeAlias

from rollsafe.artefacts.expressions import (
    Expression,
    ExpressionFault,
    FaultKind,
    Scope,
    check_expression,
    find_expressions,
    read_condition,
)
from rollsafe.artefacts.expressions.types import Listed, Named, Plain, Type, words_for
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.github_workflow.grammar import Site
from rollsafe.formats.problems import Problem
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.workflow_contexts import scope_at

_TEXT: Final = frozenset({"text"})
_MACHINES: Final = frozenset({"group", "labels"})
Owner: TypeAlias = Workflow | Job | Step | CompositeAction


class FoundFault(NamedTuple):
    """A fault at `start` to `end` of the file; `site` is the text it stands in."""

    start: int
    end: int
    fault: ExpressionFault
    site: Site


def expression_faults(owner: Owner, graph: Graph) -> tuple[FoundFault, ...]:
    """Return what is wrong with the expressions that stand in `owner` itself, in source order."""
    if not owner.reading.sites:
        return ()
    return graph.remember(("expression faults", owner), lambda: tuple(_found(owner, graph)))


def _found(owner: Owner, graph: Graph) -> Iterator[FoundFault]:
    for site in owner.reading.sites:
        faults = list(_of_site(site, scope_at(site, owner, graph)))
        if faults:
            at = script_offsets(owner.file.text_for(site.scalar), site.scalar)
            for fault in faults:
                yield FoundFault(at(fault.start), at(max(fault.end, fault.start + 1)), fault, site)


def _of_site(site: Site, scope: Scope) -> Iterator[ExpressionFault]:
    text = site.scalar.text
    if site.is_condition and "${{" not in text:
        condition = read_condition(text)
        yield from _of_problems(condition.problems)
        if not condition.problems:
            yield from check_expression(condition.root, scope).faults
        return
    for one in find_expressions(text):
        yield from _of_expression(one, site, scope)


def _of_expression(one: Expression, site: Site, scope: Scope) -> Iterator[ExpressionFault]:
    if one.problems:
        yield from _of_problems(one.problems)
        return
    checked = check_expression(one.root, scope)
    yield from checked.faults
    if not site.is_condition:
        yield from _of_place(one, site, checked.type)


def _of_place(one: Expression, site: Site, found: Type) -> Iterator[ExpressionFault]:
    """Yield the fault of a value that cannot stand where the expression stands."""
    takes = site.takes if _is_whole(one, site) else _TEXT
    kind = "list" if isinstance(found, Listed) else "mapping" if isinstance(found, Named) else "text"
    if _is_no_machine(site, found):
        told = f"{words_for(found)} without `group` and `labels` stands where a machine is named"
        yield ExpressionFault(FaultKind.TYPE, one.inner_start, one.inner_end, told)
        return
    if found is Plain.ANY or (kind in takes and found is not Plain.NULL):
        return
    if "text" in takes:
        told = f"{words_for(found)} becomes text"
        yield ExpressionFault(FaultKind.OBJECT, one.inner_start, one.inner_end, told)
    elif found is not Plain.NULL:
        wanted = " or ".join(f"a {name}" for name in sorted(takes))
        told = f"{words_for(found)} stands where {wanted} belongs"
        yield ExpressionFault(FaultKind.TYPE, one.inner_start, one.inner_end, told)


def _is_no_machine(site: Site, found: Type) -> bool:
    """Say whether a value for `runs-on` is an object that names neither a group nor labels of machines."""
    if site.path != ("runs-on",) or not isinstance(found, Named) or found.rest is not None:
        return False
    return bool(found.names) and _MACHINES.isdisjoint(found.names)


def _is_whole(one: Expression, site: Site) -> bool:
    text = site.scalar.text
    return text.strip() == text[one.start : one.end]


def _of_problems(problems: tuple[Problem, ...]) -> Iterator[ExpressionFault]:
    for problem in problems:
        yield ExpressionFault(FaultKind.SYNTAX, problem.start, problem.end, problem.message)
