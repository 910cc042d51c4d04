"""The specification of a workflow as Markdown."""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.model import Certainty, Claim, Section
from rollsafe.plans.times import words
from rollsafe.plans.writing import cell, checkbox, fence, flat, frame, link, place, table, written
from rollsafe_agents.workflow_orchestrator.flow.diagram import mermaid
from rollsafe_agents.workflow_orchestrator.flow.model import (
    Event,
    FieldSchema,
    FlowState,
    WorkflowSpecification,
)

SECTIONS: Final = (
    "Participants",
    "States",
    "Events",
    "Error scenarios",
    "Consistency",
    "Performance and reliability",
    "Self-check",
    "Monitoring",
    "Open questions",
)
_MOST: Final = 80


def sections(plan: WorkflowSpecification) -> Iterator[Section]:
    """Yield the header and each of the nine sections."""
    yield Section("Verdict", "\n".join(_header(plan)))
    writers = (
        _participants, _states, _events, _errors, _consistency, _performance, _boxes, _monitoring, _questions,
    )  # fmt: skip
    for number, (title, write) in enumerate(zip(SECTIONS, writers, strict=True), 1):
        yield Section(title, "\n".join(("", f"## {number}. {title}", "", *write(plan))))


def _header(plan: WorkflowSpecification) -> Iterator[str]:
    yield f"# {plan.title}"
    yield ""
    yield " · ".join((f"**{plan.verdict}** {plan.verdict_reason}", *frame(plan)))
    yield ""
    if plan.flaws:
        yield "Settle first:"
        yield from (f"- [ ] {written(claim, labelled=False)}" for claim in plan.flaws)
        yield ""
    yield f"Takes: {written(plan.duration, labelled=False)}"
    yield ""
    yield f"Self-check: {_score(plan)}"
    if plan.unknowns:
        yield ""
        yield "Unknown: " + " · ".join(flat(claim.text) for claim in plan.unknowns)
    if plan.not_understood:
        yield ""
        yield "Not read: " + "; ".join(flat(name) for name in plan.not_understood)


def _score(plan: WorkflowSpecification) -> str:
    failed = [box for box in plan.boxes if box.answer == "FAIL"]
    counts = (
        f"{sum(box.answer == answer for box in plan.boxes)} {answer}"
        for answer in ("PASS", "FAIL", "UNKNOWN")
    )
    text = ", ".join(counts)
    return text + (": " + "; ".join(f"{box.number} {box.text}" for box in failed) if failed else "")


def _participants(plan: WorkflowSpecification) -> Iterator[str]:
    rows = (
        (cell(one.name), one.role, cell(one.owner), written(one.claim)) for one in plan.participants[:_MOST]
    )
    yield from table(("participant", "role", "owner", "where"), rows, "None is named.")


# States ------------------------------------------------------------------------------------------


def _states(plan: WorkflowSpecification) -> Iterator[str]:
    yield from fence(mermaid(plan).rstrip("\n"), "mermaid")
    names = {state.id: state for state in plan.states}

    def row(number: int) -> tuple[str, ...]:
        way = plan.transitions[number]
        source, target = names.get(way.source), names.get(way.target)
        return (
            _name(way.source, source),
            way.on,
            cell(way.guard) or "–",
            _name(way.target, target),
            written(source.effect) if source is not None and source.effect is not None else "–",
            written(source.limit) if source is not None else "–",
            "; ".join(written(claim) for claim in source.retries) or "–" if source is not None else "–",
            place(way.claim),
        )

    shown = range(min(len(plan.transitions), 2 * _MOST))
    head = ("state", "on", "guard", "to", "side effects", "time limit", "retry", "where")
    yield from table(head, map(row, shown), "No transitions.")
    if len(plan.transitions) > 2 * _MOST:
        yield ""
        yield f"{len(plan.transitions) - 2 * _MOST} more are left out; `--format json` has them all."


def _name(id_: str, state: FlowState | None) -> str:
    return cell(state.name) if state is not None else id_


# The rest ----------------------------------------------------------------------------------------


