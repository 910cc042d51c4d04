"""Who decides a text that an expression brings into a script, followed to where it comes from.

It is followed through `env`, inputs of called workflows and local actions, outputs of steps and jobs, and the
matrix. What cannot be followed is `OPEN`: some text, nobody here knows whose.
"""

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Final, TypeAlias

from rollsafe.artefacts.expressions import Expr, context_path, find_expressions, flowing
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.recognition.untrusted import Reach, Trust, is_untrusted_output, reach_of, trust_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk
from rollsafe.text import Located
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import callers

Scope: TypeAlias = Step | Job | CompositeAction | Workflow

_MOST_HOPS: Final = 6
_FREE_TYPES: Final = frozenset({"string", ""})
_SETTLED: Final = frozenset({"result", "outcome", "conclusion"})
_OUTPUT_LINE = lazily(r"^.*?\b(?P<name>[\w-]+)(?:=|<<)(?P<rest>.*)$", re.M)
_VARIABLE = lazily(r"\$\{?(\w+)|\$env:(\w+)|\$\{\{(?P<expression>.*?)\}\}")
_VIA_HEAD: Final = frozenset({"env", "inputs", "needs", "steps", "matrix"})


class Whose(IntEnum):
    """Who decides a text; the higher, the worse."""

    FIXED = 0
    """The project, or nobody: a hash, a number, a word of a list."""
    OPEN = 1
    """Some text that nobody here knows the origin of."""
    DISPATCHER = 2
    """Whoever starts the workflow by hand."""
    ANYBODY = 3
    """A stranger."""


class Hop(NamedTuple):
    """A place a text goes through."""

    file: SourceFile
    where: Located


class Origin(NamedTuple):
    """Where a text comes from: the context that holds it, and the places it goes through on the way."""

    whose: Whose
    path: tuple[str, ...]
    hops: tuple[Hop, ...] = ()

    def through(self, hop: Hop) -> "Origin":
        """Return the same origin, one hop further away."""
        return self._replace(hops=(hop, *self.hops))


def origin_of(access: Expr, scope: Scope, graph: Graph, hops: int = _MOST_HOPS) -> Origin:
    """Return where the text that `access`, an expression in `scope`, brings in comes from."""
    path = context_path(access)
    if path is None:
        return Origin(Whose.OPEN, ())
    head = path[0]
    if head == "github" and path[:3] != ("github", "event", "inputs"):
        return Origin(_of_github(path), path)
    if hops and len(path) > 1:
        key = ("origin of a text", scope, path, hops)
        found = graph.remember(key, lambda: _followed(path, scope, graph, hops))
        if found is not None:
            return found
    return Origin(Whose.OPEN if head in _VIA_HEAD else _of_others(path), path)


def _of_github(path: tuple[str, ...]) -> Whose:
    trust = trust_of(path)
    if trust is not None:
        return Whose.ANYBODY if trust is Trust.ANYBODY else Whose.DISPATCHER
    return Whose.FIXED if reach_of(path) is Reach.FIXED else Whose.OPEN


def _of_others(path: tuple[str, ...]) -> Whose:
    """Judge contexts that only the project fills: `secrets`, `vars`, `runner`, `job`, `strategy`."""
    return Whose.DISPATCHER if path[:3] == ("github", "event", "inputs") else Whose.FIXED


def _followed(path: tuple[str, ...], scope: Scope, graph: Graph, hops: int) -> Origin | None:
    head, name = path[0], path[1]
    if head == "env":
        return _of_env(name, path, scope, graph, hops)
    if head == "inputs":
        return _of_input(name, path, scope, graph, hops)
    if head == "github":
        return _of_input(path[-1], path, scope, graph, hops)
    if head == "needs":
        return _of_need(path, scope, graph, hops)
    if head == "steps":
        return _of_step(path, scope, graph, hops)
    return _of_matrix(path, scope, graph, hops) if head == "matrix" else None


def _worst(origins: Iterable[Origin], path: tuple[str, ...]) -> Origin:
    """Return the worst origin; a text without any is fixed."""
    return max(origins, key=lambda one: one.whose, default=Origin(Whose.FIXED, path))


def _in_text(node: Node | None, scope: Scope, graph: Graph, hops: int) -> Iterator[Origin]:
    """Yield the origins of what flows into a text."""
    if not isinstance(node, Scalar) or "${{" not in node.text:
        return
    here = Hop(scope.file, node)
    for expression in find_expressions(node.text):
        for access in flowing(expression.root):
            yield origin_of(access, scope, graph, hops - 1).through(here)


def _job_of(scope: Scope) -> Job | None:
    owner = scope.owner if isinstance(scope, Step) else scope
    return owner if isinstance(owner, Job) else None


def _workflow_of(scope: Scope) -> Workflow | None:
    job = _job_of(scope)
    return job.workflow if job is not None else scope if isinstance(scope, Workflow) else None


def _of_env(name: str, path: tuple[str, ...], scope: Scope, graph: Graph, hops: int) -> Origin | None:
    for holder in (scope, _job_of(scope), _workflow_of(scope)):
        if holder is None or isinstance(holder, CompositeAction):
            continue
        env = holder.node.map_at("env")
        value = next((one for key, one in env.pairs() if key.lower() == name), None) if env else None
        if value is not None:
            return _worst(_in_text(value, holder, graph, hops), path)
    return None


