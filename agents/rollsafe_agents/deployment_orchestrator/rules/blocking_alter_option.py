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
None: with `INPLACE` or `INSTANT`, and `LOCK=NONE`, MySQL refuses what it cannot do without blocking.

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
from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.text.patterns import lazily
from rollsafe.workspace.settings import Settings

_COPY: Final = ("hazard:mysql-algorithm-copy", "strong_migrations:copy_algorithm")
_LOCK: Final = ("hazard:mysql-lock-option", "strong_migrations:lock_option")
_OPTION = lazily(r"\b(algorithm|lock):\s*:(copy|shared|exclusive)\b")


@rule(severity=Severity.WARNING, since="0.2.0")
def check(statement: Statement | ForeignStatement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for an option that makes others wait."""
    if statement.is_down or statement.is_practice:
        return
    if isinstance(statement, Statement):
        if statement.runner == "rails" and statement.does(CreateIndex):
            yield from _in_rails(statement)
        return
    options = statement.options if statement.dialect is Dialect.MYSQL else {}
    if options.get("ALGORITHM") == "COPY":
        yield _finding(statement.mention("ALGORITHM"), "`ALGORITHM=COPY` writes the whole table again", _COPY)
    lock = options.get("LOCK", "")
    if lock in ("SHARED", "EXCLUSIVE"):
        yield _finding(statement.mention("LOCK"), f"`LOCK={lock}` makes others wait", _LOCK)


def _in_rails(statement: Statement) -> Iterator[Finding]:
    host = statement.file.host
    for match in _OPTION.finditer(host.slice(statement.file.place(statement))):
        peers = _COPY if match[1] == "algorithm" else _LOCK
        yield _finding(Span.of(statement), f"`{match[0]}` makes others wait", peers)


def _finding(place: Span, message: str, peers: tuple[str, ...]) -> Finding:
    return Finding(place, message, detail="writes wait for as long as the change takes", equivalents=peers)