def _events(plan: WorkflowSpecification) -> Iterator[str]:
    rows = (
        (
            cell(e.name),
            e.direction,
            cell(e.channel),
            _people(e.producers),
            _people(e.consumers),
            *("–" if claim is None else written(claim) for claim in (e.key, e.identity)),
            _described(e),
            place(e.claim),
        )
        for e in plan.events[:_MOST]
    )
    head = ("event", "", "channel", "producer", "consumer", "order", "told apart by", "described in", "where")
    yield from table(head, rows, "None is named.")
    for event in [one for one in plan.events[:_MOST] if one.fields]:
        yield from ("", f"Fields of `{flat(event.name)}`:", "")
        yield from table(_FIELDS, (_field(one) for one in event.fields), "")
    for event in [one for one in plan.events[:_MOST] if one.compatibility]:
        yield from ("", f"`{flat(event.name)}` since the base:", "")
        yield from (f"- {written(claim)}" for claim in event.compatibility)


def _described(event: Event) -> str:
    if event.description is None:
        return "–"
    version = f", version {cell(event.version)}" if event.version else ""
    return written(event.description) + version


_FIELDS: Final = ("field", "type", "required", "format", "where")


def _field(one: FieldSchema) -> tuple[str, ...]:
    required = "UNKNOWN" if one.required is None else "yes" if one.required else "no"
    return (cell(one.name), cell(one.type or "UNKNOWN"), required, cell(one.format) or "–", link(one.place))


def _people(claims: tuple[Claim, ...]) -> str:
    """Return names with their places; of somebody nobody names, only that."""
    told = (
        "UNKNOWN" if one.status is Certainty.UNKNOWN else f"{cell(one.text)} {place(one)}"
        for one in claims[:6]
    )
    return "; ".join(told) + (" …" if len(claims) > 6 else "") or "–"


def _errors(plan: WorkflowSpecification) -> Iterator[str]:
    rows = (
        (
            cell(state.name),
            "; ".join(written(claim) for claim in state.retries) or "none",
            written(state.handled) if state.handled is not None else "–",
            written(state.compensation) if state.compensation is not None else "–",
        )
        for state in plan.states[:_MOST]
        if state.retries or state.handled is not None or state.compensation is not None
    )
    yield from table(("state", "retry", "when it fails", "taken back by"), rows, "Nothing can fail.")
    for title, claims in (("Dead letters", plan.letters), ("Alarms", plan.alarms)):
        if claims:
            yield from ("", f"{title}:", "", *(f"- {written(claim)}" for claim in claims))


def _consistency(plan: WorkflowSpecification) -> Iterator[str]:
    rows = (
        (
            cell(one.name),
            _people(one.written_by),
            _people(one.read_by),
            written(one.pattern),
            written(one.isolation),
        )
        for one in plan.stores
    )
    if plan.stores:
        yield from table(("store", "written by", "read by", "pattern", "isolation"), rows, "")
        yield ""
    yield from (f"- {written(claim)}" for claim in plan.consistency)


def _performance(plan: WorkflowSpecification) -> Iterator[str]:
    yield f"- longest run: {written(plan.duration)}"
    timed = [state for state in plan.states if state.longest is None or state.longest > 0]
    for state in timed[:_MOST]:
        length = "unknown" if state.longest is None else words(state.longest)
        yield f"- `{flat(state.name)}`: {length} with all tries; {written(state.limit)}"
    yield from (f"- {written(claim)}" for claim in plan.reliability)


def _boxes(plan: WorkflowSpecification) -> Iterator[str]:
    rows = (
        (str(box.number), box.text, box.answer, "; ".join(written(claim) for claim in box.claims) or "–")
        for box in plan.boxes
    )
    yield from table(("#", "question", "answer", "why"), rows, "")


def _monitoring(plan: WorkflowSpecification) -> Iterator[str]:
    yield from (checkbox(check) for check in plan.monitoring)


def _questions(plan: WorkflowSpecification) -> Iterator[str]:
    if not plan.questions:
        yield "None."
    yield from (f"{number}. {written(claim)}" for number, claim in enumerate(plan.questions, 1))
