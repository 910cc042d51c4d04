"""Migrations in a plan: how they are called and described, and their rows in the change table."""

from collections.abc import Iterable, Iterator

from rollsafe.artefacts.migrations import Migration, TableName
from rollsafe.artefacts.migrations.descriptions import described
from rollsafe.artefacts.migrations.effects import Deed, Effect
from rollsafe.artefacts.migrations.operations import AddColumn, TableOperation
from rollsafe.plans.contribution import (
    ChangedFile,
    Contribution,
    PlanContext,
    evidence,
    fact,
    row,
    unknown,
)
from rollsafe.plans.database import size
from rollsafe.plans.model import Change, Claim, Evidence, Reversible
from rollsafe.text import Located
from rollsafe.workspace.histories import Assessed, unread_migrations
from rollsafe.workspace.rollout import Scope
from rollsafe_agents.deployment_orchestrator.sections.pending import Pending

_MOST_DEEDS = 3
_MOST_IN_TITLE = 2
_MOST_ROWS = 12


def contribute(context: PlanContext, pending: list[Pending], total: Contribution) -> None:
    """Add the rows of the change table, what the title says, and what nobody can know from the files."""
    for one in pending:
        total.subjects.append(_subject(one))
        total.changes += _rows(one)
    total.changes += _edited(context)
    total.changes += _unread(context)
    total.told += (one.path for one in context.changed if _is_migration(one))
    total.incomplete += _unread_ones(context, pending)
    total.unknowns += _unknowns(context, pending)


def label(migration: Migration) -> str:
    """Return what people call a migration: its version, else its name."""
    convention = migration.convention
    return convention.version or convention.label or migration.file.name


def place(deed: Deed) -> Evidence:
    """Return where an operation is written."""
    return evidence(deed.statement, deed.operation)


def summary(deeds: Iterable[Deed], most: int = _MOST_DEEDS) -> str:
    """Return in one line what operations do, the first few in full."""
    words = list(dict.fromkeys(text for deed in deeds if (text := described(deed.operation))))
    if not words:
        return "does nothing that is read"
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return "; ".join(words[:most]) + more


def title(deeds: Iterable[Deed]) -> str:
    """Return what operations do as a step is called: what destroys or blocks comes first."""
    return summary(sorted(deeds, key=lambda deed: (not deed.lost, not deed.blocks)), _MOST_IN_TITLE)


def told(assessed: Iterable[Assessed]) -> str:
    """Return what migrations do as a step is called, or that nobody has read it."""
    found = list(assessed)
    unread = next((one for one in found if not one.is_read), None)
    if unread is not None:
        return f"SQL of {unread.migration.dialect.database}, which is not read"
    return title(deed for one in found for deed in one.deeds)


def is_additive(one: Assessed) -> bool:
    """Say whether the release of before does not notice a migration."""
    return not one.is_contracting and not one.lost and Effect.UNKNOWN not in one.effects


def lock_words(deed: Deed) -> str:
    """Return which lock an operation takes and what it does under it."""
    if deed.lock is None:
        return "no lock on anything that is in use"
    work = "rewrites" if deed.lock.rewrites else "scans" if deed.lock.scans else ""
    return f"{deed.lock.mode}" + (f", {work} the table" if work else ", for an instant")


def tables_of(deeds: Iterable[Deed]) -> list[str]:
    """Return the tables operations are about, each once."""
    return [str(table) for table in table_names(deeds)]


def table_names(deeds: Iterable[Deed]) -> list[TableName]:
    """Return the tables operations are about, each once."""
    operations = (deed.operation for deed in deeds)
    return list(dict.fromkeys(one.table for one in operations if isinstance(one, TableOperation)))


def way_back(one: Assessed) -> Reversible:
    """Return whether a migration can be taken back."""
    if one.lost:
        return "no"
    if Effect.UNKNOWN in one.effects:
        return "unknown"
    if one.down is None:
        return "left in place" if is_additive(one) else "no"
    return "with data loss" if Effect.EXPAND in one.effects and _holds_rows(one) else "yes"


def _holds_rows(one: Assessed) -> bool:
    """Say whether something it adds takes in data that its way back drops."""
    tables = one.migration.created_tables
    return bool(tables) or any(isinstance(deed.operation, AddColumn) for deed in one.deeds)


def _subject(pending: Pending) -> str:
    first, last = label(pending.assessed[0].migration), label(pending.assessed[-1].migration)
    many = len(pending.assessed) > 1
    if not pending.history.is_pending_known:
        return f"migrations up to {last}"
    return f"migrations {first}–{last}" if many else f"migration {first}"


