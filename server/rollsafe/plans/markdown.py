"""A deployment plan as Markdown: written to be pasted from at three in the morning."""

from collections.abc import Iterable, Iterator

from rollsafe.plans.model import (
    Certainty,
    Claim,
    DeploymentPlan,
    Evidence,
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


def render(plan: DeploymentPlan) -> str:
    """Return the whole plan."""
    return "\n".join(text for _, text in render_sections(plan)) + "\n"


def render_sections(plan: DeploymentPlan) -> Iterator[tuple[str, str]]:
    """Yield the title and the text of the header and of each of the six sections, in order."""
    yield "Verdict", "\n".join(_header(plan))
    writers = (_strategy, _risks, _steps, _validation, _rollback, _monitoring)
    for number, (title, write) in enumerate(zip(SECTIONS, writers, strict=True), 1):
        yield title, "\n".join(("", f"## {number}. {title}", "", *write(plan)))


def _header(plan: DeploymentPlan) -> Iterator[str]:
    base = f"base {plan.base}" if plan.base else "no base"
    files = "whole workspace" if plan.files_changed is None else f"{plan.files_changed} files changed"
    yield f"# {plan.title}"
    yield ""
    yield f"**{plan.verdict}** — {plan.verdict_reason} · {base} · {files} · plan {plan.content_hash}"
    yield ""
    yield f"Point of no return: {_claim(plan.point_of_no_return)}"
    if plan.unknowns:
        yield ""
        yield f"Unknown ({len(plan.unknowns)}):"
        yield from (f"- {claim.text}" for claim in plan.unknowns)
    if plan.not_understood:
        yield ""
        yield "Not understood: " + "; ".join(plan.not_understood)
    yield ""
    yield "## What changes"
    yield ""
    rows = (
        (_cell(c.node), c.kind, _cell(c.before or "–"), _cell(c.after or "–"), c.reversible, _place(c.claim))
        for c in plan.changes
    )
    yield from _table(("what", "kind", "before", "after", "reversible", "where"), rows, "Nothing differs.")


def _strategy(plan: DeploymentPlan) -> Iterator[str]:
    yield from (f"- {_claim(claim)}" for claim in plan.strategy)
    if plan.releases:
        yield ""
        yield "This change needs more than one release:"
        for release in plan.releases:
            yield f"- **{release.name}**: {release.what}"
            yield from (f"  - {_claim(claim)}" for claim in release.claims)
    yield ""
    yield "Before the first step:"
    yield from (f"- [ ] {_claim(claim)}" for claim in plan.preconditions)


def _risks(plan: DeploymentPlan) -> Iterator[str]:
    rows = (
        (
            _cell(risk.name), f"{risk.severity} × {risk.radius} = {risk.score}", _claim(risk.reason),
            _claim(risk.radius_reason), _cell(risk.mitigation),
        )
        for risk in plan.risks
    )  # fmt: skip
    head = ("risk", "severity × radius", "why", "blast radius", "mitigation")
    yield from _table(head, rows, "No risk was found in what changes.")
    yield ""
    yield (
        f"Score {plan.risk_score} of 15: the highest of severity (1–5) × radius (1–3). "
        "Severity: 5 irreversible data change · 4 exclusive lock, rewrite or missing key · "
        "3 no probe, single replica, mutable image · 2 missing gate. "
        "Radius: 1 one workload · 2 several · 3 reachable from outside."
    )
    yield ""
    yield f"Downtime: {_claim(plan.downtime)}"


def _steps(plan: DeploymentPlan) -> Iterator[str]:
    rows = (
        (
            str(step.number), step.phase, _what(step), _cell(f"{step.gate}: {step.expected}"),
            _cell(step.on_failure), _undo(step), _cell(step.access), _place(step.claim),
        )
        for step in plan.steps
    )  # fmt: skip
    head = ("#", "phase", "step", "gate", "if it fails", "undo", "needs", "where")
    yield from _table(head, rows, "Nothing to do.")


def _what(step: Step) -> str:
    if step.command is None:
        return _cell(step.title)
    place = "" if step.context == "repository root" else f" (in {step.context})"
    return f"{_cell(step.title)}{place}<br>{_code(step.command)}"


def _undo(step: Step) -> str:
    return _cell(step.inverse if step.inverse is not None else f"– ({step.irreversible_reason})")


def _validation(plan: DeploymentPlan) -> Iterator[str]:
    for check in plan.validation:
        command = f" {_code(check.command)}" if check.command else ""
        yield f"- [ ] {check.text}{command} → {check.expected} ({check.owner}) {_place(check.claim)}"
    if not plan.validation:
        yield "Nothing to validate."


def _rollback(plan: DeploymentPlan) -> Iterator[str]:
    yield "Roll back when:"
    yield from (f"- {_claim(claim)}" for claim in plan.triggers)
    yield ""
    decisions = ((_cell(d.last_completed), _cell(d.do)) for d in plan.decisions)
    yield from _table(("last completed step", "do"), decisions, "No step changes anything.")
    yield ""
    rows = (
        (
            step.name,
            str(step.undoes),
            _rollback_what(step),
            _cell(step.data_loss or "none"),
            _place(step.claim),
        )
        for step in plan.rollback
    )
    head = ("step", "undoes", "what", "data lost", "where")
    yield from _table(head, rows, "No step can be undone.")


def _rollback_what(step: RollbackStep) -> str:
    return f"{_cell(step.title)}<br>{_code(step.command)}" if step.command else _cell(step.title)


def _monitoring(plan: DeploymentPlan) -> Iterator[str]:
    rows = (
        (
            point.when, _cell(point.signal), _code(point.where), _cell(point.threshold), point.window,
            _place(point.claim),
        )
        for point in plan.monitoring
    )  # fmt: skip
    head = ("when", "signal", "where to look", "abort when", "for", "source")
    yield from _table(head, rows, "Nothing to watch.")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], empty: str) -> Iterator[str]:
    listed = list(rows)
    if not listed:
        yield empty
        return
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(row) + " |" for row in listed)


def _claim(claim: Claim) -> str:
    label = "" if claim.status is Certainty.FACT else f" *{claim.status}*"
    place = _place(claim)
    return _cell(claim.text) + label + (f" {place}" if place != "–" else "")


def _place(claim: Claim) -> str:
    return " ".join(_link(evidence) for evidence in claim.evidence) or "–"


def _link(evidence: Evidence) -> str:
    place = f"{evidence.path}:{evidence.line}"
    if evidence.commit != "WORKTREE":
        return f"({place} at {evidence.commit})"
    return f"([{place}]({evidence.path.replace(' ', '%20')}#L{evidence.line}))"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(command: str) -> str:
    """Return a command as inline code that survives a table cell; backticks inside get a longer fence."""
    flat = " ".join(command.split("\n")).replace("|", "\\|")
    fence = "``" if "`" in flat else "`"
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"
