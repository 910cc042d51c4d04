"""Migrations in a plan: the rows of the change table, the release split, the risks, what to ask before."""

from collections.abc import Iterable, Iterator

from rollsafe.artefacts.migrations import Migration, TableName
from rollsafe.artefacts.migrations.descriptions import described
from rollsafe.artefacts.migrations.effects import Deed, Effect
from rollsafe.artefacts.migrations.operations import AddColumn, TableOperation
from rollsafe.plans.contribution import (
    Contribution,
    DraftRisk,
    Phase,
    PlanContext,
    derived,
    evidence,
    fact,
    unknown,
)
from rollsafe.plans.database import size
from rollsafe.plans.model import Change, Claim, Evidence, Release, Reversible
from rollsafe.plans.reach import Reach, deployed_workloads, reach
from rollsafe.plans.risk import Hazard
from rollsafe.text import Located
from rollsafe.workspace.histories import Assessed, unread_migrations
from rollsafe.workspace.rollout import Scope
from rollsafe_agents.deployment_orchestrator.sections.pending import Pending

_MOST_DEEDS = 3
_MOST_IN_TITLE = 2
_MOST_ROWS = 12


def contribute(context: PlanContext, pending: list[Pending], total: Contribution) -> None:
    """Add everything but the steps."""
    how_far = _reach(context)
    for one in pending:
        total.subjects.append(_subject(one))
        total.changes += _rows(one)
        if one.history.is_pending_known:
            total.risks += _risks(one, how_far)
            total.timing += _timing(one)
            total.downtime += _waiting(one)
            total.strategy += _order(one)
        else:
            total.risks += _possible_risks(one, how_far)
            total.downtime += _possible_waiting(one)
    for history in context.rollout.histories:
        for path in (*history.edited, *history.removed):
            total.risks.append(_edited(context, path, path in history.edited))
    total.releases += _releases(context, pending)
    total.unknowns += _unknowns(context, pending)
    total.changes += _unread(context)


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


def lock_words(deed: Deed) -> str:
    """Return which lock an operation takes and what it does under it."""
    if deed.lock is None:
        return "no lock on anything that is in use"
    work = "rewrites" if deed.lock.rewrites else "scans" if deed.lock.scans else ""
    return f"{deed.lock.mode}" + (f", {work} the table" if work else ", for an instant")


def tables_of(deeds: Iterable[Deed]) -> list[str]:
    """Return the tables operations are about, each once."""
    return [str(table) for table in _table_names(deeds)]


def _table_names(deeds: Iterable[Deed]) -> list[TableName]:
    operations = (deed.operation for deed in deeds)
    return list(dict.fromkeys(one.table for one in operations if isinstance(one, TableOperation)))


def way_back(one: Assessed) -> Reversible:
    """Return whether a migration can be taken back."""
    if one.lost:
        return "no"
    if Effect.UNKNOWN in one.effects:
        return "unknown"
    if one.down is None:
        return "no"
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
        yield Change(node=pending.history.home or ".", kind="migrations", before="unknown", after=after,
                     reversible="unknown", claim=claim)  # fmt: skip
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
        yield Change(node=pending.history.home or ".", kind="migrations", before=None,
                     after=f"{len(rest)} more", reversible="unknown", claim=claim)  # fmt: skip


def _telling(one: Assessed) -> Located:
    first = next(iter(one.lost or one.blocking), None)
    return one.migration if first is None else first.operation


def _deeds(one: Assessed) -> str:
    if not one.is_read:
        return f"SQL of {one.migration.dialect.database}, which is not read"
    ordered = sorted(one.deeds, key=lambda deed: (not deed.lost, not deed.blocks))
    return summary(ordered)


def _unread(context: PlanContext) -> Iterator[Change]:
    if context.rollout.scope is not Scope.CHANGES:
        return
    new = {one.path for one in context.changed if one.is_new}
    for path in unread_migrations(new):
        claim = fact("new since the base", Evidence(path=path, line=1))
        yield Change(node=path, kind="migration", before=None, after="in a programming language: not read",
                     reversible="unknown", claim=claim)  # fmt: skip


# Order and releases ------------------------------------------------------------------------------


def _order(pending: Pending) -> Iterator[Claim]:
    history = pending.history
    if not history.is_pending_known:
        return
    early = [one for group in pending.groups if group.phase is Phase.EXPAND for one in group.assessed]
    late = [one for group in pending.groups if group.phase is Phase.CONTRACT for one in group.assessed]
    trapped = [one for one in early if one.is_contracting]
    for one in trapped[:_MOST_DEEDS]:
        deed = next(deed for deed in one.deeds if deed.effect is Effect.CONTRACT)
        why = "it also adds what the new release needs" if one.is_mixed else "later ones add something"
        if not pending.runner.can_stop:
            why = f"{pending.runner.title} applies everything that is pending at once"
        yield derived(
            f"`{label(one.migration)}` runs before the code although it {described(deed.operation)}: {why}",
            place(deed),
        )
    if early and late:
        yield derived(
            f"{pending.runner.title} stops at `{label(early[-1].migration)}`; the code follows, then"
            f" `{label(late[0].migration)}`, which the release that runs at present does not survive",
            evidence(early[-1].migration),
            evidence(late[0].migration),
        )


