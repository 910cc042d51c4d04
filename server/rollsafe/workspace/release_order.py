"""What of one release goes first: migrations beside the workloads that need them."""

from typing import Final

from rollsafe.artefacts.kubernetes import Container, Workload
from rollsafe.artefacts.recognition import Role, classify
from rollsafe.formats.shell import ShellCommand, read_shell
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import kustomizations_listing

_SHELLS: Final = frozenset({"sh", "bash", "ash", "dash"})
_ORDERING: Final = ("argocd.argoproj.io/hook", "argocd.argoproj.io/sync-wave")
_WAITING: Final = ("wait", "migrat", "kubectl", "check-db", "pending")


def migration_of(container: Container) -> ShellCommand | None:
    """Return the command of a container that migrates a database forward; None for any other."""
    for command in read_shell(_script(container)).commands:
        found = classify(command)
        if found is not None and Role.MIGRATE in found and Role.ROLLBACK not in found:
            return command
    return None


def _script(container: Container) -> str:
    """Return what the shell gets to read: the words, or the argument of `sh -c`."""
    words = [*container.command, *container.args]
    if len(words) > 2 and words[0].rpartition("/")[2] in _SHELLS and "c" in words[1]:
        return words[2]
    return " ".join(words)


def is_ordered(workload: Workload) -> bool:
    """Say whether Helm or Argo CD is told when to run it."""
    return workload.is_helm_hook or any(name in workload.annotations for name in _ORDERING)


def goes_with(job: Workload, other: Workload, graph: Graph) -> bool:
    """Say whether both are surely applied in one go: by a file, a chart or a kustomization."""
    if job.file.path == other.file.path:
        return True
    if job.chart_directory is not None or other.chart_directory is not None:
        return job.chart_directory == other.chart_directory
    mine = {layer.file.path for layer in kustomizations_listing(job.file.path, graph)}
    return any(layer.file.path in mine for layer in kustomizations_listing(other.file.path, graph))


def waits(workload: Workload) -> bool:
    """Say whether its pods have an init container that looks for something before they start."""
    words = (
        " ".join((one.name, one.image_node.text if one.image_node else "", *one.command, *one.args)).lower()
        for one in workload.init_containers
    )
    return any(word in text for text in words for word in _WAITING)
