"""Parts that plans of several kinds have, as Markdown: the verdict, changes, rollback steps, what is open."""

from collections.abc import Callable, Iterable, Iterator

from rollsafe.plans.model import ROOT, Change, Claim, PlanDocument, RollbackStep
from rollsafe.plans.writing import cell, code, fence, flat, frame, place, table, written

_ADVICE = {
    "run": "",
    "leave": "Leave it as it is. Only if it has to go",
    "restore": "Only the backup brings the data back",
}


def verdict(plan: PlanDocument) -> str:
    """Return the verdict with its reason, and what the plan was made from."""
    return " · ".join((f"**{plan.verdict}** {plan.verdict_reason}", *frame(plan)))


def left_open(plan: PlanDocument) -> Iterator[str]:
    """Yield what nobody can know from the files, and which files were not read."""
    if plan.unknowns:
        yield ""
        yield "Unknown: " + " · ".join(flat(claim.text) for claim in plan.unknowns)
    if plan.not_understood:
        yield ""
        yield "Not read: " + "; ".join(flat(name) for name in plan.not_understood)


def section(number: int, title: str, lines: Iterable[str]) -> str:
    """Return a numbered section, an empty line before it."""
    return "\n".join(("", f"## {number}. {title}", "", *lines))


def listed(claims: Iterable[Claim], empty: str) -> Iterator[str]:
    """Yield claims as a list, or `empty` where there are none."""
    lines = [f"- {written(claim)}" for claim in claims]
    yield from lines or [empty]


def change_table(
    changes: Iterable[Change], empty: str, places: Callable[[Claim], str] = place
) -> Iterator[str]:
    """Yield the table of what differs from the base."""
    head = ("what", "kind", "before", "after", "reversible", "where")
    yield from table(head, (_change(one, places) for one in changes), empty)


def _change(change: Change, places: Callable[[Claim], str]) -> tuple[str, ...]:
    return (
        cell(change.node), change.kind, cell(change.before or "–"), cell(change.after or "–"),
        change.reversible, places(change.claim),
    )  # fmt: skip


def steps_to_run(steps: Iterable[RollbackStep]) -> int:
    """Return how many rollback steps are run on the way back; others stay, or are a decision of their own."""
    return sum(one.advice == "run" for one in steps)


def command_in(context: str, command: str) -> str:
    """Return a command as inline code, with the directory it is run in unless that is the root."""
    return code(command) if context == ROOT else f"(in `{cell(context)}`) {code(command)}"


def counted(steps: int) -> str:
    """Return a number of steps in words: `1 step`, `3 steps`."""
    return f"{steps} step{'s' * (steps != 1)}"


def rollback_step(step: RollbackStep) -> Iterator[str]:
    """Yield a rollback step with its command, what is lost and what it undoes."""
    advice = _ADVICE[step.advice]
    lost = f" Data lost: {step.data_loss}." if step.data_loss else " No data is lost."
    yield f"**{step.name}** {flat(step.title)} (undoes {step.undoes}, {place(step.claim)}).{flat(lost)}"
    if advice and step.command:
        yield ""
        yield f"{advice}:"
    if step.command and step.context != ROOT:
        yield ""
        yield f"In `{step.context}`:"
    if step.command:
        yield ""
        yield from list(fence(step.command))[:-1]
