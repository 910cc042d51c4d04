"""Fixes of migrations that have others around them: order, comments, and what the runner makes of a file."""

import pytest

from tests.cli.conftest import Repository
from tests.cli.test_fix_forms import apply, fixed, offered

HOME = "prisma/migrations"
FIRST = f"{HOME}/20260101000000_first/migration.sql"
SECOND = f"{HOME}/20260102000000_second/migration.sql"
TITLE = "Move it to a migration of its own, with `CONCURRENTLY`"
ADDED = "-- AddColumn\nALTER TABLE orders ADD COLUMN region text;\n"
INDEX = "-- CreateIndex\n-- for the report\nCREATE INDEX orders_region_idx ON orders (region);"


def in_new_file(repository: Repository) -> str:
    """Return the text of the only migration that is not FIRST or SECOND."""
    names = {str(path.relative_to(repository.path).as_posix()) for path in repository.path.rglob("*.sql")}
    [name] = names - {FIRST, SECOND}
    return repository.read(name)


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
@pytest.mark.parametrize("note", ["", "  -- slow"])
def test_moved_statement_takes_its_comments(repository: Repository, end: str, note: str) -> None:
    text = f"{ADDED}\n{INDEX}{note}{end}"
    after = fixed(repository, "index-created-non-concurrently", FIRST, text)
    assert after == ADDED.rstrip("\n") + end
    moved = INDEX.replace("INDEX orders", "INDEX CONCURRENTLY orders")
    comment = "-- slow\n" if note else ""
    assert in_new_file(repository) == moved.replace("CREATE INDEX", f"{comment}CREATE INDEX") + "\n"


@pytest.mark.parametrize(
    "later",
    [
        "DROP TABLE orders;",
        "ALTER TABLE orders RENAME TO purchases;",
        "ALTER TABLE orders DROP COLUMN region;",
        "DROP INDEX orders_region_idx;",
        "DO $$ BEGIN EXECUTE 'ALTER TABLE orders RENAME TO purchases'; END $$;",
    ],
)
def test_what_a_later_migration_takes_away_is_not_moved_behind_it(repository: Repository, later: str) -> None:
    repository.write(FIRST, f"{ADDED}\n{INDEX}\n")
    repository.write(SECOND, "ALTER TABLE orders ADD COLUMN note text;\n")
    assert [fix["title"] for fix in offered(repository, "index-created-non-concurrently")] == [TITLE]
    repository.write(SECOND, f"{later}\n")
    assert offered(repository, "index-created-non-concurrently") == []


def test_statement_others_of_its_file_need_is_not_moved(repository: Repository) -> None:
    unique = "CREATE UNIQUE INDEX orders_number_key ON orders (number);"
    key = "ALTER TABLE invoices ADD CONSTRAINT fk FOREIGN KEY (n) REFERENCES orders (number) NOT VALID;"
    repository.write(FIRST, f"{ADDED}{unique}\n{key}\n")
    assert offered(repository, "index-created-non-concurrently") == []


def test_what_follows_a_lock_is_moved_in_its_order(repository: Repository) -> None:
    rest = "UPDATE orders SET region = 'eu' WHERE id < 10;\nCOMMENT ON TABLE orders IS 'of the shop';\n"
    after = fixed(repository, "statement-after-exclusive-lock", FIRST, ADDED + rest)
    assert after == ADDED
    assert in_new_file(repository) == rest


def test_validation_waits_for_no_constraint_that_is_gone(repository: Repository) -> None:
    key = "ALTER TABLE orders ADD CONSTRAINT orders_shop_fkey FOREIGN KEY (shop) REFERENCES shops (id);\n"
    repository.write(FIRST, key)
    repository.write(SECOND, "ALTER TABLE orders DROP CONSTRAINT orders_shop_fkey;\n")
    [fix] = offered(repository, "foreign-key-validated-inline")
    assert (fix["safety"], fix["creates"]) == ("manual", [])


def test_timeout_is_set_above_the_comments_of_a_statement(repository: Repository) -> None:
    text = "-- squawk-ignore adding-field\nALTER TABLE orders ADD COLUMN region text;\n"
    after = fixed(repository, "missing-lock-timeout", "db/migrations/V2__region.sql", text)
    assert after == f"SET LOCAL lock_timeout = '5s';\n{text}"


def test_timeout_stays_below_what_is_said_of_the_file(repository: Repository) -> None:
    text = "-- migrate:up\nALTER TABLE orders ADD COLUMN region text;\n"
    after = fixed(repository, "missing-lock-timeout", "db/migrations/20260101000000_region.sql", text)
    assert after == text.replace("up\n", "up\nSET LOCAL lock_timeout = '5s';\n")


