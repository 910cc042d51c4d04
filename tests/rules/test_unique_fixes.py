"""Hazards of migrations that no other tool mends in the file: each has a fix here, and which kind it is."""

from __future__ import annotations

import pytest

from rollsafe.engine import Found
from rollsafe.workspace.settings import Settings
from tests.checking import open_project

HOME = "db/migrations"
_ORDERS = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, code text, note text, total int);\n"
)
_CUSTOMERS = "CREATE TABLE customers (id bigint PRIMARY KEY);\nCREATE TABLE shops (id bigint PRIMARY KEY);\n"
_EVENTS = (
    "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (id);\n"
    "CREATE TABLE events_old (id bigint);\n"
)
_ADD, _ALTER = "ALTER TABLE orders ADD", "ALTER TABLE orders ALTER COLUMN"
_CODES = (
    "CREATE TABLE codes (id bigint PRIMARY KEY, code varchar(10) CONSTRAINT filled CHECK (code <> ''));\n"
)
_CARTS = "CREATE TABLE carts (id bigint PRIMARY KEY"

CASES = {
    "concurrently-in-transaction": (
        _ORDERS,
        "CREATE INDEX CONCURRENTLY by_code ON orders (code);\n",
        "goose",
    ),
    "index-build-in-exclusive-transaction": (
        _ORDERS,
        f"{_ADD} COLUMN memo text;\n{_ALTER} note DROP NOT NULL;\nCREATE INDEX by_code ON orders (code);\n",
        "",
    ),
    "index-too-many-columns": (
        _ORDERS,
        "CREATE INDEX wide ON orders (customer_id, code, note, total);\n",
        "",
    ),
    "index-duplicate": (
        _ORDERS + "CREATE INDEX by_both ON orders (code, note);\n",
        f"{_ADD} COLUMN memo text;\nCREATE INDEX by_code ON orders (code);\n",
        "",
    ),
    "index-hash": (_ORDERS, "CREATE INDEX hashed ON orders USING hash (code);\n", ""),
    "replace-index-non-atomic": (
        _ORDERS + "CREATE INDEX by_code ON orders (code);\n",
        "DROP INDEX CONCURRENTLY by_code;\nCREATE INDEX CONCURRENTLY by_codes ON orders (code, id);\n",
        "goose apart",
    ),
    "concurrently-on-partitioned-parent": (_EVENTS, "CREATE INDEX CONCURRENTLY by_at ON events (at);\n", ""),
    "add-column-not-null-no-default": (_ORDERS, f"{_ADD} COLUMN region text NOT NULL;\n", ""),
    "add-column-default-drop-default": (
        _ORDERS,
        f"{_ADD} COLUMN region text NOT NULL DEFAULT 'eu';\n{_ALTER} region DROP DEFAULT;\n",
        "",
    ),
    "add-column-generated-stored": (
        _ORDERS,
        f"{_ADD} COLUMN twice int GENERATED ALWAYS AS (total * 2) STORED;\n",
        "",
    ),
    "add-column-inline-unique": (_ORDERS, f"{_ADD} COLUMN slug text UNIQUE;\n", ""),
    "add-column-inline-fk": (
        _ORDERS + _CUSTOMERS,
        f"{_ADD} COLUMN payer_id bigint DEFAULT 1 REFERENCES customers (id);\n",
        "",
    ),
    "add-column-inline-check": (_ORDERS, f"{_ADD} COLUMN tax int DEFAULT 1 CHECK (tax > 0);\n", ""),
    "add-column-constrained-domain": (
        _ORDERS + "CREATE DOMAIN email AS text CHECK (VALUE <> '');\n",
        f"{_ADD} COLUMN mail email;\n",
        "",
    ),
    "change-column-with-check": (
        _CODES,
        "ALTER TABLE codes ALTER COLUMN code TYPE varchar(20);\n",
        "",
    ),
    "change-column-with-not-null": (
        _ORDERS,
        "ALTER TABLE orders ALTER COLUMN total TYPE bigint, ALTER COLUMN total SET NOT NULL;\n",
        "",
    ),
    "mismatched-reference-type": (
        _CUSTOMERS,
        f"{_CARTS}, customer_id int REFERENCES customers (id));\n",
        "",
    ),
    "add-unique-not-using-index": (_ORDERS, f"{_ADD} CONSTRAINT one_code UNIQUE (code);\n", ""),
    "add-unique-data-dependent": (_ORDERS, f"{_ADD} CONSTRAINT one_code UNIQUE (code);\n", ""),
    "add-primary-key": (
        "CREATE TABLE logs (id bigint NOT NULL);\n",
        "ALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY (id);\n",
        "",
    ),
    "add-pk-using-index-nullable": (
        "CREATE TABLE logs (id bigint);\nCREATE UNIQUE INDEX logs_id ON logs (id);\n",
        "ALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY USING INDEX logs_id;\n",
        "",
    ),
    "rename-schema-object": (
        _ORDERS + "CREATE SCHEMA archive;\n",
        "ALTER TABLE orders SET SCHEMA archive;\n",
        "",
    ),
    "naming-convention": (_ORDERS, f'{_ADD} COLUMN "shortLabel" text;\n', ""),
    "validate-constraint-same-transaction": (
        _ORDERS,
        f"{_ADD} CONSTRAINT c CHECK (total > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c;\n",
        "",
    ),
    "multiple-fks-one-transaction": (
        _ORDERS + _CUSTOMERS,
        f"{_ADD} CONSTRAINT a FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;\n"
        f"{_ADD} CONSTRAINT b FOREIGN KEY (total) REFERENCES shops (id) NOT VALID;\n",
        "",
    ),
    "domain-constraint": (
        "CREATE DOMAIN email AS text;\nCREATE TABLE people (id bigint PRIMARY KEY, mail email);\n",
        "ALTER DOMAIN email ADD CONSTRAINT filled CHECK (VALUE <> '');\n",
        "",
    ),
    "create-table-force": (
        "CREATE TABLE carts (id bigint PRIMARY KEY);\n",
        "DROP TABLE carts;\nCREATE TABLE carts (id bigint PRIMARY KEY, owner text);\n",
        "",
    ),
    "drop-database-schema": ("CREATE SCHEMA legacy;\n", "DROP SCHEMA legacy;\n", ""),
    "truncate": (_ORDERS, "TRUNCATE orders;\n", ""),
    "delete-without-where": (_ORDERS, "DELETE FROM orders;\n", ""),
    "attach-partition": (
        _EVENTS,
        "ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM (0) TO (1000);\n",
        "",
    ),
    "enum-value-used-in-same-transaction": (
        "CREATE TYPE state AS ENUM ('new');\nCREATE TABLE jobs (id bigint PRIMARY KEY, state state);\n",
        "ALTER TYPE state ADD VALUE 'done';\nALTER TABLE jobs ALTER COLUMN state SET DEFAULT 'done';\n",
        "",
    ),
    "multiple-alter-table": (_ORDERS, f"{_ADD} COLUMN a text;\n{_ADD} COLUMN b text;\n", ""),
    "statement-after-access-exclusive": (
        _ORDERS + _CUSTOMERS,
        f"{_ADD} COLUMN a text;\nUPDATE shops SET id = id WHERE id > 5;\n",
        "",
    ),
    "missing-idle-timeout": (_ORDERS, f"{_ADD} COLUMN a text;\n", ""),
    "transaction-nesting": (_ORDERS, f"BEGIN;\n{_ADD} COLUMN a text;\nCOMMIT;\n", "goose"),
    "missing-rollback": (_ORDERS, f"{_ADD} COLUMN a text;\n", "no way back"),
    "missing-primary-key": ("", "CREATE TABLE logs (what text);\n", ""),
    "require-table-schema": (
        "CREATE TABLE public.codes (id bigint PRIMARY KEY);\n",
        "ALTER TABLE codes ADD COLUMN label text;\n",
        "",
    ),
    "new-table-fk-locks-parent": (
        _CUSTOMERS,
        "CREATE TABLE carts (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers (id));\n",
        "",
    ),
    "ddl-in-do-block": (_ORDERS, f"DO $$ BEGIN {_ADD} COLUMN a text; END $$;\n", ""),
}
"""What there is, the hazard, and how the files are written."""
MANUAL = {
    "index-too-many-columns",
    "drop-database-schema",
    "truncate",
    "delete-without-where",
}
"""Where somebody has to fill in or to look at what only people know."""