def _rows(pending: Pending) -> Iterator[Change]:
    if not pending.history.is_pending_known:
        first, last = pending.assessed[0].migration, pending.assessed[-1].migration
        after = f"{len(pending.assessed)} migrations, {label(first)} to {label(last)}"
        claim = fact("the newest migration", evidence(last))
        yield Change(
            node=pending.history.home or ".",
            kind="migrations",
            before="unknown",
            after=after,
            reversible="unknown",
            claim=claim,
        )
        return
    for one in pending.assessed[:_MOST_ROWS]:
        worst = one.blocking[0] if one.blocking else None
        lock = f" ({lock_words(worst)})" if worst is not None else ""
        yield Change(
            node=one.migration.file.path,
            kind="migration",
            before=None,
            after=_deeds(one) + lock,
            reversible=way_back(one),
            claim=fact("new since the base", evidence(one.migration, _telling(one))),
        )
    rest = pending.assessed[_MOST_ROWS:]
    if rest:
        claim = fact("new since the base", evidence(rest[0].migration))
        yield Change(
            node=pending.history.home or ".",
            kind="migrations",
            before=None,
            after=f"{len(rest)} more",
            reversible="unknown",
            claim=claim,
        )


def _telling(one: Assessed) -> Located:
    first = next(iter(one.lost or one.blocking), None)
    return one.migration if first is None else first.operation


def _deeds(one: Assessed) -> str:
    if not one.is_read:
        return told([one])
    ordered = sorted(one.deeds, key=lambda deed: (not deed.lost, not deed.blocks))
    return summary(ordered)


def _is_migration(changed: ChangedFile) -> bool:
    view = changed.after or changed.before
    return view is not None and view.kind == "migration"


def _edited(context: PlanContext) -> Iterator[Change]:
    """Yield the rows of migrations that were applied with another text, or are gone."""
    for history in context.rollout.histories:
        for path in history.edited:
            claim = fact("another text than at the base", Evidence(path=path, line=1))
            yield row(path, "migration", claim, "as it was applied", "another text, which nothing applies")
        for path in history.removed:
            claim = fact("gone since the base", Evidence(path=path, line=1, commit=context.old_ref))
            yield row(path, "migration", claim, before="there")


def _unread(context: PlanContext) -> Iterator[Change]:
    if context.rollout.scope is not Scope.CHANGES:
        return
    new = {one.path for one in context.changed if one.is_new}
    for path in unread_migrations(new, context.after):
        claim = fact("new since the base", Evidence(path=path, line=1))
        yield Change(
            node=path,
            kind="migration",
            before=None,
            after="in a programming language: not read",
            reversible="unknown",
            claim=claim,
        )


def _unknowns(context: PlanContext, pending: list[Pending]) -> Iterator[Claim]:
    known = [one for one in pending if one.history.is_pending_known]
    slow = [deed for one in known for a in one.assessed for deed in a.blocking if deed.is_slow]
    for table in table_names(slow)[:_MOST_DEEDS]:
        ask = "" if "{" in table.sql else f" (`{size(table.sql)}`)"
        yield unknown(f"size of `{table}`, and so how long it is locked{ask}", place(slow[0]))
    for one in pending:
        if not one.history.is_pending_known:
            home = one.history.home or "."
            yield unknown(f"which migrations of `{home}` are applied already: its runner's status tells")
        elif one.own is None and one.runner.title == "psql":
            yield unknown(f"what runs the migrations of `{one.history.home or '.'}`: no pipeline does")


def _unread_ones(context: PlanContext, pending: list[Pending]) -> Iterator[Claim]:
    """Yield which migrations nobody has read, or nobody says how to run."""
    for one in pending:
        first = one.assessed[0].migration
        if one.history.is_pending_known and one.is_unread:
            unread = next(a for a in one.assessed if Effect.UNKNOWN in a.effects)
            what = f"what `{label(unread.migration)}` does to the database: it is not read"
            yield unknown(what, evidence(unread.migration))
        if one.is_template:
            what = f"what fills in the templates of `{one.history.home or '.'}` and runs them"
            yield unknown(f"{what}: {one.runner.title} takes files as they are", evidence(first))
    if context.rollout.scope is Scope.CHANGES:
        files = unread_migrations({one.path for one in context.changed if one.is_new}, context.after)
        if files:
            where = Evidence(path=files[0], line=1)
            yield unknown(f"what `{files[0]}` does to the database: it is not SQL", where)
