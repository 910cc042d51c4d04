"""A part of the graph, made from what one thing says: the same one said in several places is one."""

from rollsafe.workspace.system.facts import Place
from rollsafe.workspace.system.layers import Layer
from rollsafe.workspace.system.model import NodeKind, Relation

EdgeKey = tuple[str, str, Relation, str]
"""What makes two edges the same: source, target, relation, detail."""


class Parts:
    """Nodes and edges by what makes them the same, with the places that say so."""

    def __init__(self) -> None:
        self.nodes: dict[str, tuple[NodeKind, str, Layer, dict[Place, None]]] = {}
        self.edges: dict[EdgeKey, tuple[dict[Place, None], bool]] = {}

    def node(self, kind: NodeKind, name: str, layer: Layer, *places: Place) -> str:
        """Add a node, or places to it where it is known; return its id."""
        id_ = f"{kind.value}:{name}"
        known = self.nodes.setdefault(id_, (kind, name, layer, {}))
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
        known, derived = self.edges.setdefault(key, ({}, is_derived))
        known.update(dict.fromkeys(places))
        if derived and not is_derived:
            self.edges[key] = (known, False)