def files(base: str, sql: str, tool: str) -> dict[str, str]:
    """Return a history whose last migration has the hazard."""
    if tool.startswith("goose"):
        apart = "-- +goose NO TRANSACTION\n" if tool == "goose apart" else ""
        first = f"-- +goose Up\n{base}-- +goose Down\nSELECT 1;\n"
        return {
            f"{HOME}/001_base.sql": first,
            f"{HOME}/002_step.sql": f"{apart}-- +goose Up\n{sql}-- +goose Down\nSELECT 1;\n",
        }
    found = {
        f"{HOME}/000001_base.up.sql": base or "SELECT 1;\n",
        f"{HOME}/000001_base.down.sql": "SELECT 1;\n",
    }
    found[f"{HOME}/000002_step.up.sql"] = sql
    return found if tool else {**found, f"{HOME}/000002_step.down.sql": "SELECT 1;\n"}


def findings(hazard: str) -> list[Found]:
    project = open_project(files(*CASES[hazard]), Settings(level="auditor"))
    told = project.engine.all_findings()
    return [
        one
        for one in told
        if f"hazard:{hazard}" in (one.rule.equivalents if one.equivalents is None else one.equivalents)
        and "step" in one.path
    ]


@pytest.mark.parametrize("hazard", CASES)
def test_a_hazard_that_nobody_else_mends_has_a_fix(hazard: str) -> None:
    told = findings(hazard)
    assert told
    safeties = {fix.safety.value for one in told for fix in one.fixes}
    assert safeties, [one.message for one in told]
    assert (safeties == {"manual"}) is (hazard in MANUAL)
