"""What sqlglot cannot take costs one statement, and never the file or its time."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.workspace.settings import Settings
from tests.checking import check, open_project

RULES = ("name-taken-away", "column-without-value")
GONE = "\nALTER TABLE orders DROP COLUMN note;\n"
"""What comes after the hostile part, and is still found."""


def found(sql: str, database: str = "mysql") -> list[str]:
    settings = Settings(level="auditor", select=RULES)
    return [one.message for one in check({f"db/{database}/migrations/V2__b.sql": sql}, settings)]


@pytest.mark.parametrize("database", ["mysql", "sqlite"])
@pytest.mark.parametrize(
    "hostile",
    [
        f"ALTER TABLE t ADD a int DEFAULT {'(' * 5_000}1{')' * 5_000};",
        f"ALTER TABLE t ADD a int DEFAULT {'(' * 29}1{')' * 29};",
        f"ALTER TABLE t ADD a int DEFAULT ({'1+' * 50_000}1);",
        f"ALTER TABLE t ADD a int DEFAULT ({'- ' * 3_000}1);",
        f"ALTER TABLE t ADD a int CHECK ({'NOT ' * 3_900}1);",
        f"CREATE TABLE t (a int DEFAULT ({'CASE WHEN a THEN ' * 900}1{' END' * 900}));",
        f"INSERT INTO t SELECT * FROM t {'JOIN t ' * 1_900};",
        "ALTER TABLE;",
        "ALTER TABLE t;",
        "ALTER TABLE t ADD;",
        "ALTER TABLE t ADD COLUMN (;",
        "ALTER TABLE t ADD a int, , DROP;",
        "CREATE TABLE;",
        "CREATE TABLE t (;",
        "CREATE TABLE t (a int,, b);",
        "CREATE TABLE t (a int, KEY, PRIMARY, b text);",
        "CREATE INDEX;",
        "CREATE UNIQUE INDEX i ON;",
        "DROP;",
        "DROP INDEX ON;",
        "RENAME TABLE t TO;",
        "PRAGMA;",
        "SET;",
        "INSERT INTO SELECT;",
        "ALTER TABLE t ALTER COLUMN a TO;",
    ],
    ids=lambda text: text[:44],
)
def test_one_statement_costs_one_statement(hostile: str, database: str) -> None:
    assert "column `orders.note` is dropped with its values" in found(hostile + GONE, database)


@pytest.mark.parametrize("text", ["'unfinished", '"unfinished', "`unfinished", "/* unfinished"])
def test_what_is_not_closed_costs_the_rest(text: str) -> None:
    assert found(f"{GONE};ALTER TABLE t ADD a text DEFAULT {text};{GONE}") == [
        "column `orders.note` is dropped with its values"
    ]


@pytest.mark.parametrize(
    "part", ["ALTER TABLE t DROP a;\n", "CREATE TABLE t (a int);\n", "1+", "(", "'", "a,", "; "]
)
def test_large_files_are_read_in_part(part: str) -> None:
    found(part * (5_000_000 // len(part)))


@given(st.text(alphabet="abt;'\"`\\/*-# \n(),.=1", max_size=60), st.sampled_from(["mysql", "sqlite"]))
def test_any_end_of_a_statement_is_taken(end: str, database: str) -> None:
    for head in ("ALTER TABLE t ADD ", "CREATE TABLE t (", "CREATE INDEX ", "DROP ", "SET ", "PRAGMA "):
        found(f"{head}{end}", database)


def test_names_keep_their_places_in_any_alphabet() -> None:
    sql = "ALTER TABLE `größe` ADD `ä` int COMMENT '😀', DROP COLUMN `ß`;"
    settings = Settings(level="auditor", select=RULES)
    project = open_project({"db/mysql/migrations/V2__b.sql": sql}, settings)
    places = [one.file.slice(one.span) for one in project.engine.all_findings()]
    assert places == ["`ß`"]


def test_the_library_is_imported_by_files_in_its_dialects_alone(tmp_path: Path) -> None:
    (tmp_path / "db" / "migrations").mkdir(parents=True)
    (tmp_path / "db" / "migrations" / "V1__a.sql").write_text("ALTER TABLE t ADD COLUMN a int;\n")
    code = (
        "import sys\nfrom rollsafe.main import main\nsys.argv = ['rollsafe', 'check', '.']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nassert 'sqlglot' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
