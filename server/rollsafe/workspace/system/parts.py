"""Collects nodes and edges while a graph is joined; the same one said in several places is one."""

from rollsafe.workspace.system.facts import Place
from rollsafe.workspace.system.layers import Layer
from rollsafe.workspace.system.model import Edge, Node, NodeKind, Relation


class Parts:
    """Nodes and edges by what makes them the same."""

    def __init__(self) -> None:
        self._nodes: dict[str, tuple[NodeKind, str, Layer, dict[Place, None]]] = {}
        self._edges: dict[tuple[str, str, Relation, str], tuple[dict[Place, None], bool]] = {}

    def __contains__(self, id_: str) -> bool:
        return id_ in self._nodes

    def node(self, kind: NodeKind, name: str, layer: Layer, *places: Place) -> str:
        """Add a node, or places to it where it is known; return its id."""
        id_ = f"{kind.value}:{name}"
        known = self._nodes.setdefault(id_, (kind, name, layer, {}))
        known[3].update(dict.fromkeys(places))
        return id_

    def edge(
        self,
        source: str,
        target: str,
        relation: Relation,
        detail: str,
        *places: Place,
        is_derived: bool = False,
    ) -> None:
        """Add an edge between two nodes; it is written rather than derived if any place writes it."""
        key = (source, target, relation, detail)
        known, derived = self._edges.setdefault(key, ({}, is_derived))
        known.update(dict.fromkeys(places))
        if derived and not is_derived:
            self._edges[key] = (known, False)

    def sorted(self) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
        """Return everything in a stable order; an edge to nowhere is left out."""
        nodes = tuple(
            Node(id_, kind, name, layer, tuple(sorted(places)))
            for id_, (kind, name, layer, places) in sorted(self._nodes.items())
        )
        edges = tuple(
            Edge(source, target, relation, detail, tuple(sorted(places)), is_derived)
            for (source, target, relation, detail), (places, is_derived) in sorted(self._edges.items())
            if source in self._nodes and target in self._nodes
        )
        return nodes, edges
