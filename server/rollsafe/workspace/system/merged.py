"""Parts of a graph merged into one; where some are replaced, only what they speak of is merged again."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Final, TypeVar

from rollsafe.text.records import field, open_record
from rollsafe.workspace.system.model import Edge, Node
from rollsafe.workspace.system.parts import EdgeKey, Parts

H = TypeVar("H", bound=Hashable)
K = TypeVar("K", str, EdgeKey)
R = TypeVar("R")

_MANY: Final = 8
"""From every eighth row on, all rows are sorted rather than single ones looked up."""


@open_record
class Merged:
    """Sorted nodes and edges, and which parts speak of each; an edge to nowhere is left out."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    _saying: Mapping[str, tuple[Parts, ...]] = field(default_factory=dict[str, tuple[Parts, ...]])
    _linking: Mapping[EdgeKey, tuple[Parts, ...]] = field(default_factory=dict[EdgeKey, tuple[Parts, ...]])

    def with_parts(self, gone: Collection[Parts], fresh: Collection[Parts]) -> "Merged":
        """Return the graph with `fresh` parts in the place of `gone` ones."""
        saying, named = _mentions(self._saying, gone, fresh, lambda parts: parts.nodes)
        linking, linked = _mentions(self._linking, gone, fresh, lambda parts: parts.edges)
        flipped = {id_ for id_ in named if (id_ in saying) != (id_ in self._saying)}
        if flipped:
            linked |= {key for key in linking if key[0] in flipped or key[1] in flipped}
        nodes = {id_: _node(id_, saying[id_]) if id_ in saying else None for id_ in named}
        edges = {
            key: _edge(key, linking[key])
            if key in linking and key[0] in saying and key[1] in saying
            else None
            for key in linked
        }
        return Merged(
            _rows(self.nodes, nodes, lambda node: node.id),
            _rows(self.edges, edges, lambda edge: (edge.source, edge.target, edge.relation, edge.detail)),
            saying,
            linking,
        )


def _mentions(
    known: Mapping[H, tuple[Parts, ...]],
    gone: Collection[Parts],
    fresh: Collection[Parts],
    keys: Callable[[Parts], Iterable[H]],
) -> tuple[dict[H, tuple[Parts, ...]], set[H]]:
    """Return which parts speak of what, and for what that changed."""
    added: dict[H, list[Parts]] = {key: [] for parts in gone for key in keys(parts)}
    for parts in fresh:
        for key in keys(parts):
            added.setdefault(key, []).append(parts)
    left = frozenset(gone)
    found = dict(known)
    for key, new in added.items():
        said = *(one for one in known.get(key, ()) if one not in left), *new
        if said:
            found[key] = said
        else:
            del found[key]
    return found, set(added)


def _node(id_: str, said: tuple[Parts, ...]) -> Node:
    kind, name, layer, _ = said[0].nodes[id_]
    return Node(id_, kind, name, layer, tuple(sorted({at for one in said for at in one.nodes[id_][3]})))


def _edge(key: EdgeKey, said: tuple[Parts, ...]) -> Edge:
    found = [one.edges[key] for one in said]
    places = tuple(sorted({at for places, _ in found for at in places}))
    return Edge(*key, places, all(is_derived for _, is_derived in found))


def _rows(known: tuple[R, ...], changed: Mapping[K, R | None], key_of: Callable[[R], K]) -> tuple[R, ...]:
    """Return sorted rows with the changed ones in their places; None takes one away."""
    if len(changed) * _MANY > len(known):
        table: dict[K, R | None] = {**{key_of(row): row for row in known}, **changed}
        present = [row for row in table.values() if row is not None]
        return tuple(sorted(present, key=key_of))
    rows = list(known)
    for key, row in changed.items():
        at = bisect_left(rows, key, key=key_of)
        until = at + (at < len(rows) and key_of(rows[at]) == key)
        rows[at:until] = [row] if row is not None else []
    return tuple(rows)
