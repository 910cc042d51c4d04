"""The same migrations written for each tool."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Files = dict[str, str]


class Written(NamedTuple):
    """A migration: its number, its words, and both ways; an empty way back is none."""

    number: int
    label: str
    up: str
    down: str


class Tool(NamedTuple):
    """Where a tool keeps its migrations and how one is written.

    `has_downs` tells that it has ways back, `leaves_transactions` that it can run a file outside of one.
    """

    home: str
    write: Callable[[str, Written], Files]
    has_downs: bool = True
    leaves_transactions: bool = True


def _stamp(number: int) -> str:
    return f"2026030110{number:02}00"


def _pairs(home: str, one: Written) -> Files:
    base = f"{home}/{one.number:06}_{one.label}"
    return {f"{base}.up.sql": one.up, f"{base}.down.sql": one.down}


def _folders(home: str, one: Written) -> Files:
    base = f"{home}/{_stamp(one.number)}_{one.label}"
    return {f"{base}/up.sql": one.up, f"{base}/down.sql": one.down}


def _sections(up: str, down: str) -> Callable[[str, Written], Files]:
    def write(home: str, one: Written) -> Files:
        text = f"{up}\n{one.up}\n{down}\n{one.down}"
        return {f"{home}/{_stamp(one.number)}_{one.label}.sql": text}

    return write


def _flyway(home: str, one: Written) -> Files:
    base = f"{one.number}__{one.label}.sql"
    return {f"{home}/V{base}": one.up, f"{home}/U{base}": one.down}


def _prisma(home: str, one: Written) -> Files:
    return {f"{home}/{_stamp(one.number)}_{one.label}/migration.sql": one.up}


def _stamped(home: str, one: Written) -> Files:
    return {f"{home}/{_stamp(one.number)}_{one.label}.sql": one.up}


def _numbered(home: str, one: Written) -> Files:
    return {f"{home}/{one.number:04}_{one.label}.sql": one.up}


TOOLS = {
    "golang-migrate": Tool("golang/migrations", _pairs),
    "goose": Tool("goose/migrations", _sections("-- +goose Up", "-- +goose Down")),
    "sql-migrate": Tool("sqlmigrate/migrations", _sections("-- +migrate Up", "-- +migrate Down")),
    "dbmate": Tool("dbmate/migrations", _sections("-- migrate:up", "-- migrate:down")),
    "node-pg-migrate": Tool(
        "node/migrations", _sections("-- Up Migration", "-- Down Migration"), leaves_transactions=False
    ),
    "flyway": Tool("flyway/db/migration", _flyway),
    "diesel": Tool("diesel/migrations", _folders, leaves_transactions=False),
    "hasura": Tool("hasura/migrations/default", _folders, leaves_transactions=False),
    "prisma": Tool("prisma/migrations", _prisma, has_downs=False),
    "supabase": Tool("supabase/migrations", _stamped, has_downs=False, leaves_transactions=False),
    "plain": Tool("plain/migrations", _numbered, has_downs=False),
}

BASE = """\
CREATE TYPE status AS ENUM ('new', 'done');
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint,
    number bigint,
    code text,
    note text,
    total bigint,
    state status
);
CREATE TABLE payments (id bigint PRIMARY KEY, state status);
CREATE INDEX orders_note_idx ON orders (note);
CREATE TABLE visits (day date NOT NULL, n int) PARTITION BY RANGE (day);
CREATE TABLE visits_old PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE visits_2022 (day date NOT NULL, n int);
INSERT INTO visits_2022 SELECT '2022-03-01', n FROM generate_series(1, 100) n;
CREATE TABLE stays (day date NOT NULL, n int) PARTITION BY RANGE (day);
CREATE TABLE stays_2020 PARTITION OF stays FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE stays_2021 PARTITION OF stays FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE codes (id bigint PRIMARY KEY, code varchar(10) CONSTRAINT codes_filled CHECK (code <> ''));
CREATE TABLE keyless (id bigint);
INSERT INTO keyless SELECT n FROM generate_series(1, 100) n;
CREATE UNIQUE INDEX keyless_id ON keyless (id);
CREATE TABLE sums (id bigint PRIMARY KEY, amount int NOT NULL);
INSERT INTO sums SELECT n, n FROM generate_series(1, 2500) n;
CREATE TABLE books (id bigint PRIMARY KEY, label text NOT NULL);
INSERT INTO books SELECT n, 's' || n FROM generate_series(1, 2500) n;
CREATE TABLE rates (id bigint PRIMARY KEY, extra int);
INSERT INTO rates SELECT n, n FROM generate_series(1, 2500) n;
CREATE MATERIALIZED VIEW totals AS SELECT id, total FROM orders;
CREATE UNIQUE INDEX totals_id ON totals (id);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1, 1, 'c', 'n', 1, 'new');
"""
BASE_DOWN = """\
DROP MATERIALIZED VIEW totals;
DROP TABLE visits;
DROP TABLE visits_2022;
DROP TABLE stays;
DROP TABLE codes;
DROP TABLE keyless;
DROP TABLE sums;
DROP TABLE books;
DROP TABLE rates;
DROP TABLE orders;
DROP TABLE payments;
DROP TABLE customers;
DROP TYPE status;
"""
_ADD, _DROP = "ALTER TABLE orders ADD", "ALTER TABLE orders DROP"
HAZARDS = {
    "index": ("CREATE INDEX by_customer ON orders (customer_id);\n", "DROP INDEX by_customer;\n"),
    "index_beside_a_column": (
        f"{_ADD} COLUMN memo text;\nCREATE INDEX by_total ON orders (total);\n",
        f"DROP INDEX by_total;\n{_DROP} COLUMN memo;\n",
    ),
    "indexes": (
        "CREATE INDEX by_a ON orders (total, id);\nCREATE INDEX by_b ON orders (number, id);\n",
        "DROP INDEX by_b;\nDROP INDEX by_a;\n",
    ),
    "concurrent_index": (
        "CREATE INDEX CONCURRENTLY by_note ON orders (note, id);\n",
        "DROP INDEX by_note;\n",
    ),
    "concurrent_index_beside_a_column": (
        f"{_ADD} COLUMN remark text;\nCREATE INDEX CONCURRENTLY by_code ON orders (code);\n",
        f"DROP INDEX by_code;\n{_DROP} COLUMN remark;\n",
    ),
    "drop_index": ("DROP INDEX orders_note_idx;\n", "CREATE INDEX orders_note_idx ON orders (note);\n"),
    "rebuild": ("REINDEX TABLE orders;\n", "SELECT 1;\n"),
    "foreign_key": (
        f"{_ADD} CONSTRAINT to_customer FOREIGN KEY (customer_id) REFERENCES customers (id);\n",
        f"{_DROP} CONSTRAINT to_customer;\n",
    ),
    "foreign_key_without_a_name": (
        f"{_ADD} FOREIGN KEY (number) REFERENCES customers (id);\n",
        f"{_DROP} CONSTRAINT orders_number_fkey;\n",
    ),
    "column_that_refers": (
        f"{_ADD} COLUMN payer_id bigint DEFAULT 1 REFERENCES customers (id);\n",
        f"{_DROP} COLUMN payer_id;\n",
    ),
    "check": (f"{_ADD} CONSTRAINT positive CHECK (total > 0);\n", f"{_DROP} CONSTRAINT positive;\n"),
    "column_with_check": (f"{_ADD} COLUMN tax int DEFAULT 1 CHECK (tax > 0);\n", f"{_DROP} COLUMN tax;\n"),
    "validated_at_once": (
        f"{_ADD} CONSTRAINT short CHECK (code <> '') NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT short;\n",
        f"{_DROP} CONSTRAINT short;\n",
    ),
    "unique": (f"{_ADD} CONSTRAINT one_number UNIQUE (number);\n", f"{_DROP} CONSTRAINT one_number;\n"),
    "unique_beside_a_column": (
        f"{_ADD} COLUMN hint text;\n{_ADD} CONSTRAINT one_code UNIQUE (code);\n",
        f"{_DROP} CONSTRAINT one_code;\n{_DROP} COLUMN hint;\n",
    ),
    "required": (
        "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n",
        "ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;\n",
    ),
    "required_column": (f"{_ADD} COLUMN region text NOT NULL;\n", f"{_DROP} COLUMN region;\n"),
    "random_default": (
        f"{_ADD} COLUMN public_id uuid DEFAULT gen_random_uuid();\n",
        f"{_DROP} COLUMN public_id;\n",
    ),
    "refresh": ("REFRESH MATERIALIZED VIEW totals;\n", "SELECT 1;\n"),
    "detach": (
        "ALTER TABLE visits DETACH PARTITION visits_old;\n",
        "ALTER TABLE visits ATTACH PARTITION visits_old FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');\n",
    ),
    "attach": (
        "ALTER TABLE visits ATTACH PARTITION visits_2022 FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');\n",
        "ALTER TABLE visits DETACH PARTITION visits_2022;\n",
    ),
    "index_of_partitions": ("CREATE INDEX CONCURRENTLY by_day ON stays (day);\n", "DROP INDEX by_day;\n"),
    "checked_column": (
        "ALTER TABLE codes ALTER COLUMN code TYPE varchar(20);\n",
        "ALTER TABLE codes ALTER COLUMN code TYPE varchar(10);\n",
    ),
    "key_of_an_index": (
        "ALTER TABLE keyless ADD CONSTRAINT keyless_pkey PRIMARY KEY USING INDEX keyless_id;\n",
        "ALTER TABLE keyless DROP CONSTRAINT keyless_pkey;\n",
    ),
    "type_change": (
        "ALTER TABLE sums ALTER COLUMN amount TYPE bigint;\n",
        "ALTER TABLE sums ALTER COLUMN amount TYPE int;\n",
    ),
    "rename": (
        "ALTER TABLE books RENAME COLUMN label TO title;\n",
        "ALTER TABLE books RENAME COLUMN title TO label;\n",
    ),
    "stored_value": (
        "ALTER TABLE rates ADD COLUMN twice int GENERATED ALWAYS AS (coalesce(extra, 0) * 2) STORED;\n",
        "ALTER TABLE rates DROP COLUMN twice;\n",
    ),
    "two_keys": (
        f"{_ADD} CONSTRAINT key_a FOREIGN KEY (total) REFERENCES customers (id) NOT VALID;\n"
        f"{_ADD} CONSTRAINT key_b FOREIGN KEY (number) REFERENCES codes (id) NOT VALID;\n",
        f"{_DROP} CONSTRAINT key_b;\n{_DROP} CONSTRAINT key_a;\n",
    ),
    "new_value": (
        "ALTER TYPE status ADD VALUE 'paid';\nALTER TABLE payments ALTER COLUMN state SET DEFAULT 'paid';\n",
        "ALTER TABLE payments ALTER COLUMN state DROP DEFAULT;\n",
    ),
    "own_transaction": (f"BEGIN;\n{_ADD} COLUMN tag text;\nCOMMIT;\n", f"{_DROP} COLUMN tag;\n"),
}
"""Ways up that make somebody wait or fail, each with a way back."""


def history(tool: Tool) -> Files:
    """Return the base and the hazards as migrations of a tool, without those for which it has no cure."""
    written = [Written(1, "base", BASE, BASE_DOWN)]
    for label, (up, down) in HAZARDS.items():
        if tool.leaves_transactions or "CONCURRENTLY" not in up:
            written.append(Written(len(written) + 1, label, up, down))
    files: Files = {}
    for one in written:
        files |= tool.write(tool.home, one)
    return files
