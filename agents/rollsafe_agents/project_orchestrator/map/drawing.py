"""The map as a diagram: services by layer, and what they need."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from rollsafe.plans.drawing import dot_text, mermaid_text
from rollsafe_agents.project_orchestrator.map.evidence import name_of
from rollsafe_agents.project_orchestrator.map.model import MapEdge, MapService, ServiceMap

_LAYERS: Final = ("ui", "api", "worker", "platform", "unknown", "data")
_MOST_SERVICES: Final = 150
_MOST_EDGES: Final = 400
"""Renderers of Mermaid refuse more than 500 edges or 50,000 characters."""

_SHAPES: Final = {"store": ('[("', '")]'), "service": ('["', '"]')}


def mermaid(plan: ServiceMap) -> str:
    """Return the map as a Mermaid flowchart."""
    return "\n".join(("flowchart LR", *_mermaid(plan))) + "\n"


def dot(plan: ServiceMap) -> str:
    """Return the map as a graph for Graphviz."""
    return "\n".join(("digraph services {", "  rankdir=LR;", "  node [shape=box];", *_dot(plan), "}")) + "\n"


def _drawn(plan: ServiceMap) -> list[MapService]:
    """Return what is drawn: everything, or of very many those with the most connections."""
    live = plan.shown
    if len(live) <= _MOST_SERVICES:
        return live
    ends = Counter(end for edge in plan.edges for end in (edge.source, edge.target))
    chosen = {one.id for one in sorted(live, key=lambda one: (-ends[one.id], one.id))[:_MOST_SERVICES]}
    return [one for one in live if one.id in chosen]


def _ids(plan: ServiceMap) -> dict[str, str]:
    """Return a name for every node that both languages take; it stays as long as the node's id does."""
    nodes = [one.id for one in _drawn(plan)]
    known = set(nodes)
    nodes += [edge.target for edge in _edges(plan) if edge.target not in known]
    nodes += [f"entrance:{one.name}" for one in plan.entrances if one.target in known]
    found: dict[str, str] = {}
    taken: set[str] = set()
    for node in dict.fromkeys(nodes):
        name = plain = re.sub(r"\W", "_", node, flags=re.A)
        while name in taken:
            name += "_"
        taken.add(name)
        found[node] = name if plain else f"{name}n"
    return found


def _edges(plan: ServiceMap) -> list[MapEdge]:
    """Return the connections between what is drawn, and to what is outside."""
    known = {one.id for one in _drawn(plan)}
    hidden = {one.id for one in plan.services} - known
    found = [
        edge
        for edge in plan.edges
        if edge.source in known and edge.target not in hidden and not edge.is_elsewhere
    ]
    return found[:_MOST_EDGES]


def _left_out(plan: ServiceMap) -> str:
    """Return what to say about services that are not drawn; empty where all are."""
    left = len(plan.shown) - len(_drawn(plan))
    return f"{left} services with fewer connections are not drawn" if left else ""


def _others(plan: ServiceMap) -> Iterator[MapEdge]:
    """Yield an edge for each party that is no service of the system, each once."""
    known = {one.id for one in _drawn(plan)}
    found: dict[str, MapEdge] = {}
    for edge in _edges(plan):
        if edge.target not in known:
            found.setdefault(edge.target, edge)
    yield from found.values()


def _mermaid(plan: ServiceMap) -> Iterator[str]:
    ids = _ids(plan)
    for layer in _LAYERS:
        inside = [one for one in _drawn(plan) if one.layer == layer]
        if inside:
            yield f'  subgraph layer_{layer}["{layer}"]'
            for one in inside:
                left, right = _SHAPES[one.kind]
                yield f"    {ids[one.id]}{left}{mermaid_text(_label(one))}{right}"
            yield "  end"
    if _left_out(plan):
        yield f'  left_out["{mermaid_text(_left_out(plan))}"]'
    for edge in _others(plan):
        mark = " (nothing answers)" if edge.state == "dangling" else ""
        yield f'  {ids[edge.target]}(["{mermaid_text(name_of(edge.target) + mark)}"])'
    for entrance in plan.entrances:
        name = ids.get(f"entrance:{entrance.name}")
        if name is not None and entrance.target in ids:
            yield f'  {name}(["{mermaid_text(entrance.name)}"]) --> {ids[entrance.target]}'
    for edge in _edges(plan):
        arrow = "-.->" if edge.state == "dangling" or edge.mode == "async" else "-->"
        yield f'  {ids[edge.source]} {arrow}|"{mermaid_text(edge.protocol)}"| {ids[edge.target]}'


def _dot(plan: ServiceMap) -> Iterator[str]:
    ids = _ids(plan)
    for layer in _LAYERS:
        inside = [one for one in _drawn(plan) if one.layer == layer]
        if inside:
            yield f"  subgraph cluster_{layer} {{"
            yield f"    label={dot_text(layer)};"
            for one in inside:
                shape = ", shape=cylinder" if one.kind == "store" else ""
                yield f"    {ids[one.id]} [label={dot_text(_label(one))}{shape}];"
            yield "  }"
    if _left_out(plan):
        yield f"  left_out [label={dot_text(_left_out(plan))}, shape=note];"
    for edge in _others(plan):
        style = "dashed" if edge.state == "dangling" else "rounded"
        yield f"  {ids[edge.target]} [label={dot_text(name_of(edge.target))}, style={style}];"
    for entrance in plan.entrances:
        name = ids.get(f"entrance:{entrance.name}")
        if name is not None and entrance.target in ids:
            yield f"  {name} [label={dot_text(entrance.name)}, shape=plaintext];"
            yield f"  {name} -> {ids[entrance.target]};"
    for edge in _edges(plan):
        style = ", style=dashed" if edge.state == "dangling" or edge.mode == "async" else ""
        yield f"  {ids[edge.source]} -> {ids[edge.target]} [label={dot_text(edge.protocol)}{style}];"


def _label(service: MapService) -> str:
    return f"{service.name}: {service.product}" if service.product else service.name
