"""The steps of a plan that touch the database: where it is, backup, up, and the way back of each."""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Dialect, Migration
from rollsafe.artefacts.migrations.effects import Effect
from rollsafe.artefacts.migrations.operations import AddConstraint, CreateIndex
from rollsafe.plans.contribution import (
    Contribution,
    DraftStep,
    Phase,
    PlanContext,
    Undo,
    derived,
    evidence,
    fact,
)
from rollsafe.plans.database import (
    BACKUP_FILE,
    INVALID_INDEXES,
    NOT_VALIDATED,
    backup,
    listing,
    restore,
)
from rollsafe.plans.model import Claim
from rollsafe_agents.deployment_orchestrator.sections.access import access
from rollsafe_agents.deployment_orchestrator.sections.backups import documented_backup
from rollsafe_agents.deployment_orchestrator.sections.migration_commands import (
    clear,
    directory,
    down,
    status,
    up,
)
from rollsafe_agents.deployment_orchestrator.sections.migrations import (
    is_additive,
    label,
    place,
    tables_of,
    told,
    way_back,
)
from rollsafe_agents.deployment_orchestrator.sections.pending import Group, Pending

_MOST_NAMED = 4


def contribute(context: PlanContext, pending: list[Pending], total: Contribution) -> None:
    """Add the steps of every history with new migrations, but what an application applies itself."""
    for one in pending:
        total.steps += _where_it_is(context, one)
        if not one.is_embedded:
            total.steps += (_step(context, one, group) for group in one.groups)
        total.steps += _schema(one)
    migrations = (one.assessed[0].migration for one in pending)
    for first in {one.dialect: one for one in migrations}.values():
        total.steps.append(_backup(context, first))


def riding(context: PlanContext, pending: list[Pending]) -> list[DraftStep]:
    """Return what applications apply themselves when the new release starts."""
    return [_step(context, one, group) for one in pending if one.is_embedded for group in one.groups]


def _where_it_is(context: PlanContext, pending: Pending) -> Iterator[DraftStep]:
    history = pending.history
    at = history.previous if history.is_pending_known else None
    command, says = status(context, pending, at)
    if command is None:
        return
    if at is not None:
        claim = derived(f"`{label(at)}` is the newest of the base", evidence(at))
    else:
        claim = derived("the first of the history", evidence(pending.assessed[0].migration))
    yield DraftStep(
        Phase.CAPTURE,
        "see where the schema is",
        command,
        claim,
        _before(pending, at, says),
        access(command),
        context=directory(context, pending),
    )


def _before(pending: Pending, at: Migration | None, says: str) -> str:
    """Return what the runner answers before anything is applied."""
    if not pending.history.is_pending_known:
        return "tells which are pending"
    if at is not None and ("{version}" in pending.runner.says or pending.is_embedded):
        return f"{says}; anything else: other migrations are pending than this plan says"
    named = ", ".join(f"`{label(one.migration)}`" for one in pending.assessed[:_MOST_NAMED])
    more = len(pending.assessed) - _MOST_NAMED
    return f"pending: {named}{f' and {more} more' if more > 0 else ''}, and nothing else"


# Up ----------------------------------------------------------------------------------------------


def _step(context: PlanContext, pending: Pending, group: Group) -> DraftStep:
    command = None if pending.is_embedded else up(context, pending, group)
    gate, says = status(context, pending, group.last.migration)
    lost = [deed for one in group.assessed for deed in one.lost]
    undo, irreversible = ((), _gone(group)) if lost else _way_back(context, pending, group)
    breaking = [f"`{label(one.migration)}`" for one in group.assessed if one.is_contracting]
    return DraftStep(
        Phase.DEPLOY if pending.is_embedded else group.phase,
        step_title(pending, group),
        command,
        _claim(group),
        says,
        access(command) if command else "whoever runs the migrations",
        gate=gate,
        context=directory(context, pending),
        undo=undo,
        irreversible=irreversible,
        restore=_restore(context, group) if lost else None,
        if_fails=_if_fails(context, pending, group),
        destroys=_claim(group) if lost else None,
        breaks=", ".join(breaking) if not any(one.advice == "run" for one in undo) else "",
        is_unread=any(Effect.UNKNOWN in one.effects for one in group.assessed),
    )


def step_title(pending: Pending, group: Group) -> str:
    """Return what the step that applies a group of migrations is called."""
    first, last = label(group.first.migration), label(group.last.migration)
    named = f"`{first}`" if group.first is group.last else f"`{first}` to `{last}`"
    verb = "the application applies" if pending.is_embedded else "migrate"
    starting = " when it starts" if pending.is_embedded else ""
    if pending.history.is_pending_known:
        return f"{verb} {named}{starting}: {told(group.assessed)}"
    destroying = [f"`{label(one.migration)}`" for one in group.assessed if one.lost]
    ends = "s" if len(destroying) == 1 else ""
    what = f"; {', '.join(destroying[-3:])} destroy{ends} data" if destroying else ""
    verb = "the application applies" if pending.is_embedded else "apply"
    return f"{verb} what is pending{starting}, at most {named}{what}"


