"""A deployment plan as Markdown: written to be pasted from at three in the morning.

The first screen is the verdict, what has to be settled first, the point of no return and every step with
its command. The six sections after it give the reasons, the details of each step and the way back.
"""

from collections.abc import Iterator

from rollsafe.plans.model import DeploymentPlan, Risk, Section, Step
from rollsafe.plans.parts import (
    change_table,
    command_in,
    counted,
    left_open,
    rollback_step,
    steps_to_run,
    verdict,
)
from rollsafe.plans.writing import cell, checkbox, code, fence, flat, short_ref, table, written

SECTIONS = (
    "Deployment plan",
    "Risk assessment",
    "Execution steps",
    "Validation checklist",
    "Rollback procedure",
    "Monitoring points",
)
_SHORT = 80
"""Characters up to which the command of a gate is part of the first screen."""

_MOST_ASIDE = 8


def sections(plan: DeploymentPlan) -> Iterator[Section]:
    """Yield the header and each of the six sections, in order."""
    yield Section("Verdict", "\n".join((*_header(plan), *_changes(plan))))
    writers = (_strategy, _risks, _steps, _validation, _rollback, _monitoring)
    for number, (title, write) in enumerate(zip(SECTIONS, writers, strict=True), 1):
        yield Section(title, "\n".join(("", f"## {number}. {title}", "", *write(plan))))


# The first screen --------------------------------------------------------------------------------


def _header(plan: DeploymentPlan) -> Iterator[str]:
    yield f"# {plan.title}"
    yield ""
    yield verdict(plan)
    yield ""
    if plan.blocking:
        yield "Settle first:"
        yield from (f"- [ ] {written(claim, labelled=False)}" for claim in plan.blocking)
        yield ""
    yield f"Point of no return: {written(plan.point_of_no_return, labelled=False)}"
    yield ""
    yield f"Downtime: {written(plan.downtime, labelled=False)}"
    yield ""
    yield from table(("#", "step", "gate", "if it fails", "undo"), map(_glance, plan.steps), "No steps.")
    yield from left_open(plan)
    if plan.aside:
        shown = ", ".join(code(path) for path in plan.aside[:_MOST_ASIDE])
        more = f" and {len(plan.aside) - _MOST_ASIDE} more" if len(plan.aside) > _MOST_ASIDE else ""
        yield ""
        yield f"Changed, but no part of it: {shown}{more}"


def _glance(step: Step) -> tuple[str, ...]:
    mark = "**Point of no return.** " if step.is_point_of_no_return else ""
    command = f": {command_in(step.context, step.command)}" if step.command else ""
    undo = "–" if step.inverse is None else _references(step.inverse) or cell(step.inverse)
    gate = f"{code(step.gate.command)} → " if step.gate.command and len(step.gate.command) < _SHORT else ""
    return (
        str(step.number),
        f"{mark}{cell(step.title)}{command}",
        gate + cell(step.gate.expected),
        cell(_in_short(step)),
        undo,
    )


def _in_short(step: Step) -> str:
    """Return what to do when a step fails, details left to the section on steps."""
    first, *rest = step.on_failure.split("; ")
    back = [part for part in rest if part.startswith(("then from", "the new release"))]
    details = [f"see 3.{step.number}"] if len(rest) > len(back) else []
    return "; ".join((first, *details, *back))


def _references(inverse: str) -> str:
    """Return only the names of the rollback steps: `R3, R4`."""
    return ", ".join(part.split(" ", 1)[0] for part in inverse.split("; ") if part[:1] == "R")


def _changes(plan: DeploymentPlan) -> Iterator[str]:
    yield ""
    yield "## What changes"
    yield ""
    base = short_ref(plan.base or "")
    empty = {
        "redeploy": f"Nothing differs from {base}: this brings out again what is there.",
        "whole workspace": "Without a base everything counts as new, and nothing is known of what runs.",
    }.get(plan.scope, "Nothing that is deployed differs.")
    yield from change_table(plan.changes, empty)


