"""The rollback plan as Markdown: hold, find the case, run the commands, see that it worked."""

from collections.abc import Iterator

from rollsafe.plans.model import RollbackStep, Section, Step
from rollsafe.plans.parts import command_in, counted, left_open, listed, rollback_step, section, verdict
from rollsafe.plans.writing import cell, checkbox, code, flat, place, table
from rollsafe_agents.deployment_orchestrator.rollback.model import (
    MigrationBack,
    RollbackCase,
    RollbackPlan,
    Target,
)

_ADVICE = {
    "run": "run it down",
    "leave": "leave it",
    "restore": "only the backup",
    "forward": "only forward, with a new migration",
}


def sections(plan: RollbackPlan) -> Iterator[Section]:
    """Yield the first screen and the sections, in order."""
    yield Section("Verdict", "\n".join(_header(plan)))
    writers = (
        ("Which case", _cases), ("Commands, in order", _commands), ("What comes back", _targets),
        ("Migrations", _migrations), ("See that it worked", _checks), ("When to roll back", _triggers),
        ("Whom to ask", _contacts),
    )  # fmt: skip
    for number, (title, write) in enumerate(writers, 1):
        yield Section(title, section(number, title, write(plan)))


def _header(plan: RollbackPlan) -> Iterator[str]:
    yield f"# {plan.title}"
    yield ""
    yield verdict(plan)
    yield ""
    yield from _before(plan)
    worst = plan.cases[-1].warning if plan.cases else None
    if worst is not None and plan.after is None:
        yield f"**After step {plan.cases[-1].number}** {cell(worst)}."
        yield ""
    elif worst is not None:
        yield f"**Mind:** {cell(worst)}."
        yield ""
    head = ("", "command", "undoes", "data lost")
    yield from table(head, map(_glance, plan.steps), "No command takes anything back.")
    yield from left_open(plan)


def _before(plan: RollbackPlan) -> Iterator[str]:
    """Yield what comes before the first command, unless it has been done with the deployment."""
    if plan.hold and plan.steps:
        yield "First hold what deploys by itself, unless it is held already:"
        yield from (f"- {_held(step)}" for step in plan.hold)
        yield ""
    if plan.after is None and len(plan.cases) > 1:
        yield "Find the case by the last completed step (section 1). All the way back:"
        yield ""
    elif plan.begun is not None:
        yield f"Step {plan.after} was the last that went through; {flat(plan.begun)}."
        yield ""


def _held(step: Step) -> str:
    gate = f"{code(step.gate.command)} → " if step.gate.command else ""
    return f"{code(step.command or '')}, then {gate}{flat(step.gate.expected)} {place(step.claim)}"


def _glance(step: RollbackStep) -> tuple[str, ...]:
    command = f": {command_in(step.context, step.command)}" if step.command else ""
    only = {"leave": "**Not needed.** ", "restore": "**Only if the data has to come back.** "}
    what = f"{only.get(step.advice, '')}{cell(step.title)}{command}"
    return step.name, what, f"step {step.undoes}", cell(step.data_loss or "none")


# The sections ------------------------------------------------------------------------------------


def _cases(plan: RollbackPlan) -> Iterator[str]:
    head = ("last completed step", "do", "commands", "data lost", "mind")
    yield from table(head, map(_case, plan.cases), "No step has changed anything: nothing is taken back.")


def _case(case: RollbackCase) -> tuple[str, ...]:
    return (
        f"{case.number} {cell(case.last_completed)}", cell(case.do), str(case.steps),
        cell(case.data_loss or "none"), cell(case.warning or "–"),
    )  # fmt: skip


def _commands(plan: RollbackPlan) -> Iterator[str]:
    if not plan.steps:
        yield "None."
        return
    yield f"{counted(plan.step_count).capitalize()} to run. Names are those of the deployment plan."
    for step in plan.steps:
        yield ""
        yield from rollback_step(step)
    if plan.hold:
        yield ""
        yield (
            "Before a pipeline goes on, take the change back on the branch it deploys from: its next run"
            " brings it out again."
        )


def _targets(plan: RollbackPlan) -> Iterator[str]:
    head = ("what", "kind", "now", "goes back to", "written")
    yield from table(head, map(_target, plan.targets), "Nothing that is known by name.")


def _target(target: Target) -> tuple[str, ...]:
    return (
        cell(target.node), target.kind, cell(target.now or "–"), cell(target.back_to or "–"),
        place(target.claim),
    )  # fmt: skip


def _migrations(plan: RollbackPlan) -> Iterator[str]:
    head = ("migration", "it", "on the way back", "with it the old release", "data lost", "where")
    empty = "None was applied."
    if plan.scope == "whole workspace":
        empty = "Which are applied is not known: the runner's status tells."
    yield from table(head, map(_migration, plan.migrations), empty)


def _migration(one: MigrationBack) -> tuple[str, ...]:
    names = f" ({', '.join(one.steps)})" if one.steps else ""
    release = {"unknown": "UNKNOWN"}.get(one.old_release, one.old_release)
    lost = cell(one.data_loss or "none")
    if one.advice == "leave":
        lost = "none, left in place"
    return cell(f"`{one.name}`"), cell(one.does), _ADVICE[one.advice] + names, release, lost, place(one.claim)


def _checks(plan: RollbackPlan) -> Iterator[str]:
    yield from map(checkbox, plan.checks)
    if not plan.checks:
        yield "No check is known: no file says how it answers."


def _triggers(plan: RollbackPlan) -> Iterator[str]:
    return listed(plan.triggers, "No limit is known.")


def _contacts(plan: RollbackPlan) -> Iterator[str]:
    return listed(plan.contacts, "Nobody is named.")
