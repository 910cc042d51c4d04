"""Who calls whom among what a goal touches, drawn."""

import re
from collections.abc import Sequence

from rollsafe.workspace.system import Edge, NodeKind, Relation, System
from rollsafe_agents.implementation_orchestrator.implement.model import Affected

_MOST = 30


def diagram(touched: Sequence[Affected], system: System) -> str:
    """Return a Mermaid flowchart; empty where nothing is known to call anything."""
    edges = edges_among(touched, system)
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


def drawn(touched: Sequence[Affected], system: System) -> tuple[str, ...]:
    """Return the same as lines of text."""
    width = max((len(_label(edge.source)) for edge in edges_among(touched, system)), default=0)
    return tuple(
        f"{_label(edge.source):<{width}} --{edge.relation}--> {_label(edge.target)}"
        for edge in edges_among(touched, system)
    )


def edges_among(touched: Sequence[Affected], system: System) -> list[Edge]:
    """Return who calls whom where one end is touched; of two that say the same, the first."""
    names = {f"{one.kind}:{one.name}" for one in touched}
    kept: dict[tuple[str, str], Edge] = {}
    for edge in system.edges:
        ends = {edge.source.partition(":")[0], edge.target.partition(":")[0]}
        runs = ends <= {NodeKind.SERVICE.value, NodeKind.STORE.value, NodeKind.EXTERNAL.value}
        if (
            runs
            and edge.relation in (Relation.CONNECTS, Relation.DEPENDS)
            and names & {edge.source, edge.target}
        ):
            kept.setdefault((edge.source, edge.target), edge)
    return list(kept.values())[:_MOST]


def _label(node: str) -> str:
    return re.sub(r'["\[\]<>|`#;]', "", node.partition(":")[2])
