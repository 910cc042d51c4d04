"""A migration file as a whole: sections, new tables, transactions, settings, dialects, hostile input."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.migrations import (
    Dialect,
    Migration,
    Statement,
    TableName,
    recognise,
    refuses_transaction,
)
from rollsafe.artefacts.migrations.down import down_migration
from rollsafe.artefacts.migrations.locks import lock_fact
from rollsafe.artefacts.migrations.operations import AddColumn, CreateIndex, DropIndex, Insert, TableOperation
from rollsafe.artefacts.source import SourceFile
from tests.artefacts.migration_files import UP, migration, operation, view

PLAIN = "migrations/0002_x.sql"
GOOSE = """-- +goose Up
CREATE TABLE t (id int);
-- +goose StatementBegin
DO $$ BEGIN NULL; END $$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE t;
"""


def in_transaction(found: Migration) -> list[bool]:
    return [one.in_transaction for one in found.statements]


def test_sections_are_told_apart() -> None:
    found = migration(GOOSE, "m/1_x.sql")
    assert [one.kind for one in found.up_statements] == ["CREATE TABLE", "DO"]
    assert [one.kind for one in found.down_statements] == ["DROP TABLE"]
    assert [one.is_down for one in found.statements] == [False, False, True]
    assert [mark.text for mark, _ in found.section_marks] == ["-- +goose Up", "-- +goose Down"]
    assert not found.is_down


@pytest.mark.parametrize(
    ("path", "text", "has_down"),
    [
        ("m/1_x.sql", GOOSE, True),
        ("m/1_x.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\n-- DROP TABLE t;\n", False),
        ("m/1_x.sql", "-- migrate:up\nSELECT 1;\n\n-- migrate:down\n", False),
        ("m/1_x.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n", True),
        ("m/1_x.sql", "-- Up Migration\nSELECT 1;\n-- Down Migration\nSELECT 2;\n", True),
        ("m/1_x.sql", "---- up migration\nSELECT 1;\n---- down migration\nSELECT 2;\n", True),
        ("m/1.sql", "--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--rollback SELECT 2;\n", True),
        ("m/1.sql", "--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n", False),
        ("m/1_x.up.sql", "SELECT 1;", False),
        ("m/1_x.down.sql", "SELECT 1;", True),
    ],
)
def test_a_way_back_counts_only_if_it_does_something(path: str, text: str, has_down: bool) -> None:
    assert migration(text, path).has_down is has_down


def test_a_down_file_is_all_way_back() -> None:
    found = migration("DROP TABLE t;", "m/000001_x.down.sql")
    assert (found.is_down, len(found.up_statements), len(found.down_statements)) == (True, 0, 1)


def test_a_section_mark_in_a_string_is_none() -> None:
    found = migration("-- +goose Up\nSELECT '\n-- +goose Down\n';\nSELECT 2;\n", "m/1_x.sql")
    assert len(found.up_statements) == 2


@pytest.mark.parametrize(
    ("comment", "note"),
    [
        ("-- irreversible: rows are merged", "rows are merged"),
        ("-- Irreversible - rows are merged", "rows are merged"),
        ("/* irreversible */", ""),
        ("-- not irreversible", None),
        ("-- reversible", None),
    ],
)
def test_an_explicit_note_is_read(comment: str, note: str | None) -> None:
    assert migration(f"{comment}\nDROP TABLE t;").irreversible_note == note


def test_graph_keys_name_place_version_and_tables() -> None:
    found = migration("CREATE TABLE public.a (id int); CREATE TABLE s.b AS SELECT 1;")
    assert set(found.graph_keys()) == {f"path:{UP}", "dir:m", "up:m/000002", "creates:a", "creates:s.b"}
    back = migration("DROP TABLE a;", "m/000002_x.down.sql")
    assert set(back.graph_keys()) == {*("path:m/000002_x.down.sql", "dir:m", "down:m/000002", "downs:m")}
    assert {"up:m/1", "down:m/1"} <= set(migration(GOOSE, "m/1_x.sql").graph_keys())


def test_statements_are_found_by_what_they_define() -> None:
    found = migration(
        "ALTER TABLE s.a RENAME TO b; CREATE INDEX i ON s.b (x); INSERT INTO c VALUES (1);"
        " CREATE DOMAIN d AS int; DO $$ BEGIN ALTER TABLE e ADD COLUMN x int; END $$; INSERT INTO f SELECT 1;"
    )
    keys = [set(one.graph_keys()) for one in found.statements]
    expected = [
        {"shapes:s.a", "shapes:s.b"},
        {"index:s.i", "indexes:s.b"},
        {"fills:c"},
        {"domain:d"},
        {"shapes:e"},
        set[str](),
    ]
    assert keys == expected
    assert not any(one.graph_keys() for one in migration("DROP TABLE a;", "m/2_x.down.sql").statements)


NEW_TABLES = """CREATE INDEX before_i ON a (id);
CREATE TABLE a (id int);
CREATE INDEX a_i ON public.a (id);
ALTER TABLE a ADD b int;
CREATE INDEX other_i ON old (id);
DROP INDEX a_i;
DROP INDEX elsewhere_i;
CREATE TABLE copy_b AS SELECT 1 AS id;
CREATE INDEX early_i ON b (id);
ALTER TABLE copy_b RENAME TO b;
CREATE INDEX late_i ON b (id);
REINDEX TABLE b;
DO $$ BEGIN CREATE TABLE c (id int); CREATE INDEX c_i ON c (id); END $$;
INSERT INTO a SELECT 1;
DROP TABLE a, old;
"""


def test_a_table_is_new_from_its_creation_on() -> None:
    found = migration(NEW_TABLES, PLAIN)
    new = {one.sql.text for one in found.statements if one.on_new_table}
    assert {text.split(" ON ")[0] for text in new if text.startswith("CREATE INDEX")} == {
        "CREATE INDEX a_i",
        "CREATE INDEX late_i",
    }
    assert {"ALTER TABLE a ADD b int", "DROP INDEX a_i", "REINDEX TABLE b", "INSERT INTO a SELECT 1"} <= new
    assert not {"DROP INDEX elsewhere_i", "DROP TABLE a, old"} & new
    block = next(one for one in found.statements if one.kind == "DO")
    assert [block.is_on_new_table(one) for one in block.of(CreateIndex)] == [True]


def test_a_table_made_on_the_way_up_is_not_new_on_the_way_back() -> None:
    text = "-- +goose Up\nCREATE TABLE t (id int);\n-- +goose Down\nDROP TABLE t;\n"
    up, down = migration(text, "m/1_x.sql").statements
    assert not down.on_new_table
    assert list(migration(text, "m/1_x.sql").created_tables) == ["t"]
    assert up.table is not None


INDEX = "CREATE INDEX CONCURRENTLY i ON t (a);\n"
COLUMN = "ALTER TABLE t ADD a int;\n"
SQITCH = "-- Deploy a:x to pg\n"
APART = "-- migrate:up transaction:false\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("m/1_x.up.sql", INDEX, [False]),
        ("m/1_x.up.sql", INDEX + COLUMN, [True, True]),
        ("m/1_x.up.sql", "BEGIN;\n" + COLUMN + "COMMIT;\n" + INDEX, [True, True, True, True]),
        ("prisma/migrations/1_x/migration.sql", "-- CreateIndex\n" + INDEX, [False]),
        ("prisma/migrations/1_x/migration.sql", COLUMN + INDEX, [True, True]),
        ("m/1_x.sql", "-- +goose Up\n" + COLUMN, [True]),
        ("m/1_x.sql", "-- +goose NO TRANSACTION\n-- +goose Up\n" + INDEX + COLUMN, [False, False]),
        ("m/1_x.sql", APART + INDEX, [False]),
        ("m/1_x.sql", APART + INDEX + COLUMN, [True, True]),
        (
            "m/1_x.sql",
            APART + INDEX + "-- migrate:down\n" + COLUMN,
            [False, False],
        ),
        ("m/V1__x.sql", COLUMN + COLUMN, [True, True]),
        ("m/V1__x.sql", COLUMN + INDEX, [False, False]),
        ("drizzle/0001_x.sql", INDEX, [True]),
        (PLAIN, COLUMN, [True]),
        (PLAIN, COLUMN + "BEGIN;\n" + COLUMN + "COMMIT;\n" + INDEX, [False, True, True, True, False]),
        (PLAIN, "BEGIN;\n" + COLUMN, [True, True]),
        (PLAIN, "BEGIN;\n" + COLUMN + "ROLLBACK;\n" + COLUMN, [True, True, True, False]),
        ("m/1_x.sql", "-- +goose Up\n" + COLUMN + "COMMIT;\n" + INDEX, [True, True, False]),
        ("a/deploy/x.sql", SQITCH + "BEGIN;\n" + COLUMN + "COMMIT;\n" + INDEX, [True, True, True, False]),
    ],
)
def test_which_statements_run_in_a_transaction(path: str, text: str, expected: list[bool]) -> None:
    assert in_transaction(migration(text, path)) == expected


def test_an_unknown_runner_is_as_it_is_assumed_to_be() -> None:
    found = migration(INDEX, PLAIN)
    (statement,) = found.statements
    assert found.runs_in_transaction(statement)
    assert not found.runs_in_transaction(statement, assumed=False)
    known = migration(INDEX, UP)
    assert not known.runs_in_transaction(known.statements[0], assumed=True)


def test_a_statement_knows_its_transaction() -> None:
    found = migration("BEGIN;SELECT 1;COMMIT;SELECT 2;BEGIN;SELECT 3;COMMIT;", PLAIN)
    assert [one.sql.text for one in found.statements[1].same_transaction] == ["BEGIN", "SELECT 1", "COMMIT"]
    assert [one.sql.text for one in found.statements[3].same_transaction] == ["SELECT 2"]
    assert found.statements[1].transaction != found.statements[5].transaction


@pytest.mark.parametrize(
    ("sql", "refuses"),
    [
        ("CREATE INDEX CONCURRENTLY i ON t (a)", True),
        ("CREATE INDEX i ON t (a)", False),
        ("DROP INDEX CONCURRENTLY i", True),
        ("REINDEX TABLE CONCURRENTLY t", True),
        ("REINDEX DATABASE d", True),
        ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", True),
        ("VACUUM t", True),
        ("ANALYZE t", False),
        ("CREATE DATABASE d", True),
        ("ALTER TYPE e ADD VALUE 'x'", False),
    ],
)
def test_some_operations_refuse_a_transaction(sql: str, refuses: bool) -> None:
    assert refuses_transaction(operation(sql)) is refuses


def test_an_enum_value_refuses_a_transaction_before_version_12() -> None:
    assert refuses_transaction(operation("ALTER TYPE e ADD VALUE 'x'"), version=11)


def test_a_setting_is_in_force_until_it_is_changed() -> None:
    found = migration(
        "SET lock_timeout = '1s'; SELECT 1; SET LOCAL lock_timeout = '2s'; SELECT 2;\n"
        "RESET lock_timeout; SELECT 3;"
    )

    def value(statement: Statement) -> str | None:
        setting = statement.setting("lock_timeout")
        return setting.value if setting is not None else None

    selects = [one for one in found.statements if one.kind == "SELECT"]
    assert [value(one) for one in selects] == ["1s", "2s", None]


def test_a_local_setting_ends_with_its_transaction() -> None:
    found = migration("BEGIN; SET LOCAL lock_timeout = '1s'; SELECT 1; COMMIT; SELECT 2;", PLAIN)
    settings = [one.setting("lock_timeout") for one in found.statements if one.kind == "SELECT"]
    assert [setting is not None for setting in settings] == [True, False]


def test_words_are_found_for_edits() -> None:
    text = "-- 😀\nALTER TABLE t ADD a int NOT /* so */ NULL, ADD b int NOT NULL;"
    (statement,) = migration(text).statements
    second = list(statement.of(AddColumn))[1]
    span = statement.words(second, "NOT", "NULL")
    assert span is not None
    assert (text[span.start : span.end], span.start > second.start) == ("NOT NULL", True)
    assert statement.words(second, "CHECK") is None


@pytest.mark.parametrize(
    ("path", "text", "dialect"),
    [
        ("clickhouse/migrations/1_x.up.sql", "ALTER TABLE t ADD COLUMN a String;", Dialect.CLICKHOUSE),
        ("mysql/migrations/1_x.sql", "ALTER TABLE t ADD COLUMN a int;", Dialect.MYSQL),
        ("migrations/1_x.sql", "CREATE TABLE `t` (`id` int);", Dialect.MYSQL),
        ("migrations/1_x.sql", "ALTER TABLE t ADD a int, ALGORITHM=INSTANT;", Dialect.MYSQL),
        ("migrations/1_x.sql", "CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT);", Dialect.SQLITE),
        (
            "migrations/1_x.sql",
            "CREATE TABLE t (a String) ENGINE = MergeTree() ORDER BY a;",
            Dialect.CLICKHOUSE,
        ),
    ],
)
def test_the_sql_of_other_databases_is_not_postgres(path: str, text: str, dialect: Dialect) -> None:
    """That of MySQL and SQLite is read as theirs; of any other it is said that nobody reads it."""
    found = view(text, path)
    assert (found.migration.dialect, list(found.migration.statements)) == (dialect, [])
    is_read = dialect in (Dialect.MYSQL, Dialect.SQLITE)
    assert len(found.migration.foreign_statements) == is_read
    told = [(problem.fatal, dialect.database in problem.message) for problem in found.problems]
    assert told == ([] if is_read else [(True, True)])


@pytest.mark.parametrize(
    "text",
    [
        "-- use `ALTER` with care\nALTER TABLE t ADD;",
        "ALTER TABLE t ADD -- the `a` column\n;",
        "SELECT '`' FORM t;",
        "-- ENGINE=InnoDB\nSELEC 1;",
    ],
)
def test_a_half_typed_statement_is_still_postgres(text: str) -> None:
    found = view(text)
    assert found.migration.dialect is Dialect.POSTGRES
    assert found.migration.statements
    assert not any(problem.fatal for problem in found.problems)


def test_elements_are_the_migration_and_its_statements() -> None:
    found = view(NEW_TABLES)
    assert list(found.elements) == [found.migration, *found.migration.statements]
    assert {one.family for one in found.elements} == {"migrations"}
    for one in found.migration.statements:
        assert found.file.slice(one) == one.sql.text


def ask_everything(text: str, path: str) -> None:
    """Ask all questions about a file, so that none of them can raise."""
    found = recognise(SourceFile(path, text))
    if found is None:
        return
    one = found.migration
    assert list(one.graph_keys())
    assert down_migration(one).text
    for statement in one.statements:
        assert text[statement.start : statement.end] == statement.sql.text
        assert statement.in_transaction in (True, False)
        assert statement.on_new_table in (True, False)
        statement.setting("lock_timeout")
        for done in statement.all_operations():
            assert statement.start <= done.start <= done.end <= statement.end
            for version in (10, 15, 18):
                lock_fact(done, version)


FRAGMENTS = """ALTER TABLE|CREATE TABLE|CREATE INDEX|t|(|)|ADD COLUMN a int|,|;|\n|\r\n|DEFAULT|now()
|CHECK (a > 0)|REFERENCES u|DO $$ BEGIN|END $$;|EXECUTE '|'|"|😀|${x}|{{ y }}|\x00|\ud800|--|/*
|-- +goose Up\n|-- +goose Down\n|-- migrate:up\n|BEGIN;|COMMIT;|DROP TABLE|UPDATE t SET a = 1
|ALTER COLUMN a TYPE text USING a|SET lock_timeout = '1s';|VALIDATE CONSTRAINT c|DROP COLUMN b
|GRANT SELECT ON t TO u;|CREATE TYPE e AS ENUM ('a');"""
PIECES = st.sampled_from(FRAGMENTS.split("|"))
PATHS = st.sampled_from([UP, PLAIN, "m/1_x.sql", "m/V1__x.sql", "prisma/migrations/1_x/migration.sql"])


@given(st.lists(PIECES, max_size=25).map(" ".join), PATHS)
def test_nothing_raises(text: str, path: str) -> None:
    ask_everything(text, path)


@given(st.data())
def test_a_file_cut_off_anywhere_can_be_asked_everything(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([GOOSE, NEW_TABLES, INDEX + COLUMN]))
    ask_everything(whole[: data.draw(st.integers(0, len(whole)))], data.draw(PATHS))


def test_a_long_insert_is_known_by_its_words() -> None:
    rows = ", ".join("(1, 'a')" for _ in range(3_000))
    (statement,) = migration(f'INSERT INTO app."Rows" VALUES {rows};').statements
    (insert,) = statement.of(Insert)
    assert (insert.table, insert.from_query, statement.kind) == (TableName("app", "Rows"), False, "INSERT")


BOMBS = {
    "columns": "CREATE TABLE t (" + ",".join(f"c{n} int" for n in range(2_500)) + ");",
    "commands": "ALTER TABLE t " + ",".join(f"ADD c{n} int" for n in range(2_000)) + ";",
    "dropped": "DROP TABLE " + ",".join(f"t{n}" for n in range(5_000)) + ";",
    "do block": "DO $$ BEGIN " + "ALTER TABLE t ADD a int;" * 800 + " END $$;",
    "do block of words": "DO $$ BEGIN " + "BEGIN THEN ELSE LOOP " * 900 + " END $$;",
    "dollar": "$" * 1_000_000,
    "annotations": "-- +goose Up\n" * 70_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_do_not_stall(name: str) -> None:
    view("SELECT 1;")
    started = time.process_time()
    found = recognise(SourceFile(PLAIN, BOMBS[name]))
    assert found is not None
    assert all(isinstance(one, Statement) for one in found.migration.statements)
    created = [
        one for statement in found.migration.statements for one in statement.of(TableOperation, DropIndex)
    ]
    assert len(created) <= 5_000
    assert time.process_time() - started < 5
