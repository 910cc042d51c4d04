"""Who calls whom among what a goal touches, drawn."""

import re
from collections.abc import Sequence

from rollsafe.workspace.system import Edge, NodeKind, Relation
from rollsafe_agents.implementation_orchestrator.implement.model import Affected
from rollsafe_agents.implementation_orchestrator.implement.work.model import Site

_MOST = 30


def diagram(edges: Sequence[Edge]) -> str:
    """Return a Mermaid flowchart; empty where nothing is known to call anything."""
    if not edges:
        return ""
    ids = sorted({end for edge in edges for end in (edge.source, edge.target)})
    names = {node: f"n{number}" for number, node in enumerate(ids)}
    lines = ["flowchart LR"]
    for node in ids:
        label = _label(node)
        lines.append(
            f'  {names[node]}[("{label}")]' if node.startswith("store:") else f'  {names[node]}["{label}"]'
        )
    lines += [f"  {names[edge.source]} -->|{edge.relation}| {names[edge.target]}" for edge in edges]
    return "\n".join(lines)


def drawn(edges: Sequence[Edge]) -> tuple[str, ...]:
    """Return the same as lines of text."""
    width = max((len(_label(edge.source)) for edge in edges), default=0)
    return tuple(
        f"{_label(edge.source):<{width}} --{edge.relation}--> {_label(edge.target)}" for edge in edges
    )


def edges_among(services: Sequence[str], touched: Sequence[Affected], site: Site) -> list[Edge]:
    """Return who calls whom where one end is touched; of two that say the same, the first."""
    names = {f"service:{name}" for name in services}
    names |= {f"{one.kind}:{one.name}" for one in touched if one.distance == 0}
    live = {node.id for node in site.live}
    kept: dict[tuple[str, str], Edge] = {}
    for edge in site.system.edges:
        ends = {edge.source.partition(":")[0], edge.target.partition(":")[0]}
        runs = ends <= {NodeKind.SERVICE.value, NodeKind.STORE.value, NodeKind.EXTERNAL.value}
        known = edge.relation in (Relation.CONNECTS, Relation.DEPENDS) and edge.source in live
        if runs and known and names & {edge.source, edge.target} and site.counts(edge):
            kept.setdefault((edge.source, edge.target), edge)
    return list(kept.values())[:_MOST]


def _label(node: str) -> str:
    return re.sub(r'["\[\]<>|`#;]', "", node.partition(":")[2])
