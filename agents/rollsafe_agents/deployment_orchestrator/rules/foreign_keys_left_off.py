"""A migration switches the checks of foreign keys off, and not on again (MySQL, SQLite).

## What it does
Reports `SET FOREIGN_KEY_CHECKS = 0` (MySQL) and `PRAGMA foreign_keys = OFF` (SQLite) after which the file switches nothing on
again. Inside of a transaction the PRAGMA does nothing, and nothing is reported.

## Why it matters
The setting is one of the connection. Most tools run all migrations over one, and some hand it back to the application:
later migrations, and the application, then write rows that point at nothing.

## Bad
```sql title="db/sqlite/migrations/0002_drop.sql"
PRAGMA foreign_keys = OFF; -- <-
DROP INDEX orders_code;
```

## Good
```sql title="db/sqlite/migrations/0002_drop.sql"
PRAGMA foreign_keys = OFF;
DROP INDEX orders_code;
PRAGMA foreign_keys = ON;
```

## Fix
Switches them on at the end of the file. Unsafe: what follows is checked again.

## References
- [SQLite: PRAGMA foreign_keys](https://www.sqlite.org/pragma.html#pragma_foreign_keys)
- [MySQL: foreign_key_checks](https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_foreign_key_checks)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Dialect, ForeignStatement, Transactions
from rollsafe.artefacts.migrations.foreign import OFF
from rollsafe.artefacts.migrations.operations import SetSetting
from rollsafe.formats.yaml_edit import eol_of
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule

_NAMES: Final = {
    Dialect.MYSQL: ("foreign_key_checks", "SET FOREIGN_KEY_CHECKS = 1"),
    Dialect.SQLITE: ("foreign_keys", "PRAGMA foreign_keys = ON"),
}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: ForeignStatement) -> Iterator[Finding]:
    """Yield a finding for checks that stay off behind the migration."""
    if statement.is_down or statement.is_practice or statement.dialect not in _NAMES:
        return
    name, on = _NAMES[statement.dialect]
    told = [one for one in statement.of(SetSetting) if one.name == name]
    if (
        not any(one.value in OFF for one in told)
        or _does_nothing(statement)
        or _is_set_later(statement, name)
    ):
        return
    yield Finding(
        Span.of(statement),
        f"`{name}` stays off when the migration is done",
        _fixes(statement, on),
        detail=f"nothing in the file says `{on}`; what the connection does next is not checked",
    )


def _does_nothing(statement: ForeignStatement) -> bool:
    """Say whether SQLite passes over the PRAGMA, because it is in a transaction."""
    wrapped = statement.migration.convention.transactions is Transactions.WRAPPED
    return statement.dialect is Dialect.SQLITE and (wrapped or statement.is_in_transaction)


def _is_set_later(statement: ForeignStatement, name: str) -> bool:
    """Say whether the setting is told again: on, or as it was kept before."""
    return any(
        one.name == name
        for later in statement.migration.foreign_statements
        if later.start > statement.start and not later.is_down
        for one in later.of(SetSetting)
    )


def _fixes(statement: ForeignStatement, on: str) -> tuple[Fix, ...]:
    """Return the fix: a statement after the last one on the way up."""
    file = statement.file
    if file.host is not file:
        return ()
    last = [one for one in statement.migration.foreign_statements if not one.is_down][-1]
    after = file.text.find(";", last.end)
    # Behind a statement without its `;`, or before a way down, a line of its own would be another statement.
    if after < 0 or file.text[last.end : after].strip():
        return ()
    edit = Edit(Span(after + 1, after + 1), f"{eol_of(file.text)}{on};")
    return (Fix("Switch foreign keys on again", Safety.UNSAFE, edits=(edit,)),)
