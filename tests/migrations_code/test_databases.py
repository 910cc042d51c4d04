"""Migrations for several databases: what is only for others is not judged as PostgreSQL's."""

import pytest

from tests.checking import check_rule
from tests.migrations_code import translated

REVISION = """\
from alembic import op

revision = "a"
down_revision = None


def upgrade():
    bind = op.get_bind()
    dialect_name = bind.dialect.name
    is_sqlite = dialect_name == "sqlite"
    kind = compute()
{body}
"""
HERE, THERE = 'op.execute("SELECT 1")', 'op.execute("SELECT 2")'


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ('if bind.dialect.name == "mysql":\n    {there}\n{here}', "1"),
        ('if bind.dialect.name == "postgresql":\n    {here}\nelse:\n    {there}', "1"),
        ('if dialect_name != "postgresql":\n    {there}\n    return\n{here}', "1"),
        ('if dialect_name != "mssql":\n    return\n{there}', ""),
        ('if dialect_name == "postgresql":\n    {here}\n    return\n{there}', "1"),
        ('if dialect_name in ("mysql", "mssql"):\n    {there}\nelif dialect_name == "sqlite":\n    {there}\nelse:\n    {here}', "1"),
        ('if dialect_name not in {{"mssql"}}:\n    {here}', "1"),
        ("if is_sqlite:\n    {there}", ""),
        ("if not is_sqlite:\n    {here}", "1"),
        ('if is_sqlite or dialect_name == "mysql":\n    {there}', ""),
        ('if dialect_name == "postgresql" and kind:\n    {here}\n{there}', "12"),
        ('if dialect_name == "mysql" and kind:\n    {there}', ""),
        ("if isinstance(bind.dialect, MySQLDialect):\n    {there}", ""),
        ("if isinstance(bind.dialect, PGDialect):\n    {here}\nelse:\n    {there}", "1"),
        # What asks about something else may hold.
        ('if kind == "mysql":\n    {here}\nelse:\n    {there}', "12"),
        ("if dialect_name == kind:\n    {here}\nelse:\n    {there}", "12"),
    ],
)  # fmt: skip
def test_branches_for_other_databases_are_left_out(body: str, sent: str) -> None:
    lines = body.format(here=HERE, there=THERE).splitlines()
    text = REVISION.format(body="\n".join(f"    {line}" for line in lines))
    found = translated("alembic/versions/a_x.py", text).up
    assert [one.removeprefix("SELECT ") for one in found] == [*sent]


def test_directories_of_other_databases_are_not_postgres() -> None:
    text = REVISION.format(body='    op.create_index("i", "orders", ["code"])')
    rule = "index-created-non-concurrently"
    assert check_rule(rule, {"alembic/versions/sqlite/a_x.py": text}) == []
    assert len(check_rule(rule, {"alembic/versions/postgresql/a_x.py": text})) == 1
