"""Migrations as processes: one chain per directory, in the order their tool runs them."""

from typing import Final

from rollsafe.artefacts.migrations import Migration
from rollsafe.plans.contribution import PlanContext, assumed, derived, evidence, fact, unknown
from rollsafe.plans.model import Evidence
from rollsafe.workspace.histories import History, joined, unread_migrations
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process

SHOWN: Final = 12
"""Migrations of a history that are nodes of their own; the older ones are one node together."""


def migration_processes(context: PlanContext) -> list[Process]:
    """Return the histories of the project."""
    return [_process(one) for one in joined(context.rollout.histories) if one.migrations]


def unread(context: PlanContext) -> list[str]:
    """Return which migrations are known by name only."""
    found = unread_migrations(context.after.paths, context.after)
    homes = dict.fromkeys(path.rpartition("/")[0] for path in found)
    return [f"{home or '.'} ({_count(found, home)})" for home in homes]


def _count(found: list[str], home: str) -> str:
    number = sum(path.rpartition("/")[0] == home for path in found)
    return f"{number} migration{'s' * (number != 1)} in a programming language"


def _process(history: History) -> Process:
    first = history.migrations[0]
    made = Process(history.home or ".", "migrations", evidence(first))
    # What the base has is applied already: it is one node, so that the chain shows what is to come.
    pending = {id(one) for one in history.new} if history.is_pending_known and history.new else set[int]()
    apart = [one for one in history.migrations if id(one) in pending] or list(history.migrations[-SHOWN:])
    apart = apart[-SHOWN:]
    older = history.migrations[: len(history.migrations) - len(apart)]
    if "{" in made.name:
        text = "taken as one history: Flyway reads sibling locations together, and no version occurs twice"
        made.asides.append(assumed(text, made.where))
    previous = ""
    if older:
        where = evidence(older[-1])
        text = f"{len(older)} migration{'s' * (len(older) != 1)} up to {_title(older[-1])}"
        node = Node(f"{made.name}/…", "migrations", text, where, stands_for=len(older))
        previous = made.add(node).id
        made.asides.append(derived(f"{text}: drawn as one", where))
    for one in apart:
        place = Evidence(path=one.file.path, line=1)
        names = (one.file.path, one.file.name)
        node = made.add(Node(one.file.path, "migration", _title(one), place, names=names, element=one))
        if previous:
            made.wait(previous, node.id, "order", fact(f"comes next in the order of {history.tool}", place))
        previous = node.id
    if not history.is_pending_known:
        made.unknowns.append(unknown(f"which migrations of `{made.name}` are applied: the database knows"))
    return made


def _title(migration: Migration) -> str:
    """Return a migration's name: that of its directory where all of them are called alike."""
    path, home = migration.file.path, migration.convention.home
    inside = path.removeprefix(f"{home}/")
    return inside if len(inside) < len(path) else migration.file.name
