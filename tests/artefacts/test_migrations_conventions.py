"""Which files are migrations, of which tool, and what that means for transactions and the way back."""

import pytest

from rollsafe.artefacts.migrations import Convention, Direction, DownStyle, convention_of
from rollsafe.artefacts.migrations.conventions import Transactions

DDL = "ALTER TABLE t ADD COLUMN a int;\n"
GOOSE = "-- +goose Up\n" + DDL + "-- +goose Down\n"
DBMATE = "-- migrate:up\n" + DDL + "-- migrate:down\n"


def found(path: str, text: str = DDL) -> Convention:
    convention = convention_of(path, text)
    assert convention is not None
    return convention


@pytest.mark.parametrize(
    ("path", "text", "name", "version", "label", "direction", "home"),
    [
        ("m/000001_users.up.sql", DDL, "golang-migrate", "000001", "users", "up", "m"),
        ("m/000001_users.down.sql", DDL, "golang-migrate", "000001", "users", "down", "m"),
        ("000001_users.up.sql", DDL, "golang-migrate", "000001", "users", "up", ""),
        ("db/20240101_x.sql", GOOSE, "goose", "20240101", "x", "both", "db"),
        ("x.sql", "-- +goose UP\n", "goose", "", "x", "both", ""),
        ("m/1-a.sql", "-- +migrate Up\n" + DDL, "sql-migrate", "1", "a", "both", "m"),
        ("db/migrations/2024_x.sql", DBMATE, "dbmate", "2024", "x", "both", "db/migrations"),
        ("m/1_x.sql", "-- Up Migration\n", "node-pg-migrate", "1", "x", "both", "m"),
        ("m/1_x.sql", "---- up migration\n", "node-pg-migrate", "1", "x", "both", "m"),
        ("c/1_x.sql", "--liquibase formatted sql\n", "liquibase", "1", "x", "up", "c"),
        ("r/V1_2__add_x.sql", DDL, "flyway", "1.2", "add_x", "up", "r"),
        ("r/V1.2.3__x.sql", DDL, "flyway", "1.2.3", "x", "up", "r"),
        ("r/U7__x.sql", DDL, "flyway", "7", "x", "down", "r"),
        ("r/R__views.sql", DDL, "flyway", "", "views", "up", "r"),
        ("prisma/migrations/2024_add/migration.sql", DDL, "prisma", "2024", "add", "up", "prisma/migrations"),
        ("drizzle/2024_add/migration.sql", DDL, "drizzle", "2024", "add", "up", "drizzle"),
        ("drizzle/0001_fair_hulk.sql", DDL, "drizzle", "0001", "fair_hulk", "up", "drizzle"),
        ("m/0001_x.sql", DDL + "--> statement-breakpoint\n", "drizzle", "0001", "x", "up", "m"),
        ("supabase/migrations/2024_x.sql", DDL, "supabase", "2024", "x", "up", "supabase/migrations"),
        ("migrations/2024-01-01-1_users/up.sql", DDL, "diesel", "2024-01-01-1", "users", "up", "migrations"),
        ("migrations/2024_users/down.sql", DDL, "diesel", "2024", "users", "down", "migrations"),
        (
            "hasura/migrations/default/17_x/up.sql",
            DDL,
            "hasura",
            "17",
            "x",
            "up",
            "hasura/migrations/default",
        ),
        ("db/deploy/users.sql", "-- Deploy app:users to pg\n", "sqitch", "users", "users", "up", "db"),
        ("db/revert/users.sql", "-- Revert app:users from pg\n", "sqitch", "users", "users", "down", "db"),
        ("migrations/0001_x.sql", DDL, "plain", "0001", "x", "up", "migrations"),
        ("db/migrate/20240101120000-x.sql", DDL, "plain", "20240101120000", "x", "up", "db/migrate"),
        ("migrations/007.sql", DDL, "plain", "007", "", "up", "migrations"),
        ("migrations/add_x.sql", DDL, "plain", "", "add_x", "up", "migrations"),
        ("app_migrations/1_x.sql", DDL, "plain", "1", "x", "up", "app_migrations"),
        ("migrations/0001_x.rollback.sql", DDL, "plain", "0001", "x.rollback", "down", "migrations"),
        ("database/003_x.sql", DDL, "plain", "003", "x", "up", "database"),
    ],
)
def test_a_migration_is_recognised(
    path: str, text: str, name: str, version: str, label: str, direction: str, home: str
) -> None:
    one = found(path, text)
    assert (one.name, one.version, one.label) == (name, version, label)
    assert (one.direction, one.home) == (direction, home)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("queries/users.sql", "SELECT 1;"),
        ("sql/001_report.sql", "SELECT 1;"),
        ("001_x.sql", DDL),
        ("db/seeds/001_users.sql", DDL),
        ("migrations/seeds/001_users.sql", DDL),
        ("migrations/schema.sql", DDL),
        ("db/structure.sql", DDL),
        ("migrations/readme.md", DDL),
        ("deploy/users.sql", "SELECT 1;"),
        ("verify/users.sql", "-- Verify app:users on pg\n"),
        ("queries/up.sql", DDL),
        ("views/migration.sql", "SELECT 1;"),
    ],
)
def test_other_sql_is_not(path: str, text: str) -> None:
    assert convention_of(path, text) is None


