"""States and transitions drawn: as a Mermaid state diagram, and as text."""

from collections.abc import Iterator
from typing import Final

from rollsafe_agents.workflow_orchestrator.flow.model import FlowState, FlowTransition, WorkflowSpecification

_MOST: Final = 250
"""States that are drawn; more of them nobody can read."""


def mermaid(plan: WorkflowSpecification) -> str:
    """Return a `stateDiagram-v2` with every state and every way; retries are notes."""
    return "\n".join(("stateDiagram-v2", *_scope(plan, "", "  "))) + "\n"


def _scope(plan: WorkflowSpecification, parent: str, indent: str) -> Iterator[str]:
    shown = {state.id for state in plan.states[:_MOST]}
    mine = [state for state in plan.states[:_MOST] if state.parent == parent]
    for state in mine:
        yield f'{indent}state "{_label(state)}" as {state.id}'
        if any(other.parent == state.id for other in plan.states[:_MOST]):
            yield f"{indent}state {state.id} {{"
            yield from _scope(plan, state.id, f"{indent}  ")
            yield f"{indent}}}"
    for way in plan.transitions:
        if way.parent == parent and {way.source, way.target} - {"[*]"} <= shown:
            yield f"{indent}{way.source} --> {way.target} : {_escaped(_words(way))}"
    for state in mine:
        if state.retries:
            text = "; ".join(claim.text for claim in state.retries)
            yield f"{indent}note right of {state.id} : retry {_escaped(text)}"
    left = len(plan.states) - len(shown)
    if left and not parent:
        yield f"{indent}%% {left} more states are not drawn"


def _label(state: FlowState) -> str:
    return _escaped(f"{state.name} ({state.kind})")


def _words(way: FlowTransition) -> str:
    return f"{way.on} {way.guard}".strip()


def _escaped(text: str) -> str:
    """Return a text as Mermaid shows it: only letters, digits and harmless signs stay as they are."""
    flat = " ".join(text.split())
    return "".join(char if char == "-" and "--" not in flat else _sign(char) for char in flat)


def _sign(char: str) -> str:
    if char.isalnum() or char in " .,/_+*()→…×$":
        return char
    return f"#{ord(char)};" if char.isprintable() else " "


def lines(plan: WorkflowSpecification) -> str:
    """Return the states as text: under each one the ways out of it, nested states indented."""
    return "\n".join(_text(plan, "", "")) + "\n"


def _text(plan: WorkflowSpecification, parent: str, indent: str) -> Iterator[str]:
    names = {state.id: state.name for state in plan.states}
    begin = [names[way.target] for way in plan.transitions if way.source == "[*]" and way.parent == parent]
    yield f"{indent}[*] -> {', '.join(begin) or '?'}"
    for state in (one for one in plan.states if one.parent == parent):
        yield f"{indent}{state.name} ({state.kind})"
        for way in plan.transitions:
            if way.source == state.id:
                yield f"{indent}  -> {names.get(way.target, way.target)} [{' '.join(_words(way).split())}]"
        if any(other.parent == state.id for other in plan.states):
            yield from _text(plan, state.id, f"{indent}    ")
