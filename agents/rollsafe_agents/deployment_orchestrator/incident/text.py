"""The analysis of an incident as Markdown: what is known, then what has to be filled in."""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.model import Section
from rollsafe.plans.parts import change_table, left_open, listed, section, verdict
from rollsafe.plans.writing import cell, checkbox, code, flat, table, written
from rollsafe_agents.deployment_orchestrator.incident.model import IncidentReport, Moment, Question, RunFacts
from rollsafe_agents.deployment_orchestrator.sections.changed_findings import Finding

UNKNOWN: Final = "UNKNOWN"
_MOST_FINDINGS: Final = 20


def sections(plan: IncidentReport) -> Iterator[Section]:
    """Yield the first screen and the sections, in order."""
    yield Section("Summary", "\n".join(_header(plan)))
    writers = (
        ("Timeline", _timeline), ("Impact", _impact), ("What changed", _changes),
        ("What rollsafe had found", _findings), ("Questions about the cause", _questions),
        ("Follow-ups", _follow_ups), ("Whom to ask", _contacts),
    )  # fmt: skip
    for number, (title, write) in enumerate(writers, 1):
        yield Section(title, section(number, title, write(plan)))


def _header(plan: IncidentReport) -> Iterator[str]:
    yield f"# {plan.title}"
    yield ""
    yield verdict(plan)
    yield ""
    if plan.run is not None:
        yield _run(plan.run)
        yield ""
    if plan.keep:
        yield "Keep first, it is gone soon:"
        yield from map(checkbox, plan.keep)
        yield ""
    yield "What reads UNKNOWN is filled in by those who were there. It is about what happened and what let it"
    yield "happen, not about who did it."
    yield from left_open(plan)


def _run(run: RunFacts) -> str:
    seal = "the journal is as it was written" if run.is_sealed else "**the journal was altered**"
    other = "" if run.is_of_this_plan else " · **of another plan than the files give now**"
    return f"Run {run.run}: {run.state} · {run.seconds // 60} min {run.seconds % 60:02} s · {seal}{other}"


def _timeline(plan: IncidentReport) -> Iterator[str]:
    yield from table(("time (UTC)", "what", "who", "note"), map(_moment, plan.timeline), "Nothing happened.")


def _moment(moment: Moment) -> tuple[str, ...]:
    at = moment.at.replace("T", " ").rstrip("Z") if moment.at else UNKNOWN
    ask = f"{code(moment.ask)} tells" if moment.ask else ""
    return at, cell(moment.what), cell(moment.who or UNKNOWN), cell(moment.note) or ask or "–"


def _impact(plan: IncidentReport) -> Iterator[str]:
    return listed(plan.impact, "Nothing is known of it.")


def _changes(plan: IncidentReport) -> Iterator[str]:
    return change_table(plan.changes, "Nothing that is deployed differs from the base.")


def _findings(plan: IncidentReport) -> Iterator[str]:
    head = ("severity", "rule", "finding")
    empty = "Nothing in the files that differ."
    yield from table(head, map(_finding, plan.findings[:_MOST_FINDINGS]), empty)
    if len(plan.findings) > _MOST_FINDINGS:
        yield ""
        yield f"{len(plan.findings) - _MOST_FINDINGS} more: `rollsafe check`."


def _finding(found: Finding) -> tuple[str, ...]:
    return found.severity, f"`{found.claim.rule}`", written(found.claim, labelled=False)


def _questions(plan: IncidentReport) -> Iterator[str]:
    for number, one in enumerate(plan.questions, 1):
        yield f"{number}. {flat(one.text)}?"
        yield f"   - because: {written(one.claim)}"
        yield f"   - where to look: {_answer(one)}"
        yield f"   - answer: {UNKNOWN}"
    if not plan.questions:
        yield "Nothing that is deployed differs: look outside of the repository."


def _answer(one: Question) -> str:
    return code(one.answer) if one.answer.startswith(("git ", "kubectl ")) else one.answer


def _follow_ups(plan: IncidentReport) -> Iterator[str]:
    yield from map(checkbox, plan.follow_ups)
    yield f"- [ ] meet about this report: {UNKNOWN}, within five working days (on call)"


def _contacts(plan: IncidentReport) -> Iterator[str]:
    return listed(plan.contacts, "Nobody is named.")
