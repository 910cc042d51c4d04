"""What the rules about refused pipelines of GitLab, CircleCI, Azure, Argo and Tekton share."""

from collections.abc import Iterator
from typing import TypeAlias

from rollsafe.artefacts.other_pipelines import Fault, FaultKind, PipelineConfiguration
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph

Pipelines: TypeAlias = PipelineConfiguration | WorkflowObject


def of_kind(configuration: Pipelines, *kinds: FaultKind) -> Iterator[Fault]:
    """Yield the faults of some kinds, in source order."""
    for fault in configuration.faults:
        if fault.kind in kinds:
            yield fault


def with_others(configuration: Pipelines, graph: Graph, *kinds: FaultKind) -> Iterator[Fault]:
    """Yield the faults of some kinds, with those that only other files tell of."""
    yield from of_kind(configuration, *kinds)
    if isinstance(configuration, WorkflowObject) and configuration.engine == "Tekton":
        from rollsafe.workspace.tekton import called_faults

        for fault in called_faults(configuration, graph):
            if fault.kind in kinds:
                yield fault


def refused(configuration: Pipelines) -> str:
    """Return what a fault leads to."""
    if isinstance(configuration, WorkflowObject):
        return f"{configuration.engine} refuses the {configuration.kind} and runs nothing of it"
    return (
        f"{configuration.dialect} refuses `{configuration.file.path}` as a whole and starts none of its jobs"
    )


def near(fault: Fault) -> tuple[str, tuple[Fix, ...]]:
    """Return the end of a message with the name that may be meant, and the fix that writes it."""
    close = nearest(fault.key, fault.words)
    if close is None:
        return "", ()
    hint = f"; the nearest is `{close}`"
    if not isinstance(fault.where, Scalar) or fault.where.text != fault.key:
        return hint, ()
    return hint, (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(set_value(fault.where, close),)),)
