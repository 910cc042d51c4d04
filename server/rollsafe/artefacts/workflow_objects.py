"""Workflows that are Kubernetes objects: those of Argo and Tekton, for rules about what these refuse."""

from typing import Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.other_pipelines import Fault, PipelineFile
from rollsafe.artefacts.other_pipelines.faults import in_order
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Tree
from rollsafe.text.cached import cached_property

_KINDS: Final = {
    "argoproj.io": ("Argo", ("Workflow", "CronWorkflow", "WorkflowTemplate", "ClusterWorkflowTemplate")),
    "tekton.dev": ("Tekton", ("Pipeline", "Task", "PipelineRun", "TaskRun", "ClusterTask")),
}


class WorkflowObject(Element):
    """A workflow of Argo or a pipeline or task of Tekton; `engine` runs it."""

    family = "pipelines"

    def __init__(self, file: SourceFile, node: Mapping, engine: str, *, is_readable: bool) -> None:
        super().__init__(file, node.start, node.end)
        self.node = node
        self.engine = engine
        self.kind = node.text_at("kind") or ""
        self.is_readable = is_readable

    @cached_property
    def faults(self) -> list[Fault]:
        """What its engine refuses, in source order; nothing while the file cannot be read."""
        if not self.is_readable:
            return []
        if self.engine == "Argo":
            from rollsafe.artefacts.other_pipelines.argo_faults import faults_in
        else:
            from rollsafe.artefacts.other_pipelines.tekton_faults import faults_in

        return in_order(faults_in(self.node))


def workflow_object(file: SourceFile, root: Mapping, tree: Tree) -> WorkflowObject | None:
    """Return the view of an object that is a workflow, else None."""
    group = (root.text_at("apiVersion") or "").rpartition("/")[0]
    known = _KINDS.get(group)
    if known is None or root.text_at("kind") not in known[1] or root.map_at("spec") is None:
        return None
    return WorkflowObject(file, root, known[0], is_readable=not tree.problems)


def recognise(file: SourceFile, tree: Tree) -> PipelineFile | None:
    """Return the view of a file whose objects are workflows, else None."""
    roots = [one for one in tree.documents if isinstance(one, Mapping)]
    found = [one for root in roots if (one := workflow_object(file, root, tree)) is not None]
    return PipelineFile(file, found, tree.problems) if found else None
