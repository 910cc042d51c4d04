"""What expressions of a workflow see: contexts, typed by this file and the files it calls."""

from collections.abc import Iterable
from typing import Final

from rollsafe.artefacts.expressions import Scope
from rollsafe.artefacts.expressions.types import ANYTHING, TEXTS, Named, Plain, Type, exactly, joined
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.github_workflow.contexts import (
    FIXED,
    github_context,
    inputs_type,
    matrix_type,
    need_type,
    step_type,
)
from rollsafe.artefacts.github_workflow.grammar import Site
from rollsafe.artefacts.recognition import joined as joined_path
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import called_workflow

_NOTHING: Final = exactly({})


def scope_at(site: Site, owner: Workflow | Job | Step | CompositeAction, graph: Graph) -> Scope:
    """Return what an expression at `site` of `owner` sees."""
    names = frozenset(name for name in site.names if not name.endswith("()"))
    functions = frozenset(name.removesuffix("()") for name in site.names if name.endswith("()"))
    return Scope(_contexts(owner, graph), names, functions)


def _contexts(owner: Workflow | Job | Step | CompositeAction, graph: Graph) -> dict[str, Type]:
    if isinstance(owner, Workflow):
        return _of_workflow(owner, graph)
    if isinstance(owner, CompositeAction):
        return {**_of_action(owner), "steps": _steps(owner.steps, graph, owner.root)}
    if isinstance(owner, Job):
        return {**_of_job(owner, graph), "steps": _steps(owner.steps, graph, owner.root)}
    holder = owner.owner
    if isinstance(holder, Job):
        known = _of_job(holder, graph)
        steps = holder.steps
    elif isinstance(holder, CompositeAction):
        known = _of_action(holder)
        steps = holder.steps
    else:
        return dict(FIXED)
    return {**known, "steps": _steps(steps[: owner.index], graph, holder.root)}


def _of_workflow(workflow: Workflow, graph: Graph) -> dict[str, Type]:
    def make() -> dict[str, Type]:
        jobs = exactly({job.id: need_type(_outputs(job, graph)) for job in workflow.jobs})
        contexts = {**_shared(workflow), "needs": _NOTHING, "matrix": _NOTHING, "steps": _NOTHING}
        return contexts | ({"jobs": jobs} if "workflow_call" in workflow.triggers else {})

    return graph.remember(("workflow contexts", id(workflow)), make)


def _of_job(job: Job, graph: Graph) -> dict[str, Type]:
    def make() -> dict[str, Type]:
        return {**_shared(job.workflow), "needs": _needs(job, graph), "matrix": matrix_type(job.matrix)}

    return graph.remember(("job contexts", id(job)), make)


def _of_action(action: CompositeAction) -> dict[str, Type]:
    inputs = exactly(dict.fromkeys(action.inputs, Plain.STRING))
    return {**FIXED, "github": github_context(), "inputs": inputs, "matrix": ANYTHING, "needs": _NOTHING}


def _shared(workflow: Workflow) -> dict[str, Type]:
    """Return the contexts that are the same in the whole workflow."""
    dispatch = workflow.triggers.get("workflow_dispatch")
    call = workflow.triggers.get("workflow_call")
    declared = [inputs_type(one.inputs) for one in (dispatch, call) if one is not None]
    inputs = joined(declared) if declared else _NOTHING
    by_hand = declared[0] if dispatch is not None else None
    return {**FIXED, "github": github_context(by_hand), "inputs": inputs}


def _needs(job: Job, graph: Graph) -> Type:
    found: dict[str, Type] = {}
    for need in job.needs:
        needed = job.workflow.job(need.id)
        found[need.id] = ANYTHING if needed is None else need_type(_outputs(needed, graph))
    return exactly(found)


def _outputs(job: Job, graph: Graph) -> Type:
    """Return the type of a job's outputs; anything of a workflow that is not in this repository."""
    if job.uses is None:
        return exactly(dict.fromkeys(job.outputs, Plain.STRING))
    called = called_workflow(job, graph)
    trigger = called.triggers.get("workflow_call") if called is not None else None
    return ANYTHING if trigger is None else exactly(dict.fromkeys(trigger.outputs, Plain.STRING))


def _steps(steps: Iterable[Step], graph: Graph, root: str) -> Type:
    """Return the type of `steps`; anything where steps run beside each other, as they are not listed."""
    found: dict[str, Type] = {}
    for step in steps:
        if step.node.entry("parallel") is not None:
            return ANYTHING
        if step.id:
            found[step.id] = step_type(_step_outputs(step, graph, root))
    return exactly(found)


def _step_outputs(step: Step, graph: Graph, root: str) -> Named:
    """Return the type of a step's outputs: those its action declares, else any texts."""
    uses = step.uses
    if uses is None or not uses.is_local:
        return TEXTS
    path = joined_path(root, uses.name)
    action = None if path is None else graph.first(CompositeAction, f"path:{path}")
    return TEXTS if action is None else exactly(dict.fromkeys(action.outputs, Plain.STRING))
