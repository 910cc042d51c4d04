"""How severe a hazard of a migration is where the history says that few rows, or none, are concerned."""

import pytest

from rollsafe.workspace.settings import MigrationSettings, Settings
from tests.checking import check_rule

TABLE = "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\n"
FIRST, SECOND = "db/migrations/V1__orders.sql", "db/migrations/V2__change.sql"
ROWS = "".join(f"INSERT INTO orders (id, note) VALUES ({number}, 'a');\n" for number in range(3))


def severities(rule: str, change: str, first: str = TABLE, **known: tuple[str, ...]) -> list[str]:
    settings = Settings(migrations=MigrationSettings(**known))  # type: ignore[arg-type]
    return [one.severity for one in check_rule(rule, {FIRST: first, SECOND: change}, settings)]


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("index-created-non-concurrently", "CREATE INDEX orders_note ON orders (note);"),
        ("set-not-null-scan", "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;"),
        ("check-validated-inline", "ALTER TABLE orders ADD CONSTRAINT c CHECK (note <> '');"),
        ("unique-constraint-built-inline", "ALTER TABLE orders ADD CONSTRAINT u UNIQUE (note);"),
    ],
)
class TestWorkOnAllRows:
    def test_is_a_warning_where_rows_may_be(self, rule: str, sql: str) -> None:
        assert severities(rule, sql) == ["warning"]

    @pytest.mark.parametrize(
        "emptied",
        [
            "TRUNCATE orders;\n",
            "DELETE FROM orders;\n",
            "DELETE FROM old;\nALTER TABLE old RENAME TO orders;\n",
        ],
    )
    def test_is_a_hint_right_after_all_were_deleted(self, rule: str, sql: str, emptied: str) -> None:
        assert severities(rule, emptied + sql) == ["hint"]

    @pytest.mark.parametrize(
        "before",
        [
            "DELETE FROM orders WHERE id < 7;\n",
            "TRUNCATE lines;\n",
            "TRUNCATE lines;\nALTER TABLE lines RENAME TO items;\n",
            "TRUNCATE orders;\nINSERT INTO orders SELECT * FROM old_orders;\n",
        ],
    )
    def test_stays_a_warning_where_some_are_left(self, rule: str, sql: str, before: str) -> None:
        assert severities(rule, before + sql) == ["warning"]

    def test_is_a_warning_where_they_are_deleted_later(self, rule: str, sql: str) -> None:
        assert severities(rule, f"{sql}\nTRUNCATE orders;\n") == ["warning"]

    def test_is_a_hint_where_migrations_list_the_rows(self, rule: str, sql: str) -> None:
        assert severities(rule, sql, TABLE + ROWS) == ["hint"]

    @pytest.mark.parametrize("name", ["orders", "ORD*", "*"])
    def test_is_an_error_where_the_settings_call_the_table_large(
        self, rule: str, sql: str, name: str
    ) -> None:
        assert severities(rule, sql, large_tables=(name,)) == ["error"]
        assert severities(rule, sql, TABLE + ROWS, large_tables=(name,)) == ["error"]
        assert severities(rule, sql, large_tables=("lines", "order")) == ["warning"]

    def test_is_a_hint_where_the_settings_call_the_table_small(self, rule: str, sql: str) -> None:
        assert severities(rule, sql, small_tables=("lines", "orders")) == ["hint"]
        assert severities(rule, sql, small_tables=("lines",)) == ["warning"]


def test_required_column_of_an_emptied_table_hurts_the_previous_release_only() -> None:
    change = "TRUNCATE orders;\nALTER TABLE orders ADD COLUMN status text NOT NULL;\n"
    assert severities("required-column-without-default", change) == ["warning"]
    assert severities("required-column-without-default", change.partition("\n")[2]) == ["error"]


@pytest.mark.parametrize("rule", ["missing-lock-timeout", "missing-statement-timeout"])
def test_timeouts_that_the_runner_sets_are_not_missing(rule: str) -> None:
    change = "ALTER TABLE orders ADD COLUMN status text;\n"
    name = rule.removeprefix("missing-").replace("-", "_")
    assert severities(rule, change) != []
    assert severities(rule, change, timeouts=(name,)) == []
    assert severities(rule, change, timeouts=("idle_in_transaction_session_timeout",)) != []
