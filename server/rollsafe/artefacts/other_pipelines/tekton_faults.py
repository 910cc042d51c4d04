"""What Tekton refuses in a pipeline, a task or a run: waits and names that lead nowhere."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.durations import seconds_of
from rollsafe.artefacts.other_pipelines.circles import first_of_circles
from rollsafe.artefacts.other_pipelines.faults import Fault, FaultKind
from rollsafe.artefacts.other_pipelines.reading import names_in
from rollsafe.artefacts.other_pipelines.tekton_names import (
    Scope,
    again,
    names,
    needed_workspaces,
    references,
    required,
    taken_results,
)
from rollsafe.artefacts.other_pipelines.tekton_tasks import declared, task_faults
from rollsafe.formats.nodes import Mapping, Node, Scalar

_MOST: Final = 2_000
_OPERATORS: Final = ("in", "notin")
_EMPTY: Final = frozenset[str]()


def faults_in(root: Mapping) -> list[Fault]:
    """Return what is wrong in an object of Tekton."""
    kind, spec = root.text_at("kind") or "", root.map_at("spec")
    if spec is None:
        return []
    if kind == "PipelineRun":
        inner = spec.map_at("pipelineSpec")
        return [*_times(spec), *(_run(inner, spec, "pipeline") if inner is not None else ())]
    if kind == "Pipeline":
        return list(_pipeline(spec, None))
    if kind == "TaskRun":
        inner = spec.map_at("taskSpec")
        return list(_run(inner, spec, "task")) if inner is not None else []
    return list(task_faults(spec, "the task", _EMPTY, _EMPTY))


def _run(inner: Mapping, run: Mapping, what: str) -> Iterator[Fault]:
    """Yield what is wrong in a run and in what it runs."""
    params, workspaces = names(run, "params"), names(run, "workspaces")
    place = run.key_at(f"{what}Spec") or inner
    for name in required(inner):
        if name not in params:
            yield Fault(FaultKind.ARGUMENT, place, "the run", name, f"which its {what} needs")
    for name in needed_workspaces(inner):
        if name not in workspaces:
            yield Fault(FaultKind.ARGUMENT, place, "the run", name, f"a workspace that its {what} needs")
    if what == "task":
        yield from task_faults(inner, "the task", params, workspaces)
    else:
        yield from _pipeline(inner, run)


def _pipeline(spec: Mapping, run: Mapping | None) -> Iterator[Fault]:
    tasks = [one for one in spec.items_at("tasks")[:_MOST] if isinstance(one, Mapping)]
    last = [one for one in spec.items_at("finally")[:_MOST] if isinstance(one, Mapping)]
    yield from again([*tasks, *last], "the pipeline", "task")
    yield from declared(spec, "the pipeline")
    yield from _waits(tasks)
    given = names(run, "params") if run is not None else _EMPTY
    bound = names(run, "workspaces") if run is not None else _EMPTY
    scope = Scope(
        names(spec, "params") | given,
        names(spec, "workspaces") | bound,
        None,
        frozenset(name for one in tasks if (name := one.text_at("name")) is not None),
        _results(tasks),
    )
    for task in tasks:
        yield from _task(task, scope)
    for task in last:
        yield from _task(task, scope)
        key = task.key_at("runAfter")
        if key is not None:
            yield Fault(FaultKind.CLASH, key, f"the last {_named(task)}", "runAfter", "finally", task)
    results = spec.at("results")
    if results is not None:
        yield from references(results, "a result of the pipeline", scope)


def _waits(tasks: list[Mapping]) -> Iterator[Fault]:
    known = {name: one for one in tasks if (name := one.text_at("name")) is not None}
    waits: dict[str, list[Scalar]] = {}
    for name, task in known.items():
        waits[name] = list(names_in(task.at("runAfter")))
        others = tuple(one for one in known if one != name)
        for node in waits[name]:
            if node.text not in known and "$" not in node.text:
                yield Fault(
                    FaultKind.NEED, node, f"task `{name}` runs after", node.text, "task", words=others
                )
    for name, node in first_of_circles(waits):
        yield Fault(FaultKind.CYCLE, node, f"task `{name}` runs after", node.text)


def _results(tasks: list[Mapping]) -> dict[str, frozenset[str]]:
    """Return the results of tasks that are written out, with those that a matrix makes."""
    found: dict[str, frozenset[str]] = {}
    for task in tasks:
        name, inner = task.text_at("name"), task.map_at("taskSpec")
        # A task of another kind than Tekton's own has results nobody declares.
        if name is not None and inner is not None and inner.at("apiVersion") is None:
            found[name] = names(inner, "results")
    return found


def _task(task: Mapping, scope: Scope) -> Iterator[Fault]:
    owner = _named(task)
    own = scope.params | _own_params(task)
    inner = task.map_at("taskSpec")
    for entry in task.entries:
        if entry.name != "taskSpec":
            yield from references(entry.value, owner, scope._replace(params=own, workspaces=None))
    yield from _workspaces(task, owner, scope)
    yield from _conditions(task, owner)
    yield from _again_itself(task, owner)
    if inner is None or inner.at("apiVersion") is not None:
        return
    # A task that is written within its pipeline sees what the pipeline has.
    yield from task_faults(inner, owner, own, None)
    place = task.at("name") or inner
    for name in required(inner):
        if name not in own:
            yield Fault(FaultKind.ARGUMENT, place, owner, name, "which it needs")


def _named(task: Mapping) -> str:
    return f"task `{task.text_at('name') or '?'}`"


def _own_params(task: Mapping) -> frozenset[str]:
    """Return the parameters that a task is given, rows of its matrix included."""
    found = names(task, "params") | names(task, "matrix", "params")
    for row in task.items_at("matrix", "include"):
        found |= names(row, "params")
    return found


def _workspaces(task: Mapping, owner: str, scope: Scope) -> Iterator[Fault]:
    for item in task.items_at("workspaces"):
        node: Node | None = item.at("workspace")
        node = node if isinstance(node, Scalar) and not node.is_null else item.at("name")
        if not isinstance(node, Scalar) or scope.workspaces is None or "$" in node.text:
            continue
        if node.text not in scope.workspaces:
            words = tuple(sorted(scope.workspaces))
            yield Fault(FaultKind.TEMPLATE, node, f"{owner} as a workspace", node.text, words=words)


def _conditions(task: Mapping, owner: str) -> Iterator[Fault]:
    for condition in task.items_at("when"):
        node = condition.at("operator")
        if isinstance(node, Scalar) and not node.is_null and node.text not in _OPERATORS:
            told = f"compares by `{node.text}`, which is neither `in` nor `notin`"
            yield Fault(FaultKind.VALUE, node, owner, node.text, told, words=_OPERATORS)
        key = condition.key_at("cel")
        other = next((one for one in ("input", "operator", "values") if condition.at(one) is not None), None)
        if key is not None and other is not None and isinstance(condition, Mapping):
            yield Fault(FaultKind.CLASH, key, f"a condition of {owner}", "cel", other, condition)


def _again_itself(task: Mapping, owner: str) -> Iterator[Fault]:
    """Yield a task that takes a result of its own."""
    name = task.text_at("name")
    for key in ("params", "when", "matrix"):
        node = task.at(key)
        for taken, scalar in taken_results(node) if node is not None else ():
            if taken == name:
                yield Fault(FaultKind.CYCLE, scalar, f"{owner} takes a result of", taken)


def _times(run: Mapping) -> Iterator[Fault]:
    """Yield limits of a run that its parts do not fit into."""
    limits = run.at("timeouts")
    if not isinstance(limits, Mapping):
        return
    whole, tasks, last = (seconds_of(limits.text_at(key) or "") for key in ("pipeline", "tasks", "finally"))
    node = limits.at("tasks") or limits.at("finally")
    if not whole or node is None:
        return
    parts = (tasks or 0) + (last or 0)
    if parts > whole:
        told = f"gives its parts {parts:g} s, of {whole:g} s for the whole"
        yield Fault(FaultKind.VALUE, node, "the run", "timeouts", told)
