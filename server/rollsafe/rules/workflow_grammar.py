"""Words for places in workflow and action files, shared by the rules about GitHub's grammar."""

from typing import Final

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.github_workflow.grammar import BOOLEANS
from rollsafe.artefacts.shapes import Dialect, Fault


def _has_expression(text: str) -> bool:
    return "${{" in text


DIALECT: Final = Dialect(BOOLEANS, _has_expression)


def where_in(part: Workflow | Job | Step | CompositeAction, fault: Fault) -> str:
    """Return in words which mapping has, or lacks, the key of a fault."""
    above = ".".join(fault.path[:-1])
    return f"`{above}` of {_owner(part)}" if above else _owner(part)


def named_value(part: Workflow | Job | Step | CompositeAction, fault: Fault) -> str:
    """Return in words which value a fault is about."""
    path = ".".join(fault.path)
    return f"`{path}` of {_owner(part)}" if path else _owner(part)


def _owner(part: Workflow | Job | Step | CompositeAction) -> str:
    if isinstance(part, Job):
        return f"job `{part.id}`"
    if isinstance(part, Step):
        return f"step `{part.label}`" if part.label else f"step {part.index + 1}"
    return "the action" if isinstance(part, CompositeAction) else "the workflow"
