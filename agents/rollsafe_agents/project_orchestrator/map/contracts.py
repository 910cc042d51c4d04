"""Descriptions of interfaces: who provides them, who uses them, what went since the base."""

from collections.abc import Iterable, Iterator, Sequence

from rollsafe.plans.contribution import fact
from rollsafe.workspace.system import Relation, System
from rollsafe.workspace.system.facts import Contract, ContractKind
from rollsafe_agents.project_orchestrator.map.evidence import at, name_of
from rollsafe_agents.project_orchestrator.map.model import MapContract, MapEdge


def contracts_of(
    system: System, before: Iterable[Contract] | None, edges: Sequence[MapEdge]
) -> Iterator[MapContract]:
    """Yield the contracts of a system; `before` are those at the base."""
    old = {one.path: one for one in before} if before is not None else None
    callers: dict[str, list[str]] = {}
    for edge in edges:
        if edge.mode != "async":
            callers.setdefault(edge.target, []).append(name_of(edge.source))
    for one in system.contracts:
        providers = [edge.source for edge in system.edges_to(f"contract:{one.path}", Relation.PROVIDES)]
        provider = providers[0] if providers else None
        title = f" “{one.title}”" if one.title else ""
        yield MapContract(
            path=one.path,
            language=one.kind.value,
            title=one.title,
            version=one.version,
            operations=len(one.operations) if _is_read(one) else None,
            provider=name_of(provider) if provider is not None else None,
            consumers=tuple(callers.get(provider or "", ())),
            removed=None if old is None else _removed(old.get(one.path), one),
            claim=fact(f"{one.kind.value}{title}", at(one.place)),
        )


def _is_read(contract: Contract) -> bool:
    return contract.kind in (ContractKind.OPENAPI, ContractKind.ASYNCAPI) and bool(
        contract.operations or contract.title
    )


def _removed(old: Contract | None, new: Contract) -> tuple[str, ...] | None:
    if old is None:
        return ()
    if not _is_read(old) or not _is_read(new):
        return None
    return tuple(sorted(set(old.operations) - set(new.operations)))
