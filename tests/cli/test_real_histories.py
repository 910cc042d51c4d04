"""What real histories of published packages have that is no hazard, or another one than it seems."""

import pytest

from tests.cli.conftest import Repository

RAILS = "class A < ActiveRecord::Migration[7.1]\n  def up\n    {}\n  end\nend\n"
CHILD = "CREATE TABLE b (id integer PRIMARY KEY AUTOINCREMENT, a_id int REFERENCES a (id) ON DELETE CASCADE)"
ANEW = (
    "CREATE TABLE tmp_a (id integer PRIMARY KEY)",
    "INSERT INTO tmp_a SELECT id FROM a",
    "DROP TABLE a",
    "ALTER TABLE b RENAME TO a",
)


def found(repository: Repository, rule: str) -> list[str]:
    report = repository.run("check", f"--select={rule}", "--format", "json").json["findings"]
    return [f"{one['path']}: {one['message']}" for one in report]


def sql(*statements: str) -> str:
    return "".join(f"{one};\n" for one in statements)


def typeorm(*statements: str) -> str:
    calls = "".join(f"    await queryRunner.query(`{one}`);\n" for one in statements)
    return f"class A {{\n  async up(queryRunner) {{\n{calls}  }}\n}}\nexports.A = A;\n"


@pytest.mark.parametrize(("default", "count"), [("sa.text(f\"'{NAME}'\")", 0), ("None", 1)])
def test_a_default_that_is_put_together_is_one(repository: Repository, default: str, count: int) -> None:
    column = f"sa.Column('b', sa.Text(), nullable=False, server_default={default})"
    repository.write(
        "versions/1_a.py",
        "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = '1'\ndown_revision = None\n\n\n"
        f"def upgrade():\n    op.add_column('a', {column})\n",
    )
    assert len(found(repository, "required-column-without-default")) == count


def test_typeorm_itself_switches_off_the_foreign_keys_of_sqlite(repository: Repository) -> None:
    repository.write("migrations/sqlite/1700000000000-A.js", typeorm(CHILD))
    repository.write("migrations/sqlite/1700000000001-B.js", typeorm(*ANEW))
    assert found(repository, "rows-deleted-by-recreation") == []


@pytest.mark.parametrize(("child", "count"), [("V1__b.sql", 1), ("V3__b.sql", 0)])
def test_rows_go_only_of_tables_there_are(repository: Repository, child: str, count: int) -> None:
    repository.write("sqlite/migrations/V2__a.sql", sql(*ANEW))
    repository.write(f"sqlite/migrations/{child}", sql(CHILD))
    assert len(found(repository, "rows-deleted-by-recreation")) == count


@pytest.mark.parametrize(("earlier", "count"), [((), 1), (("DROP TABLE a",), 0)])
def test_a_table_that_takes_the_place_of_another_has_no_users(
    repository: Repository, earlier: tuple[str, ...], count: int
) -> None:
    repository.write("sqlite/migrations/V1__a.sql", sql(*earlier, "ALTER TABLE b RENAME TO a"))
    assert sum("`b`" in one for one in found(repository, "name-taken-away")) == count


def test_the_first_migration_of_a_history_replaces_nothing(repository: Repository) -> None:
    made = RAILS.format("create_table :a, force: true do |t|\n      t.string :b\n    end")
    repository.write("db/migrate/20240101000000_a.rb", made)
    assert len(found(repository, "table-replaced")) == 1
    repository.write("db/migrate/20240102000000_b.rb", made)
    (again,) = found(repository, "table-replaced")
    assert again.startswith("db/migrate/20240102000000_b.rb")


def test_tables_of_the_engines_of_rails_have_their_prefix(repository: Repository) -> None:
    repository.write("db/migrate/1_a.rb", RAILS.format("ActiveStorage::Blob.unscoped.update_all(b: 1)"))
    assert "`active_storage_blobs`" in found(repository, "backfill-in-migration")[0]


@pytest.mark.parametrize(("downgrade", "count"), [("", 0), ("\n\ndef downgrade():\n    pass\n", 1)])
def test_revisions_of_a_project_that_never_goes_back(
    repository: Repository, downgrade: str, count: int
) -> None:
    head = "from alembic import op\n\nrevision = '1'\ndown_revision = None\n\n\ndef upgrade():\n"
    repository.write("versions/1_a.py", f"{head}    op.drop_table('a')\n{downgrade}")
    assert len(found(repository, "irreversible-migration")) == count


@pytest.mark.parametrize(
    ("made", "count"), [("create_table('a', sa.Column('b', sa.Text()))", 0), ("pass", 1)]
)
def test_a_table_may_be_made_by_a_helper_of_the_project(
    repository: Repository, made: str, count: int
) -> None:
    repository.write(
        "versions/1_a.py",
        "import sqlalchemy as sa\nfrom alembic import op\nfrom shop.migrations import create_table\n\n"
        "revision = '1'\ndown_revision = None\n\n\n"
        f"def upgrade():\n    {made}\n    op.create_index('i', 'a', ['b'])\n",
    )
    assert len(found(repository, "index-created-non-concurrently")) == count
