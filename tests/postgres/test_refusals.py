"""What rollsafe says a server refuses is what it refuses, and nothing else."""

from __future__ import annotations

import pytest

from tests.postgres.command import findings, write
from tests.postgres.conftest import NewDatabase, server_version
from tests.postgres.lock_cases import (
    BASE,
    ENUM,
    PARTITION,
    PARTITIONED,
    VIEW,
)
from tests.postgres.server import Database, Databases, Refused

MORE = f"""
{PARTITIONED}; {PARTITION}; CREATE INDEX pt_idx ON pt (a); {ENUM}; {VIEW}; CREATE UNIQUE INDEX ON mv (id);
CREATE TABLE used (id bigint PRIMARY KEY, state mood);
"""
HISTORY = BASE + MORE
Findings = dict[str, set[str]]

IN_TRANSACTION = [
    "CREATE INDEX i ON t (c)",
    "CREATE INDEX CONCURRENTLY i ON t (c)",
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (c)",
    "DROP INDEX t_a_idx",
    "DROP INDEX CONCURRENTLY t_a_idx",
    "REINDEX INDEX t_a_idx",
    "REINDEX INDEX CONCURRENTLY t_a_idx",
    "REINDEX TABLE t",
    "REINDEX (CONCURRENTLY) TABLE t",
    "REINDEX (CONCURRENTLY off) TABLE t",
    "REINDEX TABLE pt",
    "REINDEX INDEX pt_idx",
    "REINDEX SCHEMA public",
    "VACUUM",
    "VACUUM t",
    "VACUUM (ANALYZE) t",
    "VACUUM FULL t",
    "ANALYZE t",
    "ANALYZE",
    "CLUSTER",
    "CLUSTER t USING t_a_idx",
    "ALTER TABLE pt DETACH PARTITION pc",
    "ALTER TABLE pt DETACH PARTITION pc CONCURRENTLY",
    "REFRESH MATERIALIZED VIEW mv",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY mv",
    "ALTER TYPE mood ADD VALUE 'c'",
    "CREATE DATABASE other",
    "DROP DATABASE IF EXISTS other",
    "ALTER DATABASE postgres SET work_mem = '8MB'",
    "CREATE TABLESPACE here LOCATION '/nowhere'",
    "DROP TABLESPACE IF EXISTS here",
    "ALTER SYSTEM SET work_mem = '8MB'",
    "DISCARD TEMP",
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=none' PUBLICATION p WITH (connect = false)",
    "CREATE PUBLICATION p FOR TABLE t",
    "DO $$ BEGIN EXECUTE 'SELECT 1'; END $$",
    "DO $$ BEGIN CREATE INDEX CONCURRENTLY i ON t (c); END $$",
    "TRUNCATE t",
    "LOCK TABLE t",
    "CREATE EXTENSION IF NOT EXISTS plpgsql",
]
ON_PARTITIONED = [
    "CREATE INDEX CONCURRENTLY i ON pt (a)",
    "CREATE INDEX CONCURRENTLY i ON ONLY pt (a)",
    "CREATE INDEX CONCURRENTLY i ON pc (a)",
    "CREATE INDEX i ON pt (a)",
    "CREATE INDEX i ON ONLY pt (a)",
    "ALTER TABLE pt ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES parent (id)",
    "ALTER TABLE pt ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES parent (id) NOT VALID",
    "ALTER TABLE pc ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES parent (id) NOT VALID",
    "ALTER TABLE pt ADD CONSTRAINT ck CHECK (id > 0) NOT VALID",
    "DROP INDEX CONCURRENTLY pt_idx",
    "ALTER TABLE pt ADD CONSTRAINT u UNIQUE (id)",
]
ENUM_VALUES = [
    "ALTER TYPE mood ADD VALUE 'c'; ALTER TABLE used ALTER COLUMN state SET DEFAULT 'c'",
    "ALTER TYPE mood ADD VALUE 'c'; ALTER TABLE used ALTER COLUMN state SET DEFAULT 'a'",
    "ALTER TYPE mood ADD VALUE 'c'; INSERT INTO used VALUES (1, 'c')",
    "ALTER TYPE mood ADD VALUE 'c'; UPDATE used SET state = 'c'",
    "ALTER TYPE mood ADD VALUE 'c'; ALTER TABLE used ADD COLUMN was mood DEFAULT 'c'",
    "ALTER TYPE mood ADD VALUE 'c'; CREATE TABLE more (state mood DEFAULT 'c')",
    "ALTER TYPE mood ADD VALUE 'c'; CREATE INDEX i ON used (id) WHERE state = 'c'",
    "ALTER TYPE mood ADD VALUE 'c'; INSERT INTO parent (id, code) VALUES (1, 'c')",
    "ALTER TYPE mood ADD VALUE 'c'; COMMENT ON TYPE mood IS 'c'",
    "CREATE TYPE fresh AS ENUM ('a'); ALTER TYPE fresh ADD VALUE 'c'; CREATE TABLE more (state fresh DEFAULT 'c')",
    "ALTER TYPE mood RENAME VALUE 'a' TO 'c'; INSERT INTO used VALUES (1, 'c')",
]
GROUPS = {
    "refused-in-transaction": IN_TRANSACTION,
    "refused-on-partitioned-table": ON_PARTITIONED,
    "enum-value-used-in-same-transaction": ENUM_VALUES,
}
CASES = [(rule, sql) for rule, statements in GROUPS.items() for sql in statements]


