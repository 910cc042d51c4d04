"""A new column makes the database write the whole table again.

## What it does
Reports `ADD COLUMN` on a table that was there before the migration with a default that differs from row to row
(`gen_random_uuid()`, `clock_timestamp()`), with `serial` or an identity, with a stored generated value, or of a
domain that checks its values. Before PostgreSQL 11 any default counts. Of a function nobody knows it is said with
less confidence.

## Why it matters
PostgreSQL writes every row and every index of the table again under an ACCESS EXCLUSIVE lock: nobody reads or
writes it for as long as that takes, minutes to hours on a large table. `now()` and other defaults that are the
same for all rows are stored once and cost nothing.

## Bad
```sql title="db/migrations/V70__public_id.sql"
ALTER TABLE orders ADD COLUMN public_id uuid DEFAULT gen_random_uuid(); -- <-
```

## Good
```sql title="db/migrations/V70__public_id.sql"
ALTER TABLE orders ADD COLUMN public_id uuid;
ALTER TABLE orders ALTER COLUMN public_id SET DEFAULT gen_random_uuid();
```

## Fix
For a default: adds the column without it and sets the default in a second statement, so that it counts for new
rows. Unsafe: rows there are have no value until they are filled in batches, and `NOT NULL` has to wait for that.
For a stored value: makes it one that is computed when it is read, from PostgreSQL 18 on; before, a trigger keeps it and
a migration that follows fills the rows in batches. For a domain: gives the column
the type beneath it, and the domain's check as a constraint that a migration that follows validates.

## References
- [PostgreSQL: ALTER TABLE, notes](https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES)

## Equivalent rules
- `hazard:add-column-volatile-default`
- `hazard:add-column-generated-stored`
- `hazard:add-column-serial`
- `hazard:add-column-constrained-domain`
- `squawk:adding-field-with-default`
- `squawk:adding-serial-primary-key-field`
- `pgls:addingFieldWithDefault`
- `pgls:addSerialColumn`
- `pgfence:add-column-non-constant-default`
- `pgfence:add-column-default-pre-pg11`
- `pgfence:add-column-stored-generated`
- `pgfence:add-column-serial`
- `pg-migration-lint:PGM006`
- `eugene:E10`
- `eugene:E11`
- `pgrubic:US004`
- `pgrubic:US005`
- `pgrubic:US006`
- `pgrubic:US011`
- `pgrubic:US031`
- `strong_migrations:add_column_default`
- `strong_migrations:add_column_default_callable`
- `strong_migrations:add_column_generated_stored`
- `strong_migrations:add_column_auto_incrementing`
- `online_migrations:add_column_with_default`
- `online_migrations:add_column_generated_stored`
- `drizzle-migration-lint:volatile-default-on-add-column`
- `pandadoc-migration-lint:RESTRICTED`
- `atlas:PG302`
- `atlas:PG304`
- `atlas:PG305`
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.locks import lock_fact
from rollsafe.artefacts.migrations.names import TableName, quoted
from rollsafe.artefacts.migrations.operations import AddColumn, CreateDomain
from rollsafe.artefacts.migrations.pieces import Column, ConstraintKind, Default, Generated, Volatility
from rollsafe.artefacts.migrations.traits import Trait
from rollsafe.formats.sql_tokens import tokens
from rollsafe.rules import Confidence, Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.expanding import computed, filled_later
from rollsafe.rules.migration_edits import after, fitting, is_editable, then_later
from rollsafe.rules.migration_steps import Step
from rollsafe.rules.migration_words import by_rows
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import shares_history
from rollsafe.workspace.migrations import changes, server
from rollsafe.workspace.settings import Settings

_DEFAULT: Final = (
    *(
        "hazard:add-column-volatile-default",
        "squawk:adding-field-with-default",
        "pgls:addingFieldWithDefault",
    ),
    *("pgfence:add-column-non-constant-default", "pg-migration-lint:PGM006", "eugene:E10", "pgrubic:US011"),
    *(
        "pgrubic:US031",
        "strong_migrations:add_column_default",
        "strong_migrations:add_column_default_callable",
    ),
    *("online_migrations:add_column_with_default", "drizzle-migration-lint:volatile-default-on-add-column"),
    *("atlas:PG302", "pgfence:add-column-default-pre-pg11"),
)
_STORED: Final = (
    *("hazard:add-column-generated-stored", "squawk:adding-field-with-default", "pgls:addSerialColumn"),
    *("pgls:addingFieldWithDefault", "pgfence:add-column-stored-generated", "eugene:E11", "pgrubic:US006"),
    *("strong_migrations:add_column_generated_stored", "online_migrations:add_column_generated_stored"),
    "atlas:PG304",
)
_SERIAL: Final = (
    *("hazard:add-column-serial", "squawk:adding-serial-primary-key-field", "pgls:addSerialColumn"),
    *("pgfence:add-column-serial", "eugene:E11", "pgrubic:US004", "pgrubic:US005", "atlas:PG305"),
    *("strong_migrations:add_column_auto_incrementing", "pandadoc-migration-lint:RESTRICTED"),
)
_VIRTUAL_SINCE: Final = 18
_DOMAIN: Final = ("hazard:add-column-constrained-domain",)


class _Cause(NamedTuple):
    """What makes the rows be written: where it stands, and in words."""

    where: Span
    words: str
    equivalents: tuple[str, ...]
    confidence: Confidence = Confidence.HIGH


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a column whose addition rewrites the table."""
    if Trait.VALUED not in statement.traits:
        return
    for added in changes(statement, settings, AddColumn):
        cause = _cause(statement, added, graph, server(settings))
        if cause is not None:
            finding = Finding(
                cause.where,
                f"column `{added.table}.{added.column.name}` is added with {cause.words}",
                partial(_offered, statement, added, cause, graph, settings),
                detail=f"reads and writes of `{added.table}` wait behind an ACCESS EXCLUSIVE lock while every row is "
                "written again",
                confidence=cause.confidence,
                equivalents=cause.equivalents,
            )
            yield by_rows(finding, added.table, statement, graph, settings)


