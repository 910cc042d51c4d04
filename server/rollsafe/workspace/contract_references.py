"""References of contracts across the files of a project."""

from rollsafe.artefacts.contracts import ContractText, Resolver, read_reference
from rollsafe.formats.nodes import Node
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph

_OUTWARD = lazily(r"""\$ref["']?\s*:\s*["']?([^"'#\s,}\]][^"'#\s,}\]]*)""")


def resolver(graph: Graph) -> Resolver:
    """Return what follows references through the project, one for all rules of a view."""
    return graph.remember(("contract references",), lambda: Resolver(lambda path: _root(graph, path)))


def _root(graph: Graph, path: str) -> Node | None:
    found = graph.first(ContractText, f"contract:{path}")
    return found.root if found is not None else None


def is_referred_to(graph: Graph, path: str) -> bool:
    """Say whether a reference in another file of the project leads into the file at `path`."""
    return path in graph.derive(ContractText, "contract:", _referred_to)


def _referred_to(texts: tuple[ContractText, ...]) -> frozenset[str]:
    return frozenset(
        target
        for one in texts
        for written in set(_OUTWARD.findall(one.file.text))
        if (target := read_reference(written, one.file.path).path) != one.file.path
    )
