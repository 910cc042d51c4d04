"""The way back: of one operation, and of a whole file."""

import pytest

from rollsafe.artefacts.migrations.down import DownDraft, down_migration
from rollsafe.artefacts.migrations.operations import DropColumn, Operation
from rollsafe.artefacts.migrations.reverse import reverse_of
from rollsafe.formats.sql import read_sql
from tests.artefacts.migration_files import migration, operation


@pytest.mark.parametrize(
    ("sql", "reverse"),
    [
        ('CREATE TABLE s."User" (id int)', 'DROP TABLE s."User"'),
        ("CREATE TABLE IF NOT EXISTS t (id int)", "DROP TABLE IF EXISTS t"),
        ("CREATE TABLE t AS SELECT 1", "DROP TABLE t"),
        ("ALTER TABLE s.t RENAME TO u", "ALTER TABLE s.u RENAME TO t"),
        ("ALTER TABLE t SET SCHEMA s", "ALTER TABLE s.t SET SCHEMA public"),
        ("ALTER TABLE a.t SET SCHEMA s", "ALTER TABLE s.t SET SCHEMA a"),
        ('ALTER TABLE t ADD COLUMN "Order" int', 'ALTER TABLE t DROP COLUMN "Order"'),
        ("ALTER TABLE t ADD COLUMN IF NOT EXISTS a int", "ALTER TABLE t DROP COLUMN IF EXISTS a"),
        ("ALTER TABLE t RENAME COLUMN a TO b", "ALTER TABLE t RENAME COLUMN b TO a"),
        ("ALTER TABLE t RENAME CONSTRAINT a TO b", "ALTER TABLE t RENAME CONSTRAINT b TO a"),
        ("ALTER TABLE t ALTER a SET NOT NULL", "ALTER TABLE t ALTER COLUMN a DROP NOT NULL"),
        ("ALTER TABLE t ALTER a DROP NOT NULL", "ALTER TABLE t ALTER COLUMN a SET NOT NULL"),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", "ALTER TABLE t DROP CONSTRAINT c"),
        ("ALTER TABLE t ADD FOREIGN KEY (a, b) REFERENCES u", "ALTER TABLE t DROP CONSTRAINT t_a_b_fkey"),
        ("ALTER TABLE t ADD UNIQUE (a)", "ALTER TABLE t DROP CONSTRAINT t_a_key"),
        ("ALTER TABLE t ADD PRIMARY KEY (a)", "ALTER TABLE t DROP CONSTRAINT t_pkey"),
        ("ALTER TABLE t ATTACH PARTITION p DEFAULT", "ALTER TABLE t DETACH PARTITION p"),
        ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE t DISABLE ROW LEVEL SECURITY"),
        ("ALTER TABLE t SET UNLOGGED", "ALTER TABLE t SET LOGGED"),
        ("CREATE INDEX i ON s.t (a)", "DROP INDEX s.i"),
        ("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)", "DROP INDEX CONCURRENTLY IF EXISTS i"),
        ("CREATE INDEX ON t (a, b)", "DROP INDEX t_a_b_idx"),
        ("ALTER INDEX i RENAME TO j", "ALTER INDEX j RENAME TO i"),
        ("CREATE TYPE s.e AS ENUM ('a')", "DROP TYPE s.e"),
        ("CREATE DOMAIN d AS int", "DROP DOMAIN d"),
        ("CREATE VIEW v AS SELECT 1", "DROP VIEW v"),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", "DROP MATERIALIZED VIEW v"),
        ("CREATE SCHEMA s", "DROP SCHEMA s"),
        ("CREATE EXTENSION IF NOT EXISTS pg_trgm", "DROP EXTENSION IF EXISTS pg_trgm"),
        ("CREATE SEQUENCE q", "DROP SEQUENCE q"),
        ("CREATE POLICY p ON s.t USING (true)", "DROP POLICY p ON s.t"),
        ("CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()", "DROP TRIGGER g ON t"),
        ("CREATE FUNCTION f(a int, text[]) RETURNS int LANGUAGE sql AS 'x'", "DROP FUNCTION f(int, text[])"),
        ("CREATE PROCEDURE p() LANGUAGE sql AS 'x'", "DROP PROCEDURE p()"),
        ("ALTER TYPE s.a RENAME TO b", "ALTER TYPE s.b RENAME TO a"),
        ("ALTER TYPE e RENAME VALUE 'a' TO 'it''s'", "ALTER TYPE e RENAME VALUE 'it''s' TO 'a'"),
        ("GRANT SELECT ON t TO a, b WITH GRANT OPTION", "REVOKE SELECT ON t FROM a, b"),
        (
            "DO $$ BEGIN ALTER TABLE t ADD a int; CREATE TYPE e AS ENUM (); END $$",
            "DROP TYPE e;\nALTER TABLE t DROP COLUMN a",
        ),
        ("CREATE TABLE ${schema}.t (id int)", "DROP TABLE ${schema}.t"),
    ],
)
def test_an_operation_is_undone(sql: str, reverse: str) -> None:
    found = migration(sql).statements[0]
    assert reverse_of(found.operations[0], found.sql.text) == reverse
    assert read_sql(reverse).problems == []