def test_a_directory_of_views_that_holds_migrations_is_fine() -> None:
    assert found("views/migrations/001_x.sql").name == "plain"


@pytest.mark.parametrize(
    ("path", "text", "transactions", "transactional"),
    [
        ("m/1_x.up.sql", DDL, "one message", None),
        ("m/1_x.sql", GOOSE, "wrapped", True),
        ("m/1_x.sql", "-- +goose NO TRANSACTION\n" + GOOSE, "separate", False),
        ("m/1_x.sql", "-- +migrate Up notransaction\n" + DDL, "separate", False),
        ("m/1_x.sql", DBMATE, "wrapped", True),
        ("m/1_x.sql", "-- migrate:up transaction:false\n" + DDL, "one message", None),
        ("m/1_x.sql", "-- migrate:up  foo:1 transaction: false\n" + DDL, "one message", None),
        ("m/1.sql", "--liquibase formatted sql\n--changeset a:1 runInTransaction:false\n", "separate", False),
        ("m/V1__x.sql", DDL, "by statement", None),
        ("m/V1__x.sql", "-- flyway: executeInTransaction=false\n" + DDL, "separate", False),
        ("prisma/migrations/1_x/migration.sql", DDL, "one message", None),
        ("drizzle/0001_x.sql", DDL, "wrapped", True),
        ("supabase/migrations/1_x.sql", DDL, "wrapped", True),
        ("migrations/1_x/up.sql", DDL, "wrapped", True),
        ("deploy/x.sql", "-- Deploy a:x to pg\n", "separate", False),
        ("migrations/1_x.sql", DDL, "assumed", None),
        ("migrations/1_x.sql", "-- atlas:txmode none\n" + DDL, "separate", False),
        ("migrations/1_x.sql", "-- no-transaction\n" + DDL, "separate", False),
        ("migrations/1_x.sql", "-- transactional: false\n" + DDL, "separate", False),
        ("migrations/1_x.sql", "SELECT 'no-transaction';", "assumed", None),
    ],
)
def test_the_tool_decides_about_transactions(
    path: str, text: str, transactions: str, transactional: bool | None
) -> None:
    one = found(path, text)
    assert (one.transactions, one.transactional) == (Transactions(transactions), transactional)
    assert one.reason


@pytest.mark.parametrize(
    ("path", "text", "down_path", "style"),
    [
        ("m/000001_x.up.sql", DDL, "m/000001_x.down.sql", DownStyle.FILE),
        ("m/000001_x.down.sql", DDL, None, DownStyle.FILE),
        ("m/1_x.sql", GOOSE, "m/1_x.sql", DownStyle.SECTION),
        ("m/1_x.sql", DBMATE, "m/1_x.sql", DownStyle.SECTION),
        ("m/1_x.sql", "--liquibase formatted sql\n", "m/1_x.sql", DownStyle.COMMENT),
        ("r/V7__x.sql", DDL, "r/U7__x.sql", DownStyle.FILE),
        ("V7__x.sql", DDL, "U7__x.sql", DownStyle.FILE),
        ("r/R__x.sql", DDL, None, DownStyle.FILE),
        ("migrations/1_x/up.sql", DDL, "migrations/1_x/down.sql", DownStyle.FILE),
        ("a/deploy/x.sql", "-- Deploy a:x to pg\n", "a/revert/x.sql", DownStyle.FILE),
        ("deploy/x.sql", "-- Deploy a:x to pg\n", "revert/x.sql", DownStyle.FILE),
        ("prisma/migrations/1_x/migration.sql", DDL, None, DownStyle.NONE),
        ("drizzle/0001_x.sql", DDL, None, DownStyle.NONE),
        ("supabase/migrations/1_x.sql", DDL, None, DownStyle.NONE),
        ("migrations/1_x.sql", DDL, None, DownStyle.NONE),
    ],
)
def test_the_tool_says_where_the_way_back_belongs(
    path: str, text: str, down_path: str | None, style: DownStyle
) -> None:
    one = found(path, text)
    assert (one.down_path, one.down_style) == (down_path, style)


def test_versions_sort_as_numbers() -> None:
    paths = ["m/V10__a.sql", "m/V2__a.sql", "m/V2.1__a.sql", "m/V2_0_9__a.sql"]
    ordered = sorted(map(found, paths), key=lambda one: one.order)
    assert [one.version for one in ordered] == ["2", "2.0.9", "2.1", "10"]
    assert found("m/R__a.sql").order == ()
    assert found("m/R__a.sql").direction is Direction.UP
