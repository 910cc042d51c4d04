"""A file beside a migration of Flyway says whether it runs in a transaction."""

from tests.checking import check_rule

_MIXED = "ALTER TABLE orders ADD COLUMN code int;\nCREATE INDEX CONCURRENTLY by_code ON orders (code);\n"
_PATH = "db/migrations/V2__index.sql"


def test_statements_of_both_kinds_are_refused_without_a_configuration() -> None:
    files = {_PATH: _MIXED}
    assert [one.line for one in check_rule("refused-in-transaction", files)] == [2]
    files[f"{_PATH}.conf"] = "executeInTransaction=false\n"
    assert check_rule("refused-in-transaction", files) == []


def test_the_configuration_of_another_migration_says_nothing() -> None:
    files = {_PATH: _MIXED, "db/migrations/V1__index.sql.conf": "executeInTransaction=false\n"}
    assert [one.line for one in check_rule("refused-in-transaction", files)] == [2]
