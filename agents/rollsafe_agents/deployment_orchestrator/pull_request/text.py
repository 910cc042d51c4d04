"""The body of a pull request as the forge's Markdown: places are named, not linked.

A relative link of a body leads into the pull request's own address, not into the repository, and a name with
an at sign in running text would notify people.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.model import Check, Claim, Section
from rollsafe.plans.parts import change_table, command_in, verdict
from rollsafe.plans.writing import cell, code, flat, named, table, written
from rollsafe_agents.deployment_orchestrator.pull_request.model import PullRequestPlan

_MOST_ROWS: Final = 25
_MOST_FINDINGS: Final = 10
_MOST_FILES: Final = 10
_FOLD: Final = 8
"""More notes than this are folded away."""


def sections(plan: PullRequestPlan) -> Iterator[Section]:
    """Yield the sections that have something to say, in order."""
    writers = (
        ("What changes and why it is safe", _what), ("Breaking changes", _breaking), ("Risk", _risk),
        ("How it is tested", _tests), ("Screenshots", _screenshots), ("Deploying it", _notes),
        ("Taking it back", _rollback), ("Checklist", _checklist),
    )  # fmt: skip
    before = ""
    for title, write in writers:
        lines = list(write(plan))
        if lines:
            yield Section(title, "\n".join((f"{before}## {title}", "", *lines)))
            before = "\n"


def _told(claim: Claim) -> str:
    return written(claim, places=named)


def _what(plan: PullRequestPlan) -> Iterator[str]:
    yield "What for: *UNKNOWN, one sentence of the author's*"
    yield ""
    yield from change_table(plan.changes[:_MOST_ROWS], "Nothing that is deployed differs.", named)
    if len(plan.changes) > _MOST_ROWS:
        yield ""
        yield f"{len(plan.changes) - _MOST_ROWS} more rows: `rollsafe plan deploy`."
    if not plan.changes and plan.files:
        more = f" and {len(plan.files) - _MOST_FILES} more" if len(plan.files) > _MOST_FILES else ""
        yield ""
        yield f"Changed: {', '.join(code(path) for path in plan.files[:_MOST_FILES])}{more}."
    if plan.safe:
        yield ""
        yield from (f"- {_told(claim)}" for claim in plan.safe)


def _breaking(plan: PullRequestPlan) -> Iterator[str]:
    return (f"- {_told(claim)}" for claim in plan.breaking)


def _risk(plan: PullRequestPlan) -> Iterator[str]:
    yield verdict(plan)
    yield ""
    rows = (
        (cell(risk.name), f"{risk.score} of 15", _told(risk.reason), cell(risk.mitigation))
        for risk in plan.risks
    )
    yield from table(("risk", "score", "why", "what holds it in check"), rows, "No risk was found.")
    if plan.findings:
        yield ""
        yield "Found in the changed files:"
        for found in plan.findings[:_MOST_FINDINGS]:
            yield f"- {found.severity}: {_told(found.claim)} `{found.claim.rule}`"
        if len(plan.findings) > _MOST_FINDINGS:
            yield f"- {len(plan.findings) - _MOST_FINDINGS} more: `rollsafe check`"


def _tests(plan: PullRequestPlan) -> Iterator[str]:
    yield from (f"- {_test(check)}" for check in plan.tests)
    if not plan.tests:
        yield "UNKNOWN: no workflow runs a test."


def _test(check: Check) -> str:
    command = f"{code(check.command)} in " if check.command else ""
    return f"{command}{flat(check.text)} → {flat(check.expected)} ({named(check.claim)})"


def _screenshots(plan: PullRequestPlan) -> Iterator[str]:
    if plan.pages:
        yield f"Of {', '.join(code(path) for path in plan.pages[:_MOST_FILES])}:"
        yield ""
        yield from table(("before", "after"), [("", "")], "")


def _notes(plan: PullRequestPlan) -> Iterator[str]:
    lines = [f"- {_told(claim)}" for claim in plan.notes]
    if len(lines) > _FOLD:
        lines = [
            *lines[:_FOLD],
            "",
            f"<details><summary>{len(lines) - _FOLD} more</summary>",
            "",
            *lines[_FOLD:],
            "",
            "</details>",
        ]
    yield from lines
    if lines:
        yield ""
        yield "Step by step: `rollsafe plan deploy`."


def _rollback(plan: PullRequestPlan) -> Iterator[str]:
    if plan.mind:
        yield f"Mind: {flat(plan.mind)}."
        yield ""
    for step in plan.rollback:
        command = f"{command_in(step.context, step.command)}: " if step.command else ""
        lost = f" (loses {flat(step.data_loss)})" if step.data_loss else ""
        only = "only if data has to come back: " if step.advice == "restore" else ""
        yield f"1. {only}{command}{flat(step.title)}{lost}"
    if plan.rollback:
        yield ""
        yield "By the last completed step: `rollsafe plan rollback`."


def _checklist(plan: PullRequestPlan) -> Iterator[str]:
    return (f"- [{'x' if item.done else ' '}] {flat(item.text)}" for item in plan.checklist)
