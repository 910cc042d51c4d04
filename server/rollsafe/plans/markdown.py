"""A deployment plan as Markdown: written to be pasted from at three in the morning.

The first screen is the verdict, what has to be settled first, the point of no return and every step with
its command. The six sections after it give the reasons, the details of each step and the way back.
"""

from collections.abc import Iterable, Iterator

from rollsafe.plans.model import (
    Certainty,
    Change,
    Check,
    Claim,
    DeploymentPlan,
    Evidence,
    Risk,
    RollbackStep,
    Step,
)

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

_ADVICE = {
    "run": "",
    "leave": "Leave it as it is. Only if it has to go",
    "restore": "Only the backup brings the data back",
}


def render(plan: DeploymentPlan) -> str:
    """Return the whole plan."""
    return "\n".join(text for _, text in render_sections(plan)) + "\n"


def render_sections(plan: DeploymentPlan) -> Iterator[tuple[str, str]]:
    """Yield the title and the text of the header and of each of the six sections, in order."""
    yield "Verdict", "\n".join((*_header(plan), *_changes(plan)))
    writers = (_strategy, _risks, _steps, _validation, _rollback, _monitoring)
    for number, (title, write) in enumerate(zip(SECTIONS, writers, strict=True), 1):
        yield title, "\n".join(("", f"## {number}. {title}", "", *write(plan)))


# The first screen --------------------------------------------------------------------------------


def _header(plan: DeploymentPlan) -> Iterator[str]:
    yield f"# {plan.title}"
    yield ""
    yield " · ".join((f"**{plan.verdict}** {plan.verdict_reason}", *_frame(plan)))
    yield ""
    if plan.blocking:
        yield "Settle first:"
        yield from (f"- [ ] {_claim(claim, labelled=False)}" for claim in plan.blocking)
        yield ""
    yield f"Point of no return: {_claim(plan.point_of_no_return, labelled=False)}"
    yield ""
    yield f"Downtime: {_claim(plan.downtime, labelled=False)}"
    yield ""
    yield from _table(("#", "step", "gate", "if it fails", "undo"), map(_glance, plan.steps), "No steps.")
    if plan.unknowns:
        yield ""
        yield "Unknown: " + " · ".join(_text(claim.text) for claim in plan.unknowns)
    if plan.not_understood:
        yield ""
        yield "Not read: " + "; ".join(_text(name) for name in plan.not_understood)


def _frame(plan: DeploymentPlan) -> Iterator[str]:
    if plan.base is None:
        yield "no base"
    else:
        yield f"base {_short(plan.base)}"
    if plan.files_changed is None:
        yield "whole workspace"
    else:
        yield f"{plan.files_changed} file{'s' * (plan.files_changed != 1)} changed"
    yield f"plan {plan.content_hash}"


