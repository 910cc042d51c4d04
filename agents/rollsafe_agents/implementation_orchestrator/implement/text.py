"""The implementation plan as Markdown: conflicts and questions first, then phases, then the reasons."""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.model import Section
from rollsafe.plans.writing import cell, code, fence, flat, frame, link, table, written
from rollsafe_agents.implementation_orchestrator.implement.model import (
    Component,
    ImplementationPlan,
    Phase,
    Question,
)

_LONGEST_GOAL: Final = 600
"""Characters of a goal that the Markdown form repeats."""


def sections(plan: ImplementationPlan) -> Iterator[Section]:
    """Yield the header and the numbered sections; those with nothing to say are left out."""
    yield Section("Verdict", "\n".join(_header(plan)))
    writers = (
        ("Affected parts", _affected, bool(plan.affected)),
        ("Questions and assumptions", _questions, True),
        ("Service by service", _components, bool(plan.components)),
        ("Data flow", _flow, bool(plan.flow)),
        ("Phases", _phases, bool(plan.phases)),
        ("Risks and trade-offs", _risks, bool(plan.risks or plan.counts)),
        ("Tests", _tests, bool(plan.tests)),
        ("Self-check", _boxes, True),
        ("What this plan does not cover", _not_covered, True),
        ("Next", _next, True),
    )
    kept = [(title, write) for title, write, says_something in writers if says_something]
    for number, (title, write) in enumerate(kept, 1):
        yield Section(title, "\n".join(("", f"## {number}. {title}", "", *write(plan))))


def _header(plan: ImplementationPlan) -> Iterator[str]:
    yield f"# {flat(plan.title)}"
    yield ""
    yield " · ".join((f"**{plan.verdict}** {plan.verdict_reason}", *frame(plan)))
    yield ""
    if plan.conflicts:
        yield "**Conflicts with this repository**, to settle before anything else:"
        yield from (f"- [ ] {written(claim, labelled=False)}" for claim in plan.conflicts)
        yield ""
    source = f" ({link(plan.source)})" if plan.source is not None else ""
    yield f"Goal{source}:"
    yield ""
    yield f"> {_cut(plan.goal)}"
    yield ""
    first = [question for question in plan.questions if question.is_asked]
    if first:
        yield "Settle first:"
        yield from (f"{place}. {_asked(question)}" for place, question in enumerate(first, 1))
        yield ""
    yield from table(
        ("phase", "what", "needs", "beside", "taken back by"), map(_glance, plan.phases), "No phases."
    )


def _cut(goal: str) -> str:
    if len(goal) <= _LONGEST_GOAL:
        return goal
    shown = goal[:_LONGEST_GOAL].rpartition(" ")[0] or goal[:_LONGEST_GOAL]
    left = len(goal[len(shown) :].split())
    return f"{shown} … and {left} more word{'s' * (left != 1)}; the JSON form has all of them"


def _asked(question: Question) -> str:
    return f"{flat(question.text)} (`--answer {question.name}=…`; until then: {flat(question.fallback)})"


def _glance(phase: Phase) -> tuple[str, ...]:
    needs, beside = ", ".join(phase.needs) or "–", ", ".join(phase.beside) or "–"
    return phase.name, cell(phase.title), needs, beside, _taken_back(phase)


def _taken_back(phase: Phase) -> str:
    is_command = phase.rollback.startswith(("kubectl ", "helm ", "docker "))
    return code(phase.rollback) if is_command else cell(phase.rollback)


def _affected(plan: ImplementationPlan) -> Iterator[str]:
    rows = (
        (cell(one.name), one.kind, "named" if one.distance == 0 else f"{one.distance} away", written(one.why))
        for one in plan.affected
    )
    yield from table(("what", "kind", "how near", "why"), rows, "The goal names nothing of this repository.")


def _questions(plan: ImplementationPlan) -> Iterator[str]:
    answered = [one for one in plan.questions if one.answer is not None]
    if answered:
        yield "Answered already:"
        yield from (f"- [x] {flat(one.text)} {written(one.answer)}" for one in answered if one.answer)
        yield ""
    rows = [
        (code(one.name), cell(one.text), cell(one.why), f"{cell(one.fallback)} *ASSUMED*")
        for one in plan.questions
        if one.answer is None
    ]
    if rows:
        yield "Open, the first three above; until each is answered the plan takes this for granted:"
        yield ""
        yield from table(("name", "question", "why it matters", "taken for granted"), rows, "")


def _components(plan: ImplementationPlan) -> Iterator[str]:
    for one in plan.components:
        yield f"### {flat(one.name)}"
        yield ""
        yield from _component(one)
        yield ""
    if not plan.components:
        yield "No service is known to be touched."


def _component(one: Component) -> Iterator[str]:
    parts = (
        ("code", one.code), ("interface", one.contract), ("data", one.data), ("settings", one.settings),
        ("deployed by", one.deployed_by), ("tests", one.tests),
    )  # fmt: skip
    yield from (f"- {name}: {written(claim)}" for name, claim in parts)
    yield f"- owner: {written(one.owner)}"


def _flow(plan: ImplementationPlan) -> Iterator[str]:
    yield from fence(plan.flow, "mermaid")
    yield from (f"    {line}" for line in plan.flow_text)
    if not plan.flow and not plan.flow_text:
        yield "Nothing is known of who calls whom here."


def _phases(plan: ImplementationPlan) -> Iterator[str]:
    for phase in plan.phases:
        yield f"### {phase.name} {flat(phase.title)}"
        yield ""
        yield f"- change: {flat(phase.change)}"
        if phase.touches:
            yield f"- touches: {', '.join(f'`{path}`' for path in phase.touches)}"
        beside = f" · beside {', '.join(phase.beside)}" if phase.beside else ""
        alone = "shipped alone" if phase.is_deployable_alone else "ships with its neighbours"
        yield f"- needs {', '.join(phase.needs) or 'nothing'}{beside} · {alone} · size {phase.size}"
        command = f": {code(phase.command)}" if phase.command else ""
        yield f"- done when {flat(phase.done_when)}{command}"
        yield f"- taken back by: {_taken_back(phase)}"
        yield f"- because: {written(phase.claim)}"
        yield ""
    yield "The commands of each rollout: `rollsafe plan deploy` once the phase is written."


def _risks(plan: ImplementationPlan) -> Iterator[str]:
    yield from (f"- {written(claim)}" for claim in plan.risks)
    yield from (f"- to run: {one.count} more {one.what}, {written(one.claim)}" for one in plan.counts)


def _tests(plan: ImplementationPlan) -> Iterator[str]:
    yield from (f"- {written(claim)}" for claim in plan.tests)
    if not plan.tests:
        yield "No suite is known for what is touched."


def _boxes(plan: ImplementationPlan) -> Iterator[str]:
    rows = ((box.name, box.verdict, written(box.claim)) for box in plan.boxes)
    yield from table(("point", "verdict", "why"), rows, "")


def _not_covered(plan: ImplementationPlan) -> Iterator[str]:
    yield from (f"- {written(claim)}" for claim in plan.not_covered)


def _next(plan: ImplementationPlan) -> Iterator[str]:
    yield from (f"{place}. {flat(action)}" for place, action in enumerate(plan.next_actions, 1))
    yield ""
    yield f"A decision record to begin with, `{plan.decision.path}`:"
    yield ""
    yield from list(fence(plan.decision.text, "markdown"))[:-1]