# The sections ------------------------------------------------------------------------------------


def _strategy(plan: DeploymentPlan) -> Iterator[str]:
    yield from (f"- {written(claim)}" for claim in plan.strategy)
    if plan.releases:
        yield ""
        yield "Without an interruption this takes more than one release:"
        for release in plan.releases:
            yield f"- **{release.name}**: {release.what}"
            yield from (f"  - {written(claim)}" for claim in release.claims)
    if plan.preconditions:
        yield ""
        yield "Before the first step:"
        yield from (f"- [ ] {written(claim)}" for claim in plan.preconditions)
    if not (plan.strategy or plan.releases or plan.preconditions):
        yield "Nothing is known about how this is deployed." if plan.steps else "There is no step."


def _risks(plan: DeploymentPlan) -> Iterator[str]:
    head = ("risk", "severity × radius", "why", "blast radius", "mitigation")
    yield from table(head, map(_risk, plan.risks), "No risk was found in what is deployed.")
    yield ""
    yield f"Score {plan.risk_score} of 15 = {plan.risk_formula}" if plan.risks else "Score 0 of 15."
    yield ""
    yield f"Downtime: {written(plan.downtime)}"
    if plan.timing:
        yield ""
        yield "Timing:"
        yield from (f"- {written(claim)}" for claim in plan.timing)


def _risk(risk: Risk) -> tuple[str, ...]:
    step = f" (step {risk.step})" if risk.step is not None else ""
    return (
        cell(risk.name), f"{risk.severity} × {risk.radius} = {risk.score}", written(risk.reason),
        written(risk.radius_reason), cell(risk.mitigation) + step,
    )  # fmt: skip


def _steps(plan: DeploymentPlan) -> Iterator[str]:
    if not plan.steps:
        yield "Nothing to do."
    for step in plan.steps:
        yield f"### 3.{step.number} {flat(step.title)}"
        yield ""
        if step.is_point_of_no_return:
            yield "**Point of no return.**"
            yield ""
        yield from fence(step.command)
        gate = f"{code(step.gate.command)} → " if step.gate.command else ""
        yield f"- gate: {gate}{flat(step.gate.expected)}"
        yield f"- if it fails: {flat(step.on_failure)}"
        undo = step.inverse if step.inverse is not None else f"– ({step.irreversible_reason})"
        yield f"- undo: {flat(undo)}"
        yield f"- phase: {step.phase} · needs: {flat(step.access)} · in: {flat(step.context)}"
        yield f"- because: {written(step.claim)}"
        yield ""


def _validation(plan: DeploymentPlan) -> Iterator[str]:
    yield from map(checkbox, plan.validation)
    if not plan.validation:
        yield "Nothing to validate."


def _rollback(plan: DeploymentPlan) -> Iterator[str]:
    if plan.triggers:
        yield "Roll back when:"
        yield from (f"- {written(claim)}" for claim in plan.triggers)
        yield ""
    head = ("last completed step", "do")
    rows = ((f"{d.number} {cell(d.last_completed)}", cell(d.do)) for d in plan.decisions)
    yield from table(head, rows, "No step changes anything.")
    if plan.decisions:
        yield ""
        yield f"All the way back: {counted(steps_to_run(plan.rollback))}."
    for step in plan.rollback:
        yield ""
        yield from rollback_step(step)
    if plan.rollback_checks:
        yield ""
        yield "Then see that it worked:"
        yield from map(checkbox, plan.rollback_checks)
    if plan.contacts:
        yield ""
        yield "Whom to ask:"
        yield from (f"- {written(claim)}" for claim in plan.contacts)


def _monitoring(plan: DeploymentPlan) -> Iterator[str]:
    rows = (
        (point.when, cell(point.signal), code(point.where), written(point.threshold), point.window)
        for point in plan.monitoring
    )
    yield from table(("when", "signal", "where to look", "abort when", "for"), rows, "Nothing to watch.")
