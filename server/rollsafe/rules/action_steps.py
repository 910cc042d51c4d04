"""Steps that use an action: what their inputs decide, and edits of them."""

from collections.abc import Mapping
from typing import Final

from rollsafe.artefacts.github_workflow import Step
from rollsafe.artefacts.recognition.switches import State, Test, Use, state_of
from rollsafe.formats.nodes import Mapping as MappingNode
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import add_entry, set_value
from rollsafe.text import Edit
from rollsafe.text.patterns import lazily

_VERSION: Final = lazily(r"#[^\n]*?\bv?(\d+(?:\.\d+)*)")


def action_of(step: Step) -> str:
    """Return the name of the action a step uses, in lower case; nothing without one of its own."""
    ref = step.uses
    return ref.name.lower() if ref is not None and ref.owner else ""


def state_in(step: Step, tests: Mapping[str, Test]) -> State:
    """Return what the test for the action of a step says; off for an action that is not listed."""
    name = action_of(step)
    if name not in tests:
        return State.OFF
    if isinstance(step.node.at("with"), Scalar):
        return State.ON if tests[name] is None else State.OPEN
    inputs = {key.lower(): value for key, value in step.inputs.items()}
    return state_of(tests[name], Use(inputs, version_of(step)))


def version_of(step: Step) -> str:
    """Return the version a step names: its tag, or what the comment behind a commit says."""
    ref = step.uses
    if ref is None:
        return ""
    if len(ref.ref) < 40:
        return ref.ref
    comment = _VERSION.search(step.behind_uses)
    return comment[1] if comment is not None else ""


def set_input(step: Step, name: str, value: str) -> Edit | None:
    """Return the edit that gives the action of a step an input; None where that cannot be written."""
    node = step.node.at("with")
    if isinstance(node, MappingNode):
        if not step.start <= node.start < step.end:
            return None
        entry = next((one for one in node.entries if one.name.lower() == name), None)
        if entry is None:
            return add_entry(step.file.text, node, name, value)
        return set_value(entry.value, value) if isinstance(entry.value, Scalar) else None
    if node is not None:
        return None
    return add_entry(
        step.file.text, step.node, "with", f"{{ {name}: {value} }}" if step.node.flow else f"{name}: {value}"
    )


def label_of(step: Step) -> str:
    """Return a step in words: its name in backticks, or its place."""
    return f"`{step.name}`" if step.name else f"step {step.index + 1}"
