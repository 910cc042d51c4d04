"""Where a run stands as Markdown: what to do next, then every step."""

from collections.abc import Iterator

from rollsafe.plans.run_status import Recorded, RecordedRollback, RecordedStep, RunStatus, State, StepState
from rollsafe.plans.writing import code, fence, flat, place

_MARKS = {
    StepState.OPEN: "[ ]",
    StepState.DONE: "[x]",
    StepState.UNDONE: "[x]",
    StepState.FAILED: "[!]",
    StepState.SKIPPED: "[-]",
    StepState.LEFT: "[-]",
}


def checklist(status: RunStatus) -> str:
    """Return where a run stands: the state, the step whose turn it is with all it needs, and all steps."""
    return "\n".join(_lines(status)) + "\n"


def _lines(status: RunStatus) -> Iterator[str]:
    yield f"# Run {status.run}: {flat(status.title)}"
    yield ""
    yield f"**{status.state.upper()}** · {flat(status.headline)}"
    if not status.is_sealed:
        yield "**The journal of this run was altered after it was written.**"
    yield ""
    ahead = next((one for one in (*status.steps, *status.back) if one.id == status.next), None)
    if ahead is not None:
        yield from _turn(ahead)
    parts = [("Steps", _steps(status)), ("Way back", _way_back(status))]
    for title, lines in reversed(parts) if status.state in (State.GOING_BACK, State.ROLLED_BACK) else parts:
        yield from (f"## {title}", "", *lines, "")


def _turn(step: Recorded) -> Iterator[str]:
    yield f"## Next: {step.id} {flat(step.title)}"
    yield ""
    yield from fence(step.command)
    if isinstance(step, RecordedStep):
        if step.is_point_of_no_return:
            yield "- **point of no return**: after this step only a backup brings the data back"
        yield f"- in: {flat(step.context)} · needs: {flat(step.access)}"
        gate = f"{code(step.gate.command)} → " if step.gate.command else ""
        yield f"- good when: {gate}{flat(step.gate.expected)}"
        yield f"- if it fails: {flat(step.on_failure)}"
    if isinstance(step, RecordedRollback):
        yield from _costs(step)
    where = place(step.claim)
    yield f"- because: {flat(step.claim.text)}" + (f" {where}" if where != "–" else "")
    yield ""


def _costs(step: RecordedRollback) -> Iterator[str]:
    if step.advice == "restore":
        yield "- only the backup brings the data back"
    if step.data_loss:
        yield f"- data lost: {flat(step.data_loss)}"


def _steps(status: RunStatus) -> Iterator[str]:
    yield from (_item(step, is_next=step.id == status.next) for step in status.steps)


def _way_back(status: RunStatus) -> Iterator[str]:
    if not status.back:
        yield "Nothing has to be taken back."
        return
    if status.leads_back:
        yield flat(status.leads_back)
        yield ""
    yield from (_item(step, is_next=step.id == status.next) for step in status.back)


def _item(step: Recorded, *, is_next: bool) -> str:
    title = f"{step.id} {flat(step.title)}"
    told = [f"{step.state} {_time(step.at)} by {step.who}"] if step.at else []
    told += [step.note] if step.note else []
    told += ["leave as it is"] if step.state is StepState.LEFT else []
    told += ["**next**"] if is_next else []
    return " · ".join((f"- {_MARKS[step.state]} {title}", *map(flat, told)))


def _time(at: str) -> str:
    return at.replace("T", " ").removesuffix("Z") + " UTC"
