"""States and transitions drawn: as a Mermaid state diagram, for Graphviz, and as text."""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.drawing import dot_text
from rollsafe_agents.workflow_orchestrator.flow.draft import END, START
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


def dot(plan: WorkflowSpecification) -> str:
    """Return a digraph for Graphviz; states that hold others are clusters, with a point where they begin."""
    shown = [state.id for state in plan.states[:_MOST]]
    lines = ["digraph workflow {", "  compound=true;", "  node [shape=box];", *_cluster(plan, "", "  ")]
    for way in plan.transitions:
        ends = (f"begin_{way.parent}", f"end_{way.parent}")
        source = ends[0] if way.source == START else way.source
        target = ends[1] if way.target == END else way.target
        if {way.source, way.target} - {START, END} <= set(shown):
            lines.append(f"  {source} -> {target} [label={dot_text(_words(way))}];")
    left = len(plan.states) - len(shown)
    lines += [f"  // {left} more states are not drawn"] if left else []
    return "\n".join((*lines, "}")) + "\n"


def _cluster(plan: WorkflowSpecification, parent: str, indent: str) -> Iterator[str]:
    """Yield the states of a scope, a point where it begins and one where it ends."""
    ways = [way for way in plan.transitions if way.parent == parent]
    for sign, name, shape in ((START, "begin", "point"), (END, "end", "doublecircle")):
        if any(sign == (way.source if name == "begin" else way.target) for way in ways):
            yield f'{indent}{name}_{parent} [shape={shape} label="" width=0.15];'
    for state in [one for one in plan.states[:_MOST] if one.parent == parent]:
        yield f"{indent}{state.id} [label={dot_text(f'{state.name} ({state.kind})')}];"
        if any(other.parent == state.id for other in plan.states[:_MOST]):
            yield f"{indent}subgraph cluster_{state.id} {{"
            yield f"{indent}  label={dot_text(state.name)};"
            yield from _cluster(plan, state.id, f"{indent}  ")
            yield f"{indent}}}"


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
