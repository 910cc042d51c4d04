"""`atlas.sum` does not match the migrations beside it.

## What it does
Computes the checksums of the migrations in a directory as Atlas does, and reports the first entry of its `atlas.sum`
that is another one, has no file, or is missing. What another tool than Atlas leaves out or puts in another order, and
templates, are not judged; neither are line ends that a checkout may have changed.

## Why it matters
`atlas migrate apply` compares the sums before anything else. Where they differ it stops with a checksum mismatch and
applies nothing, so that the deployment stops with it. The sums differ because a migration was edited that others may
have applied, or because two branches added one each: both are to be looked at.

## Bad
```sql title="migrations/20260301090000_orders.sql"
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
```
```sql title="migrations/20260302090000_note.sql"
ALTER TABLE orders ADD COLUMN remark text;
```
```text title="migrations/atlas.sum"
h1:krgU3a6AWaKRwfGXe32CQIpqss9tKdCH1ewyTDwGSTA=
20260301090000_orders.sql h1:DCFl6AYjD0gp/sEpXgjVeI2I6Z5NAfaz7sTRX4pYxQY=
20260302090000_note.sql h1:iaCIIpBmu/0StATXJ2BO+i9FrtWB/RuhDeM9JaEvjWU= # <-
```

## Good
```sql title="migrations/20260301090000_orders.sql"
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
```
```sql title="migrations/20260302090000_note.sql"
ALTER TABLE orders ADD COLUMN remark text;
```
```text title="migrations/atlas.sum"
h1:4OlpJBHwr0uYfl+2jJXp3BgQe9h03sONPUlVLjtITQk=
20260301090000_orders.sql h1:DCFl6AYjD0gp/sEpXgjVeI2I6Z5NAfaz7sTRX4pYxQY=
20260302090000_note.sql h1:gnj8zCh5gdOExPWU3Agxzzt9XujT98ahKbcJy8NGqTQ=
```

## Fix
Writes `atlas.sum` anew, as `atlas migrate hash` does. It takes the migrations as they are for what is meant, which
the sums are there to question, so it is unsafe.

## References
- [Atlas: migration directory integrity](https://atlasgo.io/concepts/migration-directory-integrity)

## Equivalent rules
None.
"""

from collections.abc import Iterator
from itertools import zip_longest

from rollsafe.artefacts.atlas_sum import AtlasSum, Entry, entries_of, head_of, written
from rollsafe.artefacts.migrations import Migration
from rollsafe.rules import Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text import Edit
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(listed: AtlasSum, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the first entry that does not match."""
    if listed.is_practice:
        return
    files = _beside(listed, graph)
    plain = [(name, text.replace("\r\n", "\n")) for name, text in files]
    if not files or _is_fresh(listed, entries_of(files)) or _is_fresh(listed, entries_of(plain)):
        return
    # Which line ends a commit has is not known where they are those of Windows here.
    is_exact = files == plain and "\r" not in listed.file.text
    place, message = _difference(listed, entries_of(plain))
    yield Finding(
        place,
        message,
        fixes=(_fix(listed, entries_of(files)),) if is_exact else (),
        detail="`atlas migrate apply` stops with a checksum mismatch and applies nothing",
    )


def _is_fresh(listed: AtlasSum, entries: tuple[Entry, ...]) -> bool:
    return listed.entries == entries and listed.head == head_of(entries)


def _beside(listed: AtlasSum, graph: Graph) -> list[tuple[str, str]]:
    """Return the names and texts of the migrations in order; empty where they are not certain."""
    home = listed.file.directory
    found = {one.file.path: one for one in graph.find(Migration, f"dir:{home}")}
    paths = [one for one in graph.paths() if one.rpartition("/")[0] == home and one.endswith(".sql")]
    if any(path not in found or _is_other(found[path]) for path in paths):
        return []
    texts = {found[path].file.name: found[path].file.text for path in paths}
    if any(name.endswith(".up.sql") for name in texts) and not any(
        one.name.endswith(".down.sql") for one in listed.entries
    ):
        texts = {name: text for name, text in texts.items() if name.endswith(".up.sql")}
    return sorted(texts.items())


def _is_other(migration: Migration) -> bool:
    """Say whether Atlas may make another sum: for Flyway's files, a template, a text that was not read whole."""
    text = migration.file.text
    return migration.convention.name == "flyway" or "{{" in text or "\ufffd" in text


def _difference(listed: AtlasSum, fresh: tuple[Entry, ...]) -> tuple[Span, str]:
    """Return where an `atlas.sum` goes wrong first, and how."""
    for at, (one, other) in enumerate(zip_longest(listed.entries, fresh)):
        if one == other:
            continue
        if one is None or (other is not None and other.name < one.name):
            missing = other.name if other is not None else ""
            return listed.head_place, f"`{missing}` is not in `atlas.sum`"
        if other is None or one.name != other.name:
            return listed.places[at], f"`{one.name}` is in `atlas.sum` and not in the directory"
        return listed.places[at], f"`{one.name}` is not what `atlas.sum` was written for"
    return listed.head_place, "The first line of `atlas.sum` is not the sum of the others"


def _fix(listed: AtlasSum, entries: tuple[Entry, ...]) -> Fix:
    edit = Edit(Span(0, len(listed.file.text)), written(entries))
    return Fix("Write `atlas.sum` anew, as `atlas migrate hash` does", Safety.UNSAFE, (edit,))