def _offered(
    statement: Statement, added: AddColumn, cause: _Cause, graph: Graph, settings: Settings
) -> tuple[Fix, ...]:
    if cause.equivalents is _DEFAULT:
        return tuple(_fixes(statement, added, graph, settings))
    if cause.equivalents is _DOMAIN:
        return _checked_later(statement, added, graph, settings)
    if cause.equivalents is not _STORED:
        return ()
    if server(settings) >= _VIRTUAL_SINCE:
        return _virtual(statement, added)
    words = _GENERATED.search(statement.file.text, added.start, added.end)
    if words is None:
        return ()
    removed = Edit(Span(words.start(), words.end()), "")
    return computed(statement, added, removed, words["value"], graph, settings)


def _virtual(statement: Statement, added: AddColumn) -> tuple[Fix, ...]:
    word = statement.words(added.column, "STORED")
    if word is None or not is_editable(statement, added):
        return ()
    return (Fix("Compute the value when it is read", Safety.UNSAFE, edits=(Edit(word, "VIRTUAL"),)),)


def _checked_later(
    statement: Statement, added: AddColumn, graph: Graph, settings: Settings
) -> tuple[Fix, ...]:
    """Return the fix that gives the column the type beneath the domain and its checks as constraints."""
    column = added.column
    made = _domain_of(statement, column, graph)
    name = fitting(f"{added.table.name}_{column.name}_check")
    if made is None or column.type is None or name is None or not is_editable(statement, added):
        return ()
    found = _DOMAIN_SQL.fullmatch(" ".join(made.sql.text.split()))
    if found is None:
        return ()
    check = _VALUE.sub(quoted(column.name), found["check"])
    alter, constraint = f"ALTER TABLE {added.table.sql}", quoted(name)
    now = f"{alter} ADD CONSTRAINT {constraint} CHECK ({check}) NOT VALID"
    steps = (Step(f"validate {name}", (f"{alter} VALIDATE CONSTRAINT {constraint}",)),)
    edits = (Edit(Span.of(column.type), found["type"]),)
    change = then_later(statement, edits, steps, graph, settings, (now,))
    return (change.fix("Use the type beneath the domain, with its check"),) if change is not None else ()


