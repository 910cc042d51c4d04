"""What the rules about missing timeouts have in common."""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Migration, Statement, Transactions
from rollsafe.artefacts.migrations.operations import CreateTable, Delete, SetSetting, Update
from rollsafe.rules.api import Finding, Fix, Level, Safety
from rollsafe.rules.concurrently import may_leave_transaction
from rollsafe.rules.migration_edits import before
from rollsafe.rules.migration_files import can_run_apart
from rollsafe.rules.migration_words import opening
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.migrations import (
    first_unbounded,
    first_unguarded,
    later_statements,
    locked_tables,
)
from rollsafe.workspace.settings import Settings


class Timeout(NamedTuple):
    """A timeout that a migration is to set, and to which value.

    `shared` says what happens to others without it, and `shared_peers` who else says so, empty for all of the
    rule; `alone` what happens to a migration that nobody waits for, and `peers` who else speaks of those.
    """

    name: str
    value: str
    shared: str
    alone: str
    peers: tuple[str, ...]
    shared_peers: tuple[str, ...] = ()


def unguarded(migration: Migration, settings: Settings, timeout: Timeout) -> Iterator[Finding]:
    """Yield a finding for the first change that makes others wait without the timeout in force.

    One for the first that only waits itself, where that comes before, is for auditors.
    """
    found = first_unguarded(migration, settings, timeout.name)
    if found is not None:
        statement, operation = found
        how = _how(statement, timeout)
        tables = locked_tables(statement, operation, settings)
        what = f"`{tables[0]}` is locked {how}" if tables else f"{statement.kind} makes others wait {how}"
        yield Finding(
            opening(statement),
            what,
            _fixes(statement, timeout),
            detail=timeout.shared,
            equivalents=(timeout.shared_peers or None) if not isinstance(operation, CreateTable) else None,
        )
    yield from _unbounded(migration, settings, timeout, found[0] if found is not None else None)


def _unbounded(
    migration: Migration, settings: Settings, timeout: Timeout, later: Statement | None
) -> Iterator[Finding]:
    statement = first_unbounded(migration, settings, timeout.name)
    if statement is None or (later is not None and later.index <= statement.index):
        return
    if timeout.name == "idle_in_transaction_session_timeout" and not statement.in_transaction:
        return
    yield Finding(
        opening(statement),
        f"`{statement.kind}` runs {_how(statement, timeout)}",
        _fixes(statement, timeout) if later is None else (),
        detail=timeout.alone,
        level=Level.AUDITOR,
        equivalents=_of_rows(timeout.peers) if statement.does(Update, Delete) else timeout.peers,
    )


def _of_rows(peers: tuple[str, ...]) -> tuple[str, ...]:
    """Return those who ask for timeouts where rows change, and not only the schema."""
    return tuple(one for one in peers if one.startswith(("hazard:", "pgfence:")))


def _how(statement: Statement, timeout: Timeout) -> str:
    later = _set_later(statement, timeout.name)
    article = "an" if timeout.name.startswith("i") else "a"
    return (
        f"before `{timeout.name}` is set in line {later}" if later else f"without {article} `{timeout.name}`"
    )


def _fixes(statement: Statement, timeout: Timeout) -> tuple[Fix, ...]:
    late = _set_later(statement, timeout.name) or _stands_alone(statement)
    if late or _waits_for_another_fix(statement.migration):
        return ()
    return (_fix(statement, timeout.name, timeout.value),)


def _waits_for_another_fix(migration: Migration) -> bool:
    """Say whether a statement is about to leave the transaction: a setting beside it would keep it there."""
    if not can_run_apart(migration, 1):
        return False
    return any(map(may_leave_transaction, migration.up_statements))


def _set_later(statement: Statement, name: str) -> int:
    """Return the 1-based line on which the file sets the timeout after all; 0 if it does not."""
    if not statement.is_down and not statement.migration.does(SetSetting):
        return 0
    for other in later_statements(statement):
        if other.does(SetSetting):
            for one in other.of(SetSetting):
                if one.name == name and one.value is not None:
                    return statement.file.line_number(one)
    return 0


def _stands_alone(statement: Statement) -> bool:
    """Say whether the file has a statement that its runner only runs without others beside it."""
    convention = statement.migration.convention
    if convention.transactions is Transactions.SEPARATE and convention.name != "flyway":
        return False
    return any([other.meaning.is_alone for other in statement.migration.section(statement.section)])


def _fix(statement: Statement, name: str, value: str) -> Fix:
    known = statement.migration.convention.transactions is not Transactions.ASSUMED
    local = "LOCAL " if known and statement.in_transaction else ""
    edit = before(statement, f"SET {local}{name} = '{value}';")
    return Fix(f"Set `{name}` to {value}", Safety.UNSAFE, edits=(edit,))
