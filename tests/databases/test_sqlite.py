"""What rules claim of SQLite, asked of SQLite."""

from __future__ import annotations

import sqlite3

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check

BEFORE = (
    "CREATE TABLE p (id integer PRIMARY KEY);\n"
    "CREATE TABLE t (id integer PRIMARY KEY, a text, b text UNIQUE, c int, d int, "
    "e int REFERENCES p (id), g int);\n"
    "CREATE INDEX ic ON t (c);\n"
)
ROWS = "INSERT INTO t (id, a) VALUES (1, 'x');"
REFUSING = ("refused-by-sqlite", "column-without-value")
STATEMENTS = (
    "ALTER TABLE t ADD COLUMN n int",
    "ALTER TABLE t ADD COLUMN n int NOT NULL",
    "ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT NULL",
    "ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 1",
    "ALTER TABLE t ADD COLUMN n int PRIMARY KEY",
    "ALTER TABLE t ADD COLUMN n int UNIQUE",
    "ALTER TABLE t ADD COLUMN n DEFAULT (random())",
    "ALTER TABLE t ADD COLUMN n DEFAULT (1 + 1)",
    "ALTER TABLE t ADD COLUMN n DEFAULT (-1)",
    "ALTER TABLE t ADD COLUMN n DEFAULT -1",
    "ALTER TABLE t ADD COLUMN n DEFAULT (1)",
    "ALTER TABLE t ADD COLUMN n DEFAULT ('a' || 'b')",
    "ALTER TABLE t ADD COLUMN n DEFAULT (lower('a'))",
    "ALTER TABLE t ADD COLUMN n DEFAULT CURRENT_TIMESTAMP",
    "ALTER TABLE t ADD COLUMN n DEFAULT CURRENT_DATE",
    "ALTER TABLE t ADD COLUMN n DEFAULT (datetime('now'))",
    "ALTER TABLE t ADD COLUMN n DEFAULT true",
    "ALTER TABLE t ADD COLUMN n DEFAULT word",
    'ALTER TABLE t ADD COLUMN n DEFAULT "word"',
    "ALTER TABLE t ADD COLUMN n DEFAULT x'00'",
    "ALTER TABLE t ADD COLUMN n DEFAULT (CAST('1' AS integer))",
    "ALTER TABLE t ADD COLUMN n int CHECK (n > 0)",
    "ALTER TABLE t ADD COLUMN n int REFERENCES p (id)",
    "ALTER TABLE t ADD COLUMN n int GENERATED ALWAYS AS (c + 1) STORED",
    "ALTER TABLE t ADD COLUMN n int GENERATED ALWAYS AS (c + 1) VIRTUAL",
    "ALTER TABLE t ADD COLUMN n int, ADD COLUMN m int",
    "ALTER TABLE t DROP COLUMN id",
    "ALTER TABLE t DROP COLUMN a",
    "ALTER TABLE t DROP COLUMN b",
    "ALTER TABLE t DROP COLUMN c",
    "ALTER TABLE t DROP COLUMN d",
    "ALTER TABLE t DROP COLUMN e",
    "ALTER TABLE t RENAME COLUMN a TO z",
    "DROP INDEX ic; ALTER TABLE t DROP COLUMN c",
)


def answer(*scripts: str) -> str:
    """Run scripts in a new database; return what SQLite says against them, empty for nothing."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for script in scripts:
            connection.executescript(script)
    except sqlite3.Error as error:
        return str(error)
    finally:
        connection.close()
    return ""


def told(sql: str, *rules: str) -> list[str]:
    files = {"db/sqlite/migrations/0001_a.sql": BEFORE, "db/sqlite/migrations/0002_b.sql": f"{sql};"}
    seen = check(files, Settings(level="auditor", select=rules))
    return [one.rule for one in seen if one.path.endswith("0002_b.sql")]


@pytest.mark.parametrize("sql", STATEMENTS)
def test_statements_that_are_told_to_be_refused_are(sql: str) -> None:
    """Both ways: what a table with a row does not take is reported, and nothing else is."""
    assert bool(told(sql, *REFUSING)) == bool(answer(BEFORE, ROWS, sql))


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        ("", "", 0),
        ("PRAGMA foreign_keys = OFF;", "PRAGMA foreign_keys = ON;", 1),
        ("BEGIN; PRAGMA foreign_keys = OFF;", "COMMIT;", 0),
    ],
    ids=["keys on", "keys off", "keys off in a transaction"],
)
def test_rows_go_with_a_table_that_is_made_anew(before: str, after: str, left: int) -> None:
    """In a transaction the PRAGMA does nothing, and the rows of the other table are gone."""
    made = (
        "CREATE TABLE parent (id integer PRIMARY KEY AUTOINCREMENT);\n"
        "CREATE TABLE child (parent_id integer REFERENCES parent (id) ON DELETE CASCADE);\n"
    )
    anew = (
        "CREATE TABLE new (id integer PRIMARY KEY AUTOINCREMENT); "
        "INSERT INTO new (id) SELECT id FROM parent; DROP TABLE parent; "
        "ALTER TABLE new RENAME TO parent;"
    )
    connection = sqlite3.connect(":memory:", isolation_level=None)
    rows = "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1);"
    connection.executescript(f"PRAGMA foreign_keys = ON; {made} {rows} {before} {anew} {after}")
    assert connection.execute("SELECT count(*) FROM child").fetchone() == (left,)
    connection.close()
    files = {
        "db/sqlite/migrations/0001_a.sql": made,
        "db/sqlite/migrations/0002_b.sql": f"{before}{anew}{after}",
    }
    seen = check(files, Settings(level="auditor", select=("rows-deleted-by-recreation",)))
    assert bool(seen) == (left == 0)
