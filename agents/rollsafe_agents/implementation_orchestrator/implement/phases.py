"""Phases: the order in which a goal can be shipped, each step deployable and taken back by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from rollsafe.plans.cluster import rollout_status, rollout_undo
from rollsafe.plans.contribution import assumed, derived
from rollsafe.plans.model import Claim
from rollsafe.workspace.system import NodeKind, Relation, System
from rollsafe_agents.implementation_orchestrator.implement.goal import Goal, Theme
from rollsafe_agents.implementation_orchestrator.implement.model import Affected, Phase, Size
from rollsafe_agents.implementation_orchestrator.implement.reach import evidence_of, services_in_order

_BY_HAND: Final = "revert the change and deploy again"


class Deployed(NamedTuple):
    """A workload that is rolled: its key as kubectl takes it, and the file it is written in."""

    namespace: str | None
    key: str
    path: str


@dataclass(frozen=True)
class Placed:
    """The system, and which workload of the cluster a service is, by its name."""

    system: System
    deployed: Mapping[str, Deployed]


@dataclass(frozen=True)
class _Draft:
    """A phase before it is numbered; drafts of the same `rank` can be worked on at the same time."""

    rank: int
    title: str
    change: str
    touches: tuple[str, ...]
    rollback: str
    done_when: str
    claim: Claim
    command: str | None = None
    size: Size = "S"


def phases(goal: Goal, touched: tuple[Affected, ...], ground: Placed) -> tuple[Phase, ...]:
    """Return the phases in order. Additions reach providers first, removals their consumers first."""
    system = ground.system
    drafts = [*_before(goal, system), *_services(goal, touched, ground), *_after(goal, system)]
    ranks = sorted({draft.rank for draft in drafts})
    names = {id(draft): f"P{number}" for number, draft in enumerate(drafts, 1)}

    def at(rank: int) -> tuple[str, ...]:
        return tuple(names[id(one)] for one in drafts if one.rank == rank)

    earlier = {rank: ranks[place - 1] if place else None for place, rank in enumerate(ranks)}
    return tuple(
        Phase(
            name=names[id(draft)],
            title=draft.title,
            change=draft.change,
            touches=draft.touches,
            needs=at(before) if (before := earlier[draft.rank]) is not None else (),
            beside=tuple(name for name in at(draft.rank) if name != names[id(draft)]),
            is_deployable_alone=True,
            rollback=draft.rollback,
            done_when=draft.done_when,
            command=draft.command,
            size=draft.size,
            claim=draft.claim,
        )
        for draft in drafts
    )


def _before(goal: Goal, system: System) -> Iterator[_Draft]:
    if goal.has(Theme.DATA) and not goal.has(Theme.REMOVAL):
        yield _Draft(
            0,
            "widen the schema",
            "only add: nullable columns, new tables, indexes built concurrently; nothing uses them yet",
            _migrations(system),
            "the migration's way down; nobody uses what it adds",
            "the previous release runs on the new schema without an error",
            _schema_claim(system),
        )
    if goal.has(Theme.SETTINGS, Theme.ACCESS):
        yield _Draft(
            0,
            "set the keys in every environment",
            "new settings and secrets, with values that keep today's behaviour, in all environments at once",
            tuple(node.name for node in system.of(NodeKind.ENVIRONMENT)),
            "take the keys out again; nobody reads them yet",
            "every environment has them: the map of environments shows no gap",
            _first(system, NodeKind.ENVIRONMENT, "a key that is missing stops the first pod that reads it"),
        )
    if goal.has(Theme.SERVICE):
        yield _Draft(
            1,
            "run the new service without traffic",
            "image, manifest with probes and requests, pipeline, alerts; nothing calls it yet",
            (),
            "take its manifest away; nothing calls it",
            "it is ready in every environment and its own tests pass there",
            assumed("the goal speaks of a new service"),
            size="L",
        )


def _services(goal: Goal, touched: tuple[Affected, ...], ground: Placed) -> Iterator[_Draft]:
    named = [one.name for one in touched if one.kind == NodeKind.SERVICE.value]
    if not goal.has(Theme.INTERFACE, Theme.REMOVAL, Theme.DATA):
        named = [one.name for one in touched if one.kind == NodeKind.SERVICE.value and one.distance == 0]
    groups = services_in_order(named, ground.system)
    if goal.has(Theme.REMOVAL):
        groups.reverse()
    for rank, group in enumerate(groups, 2):
        for name in group:
            row = next(one for one in touched if one.name == name and one.kind == NodeKind.SERVICE.value)
            yield _service(goal, row, ground, rank)


def _service(goal: Goal, row: Affected, ground: Placed, rank: int) -> _Draft:
    known = ground.deployed.get(row.name)
    undo, status = _BY_HAND, None
    if known is not None:
        undo = rollout_undo(known.namespace, known.key)
        status = rollout_status(known.namespace, known.key)
    code = ground.system.code.get(f"service:{row.name}", "")
    return _Draft(
        rank,
        f"{'stop using it in' if goal.has(Theme.REMOVAL) else 'change'} `{row.name}`",
        _what(goal, row),
        tuple(part for part in (code, known.path if known is not None else "") if part),
        undo,
        "its tests pass and the rollout ends" if status else "its tests pass where it runs",
        row.why,
        status,
        "M" if row.distance == 0 else "S",
    )


def _what(goal: Goal, row: Affected) -> str:
    if row.distance:
        return "follow: it depends on what changes; nothing to do if what it uses stays as it is"
    if goal.has(Theme.REMOVAL):
        return "no longer read or write what goes; it stays in place for the previous release"
    if goal.has(Theme.DATA):
        return "write old and new, read old; works on the schema before and after"
    return "behind a switch that is off, so that shipping and turning on are two steps"


def _after(goal: Goal, system: System) -> Iterator[_Draft]:
    if not goal.has(Theme.DATA, Theme.REMOVAL):
        return
    if goal.has(Theme.DATA) and not goal.has(Theme.REMOVAL):
        yield _Draft(
            90,
            "fill what is there, then read new",
            "old rows in batches, outside of a migration; then the code reads the new form",
            _migrations(system),
            "read old again: both are still written",
            "no row is left without the new value",
            _schema_claim(system),
            size="M",
        )
    yield _Draft(
        91,
        "narrow the schema",
        "in a release of its own, days later: drop what nobody reads or writes any more",
        _migrations(system),
        "none for the data: a backup has to be there before",
        "nothing has named the old form since the last release",
        _schema_claim(system),
    )


def _migrations(system: System) -> tuple[str, ...]:
    return tuple(node.name for node in system.of(NodeKind.MIGRATIONS))


def _schema_claim(system: System) -> Claim:
    reason = "two releases run at once during a rollout, and both have to work on the schema"
    for node in system.of(NodeKind.MIGRATIONS):
        tools = {edge.detail for edge in system.edges_from(node.id, Relation.MIGRATES) if edge.detail}
        by = f" ({', '.join(sorted(tools))})" if tools else ""
        return derived(f"{reason}; migrations are in `{node.name}`{by}", *evidence_of(node.places))
    return assumed(f"{reason}; the repository has no migrations")


def _first(system: System, kind: NodeKind, text: str) -> Claim:
    places = [place for node in system.of(kind) for place in node.places[:1]]
    return derived(text, *evidence_of(tuple(places))) if places else assumed(text)