_GENERATED: Final = lazily(
    r"\s+GENERATED\s+ALWAYS\s+AS\s*\((?P<value>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)\s*STORED\b", re.I
)
_DOMAIN_SQL: Final = lazily(
    r"CREATE DOMAIN \S+ (?:AS )?(?P<type>\w+(?: ?\([\d, ]+\))?)(?: CONSTRAINT \S+)? CHECK ?\((?P<check>[^;]*)\)",
    re.I,
)
_VALUE: Final = lazily(r"\bVALUE\b", re.I)


def _domain_of(statement: Statement, column: Column, graph: Graph) -> Statement | None:
    """Return the only statement that creates the domain a column has."""
    key = TableName(column.type.schema, column.type.name).key if column.type is not None else ""
    mine = [
        one
        for one in graph.find(Statement, f"domain:{key}")
        if shares_history(one.migration, statement.migration)
    ]
    made = [one for one in mine if any(it.checks for it in one.of(CreateDomain))]
    return made[0] if len(mine) == 1 and made else None


def _cause(statement: Statement, added: AddColumn, graph: Graph, version: int) -> _Cause | None:
    column = added.column
    fact = lock_fact(added, version)
    if fact is None or not fact.rewrites:
        domain = column.type is not None and not column.type.is_built_in
        return _domain(statement, column, graph) if domain else None
    if column.is_serial:
        place = column.type if column.type is not None and column.type.is_serial else column
        return _Cause(Span.of(place), "a sequence that numbers every row", _SERIAL)
    if column.generated is Generated.STORED:
        where = statement.words(column, "STORED") or Span.of(column)
        return _Cause(where, "a stored value computed for every row", _STORED)
    return _default(column.default, version) if column.default is not None else None


def _default(default: Default, version: int) -> _Cause:
    where, text = Span.of(default), " ".join(default.text.split())
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    if default.volatility is Volatility.UNKNOWN:
        words = f"the default `{shown}`, which may differ from row to row"
        return _Cause(where, words, _DEFAULT, Confidence.MEDIUM)
    if default.volatility is Volatility.VOLATILE:
        return _Cause(where, f"the default `{shown}`, which differs from row to row", _DEFAULT)
    return _Cause(where, f"a default, which PostgreSQL {version} writes to every row", _DEFAULT)


def _domain(statement: Statement, column: Column, graph: Graph) -> _Cause | None:
    """Return the cause if the column's type is a domain that a migration creates with a check."""
    if column.type is None:
        return None
    key = TableName(column.type.schema, column.type.name).key
    domains = (one for other in graph.find(Statement, f"domain:{key}") for one in other.of(CreateDomain))
    if not any(one.checks and one.type.key == key for one in domains):
        return None
    return _Cause(
        Span.of(column.type), f"the domain `{column.type}`, which is checked for every row", _DOMAIN
    )


def _fixes(statement: Statement, added: AddColumn, graph: Graph, settings: Settings) -> Iterator[Fix]:
    default = added.column.default
    unique = any(one.kind is ConstraintKind.PRIMARY for one in added.column.constraints)
    if default is None or unique or added.column.is_serial or not is_editable(statement, added):
        return
    edits = [_removal(statement, added, default.start, default.end)]
    required = next((one for one in added.column.constraints if one.kind is ConstraintKind.NOT_NULL), None)
    if required is not None:
        edits.append(_removal(statement, added, required.start, required.end))
    later = (
        f"ALTER TABLE {added.table.sql} ALTER COLUMN {quoted(added.column.name)} SET DEFAULT {default.text}"
    )
    yield Fix("Set the default in a second statement", Safety.UNSAFE, edits=(*edits, after(statement, later)))
    filled = filled_later(statement, added, tuple(edits), default.text, graph, settings)
    if filled is not None:
        yield filled.fix("Set the default in a second statement, and fill the rows there are in batches")


def _removal(statement: Statement, added: AddColumn, start: int, end: int) -> Edit:
    """Return the edit that removes a part of the column with the blanks before it."""
    before = [token.end for token in tokens(statement.file.text, added.start, start)]
    return Edit(Span(before[-1] if before else start, end), "")
