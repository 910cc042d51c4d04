"""A fix of a program removes its finding, adds none, and is written as its framework writes it."""

from __future__ import annotations

import ast

import pytest

from tests.migrations_code import read_migration
from tests.migrations_code.fixing import fixed, rules_found
from tests.migrations_code.fixing.cases import EVERY, TOOLS

each = pytest.mark.parametrize(("tool", "case"), EVERY)


@each
def test_a_fix_removes_its_finding_and_adds_none(tool: str, case: str) -> None:
    files = TOOLS[tool].files(case)
    assert TOOLS[tool].cases[case].rule in rules_found(files)
    after = fixed(files)
    assert rules_found(after) == []
    assert fixed(after) == after


@each
def test_fixed_programs_are_whole(tool: str, case: str) -> None:
    for path, text in fixed(TOOLS[tool].files(case)).items():
        found = read_migration(path, text)
        assert not found.problems, path
        assert found.migration.convention.name == tool
        if path.endswith(".py"):
            ast.parse(text)


@each
def test_line_ends_stay_as_they_are(tool: str, case: str) -> None:
    files = TOOLS[tool].files(case)
    after = fixed({path: text.replace("\n", "\r\n") for path, text in files.items()})
    assert {path: text.replace("\r\n", "\n") for path, text in after.items()} == fixed(files)
    assert all("\n" not in text.replace("\r\n", "") for text in after.values())


IN_THEIR_OWN_WORDS = [
    ("alembic", "index", ["    with op.get_context().autocommit_block():\n        op.create_index(\n"]),
    (
        "alembic",
        "index",
        ['            ["customer_id"],\n            postgresql_concurrently=True,\n        )'],
    ),
    ("alembic", "dropped_index", ['"orders_note", table_name="orders", postgresql_concurrently=True)']),
    ("alembic", "foreign_key", ['["id"], postgresql_not_valid=True)']),
    ("alembic", "check", ["\"code <> ''\", postgresql_not_valid=True)"]),
    ("alembic", "required", ['sa.Column("region", sa.Text(), nullable=True)']),
    (
        "alembic",
        "index_beside_a_column",
        ["        # for the list\n        op.execute(", 'down_revision = "b2"'],
    ),
    ("alembic", "index_in_sql", ['        op.execute("CREATE INDEX CONCURRENTLY by_code ON orders (code)")']),
    ("django", "index", ["    atomic = False\n", "        AddIndexConcurrently(\n"]),
    ("django", "index", ["from django.contrib.postgres.operations import AddIndexConcurrently\n"]),
    ("django", "check", ["        AddConstraintNotValid(\n", '("shop", "0002_step"),']),
    ("django", "required", ["field=models.TextField(null=True),"]),
    ("django", "unique", ["migrations.SeparateDatabaseAndState(", "state_operations=["]),
    ("rails", "index", ["  disable_ddl_transaction!\n", ":customer_id, algorithm: :concurrently\n"]),
    ("rails", "dropped_index", ['name: "orders_note", algorithm: :concurrently\n']),
    ("rails", "foreign_key", ["add_foreign_key :orders, :customers, validate: false\n"]),
    ("rails", "reference", ["{ to_table: :customers, validate: false }, null: true, index: false\n"]),
    ("rails", "check", ['name: "coded", validate: false\n']),
    ("rails", "required", ["add_column :orders, :region, :text, null: true\n"]),
    (
        "rails",
        "index_beside_a_column",
        ["class CreateIndexOrdersOnCustomerId < ActiveRecord::Migration[6.1]\n"],
    ),
    ("knex", "index", ["exports.config = { transaction: false };\n"]),
    ("knex", "index_beside_a_column", ["    table.text('memo');\n  });\n};\n"]),
    ("knex", "required", ["    table.text('region');\n"]),
    ("typeorm", "index", ["  name = 'Step1700000000001';\n  transaction = false;\n"]),
    ("typeorm", "foreign_key", ["module.exports = class ValidateToCustomer1700000000002 {\n"]),
]


@pytest.mark.parametrize(("tool", "case", "words"), IN_THEIR_OWN_WORDS)
def test_fixes_use_the_words_of_the_framework(tool: str, case: str, words: list[str]) -> None:
    whole = "".join(fixed(TOOLS[tool].files(case)).values())
    assert [one for one in words if one not in whole] == []


@pytest.mark.parametrize("tool", TOOLS)
def test_a_timeout_is_set_before_the_statement(tool: str) -> None:
    if tool == "sequelize":
        return
    case = "foreign_key" if "foreign_key" in TOOLS[tool].cases else "check"
    files = TOOLS[tool].files(case)
    after = fixed(files, "pedantic", "missing-lock-timeout")
    (path,) = [path for path in files if after[path] != files[path]][-1:]
    ups = [one.sql.text for one in read_migration(path, after[path]).migration.up_statements]
    assert ups[0] == "SET LOCAL lock_timeout = '5s'"
    assert len(ups) > 1


def test_each_way_of_alembic_has_a_block_of_its_own() -> None:
    up = '    with op.get_context().autocommit_block():\n        op.create_index("i", "orders", ["code"], postgresql_concurrently=True)'
    made = TOOLS["alembic"]
    frame = made.frame.replace("UP;", up)
    files = {
        f"{made.home}/a1_base.py": made.base,
        f"{made.home}/b2_step.py": frame.replace("DOWN;", "    pass"),
    }
    block = "    with op.get_context().autocommit_block():\n"
    written = fixed(files)[f"{made.home}/b2_step.py"]
    assert written.count(block) == 2
    assert written.endswith(f'{block}        op.execute("DROP INDEX CONCURRENTLY i")\n')
    bare = '    op.drop_index("i", postgresql_concurrently=True)'
    wrapped = fixed({**files, f"{made.home}/b2_step.py": frame.replace("DOWN;", bare)})
    assert wrapped[f"{made.home}/b2_step.py"].endswith(f"{block}    {bare}\n")


WAYS_BACK = [
    ("alembic", '    op.add_column("orders", sa.Column("memo", sa.Text()))', "    pass"),
    ("knex", "  await knex.schema.alterTable('orders', (table) => {\n    table.text('memo');\n  });", ""),
    ("typeorm", '    await queryRunner.query(`ALTER TABLE "orders" ADD "memo" text`);', ""),
]


@pytest.mark.parametrize(("tool", "up", "down"), WAYS_BACK)
def test_an_empty_way_back_is_written(tool: str, up: str, down: str) -> None:
    made = TOOLS[tool]
    first, second = (f"{made.home}/{name}" for name in made.names)
    files = {first: made.base, second: made.frame.replace("UP;", up).replace("DOWN;", down)}
    assert rules_found(files) == ["irreversible-migration"]
    after = fixed(files)
    assert rules_found(after) == []
    downs = [one.sql.text for one in read_migration(second, after[second]).migration.down_statements]
    assert [one.replace('"', "") for one in downs] == ["ALTER TABLE orders DROP COLUMN memo"]