def _glance(step: Step) -> tuple[str, ...]:
    mark = "**Point of no return.** " if step.is_point_of_no_return else ""
    command = f": {_code(step.command)}" if step.command else ""
    undo = "–" if step.inverse is None else _references(step.inverse) or _cell(step.inverse)
    gate = f"{_code(step.gate.command)} → " if step.gate.command and len(step.gate.command) < _SHORT else ""
    return (
        str(step.number),
        f"{mark}{_cell(step.title)}{command}",
        gate + _cell(step.gate.expected),
        _cell(_in_short(step)),
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
    head = ("what", "kind", "before", "after", "reversible", "where")
    empty = {
        "redeploy": f"Nothing differs from {_short(plan.base or '')}: this brings out again what is there.",
        "whole workspace": "Without a base everything counts as new, and nothing is known of what runs.",
    }.get(plan.scope, "Nothing that is deployed differs.")
    yield from _table(head, map(_change, plan.changes), empty)


def _change(change: Change) -> tuple[str, ...]:
    return (
        _cell(change.node), change.kind, _cell(change.before or "–"), _cell(change.after or "–"),
        change.reversible, _place(change.claim),
    )  # fmt: skip


# The sections ------------------------------------------------------------------------------------


def _strategy(plan: DeploymentPlan) -> Iterator[str]:
    yield from (f"- {_claim(claim)}" for claim in plan.strategy)
    if plan.releases:
        yield ""
        yield "Without an interruption this takes more than one release:"
        for release in plan.releases:
            yield f"- **{release.name}**: {release.what}"
            yield from (f"  - {_claim(claim)}" for claim in release.claims)
    if plan.preconditions:
        yield ""
        yield "Before the first step:"
        yield from (f"- [ ] {_claim(claim)}" for claim in plan.preconditions)
    if not (plan.strategy or plan.releases or plan.preconditions):
        yield "Nothing is known about how this is deployed."


def _risks(plan: DeploymentPlan) -> Iterator[str]:
    head = ("risk", "severity × radius", "why", "blast radius", "mitigation")
    yield from _table(head, map(_risk, plan.risks), "No risk was found in what is deployed.")
    yield ""
    yield f"Score {plan.risk_score} of 15 = {plan.risk_formula}"
    yield ""
    yield f"Downtime: {_claim(plan.downtime)}"
    if plan.timing:
        yield ""
        yield "Timing:"
        yield from (f"- {_claim(claim)}" for claim in plan.timing)


def _risk(risk: Risk) -> tuple[str, ...]:
    step = f" (step {risk.step})" if risk.step is not None else ""
    return (
        _cell(risk.name), f"{risk.severity} × {risk.radius} = {risk.score}", _claim(risk.reason),
        _claim(risk.radius_reason), _cell(risk.mitigation) + step,
    )  # fmt: skip


def _steps(plan: DeploymentPlan) -> Iterator[str]:
    if not plan.steps:
        yield "Nothing to do."
    for step in plan.steps:
        yield f"### 3.{step.number} {_text(step.title)}"
        yield ""
        if step.is_point_of_no_return:
            yield "**Point of no return.**"
            yield ""
        yield from _fence(step.command)
        gate = f"{_code(step.gate.command)} → " if step.gate.command else ""
        yield f"- gate: {gate}{_text(step.gate.expected)}"
        yield f"- if it fails: {_text(step.on_failure)}"
        undo = step.inverse if step.inverse is not None else f"– ({step.irreversible_reason})"
        yield f"- undo: {_text(undo)}"
        yield f"- phase: {step.phase} · needs: {_text(step.access)} · in: {_text(step.context)}"
        yield f"- because: {_claim(step.claim)}"
        yield ""


def _validation(plan: DeploymentPlan) -> Iterator[str]:
    yield from map(_check, plan.validation)
    if not plan.validation:
        yield "Nothing to validate."


def _check(check: Check) -> str:
    command = f" {_code(check.command)}" if check.command else ""
    place = _place(check.claim)
    source = "" if place == "–" else f" {place}"
    return f"- [ ] {_text(check.text)}:{command} → {_text(check.expected)} ({check.owner}){source}"


def _rollback(plan: DeploymentPlan) -> Iterator[str]:
    if plan.triggers:
        yield "Roll back when:"
        yield from (f"- {_claim(claim)}" for claim in plan.triggers)
        yield ""
    head = ("last completed step", "do")
    rows = ((f"{d.number} {_cell(d.last_completed)}", _cell(d.do)) for d in plan.decisions)
    yield from _table(head, rows, "No step changes anything.")
    count = sum(one.advice == "run" for one in plan.rollback)
    yield ""
    yield f"All the way back: {count} step{'s' * (count != 1)}."
    for step in plan.rollback:
        yield ""
        yield from _rollback_step(step)
    if plan.rollback_checks:
        yield ""
        yield "Then see that it worked:"
        yield from map(_check, plan.rollback_checks)
    if plan.contacts:
        yield ""
        yield "Whom to ask:"
        yield from (f"- {_claim(claim)}" for claim in plan.contacts)


def _rollback_step(step: RollbackStep) -> Iterator[str]:
    advice = _ADVICE[step.advice]
    lost = f" Data lost: {step.data_loss}." if step.data_loss else " No data is lost."
    yield f"**{step.name}** {_text(step.title)} (undoes {step.undoes}, {_place(step.claim)}).{_text(lost)}"
    if advice and step.command:
        yield ""
        yield f"{advice}:"
    if step.command:
        yield ""
        yield from list(_fence(step.command))[:-1]


def _monitoring(plan: DeploymentPlan) -> Iterator[str]:
    rows = (
        (point.when, _cell(point.signal), _code(point.where), _claim(point.threshold), point.window)
        for point in plan.monitoring
    )
    yield from _table(("when", "signal", "where to look", "abort when", "for"), rows, "Nothing to watch.")


# Pieces ------------------------------------------------------------------------------------------


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], empty: str) -> Iterator[str]:
    listed = list(rows)
    if not listed:
        yield empty
        return
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(row) + " |" for row in listed)


def _fence(command: str | None) -> Iterator[str]:
    if command:
        yield from ("```sh", command, "```", "")


def _claim(claim: Claim, *, labelled: bool = True) -> str:
    label = "" if claim.status is Certainty.FACT or not labelled else f" *{claim.status}*"
    place = _place(claim)
    return _cell(claim.text) + label + (f" {place}" if place != "–" else "")


def _place(claim: Claim) -> str:
    return " ".join(_link(evidence) for evidence in claim.evidence) or "–"


def _link(evidence: Evidence) -> str:
    place = f"{evidence.path}:{evidence.line}"
    if evidence.commit != "WORKTREE":
        return f"({_text(place)} at {evidence.commit})"
    target = evidence.path.replace("%", "%25").replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    return f"[{_cell(place)}]({target}#L{evidence.line})"


def _text(text: str) -> str:
    return text.replace("\n", " ")


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


def _code(command: str) -> str:
    """Return a command as inline code that survives a table cell; backticks inside get a longer fence."""
    flat = " ".join(command.split("\n")).replace("|", "\\|")
    fence = "``" if "`" in flat else "`"
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def _short(ref: str) -> str:
    is_commit = len(ref) >= 40 and all(char in "0123456789abcdef" for char in ref)
    return ref[:12] if is_commit else ref
