"""Which applications of Argo CD take their objects from the workspace itself."""

from rollsafe.artefacts.kubernetes import Application
from rollsafe.workspace.graph import Graph


def folders(graph: Graph) -> frozenset[str]:
    """Return the folders of the workspace, its root left out."""
    return graph.remember(("folders",), lambda: _folders(graph.paths()))


def own_repositories(graph: Graph) -> dict[str, bool]:
    """Return the repositories that may be the workspace: an application takes a folder of them that is here.

    The value says that this is no chance: several folders are here, and more than are not.
    """
    return graph.remember(("own repositories",), lambda: _own(graph))


def _own(graph: Graph) -> dict[str, bool]:
    known = folders(graph)
    here: dict[str, set[str]] = {}
    gone: dict[str, set[str]] = {}
    for application in graph.every(Application, "file:"):
        for source in application.sources:
            if source.path and source.repository and source.chart is None:
                side = here if source.path in known else gone
                side.setdefault(source.repository, set()).add(source.path)
    return {
        name: len(found) > max(1, len(gone.get(name, ()))) or any("/" in path for path in found)
        for name, found in here.items()
    }


def _folders(paths: frozenset[str]) -> frozenset[str]:
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(found)
