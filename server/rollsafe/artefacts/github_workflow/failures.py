"""How the failure of a command gets lost before the step can notice it."""

from typing import Final

from rollsafe.artefacts.github_workflow.step import Activity
from rollsafe.artefacts.recognition.failures import Loss, Scripted, Way, loss_in

__all__ = ["Loss", "Way", "loss_of"]

_STRICT_SHELLS: Final = frozenset({"bash"})
"""Shells GitHub starts with `pipefail` when a step or its defaults name them."""


def loss_of(activity: Activity) -> Loss | None:
    """Return how the failure of a step's command is lost; None when it fails the step."""
    step, index = activity.step, activity.index
    if index is None or activity.raw_command is None:
        return None
    text = step.script_node.text if step.script_node is not None else ""
    strict = step.run is None or step.shell in _STRICT_SHELLS or "pipefail" in step.shell
    return loss_in(
        Scripted(step.script.commands, index, text, lambda: step.commands, step.file, pipefail=strict)
    )
