"""What Tekton refuses in a pipeline or a task: waits, parameters and results that are not there."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines.circles import first_of_circles
from rollsafe.artefacts.other_pipelines.faults import Fault, FaultKind
from rollsafe.artefacts.other_pipelines.reading import names_in
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk

_MOST: Final = 2_000
_REFERENCE = re.compile(r"\$\((params|tasks|workspaces)\.([\w-]+)[^)\s]*\)")


def faults_in(root: Mapping) -> list[Fault]:
    """Return what is wrong in an object of Tekton."""
    kind, spec = root.text_at("kind") or "", root.map_at("spec")
    if spec is None:
        return []
    if kind == "PipelineRun":
        inner = spec.map_at("pipelineSpec")
        return list(_pipeline(inner, spec)) if inner is not None else []
    if kind == "Pipeline":
        return list(_pipeline(spec, None))
    if kind == "TaskRun":
        inner = spec.map_at("taskSpec")
        return list(_task(inner, _names(spec, "params"))) if inner is not None else []
    return list(_task(spec, set()))


def _pipeline(spec: Mapping, run: Mapping | None) -> Iterator[Fault]:
    tasks = [one for one in spec.items_at("tasks")[:_MOST] if isinstance(one, Mapping)]
    last = [one for one in spec.items_at("finally")[:_MOST] if isinstance(one, Mapping)]
    known = {name: one for one in tasks if (name := one.text_at("name")) is not None}
    given = _names(run, "params") if run is not None else set[str]()
    params = {*_names(spec, "params"), *given}
    yield from _again([*tasks, *last])
    waits = {name: list(names_in(one.at("runAfter"))) for name, one in known.items()}
    for name, nodes in waits.items():
        others = tuple(one for one in known if one != name)
        for node in nodes:
            if node.text not in known and "$" not in node.text:
                yield Fault(FaultKind.NEED, node, f"task `{name}` runs after", node.text, words=others)
    for name, node in first_of_circles(waits):
        yield Fault(FaultKind.CYCLE, node, f"task `{name}` runs after", node.text)
    for task in (*tasks, *last):
        own = _own_params(task)
        owner = f"task `{task.text_at('name') or '?'}`"
        yield from _references(task, owner, params | own, set(known))


def _own_params(task: Mapping) -> set[str]:
    """Return the parameters that a task gives itself, rows of its matrix included."""
    found = {*_names(task, "taskSpec", "params"), *_names(task, "params"), *_names(task, "matrix", "params")}
    for row in task.items_at("matrix", "include"):
        found |= _names(row, "params") if isinstance(row, Mapping) else set()
    return found


def _task(spec: Mapping, given: set[str]) -> Iterator[Fault]:
    yield from _references(spec, "the task", _names(spec, "params") | given, None)


def _references(node: Node, owner: str, params: set[str], tasks: set[str] | None) -> Iterator[Fault]:
    for scalar in walk(node):
        if not isinstance(scalar, Scalar) or "$(" not in scalar.text:
            continue
        for found in _REFERENCE.finditer(scalar.text):
            name = f"{found[1]}.{found[2]}"
            if found[1] == "params" and found[2] not in params:
                yield Fault(FaultKind.REFERENCE, scalar, owner, name, "is no parameter")
            elif found[1] == "tasks" and tasks is not None and found[2] not in tasks | {"status"}:
                yield Fault(FaultKind.REFERENCE, scalar, owner, name, "names no task")


def _names(node: Mapping, *path: str) -> set[str]:
    return {name for item in node.items_at(*path) if (name := item.text_at("name")) is not None}


def _again(listed: list[Mapping]) -> Iterator[Fault]:
    seen: set[str] = set()
    for one in listed:
        node = one.at("name")
        if isinstance(node, Scalar) and not node.is_null:
            if node.text in seen:
                yield Fault(FaultKind.SAME_NAME, node, "the pipeline", node.text, "task")
            seen.add(node.text)