def test_statement_that_has_to_be_alone_gets_no_company(repository: Repository) -> None:
    repository.write("db/migrations/V2__shrink.sql", "VACUUM FULL orders;\n")
    assert offered(repository, "missing-lock-timeout") == []


def test_type_that_changes_later_is_not_widened_before(repository: Repository) -> None:
    made = "CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(20));\n"
    repository.write("db/migrations/V1__orders.sql", made)
    assert len(offered(repository, "length-limited-text")) == 1
    repository.write("db/migrations/V2__code.sql", "ALTER TABLE orders ALTER COLUMN code TYPE text;\n")
    assert offered(repository, "length-limited-text") == []


def test_way_back_of_several_indexes_runs_in_one_transaction(repository: Repository) -> None:
    up = "CREATE INDEX CONCURRENTLY a ON orders (a);\nCREATE INDEX CONCURRENTLY b ON orders (b);\n"
    repository.write("db/migrations/000001_orders.up.sql", "CREATE TABLE orders (a int, b int);\n")
    repository.write("db/migrations/000001_orders.down.sql", "DROP TABLE orders;\n")
    repository.write("db/migrations/000002_indexes.up.sql", up)
    apply(repository, offered(repository, "irreversible-migration")[0])
    assert repository.read("db/migrations/000002_indexes.down.sql") == "DROP INDEX b;\nDROP INDEX a;\n"


def test_annotation_after_a_byte_order_mark_counts(repository: Repository) -> None:
    text = "\ufeff-- migrate:up\r\nCREATE INDEX CONCURRENTLY a ON orders (a);\r\n"
    path = "db/migrations/20260101000000_a.sql"
    after = fixed(repository, "refused-in-transaction", path, text)
    assert after == text.replace("up\r", "up transaction:false\r")


@pytest.mark.parametrize(
    "later",
    ["ALTER TABLE purchases DROP COLUMN note;", "CREATE TABLE orders (id bigint PRIMARY KEY);"],
)
def test_no_view_stands_in_the_way_of_later_changes(repository: Repository, later: str) -> None:
    repository.write(FIRST, "ALTER TABLE orders RENAME TO purchases;\n")
    assert len(offered(repository, "table-renamed")) == 1
    repository.write(SECOND, f"{later}\n")
    assert offered(repository, "table-renamed") == []


def test_check_of_a_column_that_may_exist_is_not_taken_apart(repository: Repository) -> None:
    column = "ALTER TABLE orders ADD COLUMN{} total int CHECK (total > 0);\n"
    repository.write(FIRST, column.format(""))
    assert len(offered(repository, "check-validated-inline")) == 1
    repository.write(FIRST, column.format(" IF NOT EXISTS"))
    assert offered(repository, "check-validated-inline") == []


def test_added_word_is_written_as_the_statement_is(repository: Repository) -> None:
    text = "create index a on orders (a);\n"
    after = fixed(repository, "index-created-non-concurrently", FIRST, text)
    assert after == text.replace("index a", "index concurrently a")


def test_json_somebody_has_a_reason_for_is_left_alone(repository: Repository) -> None:
    made = "ALTER TABLE prompts ADD COLUMN config json;\n"
    repository.write(FIRST, f"-- Not jsonb, because that sorts the keys.\n{made}")
    assert repository.run("check", "--select=json-column", "--format=json").findings == []
    repository.write(FIRST, made)
    assert len(offered(repository, "json-column")) == 1


@pytest.mark.parametrize(
    ("up", "safety"),
    [
        ("ALTER TABLE orders ADD COLUMN note text;", "safe"),
        ("DO $$ BEGIN IF true THEN ALTER TABLE orders ADD COLUMN note text; END IF; END $$;", "unsafe"),
    ],
)
def test_way_back_of_what_is_decided_at_run_time_is_not_safe(
    repository: Repository, up: str, safety: str
) -> None:
    repository.write("db/migrations/000001_orders.up.sql", "CREATE TABLE orders (id bigint PRIMARY KEY);\n")
    repository.write("db/migrations/000001_orders.down.sql", "DROP TABLE orders;\n")
    before = "-- for the report\nALTER TABLE orders ADD COLUMN region text;\n"
    repository.write("db/migrations/000002_note.up.sql", f"{before}{up}\n")
    report = repository.run("check", "--select=irreversible-migration", "--format=json")
    [found] = report.json["findings"]
    assert [fix["safety"] for fix in found["fixes"] if fix["creates"]] == [safety]
