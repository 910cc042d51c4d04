"""References of contracts across the files of a project."""

from rollsafe.artefacts.contracts import ContractText, Resolver
from rollsafe.formats.nodes import Node
from rollsafe.workspace.graph import Graph


def resolver(graph: Graph) -> Resolver:
    """Return what follows references through the project, one for all rules of a view."""
    return graph.remember(("contract references",), lambda: Resolver(lambda path: _root(graph, path)))


def _root(graph: Graph, path: str) -> Node | None:
    found = graph.first(ContractText, f"contract:{path}")
    return found.root if found is not None else None
