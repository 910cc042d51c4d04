"""A migration has no way back.

## What it does
Reports migrations without a down file or with an empty down section, where others of the same directory have one.
`-- irreversible: reason` in the migration says that it is meant. Where no migration of the directory has a way back,
and for tools that only go forward, it is said at level `pedantic` or not at all. A migration that leaves nothing
behind, such as one that only validates a constraint, needs no way back.

## Why it matters
When a release is rolled back, its migrations are taken back with it. The tool steps over one without a way back as
if it had been undone: the schema stays new, the release is old, and the next attempt to go up stops at things that
exist already. That is found out during the incident.

## Bad
```sql title="db/migrations/000001_create_orders.up.sql"
CREATE TABLE orders (id bigint PRIMARY KEY);
```
```sql title="db/migrations/000001_create_orders.down.sql"
DROP TABLE orders;
```
```sql title="db/migrations/000002_add_note.up.sql"
ALTER TABLE orders ADD COLUMN note text; -- <-
```

## Good
```sql title="db/migrations/000001_create_orders.up.sql"
CREATE TABLE orders (id bigint PRIMARY KEY);
```
```sql title="db/migrations/000001_create_orders.down.sql"
DROP TABLE orders;
```
```sql title="db/migrations/000002_add_note.up.sql"
ALTER TABLE orders ADD COLUMN note text;
```
```sql title="db/migrations/000002_add_note.down.sql"
ALTER TABLE orders DROP COLUMN note;
```

## Fix
Writes the way back: what undoes each statement, the last one first. Safe where all of it can be undone, unsafe
where a `DO` block decides at run time what is done. Where data is lost it is a draft that says what does not come
back, to be completed; the other way is to say in the migration that it is irreversible, and why.

## References
- [golang-migrate: best practices](https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md)

## Equivalent rules
- `hazard:missing-rollback`
- `strong_migrations:check_down`
- `django-migration-linter:RUNSQL_REVERSIBLE`
- `django-migration-linter:RUNPYTHON_REVERSIBLE`
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Dialect, Direction, DownStyle, Migration
from rollsafe.artefacts.migrations.down import DownDraft, down_migration
from rollsafe.artefacts.migrations.operations import DoBlock, Operation
from rollsafe.artefacts.migrations.reverse import NOTHING, reverse_of
from rollsafe.formats.sql import SqlComment
from rollsafe.formats.yaml_edit import as_at_end, eol_of
from rollsafe.rules import Edit, FileEdit, Finding, Fix, Level, NewFile, Purpose, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import before
from rollsafe.rules.migration_words import opening
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import is_judged, others_with_downs, way_back
from rollsafe.workspace.recreation import recreated
from rollsafe.workspace.settings import Settings

_SQL = lazily(r"(?:ALTER|CREATE|DROP|INSERT|UPDATE|DELETE|TRUNCATE|SELECT|BEGIN|COMMIT|SET)\b", re.I)
_FORWARD_AS_A_RULE: Final = frozenset({"flyway", "liquibase"})
"""Tools that most people use without a way back."""
_WORDS = lazily(r"[A-Za-z]{2,}")
_BRANCH = lazily(r"\b(?:IF|CASE|LOOP|EXCEPTION|RETURN|EXIT)\b(?!\s+(?:NOT\s+)?EXISTS\b(?!\s*\())", re.I)
"""Words of PL/pgSQL after which not all of a block is run; `IF EXISTS` of a statement is none."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(migration: Migration, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a migration that cannot be taken back."""
    if not _is_asked(migration, settings):
        return
    back = way_back(migration, graph)
    if back is not None and (back is migration or back.down_statements or _is_meant(back)):
        return
    if _is_meant(migration):
        return
    expected = _empty_section(migration) is not None or others_with_downs(migration, graph)
    if not expected and migration.convention.name in _FORWARD_AS_A_RULE:
        return
    if _leaves_nothing(migration):
        return
    name = migration.convention.version or migration.convention.label
    yield Finding(
        opening(migration.up_statements[0]),
        f"migration `{name}` has no way back",
        partial(_fixes, migration, back, graph),
        detail=_detail(migration, back),
        severity=None if expected else Severity.INFO,
        level=None if expected else Level.PEDANTIC,
    )


