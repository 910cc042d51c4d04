"""What there is in a repository, by name: services, tables, environments."""

from rollsafe.artefacts.compose import ComposeFile
from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.artefacts.kubernetes import Kustomization, Service, Workload
from rollsafe.artefacts.migrations import Migration
from rollsafe.workspace.graph import Graph

_OVERLAYS = ("overlays", "environments", "envs")


def service_names(graph: Graph) -> frozenset[str]:
    """Return the names of Compose services, workloads and Kubernetes Services."""
    names = {name for compose in graph.every(ComposeFile, "path:") for name in compose.services}
    for kind in (Workload, Service):
        names.update(key.rpartition("/")[2] for key in graph.keys(kind, "name:"))
    return frozenset(names)


def table_names(graph: Graph) -> frozenset[str]:
    """Return the names of the tables the migrations create, schemas left out."""
    return frozenset(
        key.removeprefix("creates:").rpartition(".")[2] for key in graph.keys(Migration, "creates:")
    )


def environment_names(graph: Graph) -> frozenset[str]:
    """Return the environments that workflows deploy to and that overlays are written for."""
    names: set[str] = set()
    for workflow in graph.every(Workflow, "path:"):
        for job in workflow.jobs:
            environment = job.environment
            if environment is not None and environment.name and "$" not in environment.name:
                names.add(environment.name)
    for kustomization in graph.every(Kustomization, "dir:"):
        parts = kustomization.directory.split("/")
        if len(parts) > 1 and parts[-2] in _OVERLAYS:
            names.add(parts[-1])
    return frozenset(names)
