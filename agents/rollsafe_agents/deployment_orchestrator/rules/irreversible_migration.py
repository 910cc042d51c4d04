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
Writes the way back: what undoes each statement, the last one first. Safe where all of it can be undone. Where data
is lost it is a draft that says what does not come back, to be completed; the other way is to say in the migration
that it is irreversible, and why.

## References
- [golang-migrate: best practices](https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md)

## Equivalent rules
- `hazard:missing-rollback`
- `strong_migrations:check_down`
- `django-migration-linter:RUNSQL_REVERSIBLE`
"""

import re
from collections.abc import Iterator

from rollsafe.artefacts.migrations import Dialect, DownStyle, Migration
from rollsafe.artefacts.migrations.down import DownDraft, down_migration
from rollsafe.artefacts.migrations.operations import Operation
from rollsafe.artefacts.migrations.reverse import NOTHING, reverse_of
from rollsafe.formats.yaml_edit import eol_of
from rollsafe.rules import Edit, Finding, Fix, Level, NewFile, Safety, Severity, Span, rule
from rollsafe.rules.migration_words import opening
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import is_judged, others_with_downs, way_back
from rollsafe.workspace.recreation import recreated
from rollsafe.workspace.settings import Settings

_SQL = re.compile(r"(?:ALTER|CREATE|DROP|INSERT|UPDATE|DELETE|TRUNCATE|SELECT|BEGIN|COMMIT|SET)\b", re.I)
_WORDS = re.compile(r"[A-Za-z]{2,}")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(migration: Migration, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a migration that cannot be taken back."""
    if not _is_asked(migration, settings) or _leaves_nothing(migration):
        return
    back = way_back(migration, graph)
    if back is not None and (back.down_statements or _is_explained(back)):
        return
    if migration.irreversible_note is not None or _is_explained(migration):
        return
    expected = _has_empty_section(migration) or others_with_downs(migration, graph)
    name = migration.convention.version or migration.convention.label
    yield Finding(
        opening(migration.up_statements[0]),
        f"migration `{name}` has no way back",
        tuple(_fixes(migration, back, graph)),
        detail=_detail(migration, expected=expected),
        severity=None if expected else Severity.INFO,
        level=None if expected else Level.PEDANTIC,
    )


def _is_asked(migration: Migration, settings: Settings) -> bool:
    """Say whether a way back can be expected of the migration's tool at all."""
    if migration.is_down or migration.convention.down_style is DownStyle.NONE or not migration.up_statements:
        return False
    has_place = migration.convention.down_path is not None and migration.dialect is Dialect.POSTGRES
    return has_place and is_judged(migration, settings)


def _leaves_nothing(migration: Migration) -> bool:
    return all(reverse_of(one) == NOTHING for one in migration.operations)


def _is_explained(migration: Migration) -> bool:
    """Say whether the empty way back holds words that are no SQL: somebody said why it is empty."""
    start = migration.section_marks[-1][0].end if migration.section_marks else 0
    if not migration.is_down and not _has_empty_section(migration):
        return migration.irreversible_note is not None
    found = (one.body for one in migration.comments if one.start > start or migration.is_down)
    return any(len(_WORDS.findall(body)) > 1 and not _SQL.match(body) for body in found)


def _has_empty_section(migration: Migration) -> bool:
    """Say whether the file announces a way back and leaves it empty."""
    announced = any(direction.value == "down" for _, direction in migration.section_marks)
    return announced and not migration.down_statements


def _detail(migration: Migration, *, expected: bool) -> str:
    where = migration.convention.down_path
    if _has_empty_section(migration):
        return "the down section is empty: the tool counts the migration as undone and leaves the schema as it is"
    if migration.convention.down_style is DownStyle.FILE:
        return f"`{where}` does not exist{', while other migrations have theirs' if expected else ''}"
    return f"the file says nothing about it{', while other migrations do' if expected else ''}"


def _fixes(migration: Migration, back: Migration | None, graph: Graph) -> Iterator[Fix]:
    def recreate(operation: Operation) -> str | None:
        return recreated(operation, migration, graph)

    draft = down_migration(migration, recreate)
    if back is None or back is migration:
        yield _written(migration, draft)
    else:
        whole = Span(back.start, back.end)
        ...
    note = f"-- irreversible: why{eol_of(migration.file.text)}"
    at = Span.at(migration.up_statements[0].start)
    yield Fix("Say that it is irreversible", Safety.MANUAL, edits=(Edit(at, note),))


def _written(migration: Migration, draft: DownDraft) -> Fix:
    safety = Safety.SAFE if draft.complete else Safety.MANUAL
    path = migration.convention.down_path or ""
    if migration.convention.down_style is DownStyle.FILE:
        title = f"Write the way back, `{path.rpartition('/')[2]}`"
        return Fix(title, safety, creates=(NewFile(path, draft.text),))
    return Fix("Write the way back", safety, edits=(_section(migration, draft.text),))


def _section(migration: Migration, text: str) -> Edit:
    """Return the edit that fills the down section, or adds it at the end of the file."""
    marks = [comment for comment, direction in migration.section_marks if direction.value == "down"]
    if marks:
        return Edit(Span(marks[0].start, marks[0].end), text.rstrip("\r\n"))
    whole, eol = migration.file.text, eol_of(migration.file.text)
    kept = whole.rstrip()
    return Edit(Span(len(kept), len(whole)), f"{eol}{eol}{text}")