@pytest.mark.parametrize(
    "sql",
    [
        "SET lock_timeout = '1s'",
        "COMMENT ON TABLE t IS 'x'",
        "ANALYZE t",
        "ALTER TABLE t VALIDATE CONSTRAINT c",
        "BEGIN",
        "SELECT 1",
        "CREATE TEMP TABLE t (id int)",
    ],
)
def test_what_leaves_nothing_behind_needs_no_way_back(sql: str) -> None:
    assert reverse_of(operation(sql)) == ""


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE t",
        "ALTER TABLE t DROP COLUMN a",
        "ALTER TABLE t ALTER a TYPE text",
        "ALTER TABLE t ALTER a SET DEFAULT 1",
        "ALTER TABLE t DROP CONSTRAINT c",
        "ALTER TABLE t ADD CHECK (a > b)",
        "ALTER TABLE t DETACH PARTITION p",
        "ALTER TYPE e ADD VALUE 'x'",
        "DROP INDEX i",
        "CREATE INDEX ON t (lower(a))",
        "UPDATE t SET a = 1",
        "INSERT INTO t VALUES (1)",
        "CREATE OR REPLACE VIEW v AS SELECT 1",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'x'",
        "REVOKE SELECT ON t FROM a",
        "CALL p()",
        f"ALTER TABLE t ADD FOREIGN KEY ({'a' * 60}) REFERENCES u",
    ],
)
def test_what_cannot_be_undone_from_itself_is_said_to_be(sql: str) -> None:
    assert reverse_of(operation(sql)) is None


def draft(text: str, path: str = "m/000002_x.up.sql") -> DownDraft:
    return down_migration(migration(text, path))


def test_a_file_is_undone_last_statement_first() -> None:
    found = draft(
        "SET lock_timeout = '1s';\n"
        "CREATE TYPE mood AS ENUM ('a');\n"
        "CREATE TABLE t (id int PRIMARY KEY, m mood);\n"
        "CREATE INDEX i ON t (m);\n"
        "CREATE POLICY p ON t USING (true);\n"
        "INSERT INTO t VALUES (1);\n"
        "ALTER TABLE old ADD a int, ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\n"
        "UPDATE old SET a = 1;\n"
        "ALTER TABLE old ALTER a SET NOT NULL;\n"
    )
    assert found == DownDraft(
        "SET lock_timeout = '1s';\n"
        "ALTER TABLE old DROP CONSTRAINT c;\n"
        "ALTER TABLE old DROP COLUMN a;\n"
        "DROP TABLE t;\n"
        "DROP TYPE mood;\n",
        complete=True,
        lost=(),
    )


def test_what_is_lost_stands_in_the_draft() -> None:
    found = draft(
        "ALTER TABLE t DROP COLUMN a, ADD b int;\nDROP TABLE u;\nUPDATE t SET c = 1;\nDROP INDEX s.i;\n"
        "ALTER TYPE e ADD VALUE 'x';\nCALL p();\n"
    )
    assert found.text == (
        "-- irreversible: `CALL p()` is not undone\n"
        "-- irreversible: value `x` of type `e` cannot be removed\n"
        "-- irreversible: definition of index `s.i`\n"
        "-- irreversible: values of `t.c` before the update\n"
        "-- irreversible: table `u` and its rows\n"
        "ALTER TABLE t DROP COLUMN b;\n"
        "-- irreversible: column `t.a` and its values\n"
    )
    assert (found.complete, len(found.lost)) == (False, 6)


def test_dropped_things_come_back_if_somebody_knows_them() -> None:
    def recreate(one: Operation) -> str | None:
        return (
            f"ALTER TABLE {one.table.sql} ADD COLUMN {one.column} int"
            if isinstance(one, DropColumn)
            else None
        )

    found = down_migration(migration("ALTER TABLE t DROP COLUMN a;"), recreate)
    assert found == DownDraft("ALTER TABLE t ADD COLUMN a int;\n", complete=True, lost=())


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("m/1_x.sql", "-- +goose Up\nCREATE TABLE t (id int);\n", "-- +goose Down\nDROP TABLE t;\n"),
        ("m/1_x.sql", "-- migrate:up\nCREATE TABLE t (id int);\n", "-- migrate:down\nDROP TABLE t;\n"),
        (
            "m/1_x.sql",
            "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON t (a);\n",
            "-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY i;\n",
        ),
        ("m/1_x.sql", "-- +migrate Up\nCREATE TABLE t (id int);\n", "-- +migrate Down\nDROP TABLE t;\n"),
        ("m/1_x.sql", "--liquibase formatted sql\nCREATE TABLE t (id int);\n", "--rollback DROP TABLE t;\n"),
        ("m/1_x.up.sql", "BEGIN;\nCREATE TABLE t (id int);\nCOMMIT;\n", "BEGIN;\nDROP TABLE t;\nCOMMIT;\n"),
        ("m/1_x.up.sql", "CREATE TABLE t (id int);\r\n", "DROP TABLE t;\r\n"),
        (
            "deploy/x.sql",
            "-- Deploy app:x to pg\n\nBEGIN;\nCREATE TABLE t (id int);\nCOMMIT;\n",
            "-- Revert app:x from pg\n\nBEGIN;\nDROP TABLE t;\nCOMMIT;\n",
        ),
    ],
)
def test_the_draft_is_as_its_tool_wants_it(path: str, text: str, expected: str) -> None:
    assert draft(text, path).text == expected


def test_a_copy_that_replaced_its_original_is_renamed_back_first() -> None:
    found = draft("CREATE TABLE n AS SELECT * FROM t;\nDROP TABLE t;\nALTER TABLE n RENAME TO t;\n")
    assert found.text == (
        "ALTER TABLE t RENAME TO n;\n-- irreversible: table `t` and its rows\nDROP TABLE n;\n"
    )
