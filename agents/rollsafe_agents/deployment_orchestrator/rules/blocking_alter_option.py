"""A change asks MySQL to copy the table, or to lock others out.

## What it does
Reports `ALGORITHM=COPY`, `LOCK=SHARED` and `LOCK=EXCLUSIVE` in migrations for MySQL, and `algorithm: :copy` and
`lock: :shared` in those of Rails.

## Why it matters
With `COPY` MySQL writes the whole table again while all writes wait. With `LOCK=SHARED` writes wait for as long as the
change takes, with `EXCLUSIVE` reads as well, also where the change could be done beside them.

## Bad
```sql title="db/mysql/migrations/V3__code.sql"
ALTER TABLE orders ADD INDEX orders_code (code), ALGORITHM=COPY; -- <-
```

## Good
```sql title="db/mysql/migrations/V3__code.sql"
ALTER TABLE orders ADD INDEX orders_code (code), ALGORITHM=INPLACE, LOCK=NONE;
```

## Fix
Asks for `INPLACE` and `LOCK=NONE` where the change can be made that way. Unsafe: where it cannot be made, because of the version
or the table, MySQL refuses the statement.

## References
- [MySQL: online DDL](https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html)

## Equivalent rules
- `hazard:mysql-algorithm-copy`
- `hazard:mysql-lock-option`
- `strong_migrations:copy_algorithm`
- `strong_migrations:lock_option`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Dialect, ForeignStatement, Statement
from rollsafe.artefacts.migrations.operations import CreateIndex
from rollsafe.rules import Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.online_changes import asking_for_it, is_possible_beside_writes
from rollsafe.text.patterns import lazily
from rollsafe.workspace.settings import Settings

_COPY: Final = ("hazard:mysql-algorithm-copy", "strong_migrations:copy_algorithm")
_LOCK: Final = ("hazard:mysql-lock-option", "strong_migrations:lock_option")
_OPTION = lazily(r"\b(algorithm|lock):\s*:(copy|shared|exclusive)\b")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement | ForeignStatement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for an option that makes others wait."""
    if statement.is_down or statement.is_practice:
        return
    if isinstance(statement, Statement):
        if statement.does(CreateIndex) and statement.runner == "rails":
            yield from _in_rails(statement)
        return
    options = statement.options if statement.dialect is Dialect.MYSQL else {}
    if options.get("ALGORITHM") == "COPY":
        words = "`ALGORITHM=COPY` writes the whole table again"
        yield _finding(statement.mention("ALGORITHM"), words, _COPY, _fixes(statement))
    lock = options.get("LOCK", "")
    if lock in ("SHARED", "EXCLUSIVE"):
        words = f"`LOCK={lock}` makes others wait"
        yield _finding(statement.mention("LOCK"), words, _LOCK, _fixes(statement))


def _fixes(statement: ForeignStatement) -> tuple[Fix, ...]:
    if not is_possible_beside_writes(statement):
        return ()
    return (Fix("Let others write meanwhile", Safety.UNSAFE, edits=asking_for_it(statement)),)


def _in_rails(statement: Statement) -> Iterator[Finding]:
    host = statement.file.host
    for match in _OPTION.finditer(host.slice(statement.file.place(statement))):
        peers = _COPY if match[1] == "algorithm" else _LOCK
        yield _finding(Span.of(statement), f"`{match[0]}` makes others wait", peers)


def _finding(place: Span, message: str, peers: tuple[str, ...], fixes: tuple[Fix, ...] = ()) -> Finding:
    detail = "writes wait for as long as the change takes"
    return Finding(place, message, fixes, detail=detail, equivalents=peers)
