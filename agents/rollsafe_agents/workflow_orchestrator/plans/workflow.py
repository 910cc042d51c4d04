"""The specification of one workflow: participants, states, events, failures, open questions."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.compose import ComposeFile
from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.step_functions import StateMachine
from rollsafe.plans.contribution import PlanContext, derived, fact, unknown
from rollsafe.plans.kind import PlanKind, PlanRequest, PlanRequestError
from rollsafe.plans.model import Certainty, Check, Claim, Verdict
from rollsafe.plans.times import words
from rollsafe.text import nearest
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.cloud import messaging_of
from rollsafe.workspace.other_pipelines import other_pipelines
from rollsafe_agents.workflow_orchestrator.flow import cluster, elsewhere, machine, pipeline, startup
from rollsafe_agents.workflow_orchestrator.flow.checklist import boxes
from rollsafe_agents.workflow_orchestrator.flow.clocks import meetings
from rollsafe_agents.workflow_orchestrator.flow.draft import Flow, State, StoreUse, Transition
from rollsafe_agents.workflow_orchestrator.flow.duration import Longest, longest_of
from rollsafe_agents.workflow_orchestrator.flow.events import describe
from rollsafe_agents.workflow_orchestrator.flow.model import (
    Box,
    FlowState,
    FlowTransition,
    Store,
    WorkflowSpecification,
)

_MOST_NAMED: Final = 5
_DONE: Final = "done; how long it may take, no file says"
_EXPECTED: Final = {"service": "no error since its start"}
"""What to see of a state that no time bounds, by its kind."""


class _Known(NamedTuple):
    """A workflow that can be asked for: its path, its names, and how it is read."""

    path: str
    names: tuple[str, ...]
    read: Callable[[], Flow]


def make(context: PlanContext, request: PlanRequest) -> WorkflowSpecification:
    """Return the specification of the workflow that a file holds, or that is called so."""
    flow = _chosen(request.subject, list(_known(context))).read()
    longest = longest_of(flow)
    _look_around(flow, longest, context)
    checked = tuple(boxes(flow, longest, context))
    flaws = (*flow.missing, *flow.unreachable)
    questions = tuple(_questions(flow, checked))
    verdict, reason = _verdict(flow, longest, checked)
    return WorkflowSpecification(
        title=f"Workflow specification: {flow.name} ({flow.kind})",
        verdict=verdict,
        verdict_reason=reason,
        **context.head,
        not_understood=context.frame.skipped,
        unknowns=() if longest.total is not None else (_open_end(longest),),
        name=flow.name,
        kind=flow.kind,
        place=fact(flow.path, flow.where),
        participants=tuple(flow.participants),
        states=tuple(_state(state, longest) for state in flow.states.values()),
        transitions=tuple(map(_transition, flow.transitions)),
        flaws=flaws,
        events=tuple(flow.events),
        letters=tuple(dict.fromkeys((*flow.lost, *flow.letters))),
        alarms=tuple(dict.fromkeys(flow.alarms)),
        stores=tuple(_stores(flow)),
        consistency=tuple(_consistency(flow)),
        longest=longest.total,
        duration=longest.claim,
        longest_path=longest.path,
        reliability=tuple(dict.fromkeys((*flow.unfit, *flow.reliability))),
        boxes=checked,
        monitoring=(*flow.monitoring, *_per_state(flow, longest, context)),
        questions=questions,
    )


def _look_around(flow: Flow, longest: Longest, context: PlanContext) -> None:
    """Add to a flow what other files say of its events, and whether its runs meet."""
    for one in describe(flow.sent, messaging_of(context.after), context):
        flow.events.append(one.event)
        flow.misfits += (claim for claim in one.flaws if claim.status is not Certainty.UNKNOWN)
        flow.questions += (claim for claim in one.flaws if claim.status is Certainty.UNKNOWN)
    for is_mistake, claim in meetings(flow, longest):
        (flow.unfit if is_mistake else flow.reliability).append(claim)


# Which one ---------------------------------------------------------------------------------------


def _known(context: PlanContext) -> Iterator[_Known]:
    view = context.after

    def known(element: Element, names: tuple[str, ...], read: Callable[[], Flow]) -> _Known:
        return _Known(element.file.path, tuple(name for name in names if name), read)

    for one in view.elements(StateMachine):
        yield known(one, (one.name,), partial(machine.flow_of, one, context))
    for workflow in view.elements(Workflow):
        names = (workflow.name, workflow.file.name, workflow.file.name.partition(".")[0])
        yield known(workflow, names, partial(pipeline.flow_of, workflow, context))
    for workload in view.elements(Workload):
        if workload.is_job and workload.containers:
            key = f"{workload.kind.lower()}/{workload.name}"
            yield known(workload, (workload.name, key), partial(cluster.flow_of, workload, context))
    for pipeline_ in other_pipelines(view):
        read = partial(elsewhere.flow_of, pipeline_, context)
        yield _Known(pipeline_.file.path, elsewhere.names_of(pipeline_), read)
    for compose in view.elements(ComposeFile):
        if compose.services:
            title = compose.project_name or ""
            yield known(compose, (title, compose.file.name), partial(startup.flow_of, compose, context))


def _chosen(subject: str, known: list[_Known]) -> _Known:
    """Return the workflow a user means by its file or its name.

    Raises:
        PlanRequestError: there is none, or more than one; the line names what would do.
    """
    wanted = subject.removeprefix("./")
    by_path = [one for one in known if one.path == wanted]
    found = by_path or [one for one in known if wanted.lower() in {name.lower() for name in one.names}]
    if len(found) == 1:
        return found[0]
    if found:
        shared = {one.path for one in found}
        named = [one.names[-1] if len(shared) == 1 else one.path for one in found]
        shown = ", ".join(f"`{name}`" for name in named[:_MOST_NAMED])
        raise PlanRequestError(f"`{subject}` holds {len(found)} workflows: {shown}")
    close = nearest(wanted, [name for one in known for name in (one.path, *one.names)])
    listed = ", ".join(f"`{one.path}`" for one in known[:_MOST_NAMED])
    hint = f"; nearest: `{close}`" if close else f"; there are {listed}" if listed else ""
    raise PlanRequestError(f"no workflow `{subject}`{hint}")


# What follows ------------------------------------------------------------------------------------


def _transition(way: Transition) -> FlowTransition:
    return FlowTransition(
        source=way.source,
        target=way.target,
        on=way.on,
        guard=way.guard,
        parent=way.parent,
        claim=way.claim,
    )


def _state(state: State, longest: Longest) -> FlowState:
    return FlowState(
        id=state.id,
        name=state.name,
        kind=state.kind,
        parent=state.parent,
        place=fact(state.name, state.where),
        effect=state.effect,
        limit=state.repeats or state.limited,
        retries=tuple(retry.claim for retry in state.retries),
        handled=state.handled,
        compensation=_compensation(state),
        longest=longest.states.get(state.id),
    )


def _open_end(longest: Longest) -> Claim:
    text = f"how long a run takes: {longest.claim.text.removeprefix('unknown: ')}"
    return unknown(text, *longest.claim.evidence)


def _per_state(flow: Flow, longest: Longest, context: PlanContext) -> Iterator[Check]:
    """Yield for every state that works how to see how it went, and what is too long."""
    owner = context.owner(flow.path)
    for state in flow.states.values():
        if state.look:
            length = longest.states.get(state.id)
            expected = (
                f"done within {words(length)}" if length else "done; how long it may take, no file says"
            )
            claim = fact(state.kind, state.where)
            yield Check(
                text=f"`{state.name}`",
                command=state.look,
                expected=expected,
                owner=owner,
                claim=claim,
            )


def _compensation(state: State) -> Claim | None:
    """Return what takes an effect back; NONE where there is an effect and nothing does."""
    if state.effect is None:
        return None
    if state.undone is not None:
        return state.undone
    if state.effect.status is Certainty.UNKNOWN:
        return unknown("depends on what it changes", state.where)
    return derived("NONE", state.where)


def _consistency(flow: Flow) -> Iterator[Claim]:
    changing = [state for state in flow.states.values() if state.effect is not None]
    for state in changing:
        if state.effect is not None and state.effect.status is not Certainty.UNKNOWN:
            yield derived(f"`{state.name}`: {state.effect.text}", *state.effect.evidence)
    pairs = [state for state in changing if state.undone is not None]
    if pairs:
        names = ", ".join(f"`{state.name}`" for state in pairs[:4])
        yield derived(
            f"pattern: saga, as far as {names} can be taken back", *(one.where for one in pairs[:4])
        )
    elif len(changing) > 1:
        yield derived("pattern: none is seen; several states change things one after another", flow.where)
    yield unknown("isolation: what others see of a run that is not done, no file says", flow.where)
    yield from flow.consistency


def _stores(flow: Flow) -> Iterator[Store]:
    for name in dict.fromkeys(one.store for one in flow.stores):
        mine = [one for one in flow.stores if one.store == name]
        writing = [one for one in mine if one.writes]
        where = [place for one in mine[:4] for place in one.claim.evidence]
        yield Store(
            name=name,
            written_by=tuple(one.claim.model_copy(update={"text": one.state}) for one in writing),
            read_by=tuple(one.claim.model_copy(update={"text": one.state}) for one in mine if not one.writes),
            pattern=_pattern(flow, writing) if writing else derived("it is only read", *where),
            isolation=unknown(f"what others see of `{name}` while a run goes on: no file says", *where),
        )


def _pattern(flow: Flow, writing: list[StoreUse]) -> Claim:
    """Return how the writes of a run to one store are held together."""
    where = [place for one in writing[:4] for place in one.claim.evidence]
    undone = {state.name for state in flow.states.values() if state.undone is not None}
    if all(one.state in undone for one in writing):
        return derived("saga: each write has what takes it back", *where)
    changing = [one for one in flow.states.values() if one.effect is not None]
    if len(writing) == 1 and len(changing) == 1:
        return derived("one write, and nothing else changes", *where)
    return derived("none is seen: it is written beside other changes", *where)


def _questions(flow: Flow, checked: tuple[Box, ...]) -> Iterator[Claim]:
    """Yield what nobody has written down, each once: what the reader asks, then the open boxes."""
    seen: set[str] = set()
    for claim in (
        *flow.questions,
        *(claim for box in checked if box.answer == "UNKNOWN" for claim in box.claims),
    ):
        if claim.status is Certainty.UNKNOWN and claim.text not in seen:
            seen.add(claim.text)
            yield claim
    if not flow.alarms:
        yield unknown(f"which alarm watches `{flow.name}`, and who hears it: no file says", flow.where)


def _verdict(flow: Flow, longest: Longest, checked: tuple[Box, ...]) -> tuple[Verdict, str]:
    if flow.missing:
        return (
            Verdict.BLOCKED,
            f"by {len(flow.missing)} error{'s' * (len(flow.missing) > 1)}: {flow.missing[0].text}",
        )
    failed = [box for box in checked if box.answer == "FAIL"]
    if failed:
        first = failed[0].claims[0].text if failed[0].claims else failed[0].text
        return Verdict.RISKS, f"{len(failed)} of 9 checks fail, the first: {first}"
    open_ = [box for box in checked if box.answer == "UNKNOWN"]
    if open_ or longest.total is None:
        return Verdict.INCOMPLETE, f"{len(open_)} of 9 checks are open"
    return Verdict.READY, "all nine checks pass"


PLAN = PlanKind(
    title="Workflow specification",
    summary="one workflow: who takes part, its states, its failures, what nobody has written down",
    model=WorkflowSpecification,
    make=make,
    subject="FILE|NAME",
    needs_subject=True,
    forms=("mermaid", "dot", "text"),
)
