"""Where a run stands, step by step."""

from collections.abc import Iterator

from rollsafe.engine.runs.journal import Entry
from rollsafe.engine.runs.report import duration, span
from rollsafe.engine.runs.run import Run
from rollsafe.plans.model import RollbackStep, Step
from rollsafe.plans.run_report import Event
from rollsafe.plans.run_status import RecordedRollback, RecordedStep, RunStatus, State, StepState

_STATES = {
    Event.DONE: StepState.DONE,
    Event.FAILED: StepState.FAILED,
    Event.SKIPPED: StepState.SKIPPED,
    Event.UNDONE: StepState.UNDONE,
}


def status(run: Run) -> RunStatus:
    """Return where a run stands.

    Raises:
        JournalError: its plan cannot be read.
    """
    plan, stored = run.plan, run.stored
    last = {entry.step: entry for entry in stored.entries if entry.event in _STATES}
    return RunStatus(
        run=stored.id,
        title=plan.title,
        environment=stored.environment,
        plan=plan.content_hash,
        base=plan.base,
        verdict=plan.verdict,
        verdict_reason=plan.verdict_reason,
        state=run.state,
        is_over=run.state.is_over,
        is_sealed=stored.is_sealed,
        started_at=stored.entries[0].at if stored.entries else "",
        seconds=duration(stored.entries),
        headline=headline(run),
        next=next_id(run),
        leads_back=run.leads_back,
        steps=tuple(_step(step, last.get(str(step.number))) for step in plan.steps),
        back=tuple(_back(run, last)),
    )


def headline(run: Run) -> str:
    """Return where a run stands in one line."""
    back, step = run.next_back, run.next_step
    if back is not None:
        at = run.way_back.index(back) + 1
        return f"going back, {at} of {len(run.way_back)}: {back.name} {back.title}"
    if run.state.is_over or step is None:
        return f"{run.state} after {span(duration(run.stored.entries))}"
    if run.state is State.FAILED:
        return f"step {step.number} failed: {step.on_failure}"
    return f"step {step.number} of {len(run.plan.steps)} is next: {step.title}"


def next_id(run: Run) -> str | None:
    """Return the id of the step whose turn it is; None when the run is over."""
    if run.state.is_over:
        return None
    if run.next_back is not None:
        return run.next_back.name
    return str(run.next_step.number) if run.next_step is not None else None


def _step(step: Step, entry: Entry | None) -> RecordedStep:
    return RecordedStep(
        id=str(step.number),
        title=step.title,
        command=step.command,
        state=_STATES[entry.event] if entry is not None else StepState.OPEN,
        at=entry.at if entry is not None else "",
        who=entry.who if entry is not None else "",
        note=entry.note if entry is not None else "",
        claim=step.claim,
        phase=step.phase,
        context=step.context,
        access=step.access,
        gate=step.gate,
        on_failure=step.on_failure,
        is_point_of_no_return=step.is_point_of_no_return,
    )


def _back(run: Run, last: dict[str, Entry]) -> Iterator[RecordedRollback]:
    names = {step.name for step in (*run.way_back, *run.left_alone)}
    for step in run.plan.rollback:
        if step.name in names:
            yield _rollback(step, last.get(step.name))


def _rollback(step: RollbackStep, entry: Entry | None) -> RecordedRollback:
    untouched = StepState.LEFT if step.advice == "leave" else StepState.OPEN
    return RecordedRollback(
        id=step.name,
        title=step.title,
        command=step.command,
        state=_STATES[entry.event] if entry is not None else untouched,
        at=entry.at if entry is not None else "",
        who=entry.who if entry is not None else "",
        note=entry.note if entry is not None else "",
        claim=step.claim,
        undoes=str(step.undoes),
        advice=step.advice,
        data_loss=step.data_loss,
    )
