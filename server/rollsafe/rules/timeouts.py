"""What the rules about missing timeouts have in common."""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Migration, Statement, Transactions, refuses_transaction
from rollsafe.artefacts.migrations.operations import SetSetting
from rollsafe.rules.api import Finding, Fix, Safety
from rollsafe.rules.concurrently import may_leave_transaction
from rollsafe.rules.migration_edits import before
from rollsafe.rules.migration_files import can_run_apart
from rollsafe.rules.migration_words import opening
from rollsafe.workspace.migrations import first_unguarded, later_statements
from rollsafe.workspace.settings import Settings


def unguarded(
    migration: Migration, settings: Settings, name: str, value: str, detail: str
) -> Iterator[Finding]:
    """Yield a finding for the first change that makes others wait without the timeout `name` in force.

    `detail` says what happens to `{table}`; the fix sets the timeout to `value`.
    """
    found = first_unguarded(migration, settings, name)
    if found is None:
        return
    statement, _ = found
    later = _set_later(statement, name)
    how = f"before `{name}` is set in line {later}" if later else f"without a `{name}`"
    is_late = later or _stands_alone(statement) or _waits_for_another_fix(migration)
    what = f"`{statement.table}`" if statement.table is not None else "others"
    yield Finding(
        opening(statement),
        f"{statement.kind} makes {what} wait {how}" if statement.table is None else f"{what} is locked {how}",
        () if is_late else (_fix(statement, name, value),),
        detail=detail,
    )


def _waits_for_another_fix(migration: Migration) -> bool:
    """Say whether a statement is about to leave the transaction: a setting beside it would keep it there."""
    if not can_run_apart(migration.convention, 1):
        return False
    return any(map(may_leave_transaction, migration.up_statements))


def _set_later(statement: Statement, name: str) -> int:
    """Return the 1-based line on which the file sets the timeout after all; 0 if it does not."""
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
    section = statement.migration.section(statement.section)
    return any(refuses_transaction(one) for other in section for one in other.operations)


def _fix(statement: Statement, name: str, value: str) -> Fix:
    known = statement.migration.convention.transactions is not Transactions.ASSUMED
    local = "LOCAL " if known and statement.in_transaction else ""
    edit = before(statement, f"SET {local}{name} = '{value}';")
    return Fix(f"Set `{name}` to {value}", Safety.UNSAFE, edits=(edit,))
