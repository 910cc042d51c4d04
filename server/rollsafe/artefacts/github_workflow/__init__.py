"""GitHub Actions: workflows and composite actions; `recognise` is the way in."""

from typing import Final

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.github_workflow.action import CompositeAction, GithubAction
from rollsafe.artefacts.github_workflow.environment import environment_names
from rollsafe.artefacts.github_workflow.job import Job
from rollsafe.artefacts.github_workflow.references import ActionRef
from rollsafe.artefacts.github_workflow.step import Activity, Step
from rollsafe.artefacts.github_workflow.triggers import Trigger
from rollsafe.artefacts.github_workflow.values import (
    Concurrency,
    Guard,
    JobEnvironment,
    Matrix,
    Need,
    Permissions,
)
from rollsafe.artefacts.github_workflow.workflow import GithubWorkflow, Workflow
from rollsafe.artefacts.recognition import Indirection
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Tree
from rollsafe.text.patterns import lazily

__all__ = [
    "ActionRef",
    "Activity",
    "CompositeAction",
    "Concurrency",
    "GithubAction",
    "GithubWorkflow",
    "Guard",
    "Indirection",
    "Job",
    "JobEnvironment",
    "Matrix",
    "Need",
    "Permissions",
    "Step",
    "Trigger",
    "Workflow",
    "environment_names",
    "recognise",
]

_WORKFLOW_PATH: Final = lazily(r"(^|/)\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml$")
_ACTION_PATH: Final = lazily(r"(^|/)action\.ya?ml$")


def recognise(file: SourceFile, tree: Tree) -> Artefact | None:
    """Return the view of a workflow or an action, else None.

    A workflow is known by its path, or by having `on` and `jobs` at the top; an action by its name
    and `runs`.
    """
    root = tree.documents[0] if tree.documents else None
    if not isinstance(root, Mapping):
        if not _WORKFLOW_PATH.search(file.path):
            return None
        root = Mapping(0, 0)
    if _is_workflow(file, root):
        return GithubWorkflow(file, Workflow(file, root, tree.problems, tree.damaged), tree.problems)
    if _ACTION_PATH.search(file.path) and _is_action(root):
        return GithubAction(file, CompositeAction(file, root, tree.problems), tree.problems)
    return None


def _is_action(root: Mapping) -> bool:
    if root.entry("runs") is not None:
        return True
    about = root.text_at("name") is not None and root.text_at("description") is not None
    return about and any(root.entry(key) is not None for key in ("author", "branding", "inputs", "outputs"))


def _is_workflow(file: SourceFile, root: Mapping) -> bool:
    if _WORKFLOW_PATH.search(file.path):
        return True
    has_on = root.entry("on") is not None
    return has_on and root.map_at("jobs") is not None
