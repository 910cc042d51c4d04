"""Fixes that concern other places than the one with the finding."""

import pytest

from tests.checking import ALL_RULES, Tried, check_rule, try_fixes

RULES = {rule.name: rule for rule in ALL_RULES}

TABLES = {
    "db/migrations/V1__orders.sql": (
        "CREATE TABLE orders (id integer PRIMARY KEY);\n"
        "CREATE TABLE lines (id bigint PRIMARY KEY, order_id integer REFERENCES orders);\n"
    ),
    "db/migrations/V2__notes.sql": (
        "CREATE TABLE notes (id bigint PRIMARY KEY, order_id int);\n"
        "ALTER TABLE notes ADD CONSTRAINT notes_orders FOREIGN KEY (order_id) REFERENCES orders (id);\n"
    ),
}


def fixes(rule: str, files: dict[str, str]) -> list[Tried]:
    return try_fixes(files, RULES[rule])


def test_a_key_is_widened_with_what_points_at_it() -> None:
    (one,) = fixes("narrow-integer-column", TABLES)
    assert one.title == "Make it `bigint`, with what points at it"
    assert one.result == {
        path: text.replace("integer", "bigint").replace(" int)", " bigint)") for path, text in TABLES.items()
    }
    assert check_rule("mismatched-reference-type", {**TABLES, **one.result}) == []
    assert len(check_rule("narrow-integer-column", TABLES)) == 3


def test_a_key_stays_as_it_is_where_what_points_at_it_is_unknown() -> None:
    elsewhere = TABLES["db/migrations/V2__notes.sql"].partition("\n")[2]
    assert fixes("narrow-integer-column", {**TABLES, "db/migrations/V2__notes.sql": elsewhere}) == []


def test_a_type_that_is_cast_to_is_left_alone() -> None:
    cast = "ALTER TABLE t ALTER COLUMN s TYPE varchar(20) USING s::varchar(20);\n"
    assert fixes("length-limited-text", {"db/migrations/V1__t.sql": cast}) == []
    assert (
        len(fixes("length-limited-text", {"db/migrations/V1__t.sql": cast.partition(" USING")[0] + ";\n"}))
        == 1
    )


@pytest.mark.parametrize(
    ("first", "is_found"), [("COMMIT;\n", False), ("SELECT 1;\n", True), ("BEGIN;\nCOMMIT;\n", True)]
)
def test_a_transaction_of_the_runner_may_be_given_back(first: str, is_found: bool) -> None:
    text = f"{first}CREATE UNIQUE INDEX CONCURRENTLY i ON t (a);\nBEGIN;\n"
    assert bool(check_rule("uncommitted-transaction", {"db/migrations/0002_i.sql": text})) is is_found
    # golang-migrate opens no transaction that could be ended, nor one to commit at the end.
    assert check_rule("uncommitted-transaction", {"db/migrations/000002_i.up.sql": text})


def test_a_note_in_a_down_file_does_not_make_it_another_tool_s() -> None:
    files = {
        "db/migrations/000001_a.up.sql": "CREATE TABLE a (id bigint PRIMARY KEY);\n",
        "db/migrations/000001_a.down.sql": "-- Down migration: see 000002\n",
    }
    # The words in the empty way back say why it is empty; taken for node-pg-migrate's mark they say nothing.
    assert check_rule("irreversible-migration", files) == []
    assert len(check_rule("irreversible-migration", files | {"db/migrations/000001_a.down.sql": ""})) == 1


PROGRAMS = {
    "migrations/20240101000000_a.ts": (
        "import type { Knex } from 'knex';\n\nexport async function up(knex: Knex): Promise<void> {\n"
        "  await knex.schema.alterTable('t', (t) => {\n    t.dropNullable('a');\n  });\n}\n\n"
        "export async function down(knex: Knex): Promise<void> {\n}\n"
    ),
    "alembic/versions/a1_a.py": (
        "from alembic import op\nrevision = 'a1'\ndown_revision = None\n\n\n"
        "def upgrade():\n    op.drop_index('i', 't')\n\n\ndef downgrade():\n    pass\n"
    ),
    "db/migrate/20240101000000_a.rb": (
        "class A < ActiveRecord::Migration[7.1]\n  def up\n    execute 'DROP INDEX i'\n  end\nend\n"
    ),
    "migrations/20240101000000-a.js": (
        "'use strict';\nmodule.exports = {\n  async up(queryInterface, Sequelize) {\n"
        "    await queryInterface.removeIndex('t', 'i');\n  },\n"
        "  async down(queryInterface, Sequelize) {\n  },\n};\n"
    ),
}


@pytest.mark.parametrize("path", PROGRAMS)
def test_a_program_may_say_that_it_is_irreversible(path: str) -> None:
    said = [
        one for one in fixes("irreversible-migration", {path: PROGRAMS[path]}) if one.title.startswith("Say ")
    ]
    assert len(said) == 1
    assert "irreversible: why" in said[0].result[path]
    assert not [one for one in said[0].after if one.rule.name == "irreversible-migration"]


def test_variables_of_others_are_left_alone() -> None:
    text = (
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env: &shared\n"
        "      A: b\n    steps:\n"
        "      - run: echo ${{ github.event.pull_request.title }}\n        env: *shared\n"
    )
    path = ".github/workflows/a.yml"
    assert len(check_rule("script-injection", {path: text})) == 1
    assert fixes("script-injection", {path: text}) == []


def test_of_two_keys_the_one_github_knows_stays() -> None:
    text = "on: push\nconcurrency:\n  GROUP: a\n  group: b\njobs: {}\n"
    (one,) = fixes("duplicate-workflow-key", {".github/workflows/a.yml": text})
    assert one.result[".github/workflows/a.yml"] == text.replace("  GROUP: a\n", "")


def test_items_go_into_schemas_only() -> None:
    text = (
        "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n"
        "        '200':\n          description: a\n          type: array\n"
        "components:\n  schemas:\n    A:\n      type: array\n"
    )
    found = check_rule("array-without-items", {"api/openapi.yaml": text})
    assert [one.line for one in found] == [9, 13]
    (one,) = fixes("array-without-items", {"api/openapi.yaml": text})
    assert one.result == {"api/openapi.yaml": f"{text}      items: {{}}\n"}
