"""What `check --verbose` tells about histories of migrations."""

import pytest

from tests.cli.conftest import Repository

REVISION = "from alembic import op\n\nrevision = {0!r}\ndown_revision = {1!r}\n\n\ndef upgrade():\n    {2}\n"
RAILS = "class A < ActiveRecord::Migration[7.1]\n  def change\n    {}\n  end\nend\n"


def told(repository: Repository, *arguments: str) -> list[str]:
    lines = repository.run("check", "--verbose", *arguments).lines
    return [line for line in lines if line.startswith("history ") or ": not understood: " in line]


def test_a_history_of_sql_is_counted_both_ways(repository: Repository) -> None:
    repository.write("migrations/1_a.up.sql", "CREATE TABLE a (id int);\nCREATE INDEX i ON a (id);\n")
    repository.write("migrations/1_a.down.sql", "DROP TABLE a;\n")
    repository.write("migrations/2_b.up.sql", "ALTER TABLE a ADD b int;\nALTER TABEL a;\n")
    assert told(repository) == [
        'migrations/2_b.up.sql:2:7: not understood: syntax error at or near "TABEL"',
        "history migrations: 2 migrations of golang-migrate, in a known order, 4 statements, "
        "1 not understood",
    ]


def test_each_directory_and_database_counts_by_itself(repository: Repository) -> None:
    repository.write("a/migrations/V1__a.sql", "CREATE TABLE a (id int);\n")
    repository.write("mysql/migrations/V1__a.sql", "CREATE TABLE `a` (id int);\nINSERT INTO a VALUES (1);\n")
    assert told(repository) == [
        "history a/migrations: 1 migration of flyway, in a known order, 1 statement, 0 not understood",
        "history mysql/migrations: 1 migration of flyway for MySQL, in a known order, 2 statements, "
        "0 not understood",
    ]


def test_a_statement_of_another_database_that_is_not_understood_is_placed(repository: Repository) -> None:
    repository.write("mysql/migrations/V1__a.sql", "CREATE TABLE a (id int);\nUPDATE SET WHERE;\n")
    first, history = told(repository)
    assert first.startswith("mysql/migrations/V1__a.sql:2:1: not understood: MySQL ")
    assert history.endswith("1 statement, 1 not understood")


def test_statements_of_programs_are_placed_in_the_program(repository: Repository) -> None:
    repository.write("versions/1_a.py", REVISION.format("1", None, 'op.execute("ALTER TABEL a")'))
    repository.write(
        "versions/2_b.py", REVISION.format("2", "1", "op.execute(f'ALTER TABLE {a()} ADD b int')")
    )
    assert told(repository) == [
        'versions/1_a.py:8:23: not understood: syntax error at or near "TABEL"',
        "versions/2_b.py:8:18: not understood: known only when the program runs",
        "history versions: 2 migrations of alembic, in a known order, 0 statements, 1 computed, "
        "1 not understood",
    ]


@pytest.mark.parametrize(("follows", "order"), [("2", "in a known order"), ("1", "the order of 2 unknown")])
def test_branches_have_no_known_order(repository: Repository, follows: str, order: str) -> None:
    for name, before in (("1", None), ("2", "1"), ("3", follows)):
        repository.write(f"versions/{name}_a.py", REVISION.format(name, before, "op.drop_table('a')"))
    assert told(repository) == [
        f"history versions: 3 migrations of alembic, {order}, 3 statements, 0 not understood"
    ]


def test_only_what_is_asked_for_is_told(repository: Repository) -> None:
    repository.write("a/db/migrate/20240101000000_a.rb", RAILS.format("create_table :a"))
    repository.write("b/db/migrate/20240101000000_a.rb", RAILS.format("create_table :b"))
    assert [line.split(":")[0] for line in told(repository, "b")] == ["history b/db/migrate"]


def test_nothing_is_told_unasked(repository: Repository) -> None:
    repository.write("migrations/V1__a.sql", "CREATE TABLE a (id int);\n")
    assert not any(line.startswith("history ") for line in repository.run("check").lines)
    assert "history" not in repository.run("check", "--verbose", "--format", "json").out


def test_a_revision_behind_a_gap_has_no_known_order(repository: Repository) -> None:
    repository.write("versions/2_a.py", REVISION.format("2", "1", "op.drop_table('a')"))
    assert "the order of 1 unknown" in told(repository)[-1]


def test_a_runner_that_is_taken_out_of_an_object_is_known(repository: Repository) -> None:
    repository.write(
        "migrations/1700000000000-A.js",
        "class A1700000000000 {\n  async up({ queryRunner, tablePrefix, schemaBuilder: { addColumns } }) {\n"
        "    await queryRunner.query(`DROP TABLE ${tablePrefix}a`);\n    await addColumns('b', []);\n  }\n}\n"
        "exports.A1700000000000 = A1700000000000;\n",
    )
    assert told(repository) == [
        "migrations/1700000000000-A.js:4:11: not understood: known only when the program runs",
        "history migrations: 1 migration of typeorm, in a known order, 1 statement, 1 computed, "
        "0 not understood",
    ]


def test_a_class_of_mikro_orm_may_be_compiled(repository: Repository) -> None:
    repository.write(
        "migrations/Migration20240101000000.js",
        'const m = require("@mikro-orm/migrations");\nclass Migration20240101000000 extends m.Migration {\n'
        '  async up() { this.addSql("drop table a;"); }\n}\n'
        "exports.Migration20240101000000 = Migration20240101000000;\n",
    )
    assert "1 migration of mikro-orm, in a known order, 1 statement" in told(repository)[-1]


def test_values_bound_to_an_expression_of_knex_are_put_in(repository: Repository) -> None:
    repository.write(
        "migrations/20240101000000_a.js",
        "exports.up = (knex) => knex('a').update({ b: knex.raw('REPLACE(??, ?, ?)', ['c', 'x', 'y']) });\n"
        "exports.down = async () => {};\n",
    )
    assert told(repository)[-1].endswith("1 statement, 0 not understood")


def test_revisions_may_lie_in_directories_of_releases(repository: Repository) -> None:
    repository.write("versions/2024.1/expand/1_a.py", REVISION.format("1", None, "op.drop_table('a')"))
    assert "history versions/2024.1/expand: 1 migration of alembic" in told(repository)[-1]


@pytest.mark.parametrize(
    "condition", ['"sqlite" in op.get_bind().dialect.description', "op.get_bind().engine.name == ELSEWHERE"]
)
def test_branches_for_other_databases_are_left_out(repository: Repository, condition: str) -> None:
    body = f'if {condition}:\n        op.execute("PRAGMA foreign_keys = ON")\n    op.drop_table("a")'
    repository.write("versions/1_a.py", REVISION.format("1", None, body) + '\n\nELSEWHERE = "mysql"\n')
    assert told(repository)[-1].endswith("1 statement, 0 not understood")