def _is_asked(migration: Migration, settings: Settings) -> bool:
    """Say whether a way back can be expected of the migration's tool at all."""
    if migration.is_down or migration.convention.down_style is DownStyle.NONE or not migration.up_statements:
        return False
    if migration.convention.is_founding:
        return False
    has_place = migration.convention.down_path is not None and migration.dialect is Dialect.POSTGRES
    return has_place and is_judged(migration, settings)


def _leaves_nothing(migration: Migration) -> bool:
    return all(
        reverse_of(one) == NOTHING
        for statement in migration.up_statements
        for one in statement.all_operations()
    )


def _is_meant(migration: Migration) -> bool:
    """Say whether a note, or words in the empty way back that are no SQL, say why there is none."""
    if migration.irreversible_note is not None:
        return True
    mark = _empty_section(migration)
    if mark is None and not migration.is_down:
        return False
    words = [one.body for one in migration.comments if mark is None or one.start > mark.start]
    return any(len(_WORDS.findall(body)) > 1 and not _SQL.match(body) for body in words)


def _empty_section(migration: Migration) -> SqlComment | None:
    """Return the mark of a way back that the file announces and leaves empty."""
    marks = [mark for mark, direction in migration.section_marks if direction is Direction.DOWN]
    return marks[-1] if marks and not migration.down_statements else None


def _detail(migration: Migration, back: Migration | None) -> str:
    if _empty_section(migration) is not None or back is not None:
        return "the way back is empty: the tool counts the migration as undone and leaves the schema as it is"
    if migration.convention.down_style is DownStyle.FILE:
        return (
            f"`{migration.convention.down_path}` does not exist: the tool steps over it and leaves the schema"
        )
    return "the file does not say how to undo it: the tool steps over it and leaves the schema"


def _fixes(migration: Migration, back: Migration | None, graph: Graph) -> tuple[Fix, ...]:
    def recreate(operation: Operation) -> str | None:
        return recreated(operation, migration, graph)

    written = _written(migration, back, down_migration(migration, recreate))
    note = before(migration.up_statements[0], "-- irreversible: why")
    meant = Fix("Say that it is irreversible, and why", Safety.MANUAL, edits=(note,))
    return written, meant


def _written(migration: Migration, back: Migration | None, draft: DownDraft) -> Fix:
    safety = (
        Safety.MANUAL if not draft.complete else Safety.UNSAFE if _may_do_less(migration) else Safety.SAFE
    )
    path = migration.convention.down_path or ""
    if migration.convention.down_style is not DownStyle.FILE:
        edits = (_section(migration, draft.text),)
        return Fix("Write the way back", safety, edits=edits, purpose=Purpose.ROLLBACK)
    title = f"Write the way back in `{path.rpartition('/')[2]}`"
    if back is None:
        return Fix(title, safety, creates=(NewFile(path, draft.text),), purpose=Purpose.ROLLBACK)
    added = Edit(Span.at(back.end), draft.text)
    return Fix(title, safety, elsewhere=(FileEdit(back.file.path, added),), purpose=Purpose.ROLLBACK)


def _may_do_less(migration: Migration) -> bool:
    """Say whether code decides at run time what is done: the way back then undoes what may not have been."""
    blocks = (block for statement in migration.up_statements for block in statement.of(DoBlock))
    return any(block.is_dynamic or _BRANCH.search(migration.file.slice(block.body)) for block in blocks)


def _section(migration: Migration, text: str) -> Edit:
    """Return the edit that fills the down section, or adds it at the end of the file."""
    mark = _empty_section(migration)
    if mark is not None:
        return Edit(Span(mark.start, mark.end), text.rstrip("\r\n"))
    whole, eol = migration.file.text, eol_of(migration.file.text)
    kept = len(whole.rstrip())
    return Edit(Span(kept, len(whole)), as_at_end(whole, f"{eol}{eol}{text}"))
