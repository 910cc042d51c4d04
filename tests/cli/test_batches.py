"""A batch of Alembic makes a table of SQLite anew; what stands outside of it is sent as it is."""

from tests.cli.conftest import Repository

REVISION = """from alembic import op
import sqlalchemy as sa

revision = "1"
down_revision = None


def upgrade():
    with op.batch_alter_table("orders") as batch:
        batch.add_column(sa.Column("seen_at", sa.DateTime(), server_default=sa.func.now()))
    op.add_column("notes", sa.Column("seen_at", sa.DateTime(), server_default=sa.func.now()))
"""


def test_only_what_stands_in_the_batch_is_not_refused(repository: Repository) -> None:
    repository.write("versions/sqlite/1_a.py", REVISION)
    found = repository.run("check", "--select=refused-by-sqlite", "--format", "json").json["findings"]
    assert [one["range"]["start"]["line"] for one in found] == [11]


def test_a_cast_to_the_type_it_has_writes_no_row(repository: Repository) -> None:
    repository.write("migrations/V1__a.sql", "CREATE TABLE a (b jsonb, c jsonb);\n")
    changes = ("b TYPE jsonb USING ((b::jsonb))", "c TYPE jsonb USING (b::jsonb) || (c::jsonb)")
    repository.write("migrations/V2__b.sql", "".join(f"ALTER TABLE a ALTER {one};\n" for one in changes))
    found = repository.run("check", "--select=column-type-rewrite", "--format", "json").json["findings"]
    assert [one["range"]["start"]["line"] for one in found] == [2]