def _releases(context: PlanContext, pending: list[Pending]) -> list[Release]:
    """Propose releases where a change the old code does not survive rides with new code."""
    deeds = [
        deed for one in pending if one.history.is_pending_known for a in one.assessed for deed in a.deeds
    ]
    breaking = [deed for deed in deeds if deed.effect is Effect.CONTRACT]
    code = [one for one in context.rollout.workloads if one.is_changed]
    services = [one for one in context.rollout.services if one.is_changed or one.is_rebuilt]
    if not breaking or not (code or services):
        return []
    expand = [derived(described(deed.operation), place(deed)) for deed in deeds if _expands(deed)]
    expand += [_softened(deed) for deed in breaking if isinstance(deed.operation, AddColumn)]
    rollouts = [
        derived(f"`{one.current.key}`", evidence(one.current.workload, one.current.workload.title_node))
        for one in code
    ]
    rollouts += [derived(f"`{one.current.name}`", evidence(one.current, one.current.key)) for one in services]
    fill = [derived(described(d.operation), place(d)) for d in deeds if d.effect is Effect.BACKFILL]
    contract = [derived(_tightened(deed), place(deed)) for deed in breaking]
    parts = (
        ("A expand", "only what adds; the old release goes on", expand),
        ("B code", "the release that works with both the old and the new form", rollouts),
        ("C backfill", "rows of before, in batches, while both forms are there", fill),
        (
            "D contract",
            "what takes away, once nothing of the old release runs or is rolled back to",
            contract,
        ),
    )
    return [Release(name=name, what=what, claims=tuple(claims)) for name, what, claims in parts if claims]


def _expands(deed: Deed) -> bool:
    return deed.effect is Effect.EXPAND and bool(described(deed.operation))


def _softened(deed: Deed) -> Claim:
    assert isinstance(deed.operation, AddColumn)
    name = f"{deed.operation.table}.{deed.operation.column.name}"
    return derived(f"adds column `{name}`, but so that it may be NULL or has a default", place(deed))


def _tightened(deed: Deed) -> str:
    if isinstance(deed.operation, AddColumn):
        return f"makes `{deed.operation.table}.{deed.operation.column.name}` required"
    return described(deed.operation)


# Risks -------------------------------------------------------------------------------------------


def _reach(context: PlanContext) -> Reach:
    names = [one.name for one in deployed_workloads(context.rollout)]
    names += [one.current.name for one in context.rollout.services]
    return reach(context, names)


def _possible_risks(pending: Pending, how_far: Reach) -> Iterator[DraftRisk]:
    """Yield what the migrations may do of which nobody knows whether they are pending."""
    home = pending.history.home or "."
    lost = [deed for one in pending.assessed for deed in one.lost]
    if lost:
        count = len({deed.statement.file.path for deed in lost})
        yield DraftRisk(
            Hazard.DATA_LOSS, f"{count} of the migrations in `{home}` destroy data", how_far.radius,
            derived(f"if they are pending; the newest: {lost[-1].lost}", place(lost[-1])), how_far.reason,
            "a backup that was read back, right before", Phase.BACKUP,
        )  # fmt: skip
    slow = [deed for one in pending.assessed for deed in one.blocking if deed.is_slow]
    if slow:
        count = len({deed.statement.file.path for deed in slow})
        yield DraftRisk(
            Hazard.LOCK, f"{count} of the migrations in `{home}` lock a table while they work", how_far.radius,
            derived(f"if they are pending; the newest: {_waits(slow[-1])}", place(slow[-1])), how_far.reason,
            _lock_mitigation(pending), None,
        )  # fmt: skip


def _possible_waiting(pending: Pending) -> Iterator[Claim]:
    slow = [deed for one in pending.assessed for deed in one.blocking if deed.is_slow]
    if slow:
        yield derived("unknown: it depends on which migrations are pending", place(slow[-1]))


