"""What rules say PostgreSQL does, where no lock or refusal tells, it does."""

from __future__ import annotations

import pytest

from tests.postgres.conftest import NewDatabase
from tests.postgres.measuring import measure
from tests.postgres.server import Database

ORDERS = """
CREATE TABLE customers (id bigint PRIMARY KEY, code varchar(10), tag varchar(10) CHECK (tag <> ''));
INSERT INTO customers SELECT n, 'a', 'b' FROM generate_series(1, 100) AS n;
CREATE TABLE orders (
    id bigint PRIMARY KEY, note text, customer_id bigint CONSTRAINT orders_customer_fk REFERENCES customers (id)
);
INSERT INTO orders SELECT n, 'a', n FROM generate_series(1, 100) AS n;
"""


@pytest.fixture
def database(new_database: NewDatabase) -> Database:
    made = new_database()
    made.run(ORDERS)
    return made


def locks(database: Database, sql: str, table: str) -> set[str]:
    """Return the modes in which a transaction has locked a table in the end."""
    asked = f"SELECT mode FROM pg_locks WHERE relation = '{table}'::regclass AND pid = pg_backend_pid()"
    return {row[0] for row in database.run(f"BEGIN; {sql}; {asked}; ROLLBACK;")}


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE orders",
        "ALTER TABLE orders DROP CONSTRAINT orders_customer_fk",
        "ALTER TABLE orders DROP COLUMN customer_id",
    ],
)
def test_dropping_a_key_locks_the_table_it_points_at(sql: str, database: Database) -> None:
    assert "AccessExclusiveLock" in locks(database, sql, "customers")
    assert locks(database, "ALTER TABLE orders DROP COLUMN note", "customers") == set()


def test_new_table_with_a_key_locks_the_table_it_points_at(database: Database) -> None:
    made = "CREATE TABLE lines (customer_id bigint REFERENCES customers (id))"
    assert "ShareRowExclusiveLock" in locks(database, made, "customers")


def test_wider_type_reads_the_rows_only_where_a_check_speaks_of_the_column(database: Database) -> None:
    plain = measure(database, "ALTER TABLE customers ALTER COLUMN code TYPE varchar(20)")
    checked = measure(database, "ALTER TABLE customers ALTER COLUMN tag TYPE varchar(20)")
    assert "customers" not in plain.read | plain.written
    assert "customers" in checked.read
    assert "customers" not in checked.written


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE orders ALTER COLUMN note SET NOT NULL",
        "ALTER TABLE orders ALTER COLUMN note DROP NOT NULL",
        "ALTER TABLE orders ALTER COLUMN note SET STATISTICS 100",
        "ALTER TABLE orders ALTER COLUMN note TYPE text",
        "ALTER TABLE orders SET (fillfactor = 70)",
        "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_fk",
    ],
)
def test_some_statements_can_be_run_again(sql: str, database: Database) -> None:
    database.run(f"{sql};\n{sql};")


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE orders RENAME COLUMN note TO remark",
        "ALTER TABLE orders ADD CONSTRAINT orders_note CHECK (note <> '')",
        "ALTER TABLE orders RENAME TO purchases",
    ],
)
def test_others_cannot(sql: str, database: Database) -> None:
    database.run(sql)
    assert not database.accepts(sql)


def test_key_of_a_narrower_type_ends_before_what_it_points_at(database: Database) -> None:
    database.run("CREATE TABLE visits (customer_id integer REFERENCES customers (id));")
    database.run("INSERT INTO customers VALUES (3000000000, 'a', 'b');")
    assert database.accepts("INSERT INTO visits VALUES (1);")
    assert not database.accepts("INSERT INTO visits VALUES (3000000000);")


def test_second_definition_of_a_table_is_passed_over(database: Database) -> None:
    database.run("CREATE TABLE IF NOT EXISTS orders (other text);")
    assert not database.accepts("SELECT other FROM orders")


@pytest.mark.parametrize(
    ("definition", "name"),
    [
        ("total int CHECK (total > 0)", "t_total_check"),
        ("total int UNIQUE", "t_total_key"),
        ("total int PRIMARY KEY", "t_pkey"),
        ("customer_id bigint REFERENCES customers (id)", "t_customer_id_fkey"),
        ("a int, b int, UNIQUE (a, b)", "t_a_b_key"),
    ],
)
def test_constraints_without_a_name_get_this_one(definition: str, name: str, database: Database) -> None:
    rows = database.run(
        f"CREATE TABLE t ({definition}); SELECT conname FROM pg_constraint WHERE conrelid = 't'::regclass;"
    )
    assert rows == [[name]]
