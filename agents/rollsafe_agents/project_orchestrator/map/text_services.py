"""Services, what they are made of, who needs whom, and the interfaces between them."""

from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.plans.model import Claim
from rollsafe.plans.writing import cell, code, link, place, table, written
from rollsafe_agents.project_orchestrator.map.evidence import listed, name_of
from rollsafe_agents.project_orchestrator.map.model import (
    MapContract,
    MapEdge,
    MapEntrance,
    MapMigrations,
    MapService,
    ServiceMap,
)
from rollsafe_agents.project_orchestrator.map.text_tables import NONE, facts, few, without_empty

_MOST_ADDRESSES: Final = 3
_MOST_ENTRANCES: Final = 15


def services(plan: ServiceMap) -> Iterator[str]:
    """Yield what runs, what it is made of, and what is there beside it."""
    live = plan.shown
    if not live:
        yield "Nothing that runs is written here."
    else:
        head = (
            "service",
            "layer",
            "code",
            "runs in",
            "replicas",
            "probes",
            "ports",
            "stores",
            "owner",
            "written",
        )
        is_same = len(live) > 1 and len({one.owner for one in live}) == 1
        yield from without_empty(head, [_service(one, is_owned=not is_same) for one in live])
        if is_same and live[0].owner and live[0].owned is not None:
            yield ""
            yield f"Owner of all of them: {cell(live[0].owner)} {link(live[0].owned)}"
    yield from _made(plan)
    development = [one.name for one in plan.services if one.is_development and one not in live]
    if development:
        yield ""
        yield f"For development and tests only: {listed(development, 12)}."


def _service(one: MapService, *, is_owned: bool) -> tuple[str, ...]:
    owner = f"{cell(one.owner)} {link(one.owned)}" if one.owner and one.owned is not None else NONE
    return (
        code(one.name) + (f" ({cell(one.product)})" if one.product else ""),
        one.layer,
        code(one.code) if one.code else NONE,
        cell(", ".join(one.environments)) or NONE,
        _short(one.replicas),
        _short(one.probes),
        ", ".join(map(str, one.ports)) or NONE,
        cell(", ".join(one.stores)) or NONE,
        owner if is_owned else NONE,
        " ".join(map(link, one.claim.evidence[:2])),
    )


def _short(claim: Claim) -> str:
    return cell(claim.text) if claim.evidence else "UNKNOWN"


def _made(plan: ServiceMap) -> Iterator[str]:
    rows = [
        (
            code(one.name),
            few(map(code, one.images)),
            facts(one.builds),
            few(map(code, one.objects)),
            facts(one.deploys),
            facts(one.secrets),
            code(one.schedule) if one.schedule else NONE,
        )
        for one in plan.shown
        if one.images or one.builds or one.deploys or one.secrets or one.schedule
    ]
    if rows:
        yield ""
        head = (
            "service",
            "image",
            "built by",
            "deploy objects",
            "deployed by",
            "secrets (names)",
            "schedule",
        )
        yield from without_empty(head, rows)
    if plan.migrations:
        yield ""
        of_migrations = ("migrations", "tool", "database", "applied by")
        yield from table(of_migrations, map(_migrations, plan.migrations), "")
    if plan.unused_images:
        yield ""
        names = listed((one.dockerfile for one in plan.unused_images), 12)
        yield f"Dockerfiles whose images nothing here runs: {names}."


def _migrations(one: MapMigrations) -> tuple[str, ...]:
    return (
        f"{code(one.directory)} {link(one.claim.evidence[0])}",
        cell(one.tool) or "UNKNOWN",
        code(one.store) if one.store else "UNKNOWN",
        facts(one.jobs) if one.jobs else "UNKNOWN",
    )


# Connections -------------------------------------------------------------------------------------


def connections(plan: ServiceMap) -> Iterator[str]:
    """Yield the ways in, and who needs whom."""
    yield from table(
        ("way in", "to", "TLS", "written"),
        map(_entrance, plan.entrances[:_MOST_ENTRANCES]),
        "No way in from outside is written here.",
    )
    if len(plan.entrances) > _MOST_ENTRANCES:
        yield ""
        yield f"And {len(plan.entrances) - _MOST_ENTRANCES} more ways in; the JSON form has all of them."
    yield ""
    known = {one.id for one in plan.shown}
    shown = [edge for edge in plan.edges if edge.source in known and not edge.is_elsewhere]
    if not shown:
        yield "Nothing says that services need each other."
        return
    head = ("from", "to", "protocol", "address and where it is set", "contract", "mode", "timeout")
    yield from without_empty(head, [_edge(edge) for edge in shown])
    yield from _bare(shown)
    folded = sum(edge.source in known and edge.is_elsewhere for edge in plan.edges)
    if folded:
        yield ""
        yield f"In other environments these lead to {folded} other hosts: `--env NAME` shows one."


def _bare(edges: Sequence[MapEdge]) -> Iterator[str]:
    """Yield what no connection has."""
    has = {
        "timeout": any(edge.timeout.evidence for edge in edges),
        "contract": any(edge.contracts for edge in edges),
    }
    missing = [word for word, is_there in has.items() if not is_there]
    if missing:
        yield ""
        yield f"No {' and no '.join(missing)} is written for any of them."


def _entrance(one: MapEntrance) -> tuple[str, ...]:
    mark = " (not written here)" if one.target.startswith("external:") else ""
    return code(one.name), code(name_of(one.target)) + mark, _tls(one.is_encrypted), place(one.claim)


def _tls(is_encrypted: bool | None) -> str:
    return "UNKNOWN" if is_encrypted is None else "yes" if is_encrypted else "no"


def _edge(edge: MapEdge) -> tuple[str, ...]:
    state = {"dangling": " **nothing answers**", "external": " (outside)", "found": ""}[edge.state]
    return (
        code(name_of(edge.source)),
        code(name_of(edge.target)) + state,
        cell(edge.protocol),
        _addresses(edge),
        ", ".join(code(one) for one in edge.contracts) or NONE,
        edge.mode,
        written(edge.timeout, labelled=False) if edge.timeout.evidence else NONE,
    )


def _addresses(edge: MapEdge) -> str:
    """Return where each address is written; of several lines with the same one, the first."""
    same: dict[tuple[str, str], list[str]] = {}
    for one in edge.addresses:
        same.setdefault((one.variable, one.address), []).append(link(one.evidence))
    found = [
        f"{code(variable)} {cell(address)} {links[0]}" + (f" and {len(links) - 1} more" if links[1:] else "")
        for (variable, address), links in same.items()
    ]
    return few(found, _MOST_ADDRESSES) if found else link(edge.claim.evidence[0])


# Contracts ---------------------------------------------------------------------------------------


def contracts(plan: ServiceMap) -> Iterator[str]:
    """Yield the descriptions of interfaces."""
    head = (
        "contract",
        "language",
        "version",
        "operations",
        "provider",
        "consumers",
        "removed since the base",
    )
    yield from table(head, map(_contract, plan.contracts), "No description of an interface is here.")


def _contract(one: MapContract) -> tuple[str, ...]:
    removed = "UNKNOWN" if one.removed is None else cell(", ".join(one.removed)) or "none"
    return (
        place(one.claim),
        one.language,
        cell(one.version) or "UNKNOWN",
        "UNKNOWN" if one.operations is None else str(one.operations),
        code(one.provider) if one.provider else "UNKNOWN",
        cell(", ".join(one.consumers)) or NONE,
        removed,
    )
