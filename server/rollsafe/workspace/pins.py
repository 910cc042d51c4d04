"""Where the repository pins an action to a commit."""

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step
from rollsafe.workspace.graph import Graph


def pinned_steps(name: str, graph: Graph) -> list[Step]:
    """Return the steps that name a full commit of the action `name`, ordered by path and place."""
    key = f"pinned:{name}"
    owners: list[Job | CompositeAction] = [*graph.find(Job, key), *graph.find(CompositeAction, key)]
    found = [step for owner in owners for step in owner.steps if step.pinned == name]
    return sorted(found, key=lambda step: (step.file.path, step.start))
