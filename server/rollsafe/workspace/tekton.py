"""Pipelines of Tekton and the tasks they call that are files of the workspace."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.artefacts.other_pipelines import Fault, FaultKind
from rollsafe.artefacts.other_pipelines.tekton_names import (
    Scope,
    names,
    needed_workspaces,
    references,
    required,
)
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.text import nearest
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph

_GROUP: Final = "tekton.dev"
_MOST: Final = 2_000


class _Call(NamedTuple):
    """A place that calls a task or a pipeline by its name; `what` says in words what is called."""

    caller: Mapping
    name: Scalar
    kind: str
    owner: str


def called_faults(workflow: WorkflowObject, graph: Graph) -> list[Fault]:
    """Return what is wrong with a pipeline or a run in the light of what it calls."""
    if not workflow.is_readable:
        return []
    calls = list(_calls(workflow))
    specs = {call.name: _spec(call, graph) for call in calls}
    faults = [fault for call in calls for fault in _arguments(call, specs[call.name])]
    faults += _missing(calls, specs, graph)
    pipeline = _pipeline(workflow)
    return faults + (list(_results(pipeline, calls, specs)) if pipeline is not None else [])


def _pipeline(workflow: WorkflowObject) -> Mapping | None:
    spec = workflow.node.map_at("spec")
    if spec is None:
        return None
    return spec if workflow.kind == "Pipeline" else spec.map_at("pipelineSpec")


def _calls(workflow: WorkflowObject) -> Iterator[_Call]:
    spec, pipeline = workflow.node.map_at("spec"), _pipeline(workflow)
    if spec is not None and workflow.kind in ("PipelineRun", "TaskRun"):
        kind = workflow.kind.removesuffix("Run")
        yield from _call(spec, f"{kind.lower()}Ref", kind, "the run")
    for key in ("tasks", "finally"):
        for task in pipeline.items_at(key)[:_MOST] if pipeline is not None else ():
            if isinstance(task, Mapping):
                yield from _call(task, "taskRef", "Task", f"task `{task.text_at('name') or '?'}`")


def _call(caller: Mapping, key: str, kind: str, owner: str) -> Iterator[_Call]:
    reference = caller.map_at(key)
    name = reference.at("name") if reference is not None else None
    if reference is None or not isinstance(name, Scalar) or not name.text or "$" in name.text:
        return
    is_elsewhere = any(reference.at(one) is not None for one in ("resolver", "bundle"))
    version = reference.text_at("apiVersion") or _GROUP
    if not is_elsewhere and version.partition("/")[0] == _GROUP and "{{" not in name.text:
        yield _Call(caller, name, reference.text_at("kind") or kind, owner)


def _spec(call: _Call, graph: Graph) -> Mapping | None:
    """Return the `spec` of what is called; None where it is not here, or there are several."""
    found = graph.find(KubernetesObject, f"{call.kind}/{call.name.text}")
    ours = [one for one in found if one.api_group == _GROUP and not one.templated and not one.is_patch]
    return ours[0].spec if len(ours) == 1 else None


def _arguments(call: _Call, spec: Mapping | None) -> Iterator[Fault]:
    if spec is None:
        return
    given = names(call.caller, "params") | names(call.caller, "matrix", "params")
    for row in call.caller.items_at("matrix", "include"):
        given |= names(row, "params")
    bound = names(call.caller, "workspaces")
    what = f"which {call.kind} `{call.name.text}` needs"
    for name in required(spec):
        if name not in given:
            yield Fault(FaultKind.ARGUMENT, call.name, call.owner, name, what)
    for name in needed_workspaces(spec):
        if name not in bound:
            yield Fault(FaultKind.ARGUMENT, call.name, call.owner, name, f"a workspace {what}")


def _missing(calls: list[_Call], specs: dict[Scalar, Mapping | None], graph: Graph) -> Iterator[Fault]:
    """Yield the calls of what is not there: all others are here, and one has nearly the same name."""
    for call in calls:
        if specs[call.name] is not None or graph.find(KubernetesObject, f"{call.kind}/{call.name.text}"):
            continue
        known = [key.partition("/")[2] for key in graph.keys(KubernetesObject, f"{call.kind}/")]
        close = nearest(call.name.text, known)
        others = [one for one in calls if one is not call]
        if close is None or (not others and abs(len(close) - len(call.name.text)) > 1):
            continue
        if all(specs[one.name] is not None for one in others):
            yield Fault(FaultKind.TEMPLATE, call.name, call.owner, call.name.text, words=(close,))


def _results(pipeline: Mapping, calls: list[_Call], specs: dict[Scalar, Mapping | None]) -> Iterator[Fault]:
    """Yield the results that are taken of tasks which do not write them."""
    known = {
        name: names(spec, "results")
        for call in calls
        if (spec := specs[call.name]) is not None and (name := call.caller.text_at("name")) is not None
    }
    scope = Scope(_Everything(), None, None, None, known)
    for key in ("tasks", "finally", "results"):
        node = pipeline.at(key)
        if node is not None:
            yield from references(node, "the pipeline", scope)


class _Everything(frozenset[str]):
    """All names there may be."""

    def __contains__(self, name: object) -> bool:
        return True
