"""What expressions of a workflow see: contexts, typed by this file and the files it calls."""

from itertools import takewhile
from typing import Final

from rollsafe.artefacts.actionlint_config import ActionlintConfig
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
from rollsafe.workspace.called_actions import interface_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import called_workflow

_NOTHING: Final = exactly({})
_DEFAULTS: Final = ("on", "workflow_call", "inputs")
AUTOMATIC_SECRETS: Final = ("github_token", "actions_step_debug", "actions_runner_debug")
"""Secrets that GitHub gives to every run."""


def scope_at(site: Site, owner: Workflow | Job | Step | CompositeAction, graph: Graph) -> Scope:
    """Return what an expression at `site` of `owner` sees."""
    names = frozenset(name for name in site.names if not name.endswith("()"))
    functions = frozenset(name.removesuffix("()") for name in site.names if name.endswith("()"))
    contexts = _around(owner, graph)
    if "steps" in site.scalar.text.lower():
        contexts = {**contexts, "steps": _steps_before(owner, graph)}
    if site.path[:3] == _DEFAULTS and site.path[4:] == ("default",) and isinstance(owner, Workflow):
        contexts = {**contexts, "inputs": _inputs_before(site.path[3], owner)}
    return Scope(contexts, names, functions)


def _inputs_before(name: str, workflow: Workflow) -> Type:
    """Return the type of `inputs` in the default of one of them: those that are declared before it."""
    declared = workflow.triggers["workflow_call"].inputs
    return inputs_type(dict(takewhile(lambda pair: pair[0] != name, declared.items())))


def _around(owner: Workflow | Job | Step | CompositeAction, graph: Graph) -> dict[str, Type]:
    """Return the contexts but for earlier steps, which differ from step to step."""
    holder = owner.owner if isinstance(owner, Step) else owner
    if isinstance(holder, Workflow):
        return graph.remember(("contexts", holder), lambda: _of_workflow(holder, graph))
    if isinstance(holder, Job):
        return graph.remember(("contexts", holder), lambda: _of_job(holder, graph))
    if isinstance(holder, CompositeAction):
        return graph.remember(("contexts", holder), lambda: _of_action(holder))
    return FIXED


def _steps_before(owner: Workflow | Job | Step | CompositeAction, graph: Graph) -> Type:
    """Return the type of `steps`: those before a step, all of them elsewhere."""
    holder = owner.owner if isinstance(owner, Step) else owner
    if not isinstance(holder, Job | CompositeAction):
        return _NOTHING
    types = graph.remember(("step types", holder), lambda: _step_types(holder, graph))
    if types is None:
        return ANYTHING
    end = owner.index if isinstance(owner, Step) else len(holder.steps)
    return exactly({id_: found for index, id_, found in types if index < end})


def _step_types(holder: Job | CompositeAction, graph: Graph) -> list[tuple[int, str, Type]] | None:
    """Return index, id and type of steps with an id; None where steps beside each other are not listed."""
    if any(step.node.entry("parallel") is not None for step in holder.steps):
        return None
    return [(step.index, step.id, step_type(_step_outputs(step, graph))) for step in holder.steps if step.id]


def _of_workflow(workflow: Workflow, graph: Graph) -> dict[str, Type]:
    jobs = exactly({job.id: need_type(_outputs(job, graph)) for job in workflow.jobs})
    contexts = {**_shared(workflow, graph), "needs": _NOTHING, "matrix": _NOTHING, "steps": _NOTHING}
    return contexts | ({"jobs": jobs} if "workflow_call" in workflow.triggers else {})


def _of_job(job: Job, graph: Graph) -> dict[str, Type]:
    own: dict[str, Type] = {"needs": _needs(job, graph), "matrix": matrix_type(job.matrix), "steps": _NOTHING}
    return _shared(job.workflow, graph) | own


def _of_action(action: CompositeAction) -> dict[str, Type]:
    inputs = exactly(dict.fromkeys(action.inputs, Plain.STRING))
    return {**FIXED, "github": github_context(), "inputs": inputs, "matrix": ANYTHING, "steps": _NOTHING}


def _shared(workflow: Workflow, graph: Graph) -> dict[str, Type]:
    """Return the contexts that are the same in the whole workflow."""

    def make() -> dict[str, Type]:
        dispatch = workflow.triggers.get("workflow_dispatch")
        call = workflow.triggers.get("workflow_call")
        declared = [inputs_type(one.inputs) for one in (dispatch, call) if one is not None]
        inputs = joined(declared) if declared else _NOTHING
        # The event that a called workflow sees is its caller's, with the caller's inputs.
        by_hand = declared[0] if dispatch is not None and call is None else None
        own = {"github": github_context(by_hand), "inputs": inputs}
        return {**FIXED, **own, **_variables(workflow, graph), **_secrets(workflow)}

    return graph.remember(("shared contexts", workflow), make)


def _secrets(workflow: Workflow) -> dict[str, Type]:
    """Return the type of `secrets` of a workflow that only others call and that says which it is given."""
    call = workflow.triggers.get("workflow_call")
    if call is None or len(workflow.triggers) > 1 or call.node is None or call.node.at("secrets") is None:
        return {}
    return {"secrets": exactly(dict.fromkeys((*call.secrets, *AUTOMATIC_SECRETS), Plain.STRING))}


def _variables(workflow: Workflow, graph: Graph) -> dict[str, Type]:
    """Return the type of `vars` where its owner says which there are."""
    config = graph.first(ActionlintConfig, f"of:{workflow.root}")
    names = config.variables if config is not None else None
    return {} if names is None else {"vars": exactly(dict.fromkeys(names, Plain.STRING))}


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


def _step_outputs(step: Step, graph: Graph) -> Named:
    """Return the type of a step's outputs: those its action declares, else any texts."""
    interface = interface_of(step, graph)
    if interface is None or interface.outputs is None:
        return TEXTS
    return exactly(dict.fromkeys(interface.outputs, Plain.STRING))