def _of_input(name: str, path: tuple[str, ...], scope: Scope, graph: Graph, hops: int) -> Origin | None:
    """Judge an input by its declaration and by what callers of the repository pass."""
    owner = scope.owner if isinstance(scope, Step) else scope
    if isinstance(owner, CompositeAction):
        passed = _worst(_passed_to_action(owner, name, graph, hops), path)
        return passed if passed.whose > Whose.OPEN else Origin(Whose.OPEN, path)
    workflow = _workflow_of(scope)
    found = [Origin(_declared(workflow, name), path)] if workflow is not None else []
    if workflow is not None and found[0].whose > Whose.FIXED:
        found += _passed_to_workflow(workflow, name, graph, hops)
    return _worst(found, path)


def _declared(workflow: Workflow, name: str) -> Whose:
    """Return who fills an input as far as its declarations tell."""
    whose: list[Whose] = []
    for trigger in workflow.triggers.values():
        node = next((one for key, one in trigger.inputs.items() if key.lower() == name), None)
        if node is None:
            continue
        free = (node.text_at("type") or "") in _FREE_TYPES
        by_hand = Whose.DISPATCHER if trigger.name == "workflow_dispatch" else Whose.OPEN
        whose.append(by_hand if free else Whose.FIXED)
    return max(whose, default=Whose.OPEN)


def _passed_to_workflow(workflow: Workflow, name: str, graph: Graph, hops: int) -> Iterator[Origin]:
    for job in callers(workflow, graph):
        yield from _in_text(_entry(job.node.map_at("with"), name), job, graph, hops)


def _passed_to_action(action: CompositeAction, name: str, graph: Graph, hops: int) -> Iterator[Origin]:
    names = {action.file.path, action.file.directory}
    using = {id(one): one for key in sorted(names) for one in graph.find(Workflow, f"calls:{key}")}
    for workflow in using.values():
        for job in workflow.jobs:
            for step in job.steps:
                called = step.uses_text.startswith((".", "$/")) and any(
                    call.key is not None and call.key.removeprefix("path:") in names for call in step.calls
                )
                if called:
                    yield from _in_text(_entry(step.node.map_at("with"), name), step, graph, hops)


def _entry(node: Mapping | None, name: str) -> Node | None:
    if node is None:
        return None
    return next((one for key, one in node.pairs() if key.lower() == name), None)


def _of_need(path: tuple[str, ...], scope: Scope, graph: Graph, hops: int) -> Origin | None:
    job = _job_of(scope)
    if path[-1] in _SETTLED:
        return Origin(Whose.FIXED, path)
    needed = job.workflow.job(path[1]) if job is not None else None
    if needed is None or len(path) < 4:
        return None
    value = _entry(needed.node.map_at("outputs"), path[3])
    if value is None:
        return None
    return _at_least_open(_worst(_in_text(value, needed, graph, hops), path), path)


def _of_step(path: tuple[str, ...], scope: Scope, graph: Graph, hops: int) -> Origin | None:
    if path[-1] in _SETTLED:
        return Origin(Whose.FIXED, path)
    owner = scope.owner if isinstance(scope, Step) else scope
    if not isinstance(owner, Job | CompositeAction) or len(path) < 4:
        return None
    step = next((one for one in owner.steps if one.id.lower() == path[1]), None)
    if step is None:
        return None
    return _at_least_open(_worst(_outputs(step, path, graph, hops), path), path)


def _at_least_open(origin: Origin, path: tuple[str, ...]) -> Origin:
    """Return the origin, or that nobody knows it: more may be written than what is seen."""
    return origin if origin.whose > Whose.OPEN else Origin(Whose.OPEN, path)


def _outputs(step: Step, path: tuple[str, ...], graph: Graph, hops: int) -> Iterator[Origin]:
    """Yield the origins of what a step writes to an output."""
    if step.uses is not None:
        if is_untrusted_output(step.uses.repository, path[3]):
            yield Origin(Whose.ANYBODY, path, (Hop(step.file, step.uses),))
        return
    if step.run is None or "GITHUB_OUTPUT" not in step.run.text:
        return
    for line in _OUTPUT_LINE.finditer(step.run.text):
        if line["name"].lower() == path[3]:
            yield from _in_line(line["rest"], step, path, graph, hops)


def _in_line(rest: str, step: Step, path: tuple[str, ...], graph: Graph, hops: int) -> Iterator[Origin]:
    run = step.run
    assert run is not None
    for found in _VARIABLE.finditer(rest):
        if found["expression"] is not None:
            for expression in find_expressions(found.group()):
                for access in flowing(expression.root):
                    yield origin_of(access, step, graph, hops - 1).through(Hop(step.file, run))
            continue
        name = (found[1] or found[2]).lower()
        origin = _of_env(name, path, step, graph, hops)
        if origin is not None:
            yield origin.through(Hop(step.file, run))


def _of_matrix(path: tuple[str, ...], scope: Scope, graph: Graph, hops: int) -> Origin | None:
    job = _job_of(scope)
    matrix = job.matrix if job is not None else None
    if job is None or matrix is None:
        return Origin(Whose.FIXED, path)
    if isinstance(matrix.node, Scalar):
        return _at_least_open(_worst(_in_text(matrix.node, job, graph, hops), path), path)
    found: list[Origin] = []
    for value in _matrix_values(matrix.node, path[1]):
        for part in walk(value):
            opened = _in_text(part, job, graph, hops)
            found += (_at_least_open(one, path) if one.whose is Whose.OPEN else one for one in opened)
    return _worst(found, path)


def _matrix_values(node: Node, name: str) -> Iterator[Node]:
    for key, value in node.pairs() if isinstance(node, Mapping) else ():
        if key.lower() == name:
            yield value
        elif key == "include":
            if isinstance(value, Scalar):
                yield value
            for item in value.items_at():
                found = _entry(item, name) if isinstance(item, Mapping) else item
                if found is not None:
                    yield found