def _risks(pending: Pending, how_far: Reach) -> Iterator[DraftRisk]:
    for one in pending.assessed:
        name = f"`{label(one.migration)}`"
        if one.lost:
            what = "; ".join(deed.lost for deed in one.lost[:_MOST_DEEDS])
            yield DraftRisk(
                Hazard.DATA_LOSS, f"{name} destroys data", how_far.radius,
                derived(what, *(place(deed) for deed in one.lost[:_MOST_DEEDS])), how_far.reason,
                "a backup that was read back, right before", Phase.BACKUP,
            )  # fmt: skip
        slow = [deed for deed in one.blocking if deed.is_slow]
        if slow:
            tables = ", ".join(f"`{table}`" for table in tables_of(slow))
            yield DraftRisk(
                Hazard.LOCK, f"{name} locks {tables or 'a table'}", how_far.radius,
                derived(_waits(slow[0]), *(place(deed) for deed in slow[:_MOST_DEEDS])), how_far.reason,
                _lock_mitigation(pending), None,
            )  # fmt: skip
    breaking = [one for one in pending.assessed if one.is_contracting]
    if breaking:
        yield _breaking(pending, breaking, how_far)


def _waits(deed: Deed) -> str:
    who = "reads and writes wait" if deed.lock is not None and deed.lock.blocks_reads else "writes wait"
    return f"{described(deed.operation)}: {lock_words(deed)}; {who} as long"


def _lock_mitigation(pending: Pending) -> str:
    if pending.runner.timeout:
        return "few writers at that time; the lock timeout in the command ends the wait for the lock"
    return f"few writers at that time; {pending.runner.title} takes no lock timeout, so `SET lock_timeout` in the file"


def _breaking(pending: Pending, found: list[Assessed], how_far: Reach) -> DraftRisk:
    one = found[0]
    deed = next(deed for deed in one.deeds if deed.effect is Effect.CONTRACT)
    early = any(one in group.assessed and group.phase is Phase.EXPAND for group in pending.groups)
    when = "until the last old pod is gone" if early else "as soon as a pod of before is started again"
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    text = f"`{label(one.migration)}` {described(deed.operation)}{more}: the old release fails {when}"
    return DraftRisk(
        Hazard.BREAKING,
        "the old release does not survive the new schema",
        how_far.radius,
        derived(text, place(deed)),
        how_far.reason,
        "the releases of section 1" if early else "only after every workload is healthy",
        None if early else Phase.CONTRACT,
    )


def _edited(context: PlanContext, path: str, is_there: bool) -> DraftRisk:
    base = Evidence(path=path, line=1, commit=context.old_ref)
    where = Evidence(path=path, line=1) if is_there else base
    what = "another text than at the base" if is_there else "gone since the base"
    how_far = reach(context, ())
    return DraftRisk(
        Hazard.BREAKING, f"`{path}` is not what was applied", how_far.radius,
        derived(f"{what}: databases that applied it do not apply it again, and some runners stop", where),
        how_far.reason, "a new migration with the difference, and the old text back", None,
    )  # fmt: skip


def _waiting(pending: Pending) -> Iterator[Claim]:
    for one in pending.assessed:
        for deed in one.blocking[:1]:
            if deed.is_slow:
                table = "".join(f"`{name}`" for name in tables_of([deed])) or "a table"
                who = "requests that use" if deed.lock is not None and deed.lock.blocks_reads else "writes to"
                text = f"of unknown length: {who} {table} wait while `{label(one.migration)}` works on it"
                yield derived(text, place(deed))


def _timing(pending: Pending) -> Iterator[Claim]:
    for one in pending.assessed:
        slow = [deed for deed in one.blocking if deed.is_slow]
        if slow:
            tables = ", ".join(f"`{table}`" for table in tables_of(slow))
            yield derived(
                f"`{label(one.migration)}` when {tables or 'its table'} has the fewest writers:"
                f" {lock_words(slow[0])}",
                place(slow[0]),
            )


def _unknowns(context: PlanContext, pending: list[Pending]) -> Iterator[Claim]:
    known = [one for one in pending if one.history.is_pending_known]
    slow = [deed for one in known for a in one.assessed for deed in a.blocking if deed.is_slow]
    for table in _table_names(slow)[:_MOST_DEEDS]:
        ask = "" if "{" in table.sql else f" (`{size(table.sql)}`)"
        yield unknown(f"size of `{table}`, and so how long it is locked{ask}", place(slow[0]))
    for one in pending:
        if not one.history.is_pending_known:
            home = one.history.home or "."
            yield unknown(f"which migrations of `{home}` are applied already: its runner's status tells")
        elif one.own is None and one.runner.title == "psql":
            yield unknown(f"what runs the migrations of `{one.history.home or '.'}`: no pipeline does")
    if context.rollout.scope is Scope.CHANGES:
        files = unread_migrations({one.path for one in context.changed if one.is_new})
        if files:
            yield unknown(
                f"what `{files[0]}` does to the database: it is not SQL", Evidence(path=files[0], line=1)
            )
