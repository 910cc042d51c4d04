"""Phases: the order in which a goal can be shipped, each step deployable and taken back by itself."""

from collections.abc import Iterator, Sequence

from rollsafe.plans.cluster import rollout_status, rollout_undo
from rollsafe.plans.contribution import assumed, derived
from rollsafe.plans.model import Claim
from rollsafe.workspace.system import NodeKind, Relation, System
from rollsafe_agents.implementation_orchestrator.implement.goal import Goal, Theme
from rollsafe_agents.implementation_orchestrator.implement.model import Affected, Phase
from rollsafe_agents.implementation_orchestrator.implement.reach import evidence_of, services_in_order
from rollsafe_agents.implementation_orchestrator.implement.work.model import BY_HAND, Draft, Site


def phases(drafts: Sequence[Draft]) -> tuple[Phase, ...]:
    """Return drafts as phases, numbered in order; each waits for all of the rank before."""
    ordered = sorted(drafts, key=lambda draft: draft.rank)
    ranks = sorted({draft.rank for draft in ordered})
    names = {id(draft): f"P{number}" for number, draft in enumerate(ordered, 1)}

    def at(rank: int) -> tuple[str, ...]:
        return tuple(names[id(one)] for one in ordered if one.rank == rank)

    earlier = {rank: ranks[place - 1] if place else None for place, rank in enumerate(ranks)}
    return tuple(
        Phase(
            name=names[id(draft)],
            title=draft.title,
            change=draft.change,
            touches=draft.touches,
            needs=at(before) if (before := earlier[draft.rank]) is not None else (),
            beside=tuple(name for name in at(draft.rank) if name != names[id(draft)]),
            is_deployable_alone=draft.is_alone,
            rollback=draft.rollback,
            done_when=draft.done_when,
            command=draft.command,
            size=draft.size,
            claim=draft.claim,
        )
        for draft in ordered
    )


def themed(goal: Goal, touched: Sequence[Affected], site: Site) -> list[Draft]:
    """Return drafts for a goal of which only the sort of change is known.

    Additions reach providers first, removals their consumers first.
    """
    return [*_before(goal, site.system), *_services(goal, touched, site), *_after(goal, site.system)]


def _changes_schema(goal: Goal) -> bool:
    return bool(goal.tables or goal.words & {"column", "columns", "schema", "table"}) and goal.has(Theme.DATA)


def _before(goal: Goal, system: System) -> Iterator[Draft]:
    if _changes_schema(goal) and not goal.has(Theme.REMOVAL):
        yield Draft(
            0,
            "widen the schema",
            "only add: nullable columns, new tables, indexes built concurrently; nothing uses them yet",
            _migrations(system),
            "the migration's way down; nobody uses what it adds",
            "the previous release runs on the new schema without an error",
            _schema_claim(system),
        )
    if goal.has(Theme.SPEED):
        yield Draft(
            0,
            "measure it as it is",
            "the time the slow tenth takes, where it goes, and how often: a number, written down",
            (),
            "none needed: it only reads",
            "two people get the same number",
            assumed("what is not measured before cannot be shown to be faster after"),
        )
    if goal.has(Theme.SETTINGS, Theme.ACCESS):
        yield Draft(
            0,
            "set the keys in every environment",
            "new settings and secrets, with values that keep today's behaviour, in all environments at once",
            tuple(node.name for node in system.of(NodeKind.ENVIRONMENT)),
            "take the keys out again; nobody reads them yet",
            "every environment has them: the map of environments shows no gap",
            _first(system, NodeKind.ENVIRONMENT, "a key that is missing stops the first pod that reads it"),
        )
    if goal.has(Theme.SERVICE):
        yield Draft(
            1,
            "run the new service without traffic",
            "image, manifest with probes and requests, pipeline, alerts; nothing calls it yet",
            (),
            "take its manifest away; nothing calls it",
            "it is ready in every environment and its own tests pass there",
            assumed("the goal speaks of a new service"),
            size="L",
        )


def _services(goal: Goal, touched: Sequence[Affected], site: Site) -> Iterator[Draft]:
    live = {node.name for node in site.live}
    rows = [one for one in touched if one.kind == NodeKind.SERVICE.value and one.name in live]
    if not goal.has(Theme.INTERFACE, Theme.REMOVAL):
        rows = [one for one in rows if one.distance == 0]
    by_name = {one.name: one for one in rows if one.distance <= 1}
    groups = services_in_order(list(by_name), site.system)
    if goal.has(Theme.REMOVAL):
        groups.reverse()
    for rank, group in enumerate(groups, 2):
        for name in group:
            yield _service(goal, by_name[name], site, rank)


def _service(goal: Goal, row: Affected, site: Site, rank: int) -> Draft:
    known = site.deployed.get(row.name)
    undo, status = BY_HAND, None
    if known is not None:
        undo = rollout_undo(known.namespace, known.key)
        status = rollout_status(known.namespace, known.key)
    return Draft(
        rank,
        f"{'stop using it in' if goal.has(Theme.REMOVAL) else 'change'} `{row.name}`",
        _what(goal, row),
        site.files_of(row.name),
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
    if _changes_schema(goal):
        return "write old and new, read old; works on the schema before and after"
    if goal.has(Theme.SPEED):
        return (
            "one cause at a time, behind a switch, so that before and after can be compared on the same day"
        )
    return "behind a switch that is off, so that shipping and turning on are two steps"


def _after(goal: Goal, system: System) -> Iterator[Draft]:
    if not _changes_schema(goal):
        return
    if not goal.has(Theme.REMOVAL):
        yield Draft(
            90,
            "fill what is there, then read new",
            "old rows in batches, outside of a migration; then the code reads the new form",
            _migrations(system),
            "read old again: both are still written",
            "no row is left without the new value",
            _schema_claim(system),
            size="M",
        )
    yield Draft(
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
