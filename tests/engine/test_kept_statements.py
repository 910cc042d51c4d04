"""Statements kept from one edit to the next say what those of a fresh run say, in a history around them."""

import random

import pytest

from rollsafe.formats.sql import read_sql
from tests.checking import open_project
from tests.engine.test_kept_findings import SETTINGS, assert_as_fresh

TABLES, COLUMNS = ("a", "b", "shop.c"), ("x", "y")
STATEMENTS = (
    *("BEGIN;", "COMMIT;", "ROLLBACK;", "SET lock_timeout = '2s';", "RESET lock_timeout;"),
    *("-- +goose Down", "-- rollsafe: ignore -- known", "-- rollsafe: ignore-file[column-dropped]"),
    *("-- squawk-ignore ban-drop-column", "-- why", "/* ; */", "\\set a 1", "'", "$$", "DO $$ BEGIN"),
    "-- rollsafe: ignore[column-dropped, table-dropped] until=2020-01-01",
    "CREATE TABLE {t} (id bigint PRIMARY KEY, {c} text NOT NULL);",
    "CREATE TABLE {t} (id int) PARTITION BY RANGE (id);",
    *("DROP TABLE {t};", "ALTER TABLE {t} RENAME TO d;", "ALTER TABLE d RENAME TO a;"),
    *("ALTER TABLE {t} ADD COLUMN {c} varchar(20);", "ALTER TABLE {t} DROP COLUMN {c};"),
    "ALTER TABLE {t} ADD COLUMN {c} int, ADD COLUMN z int NOT NULL;",
    *("ALTER TABLE {t} ALTER COLUMN {c} TYPE bigint;", "ALTER TABLE {t} ALTER COLUMN {c} SET NOT NULL;"),
    "ALTER TABLE {t} ADD CONSTRAINT k CHECK ({c} IS NOT NULL) NOT VALID;",
    *("ALTER TABLE {t} VALIDATE CONSTRAINT k;", "ALTER TABLE {t} DROP CONSTRAINT k;"),
    *(
        "CREATE INDEX CONCURRENTLY i_{c} ON {t} ({c});",
        "CREATE INDEX i_{c} ON {t} ({c});",
        "DROP INDEX i_{c};",
    ),
    *("INSERT INTO {t} VALUES (1);", "UPDATE {t} SET {c} = 1;", "DELETE FROM {t};", "VACUUM {t};"),
    "DO $$ BEGIN ALTER TABLE {t} ADD COLUMN {c} int; END $$;",
)
TYPED = ("\n", " ", ";", "'", "-", "x", "\n\n", "CONCURRENTLY ", "NOT NULL", "IF EXISTS ", "$$", "/*", "*/")
PATHS = (
    *("db/migration/V1__a.sql", "db/migration/V2__b.sql", "db/migration/V10__c.sql"),
    *("sql/00001_a.sql", "sql/00002_b.up.sql", "sql/00002_b.down.sql"),
)
"""Two histories; files of the second one are of whichever tool their comments speak of."""


def line(chance: random.Random) -> str:
    t, c = chance.choice(TABLES), chance.choice(COLUMNS)
    return f"{chance.choice(STATEMENTS).format(t=t, c=c)}\n"


def edited(chance: random.Random, text: str) -> str:
    """Return a text with a line more, less, in another place or written anew, or with something typed."""
    lines, at = text.splitlines(keepends=True) or ["\n"], chance.randrange(len(text) + 1)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(7):
        case 0:
            lines.insert(one, line(chance))
        case 1:
            del lines[one]
        case 2:
            lines[one], lines[other] = lines[other], lines[one]
        case 3:
            lines[one] = line(chance)
        case 4:
            return text[:at] + text[at + chance.choice((1, 1, 2, 9)) :]
        case _:
            return text[:at] + chance.choice(TYPED) + text[at:]
    return "".join(lines)


@pytest.mark.parametrize("seed", range(6))
def test_statements_of_a_history_edited_one_file_after_the_other(seed: int) -> None:
    chance = random.Random(seed)
    texts = {path: "".join(line(chance) for _ in range(chance.randrange(2, 9))) for path in PATHS}
    project, path, before = open_project(texts, SETTINGS), PATHS[seed % len(PATHS)], ""
    for _ in range(24):
        if chance.random() < 0.15:
            path, before = chance.choice(PATHS), ""
        text = project.snapshot.files[path].text
        new = before if before and chance.random() < 0.15 else edited(chance, text)
        before = text
        project.replace({path: new})
        assert_as_fresh(project)


@pytest.mark.parametrize("seed", range(12))
def test_a_long_text_is_cut_after_edits_as_at_first(seed: int) -> None:
    """What is remembered of the last text is of no use for the unrelated one in between."""
    chance = random.Random(seed)
    text, other = "".join(line(chance) for _ in range(120)), "SELECT 1; -- why\n" * 200
    for _ in range(40):
        text = edited(chance, text)
        after_edit = described(text)
        read_sql(other)
        assert after_edit == described(text)


def described(text: str) -> list[object]:
    tree = read_sql(text)
    statements = [(one.start, one.end, one.semicolon, one.text) for one in tree.statements]
    return [statements, tree.comments, tree.problems]
