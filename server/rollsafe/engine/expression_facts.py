"""What an expression of a workflow stands for: its type, and its value as far as the files tell."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.expressions import (
    Call,
    Expr,
    Index,
    Name,
    Property,
    Scope,
    Star,
    check_expression,
    context_path,
    find_expressions,
    read_condition,
    walk,
)
from rollsafe.artefacts.expressions.signatures import SIGNATURES
from rollsafe.artefacts.expressions.types import Listed, Named, Plain, Type, shown
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.github_workflow.grammar import Site
from rollsafe.artefacts.github_workflow.matrices import rows_of, told
from rollsafe.artefacts.secrets import secret_in
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.called_actions import interface_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.workflow_contexts import scope_at

_FEW: Final = 6
_LONGEST: Final = 120
_Owner: TypeAlias = Workflow | Job | Step | CompositeAction


class ExpressionFacts(NamedTuple):
    """What is known of the part of an expression at `place`."""

    place: Span
    title: str
    lines: tuple[str, ...]


def expression_facts(element: Element, offset: int, graph: Graph) -> ExpressionFacts | None:
    """Return what the name or call at an offset of an expression stands for; None beside of expressions."""
    if not isinstance(element, Workflow | Job | Step | CompositeAction):
        return None
    site = next((one for one in element.reading.sites if one.scalar.start <= offset <= one.scalar.end), None)
    if site is None:
        return None
    at = script_offsets(element.file.text, site.scalar)
    for root in _roots(site):
        holding = [
            node
            for node in walk(root)
            if isinstance(node, Name | Property | Index | Star | Call)
            and at(node.start) <= offset <= at(node.end)
        ]
        if holding:
            node = min(holding, key=lambda one: one.end - one.start)
            place = Span(at(node.start), at(node.end))
            return _facts(node, place, element, scope_at(site, element, graph), graph)
    return None


def _roots(site: Site) -> Iterator[Expr]:
    text = site.scalar.text
    if site.is_condition and "${{" not in text:
        yield read_condition(text).root
    else:
        yield from (one.root for one in find_expressions(text))


def _facts(node: Expr, place: Span, owner: _Owner, scope: Scope, graph: Graph) -> ExpressionFacts | None:
    if isinstance(node, Call):
        signatures = SIGNATURES.get(node.name.lower(), ())
        lines = [
            f"`{one.name}({', '.join(map(_word, one.parameters))}{', …' if one.repeated else ''})`"
            f" gives {_words(one.result)}"
            for one in signatures
        ]
        return ExpressionFacts(place, f"Function `{node.name}`", tuple(lines)) if lines else None
    path = context_path(node)
    if path is None:
        return None
    kind = check_expression(node, scope).type
    lines = [_words(kind).capitalize(), *_values(path, owner, graph)]
    return ExpressionFacts(place, f"`{'.'.join(path)}`", tuple(lines))


def _word(kind: Type) -> str:
    return kind.value if isinstance(kind, Plain) else "array" if isinstance(kind, Listed) else "object"


def _words(kind: Type) -> str:
    if isinstance(kind, Listed):
        return "an array" if kind.item is Plain.ANY else f"an array, each {_words(kind.item)}"
    if isinstance(kind, Named):
        return f"an object with {shown(kind.names)}" if kind.names else "an object"
    return {"any": "any value", "null": "null"}.get(kind.value, f"a {kind.value}")


def _values(path: tuple[str, ...], owner: _Owner, graph: Graph) -> Iterable[str]:
    """Return what the files say of the value, one line each."""
    holder = owner.owner if isinstance(owner, Step) else owner
    of = path[0]
    if len(path) < 2:
        return ()
    if of in ("secrets", "vars"):
        return ("Set in the settings of the repository or its organisation",)
    if of == "matrix" and isinstance(holder, Job):
        return _of_matrix(path[1], holder)
    if of == "env":
        return _of_env(path[1], owner)
    if of == "inputs":
        return _of_input(path[1], holder)
    if of == "needs" and isinstance(holder, Job):
        return _of_need(path, holder)
    if of == "steps" and isinstance(holder, Job | CompositeAction):
        return _of_step(path, holder, graph)
    return ()


def _of_matrix(name: str, job: Job) -> Iterator[str]:
    node = job.matrix.node if job.matrix is not None else None
    values = (rows_of(node) or {}).get(name) if isinstance(node, Mapping) else None
    if values:
        more = f" and {len(values) - _FEW} more" if len(values) > _FEW else ""
        yield f"One of {', '.join(told(one) for one in values[:_FEW])}{more}"
    elif node is not None:
        yield "Made when the workflow runs"


def _of_env(name: str, owner: _Owner) -> Iterator[str]:
    holders: list[tuple[str, dict[str, str]]] = []
    job = owner.owner if isinstance(owner, Step) else owner
    if isinstance(owner, Step):
        holders.append(("the step", owner.env))
    if isinstance(job, Job):
        holders += [("the job", job.env), ("the workflow", job.workflow.env)]
    elif isinstance(job, Workflow):
        holders.append(("the workflow", job.env))
    for where, variables in holders:
        value = next((text for key, text in variables.items() if key.lower() == name), None)
        if value is not None:
            is_secret = secret_in(name, value) is not None
            yield f"From {where}" if is_secret else f"{_quoted(value)} from {where}"
            return


def _of_input(name: str, holder: object) -> Iterator[str]:
    for where, declared in _declared(holder):
        node = next((one for key, one in declared.items() if key.lower() == name), None)
        if node is None:
            continue
        said = [where]
        if node.bool_at("required") is True:
            said.append("required")
        default = node.text_at("default")
        if default:
            said.append(f"{_quoted(default)} unless given")
        yield " · ".join(said)
        options = [one.text for one in node.items_at("options") if isinstance(one, Scalar)]
        if options:
            yield f"One of {', '.join(_quoted(one) for one in options[:_FEW])}"
        description = node.text_at("description")
        if description and description.strip():
            yield " ".join(description.split())[:_LONGEST]


def _declared(holder: object) -> Iterator[tuple[str, dict[str, Node]]]:
    if isinstance(holder, CompositeAction):
        yield "Input of the action", holder.inputs
    workflow = holder.workflow if isinstance(holder, Job) else holder
    if isinstance(workflow, Workflow):
        for event, where in (("workflow_dispatch", "a start by hand"), ("workflow_call", "a call")):
            trigger = workflow.triggers.get(event)
            if trigger is not None:
                yield f"Input of {where}", trigger.inputs


def _of_need(path: tuple[str, ...], job: Job) -> Iterator[str]:
    needed = job.workflow.job(path[1])
    if needed is None:
        return
    if path[2:] == ("result",):
        yield "One of `success`, `failure`, `cancelled`, `skipped`"
    elif len(path) == 4 and path[2] == "outputs":
        source = next((text for name, text in needed.outputs.items() if name.lower() == path[3]), None)
        called = f"`{needed.uses.text}`" if needed.uses is not None else f"job `{needed.id}`"
        yield f"{_quoted(source)} of job `{needed.id}`" if source else f"From {called}"


def _of_step(path: tuple[str, ...], holder: Job | CompositeAction, graph: Graph) -> Iterator[str]:
    step = next((one for one in holder.steps if one.id.lower() == path[1]), None)
    if step is None:
        return
    if path[2:] in (("outcome",), ("conclusion",)):
        yield "One of `success`, `failure`, `cancelled`, `skipped`"
    elif len(path) == 4 and path[2] == "outputs":
        interface = interface_of(step, graph)
        is_declared = interface is not None and path[3] in {name.lower() for name in interface.outputs or ()}
        yield f"{'Declared by' if is_declared else 'Set by'} step `{step.label[:_LONGEST]}`"


def _quoted(text: str) -> str:
    first = text.strip().partition("\n")[0].replace("`", "'")
    return f"`{first[:_LONGEST]}{'…' if len(first) > _LONGEST or first != text.strip() else ''}`"