def _claim(group: Group) -> Claim:
    lost = [deed for one in group.assessed for deed in one.lost]
    if lost:
        last = lost[-3:]
        return derived("destroys " + "; ".join(deed.lost for deed in last), *map(place, last))
    files = [evidence(one.migration) for one in group.assessed[:3]]
    return fact(
        "new since the base" if len(group.assessed) == 1 else f"{len(group.assessed)} migrations", *files
    )


def _if_fails(context: PlanContext, pending: Pending, group: Group) -> str:
    wrapped = all(
        one.migration.up_statements and all(s.in_transaction for s in one.migration.up_statements)
        for one in group.assessed
    )
    parts = ["the transaction has undone its own half"] if wrapped and len(group.assessed) == 1 else []
    command = clear(context, pending, group)
    if command is not None:
        parts.append(f"`{command}` clears the failed attempt")
    return "; ".join(parts)


# Back --------------------------------------------------------------------------------------------


def _way_back(context: PlanContext, pending: Pending, group: Group) -> tuple[tuple[Undo, ...], str]:
    """Return how a step that destroys nothing is taken back, or why it is not."""
    command, where = down(context, pending, group), directory(context, pending)
    named = f"`{label(group.first.migration)}`"
    if all(map(is_additive, group.assessed)):
        holds = [one for one in group.assessed if way_back(one) == "with data loss"]
        lost = f"what was written to {_what_it_adds(group)} since" if holds else None
        title = f"leave {named} in place: the old release does not see it"
        return (Undo(title, command, "leave", lost, context=where),), ""
    if command is not None:
        return (Undo(f"take {named} back", command, context=where),), ""
    missing = f"`{group.last.migration.convention.down_path}` is not there"
    if not pending.runner.down:
        missing = f"{pending.runner.title} only goes forward: it takes a new migration that undoes it"
    return (), missing


def _what_it_adds(group: Group) -> str:
    tables = tables_of(deed for one in group.assessed for deed in one.deeds if deed.effect is Effect.EXPAND)
    return ", ".join(f"`{table}`" for table in tables[:3]) or "what it adds"


def _gone(group: Group) -> str:
    lost = [deed.lost for one in group.assessed for deed in one.lost]
    return f"{'; '.join(lost[:2])}: gone, whatever its down migration says"


def _restore(context: PlanContext, group: Group) -> Undo:
    dialect = group.first.migration.dialect
    found = documented_backup(context)
    file = found.file if found is not None and found.file else BACKUP_FILE
    return Undo(
        "stop writers, then put the backup back",
        restore(dialect, file),
        "restore",
        "everything written since the backup",
    )


# Backup and schema -------------------------------------------------------------------------------


def _backup(context: PlanContext, first: Migration) -> DraftStep:
    dialect = first.dialect
    own = documented_backup(context) if dialect in (Dialect.POSTGRES, Dialect.MYSQL) else None
    command = own.command if own is not None else backup(dialect)
    file = own.file if own is not None and own.file else BACKUP_FILE
    gate = listing(dialect, file) if own is None or own.file else None
    claim = own.claim if own is not None else derived("there are migrations to apply", evidence(first))
    return DraftStep(
        Phase.BACKUP,
        f"back up the {dialect.database} database"
        if dialect is not Dialect.POSTGRES
        else "back up the database",
        command,
        claim,
        "lists every table, exit code 0" if gate else "the backup is complete and can be read",
        access(command) if command else "database, to read everything",
        gate=gate,
    )


def _schema(pending: Pending) -> Iterator[DraftStep]:
    """Yield the check for what a migration leaves behind when it fails without an error."""
    if not pending.history.is_pending_known or not any(g.phase is Phase.EXPAND for g in pending.groups):
        return
    deeds = [
        deed for one in pending.assessed for deed in one.deeds if one.migration.dialect is Dialect.POSTGRES
    ]
    indexes = [d for d in deeds if isinstance(d.operation, CreateIndex) and d.operation.concurrently]
    if indexes:
        yield DraftStep(
            Phase.SCHEMA,
            "see that every index was built",
            INVALID_INDEXES,
            derived("a concurrent build that fails leaves an invalid index", place(indexes[0])),
            "no rows",
            access(INVALID_INDEXES),
            if_fails="`DROP INDEX CONCURRENTLY` what is listed, and build it again",
        )
    late = [d for d in deeds if isinstance(d.operation, AddConstraint) and d.operation.constraint.not_valid]
    if late:
        yield DraftStep(
            Phase.SCHEMA,
            "see which constraints are not validated yet",
            NOT_VALIDATED,
            derived("added without validation", place(late[0])),
            "only those a later migration validates",
            access(NOT_VALIDATED),
        )