@pytest.fixture(scope="session")
def base(databases: Databases) -> Database:
    database = databases.make()
    database.run(HISTORY)
    return database


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """The statements each rule is raised for, each alone in a migration that goose runs."""
    files: dict[str, str] = {}
    for at, (rule, sql) in enumerate(CASES):
        apart = "-- +goose NO TRANSACTION\n" if rule == "refused-on-partitioned-table" else ""
        files[f"case{at}/migrations/1_base.sql"] = f"-- +goose Up\n{HISTORY}"
        lines = sql if sql.startswith("DO") else sql.replace("; ", ";\n")
        files[f"case{at}/migrations/2_change.sql"] = f"{apart}-- +goose Up\n{lines};\n"
    root = write(tmp_path_factory.mktemp("refusals"), files, server_version())
    raised: Findings = {rule: set() for rule in GROUPS}
    for one in findings(root, "--select", ",".join(GROUPS)):
        _rule, sql = CASES[int(one["path"].partition("/")[0].removeprefix("case"))]
        raised[one["rule"]].add(sql)
    return raised


@pytest.mark.parametrize("sql", IN_TRANSACTION)
def test_in_a_transaction(sql: str, base: Database, found: Findings) -> None:
    said = answer(base, f"BEGIN; {sql}; ROLLBACK")
    refused = "cannot run inside a transaction" in said or "cannot be executed from a function" in said
    assert (sql in found["refused-in-transaction"]) is refused, said


@pytest.mark.parametrize("sql", ON_PARTITIONED)
def test_on_a_partitioned_table(sql: str, base: Database, found: Findings, new_database: NewDatabase) -> None:
    said = answer(new_database(base.name), sql)
    assert (sql in found["refused-on-partitioned-table"]) is ("partitioned" in said), said


@pytest.mark.parametrize("sql", ENUM_VALUES)
def test_use_of_a_new_enum_value(sql: str, base: Database, found: Findings) -> None:
    said = answer(base, f"BEGIN; {sql}; ROLLBACK")
    assert said == "" or "unsafe use of new value" in said
    assert (sql in found["enum-value-used-in-same-transaction"]) is bool(said), said


def answer(database: Database, sql: str) -> str:
    """Return what the server objects to, empty if it accepts."""
    try:
        database.run(sql)
    except Refused as refused:
        return str(refused)
    return ""
