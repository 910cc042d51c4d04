"""Migrations for several databases: what is only for others is not judged as PostgreSQL's."""

import pytest

from tests.checking import check, check_rule
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


KNEX = """\
exports.up = async (knex) => {{
  const client = knex.client.config.client;
  const isSqlite = client === 'sqlite3';
  {body}
}};
"""
RAW, OTHER = "await knex.raw('SELECT 1');", "await knex.raw('SELECT 2');"


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ("if (client === 'mysql') {{ {there} }} {here}", "1"),
        ("if (client === 'pg') {{ {here} }} else {{ {there} }}", "1"),
        ("if (client !== 'pg') return; {here}", "1"),
        ("if (client !== 'mysql') {{ return; }} {there}", ""),
        ("if (['mysql', 'sqlite3'].includes(client)) {{ {there} }} else {here}", "1"),
        ("if (!isSqlite && client !== `mysql`) {here} else if (x) {there}", "1"),
        ("if (helper.isMySQL() || (isSqlite)) {{ {there} }}", ""),
        ("if (isPostgres(knex)) {here} else {there}", "1"),
        ("if (client.includes('sqlite')) {{ {there} }} else {here}", "1"),
        ("if (knex.client.config.client.startsWith('mysql')) {{ {there} }}", ""),
        ("if (client.includes('sql')) {{ {here} }}", "1"),
        ("if (name.includes('mysql')) {{ {here} }}", "1"),
        ("if (await knex.schema.hasTable('mysql')) {{ {here} }} else {{ {there} }}", "12"),
        ("if (name === 'mysql') {{ {here} }}", "1"),
    ],
)
def test_so_are_those_of_javascript(body: str, sent: str) -> None:
    text = KNEX.format(body=body.format(here=RAW, there=OTHER))
    found = translated("db/migrations/20260301_x.js", text).up
    assert [one.removeprefix("SELECT ") for one in found] == [*sent]


@pytest.mark.parametrize(
    "said", ["(" * 30 + "a" + ")" * 30, "!" * 300, "a || " * 90 + "b", "a && !" * 60 + "b"]
)
def test_odd_conditions_may_hold(said: str) -> None:
    text = KNEX.format(body=f"if ({said}) {{ {RAW} }}")
    assert translated("db/migrations/20260301_x.js", text).up in (["SELECT 1"], [])


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("sa.Text()", "text"),
        ('sa.String(9).with_variant(mysql.VARCHAR(99), "mysql")', "varchar(9)"),
        ('sa.String(9).with_variant(sa.Text(), "postgresql")', "text"),
        ("postgresql.JSONB()", "jsonb"),
        ("mysql.LONGTEXT()", None),
        ("MediumText()", None),
        ("types.StringID(7)", None),
    ],
)
def test_a_type_is_told_if_it_is_one_of_postgres(typed: str, told: str | None) -> None:
    heads = "import sqlalchemy as sa\nfrom sqlalchemy.dialects import mysql, postgresql\nfrom app import MediumText, types\n"
    text = heads + REVISION.format(body=f'    op.alter_column("orders", "code", type_={typed})')
    found = translated("alembic/versions/a_x.py", text).up
    assert found == ([f"ALTER TABLE orders ALTER COLUMN code TYPE {told}"] if told else [])


def test_directories_of_other_databases_are_not_postgres() -> None:
    text = REVISION.format(body='    op.create_index("i", "orders", ["code"])')
    rule = "index-created-non-concurrently"
    assert check_rule(rule, {"alembic/versions/sqlite/a_x.py": text}) == []
    assert len(check_rule(rule, {"alembic/versions/postgresql/a_x.py": text})) == 1


def test_the_way_back_is_none_of_the_way_up_for_them_either() -> None:
    text = REVISION.format(body='    op.drop_column("orders", "code")')
    text += '\n\ndef downgrade():\n    op.drop_table("orders")\n'
    found = check({"alembic/versions/sqlite/a_x.py": text})
    assert [one.line for one in found if "dropped" in one.message] == [12]
