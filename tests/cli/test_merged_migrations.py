"""Migrations compared with a revision of a real repository: what is merged is not changed any more."""

import pytest

from tests.cli.conftest import Git, Repository

ADD = "ALTER TABLE orders ADD COLUMN note text;\n"
OTHER = "ALTER TABLE orders ADD COLUMN remark text;\n"
DROP = "ALTER TABLE orders DROP COLUMN note;\n"
INDEX = "CREATE INDEX orders_by_note ON orders (note);\n"
ALEMBIC = '''\
"""note"""

import sqlalchemy as sa
from alembic import op

revision = "a1b2c3"
down_revision = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("note", sa.Text()))


def downgrade() -> None:
    op.drop_column("orders", "note")
'''
RULES = "--select=merged-migration-edited,merged-migration-renamed,migration-out-of-order"

Seen = list[tuple[str, int, str, str]]


@pytest.fixture
def base(repository: Repository, git: Git) -> Repository:
    """A repository whose only commit holds migrations of several tools."""
    repository.write("db/migrations/0001_note.up.sql", ADD)
    repository.write("db/migrations/0001_note.down.sql", DROP)
    repository.write("flyway/sql/V1__note.sql", ADD)
    repository.write("flyway/sql/R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1;\n")
    repository.write("alembic/versions/a1b2c3_note.py", ALEMBIC)
    git("add", "--all")
    git("commit", "--quiet", "--message", "base")
    return repository


def found(repository: Repository, *words: str) -> Seen:
    report = repository.run("check", "--base=HEAD", "--format=json", *(words or (RULES,))).json
    return [
        (one["path"], one["range"]["start"]["line"], one["rule"], one["severity"])
        for one in report["findings"]
    ]


def edited(path: str, line: int = 1) -> tuple[str, int, str, str]:
    return path, line, "merged-migration-edited", "error"


def test_nothing_is_said_of_what_is_as_it_was(base: Repository) -> None:
    assert found(base) == []
    base.write("db/migrations/0001_note.up.sql", OTHER)
    report = base.run("check", "--format=json", RULES).json
    assert report["findings"] == []


@pytest.mark.parametrize(
    ("text", "line"),
    [(OTHER, 1), (f"-- why\n{OTHER}", 2), (f"{ADD}{INDEX}", 2), (f"{INDEX}{ADD}", 1)],
    ids=["other", "under a comment", "more", "more before"],
)
def test_other_statements(base: Repository, text: str, line: int) -> None:
    base.write("db/migrations/0001_note.up.sql", text)
    assert found(base) == [edited("db/migrations/0001_note.up.sql", line)]


@pytest.mark.parametrize(
    "text",
    [
        f"-- why\n{ADD}",
        ADD.replace("\n", "\r\n"),
        ADD.replace(" ADD", "\n    ADD"),
        ADD.replace("TABLE", "table"),
    ],
    ids=["a comment", "line ends", "spaces", "case"],
)
def test_other_words_for_the_same(base: Repository, text: str) -> None:
    base.write("db/migrations/0001_note.up.sql", text)
    assert found(base) == []


def test_the_way_back_may_change(base: Repository) -> None:
    base.write("db/migrations/0001_note.down.sql", f"{DROP}DROP TABLE notes;\n")
    base.write(
        "alembic/versions/a1b2c3_note.py", ALEMBIC.replace('    op.drop_column("orders", "note")', "    pass")
    )
    assert found(base) == []


def test_a_checksum_sees_comments_but_no_line_ends(base: Repository) -> None:
    base.write("flyway/sql/V1__note.sql", f"-- why\n{ADD}")
    base.write("flyway/sql/R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1; -- why\n")
    assert found(base) == [edited("flyway/sql/V1__note.sql")]
    base.write("flyway/sql/V1__note.sql", ADD.replace("\n", "\r\n"))
    assert found(base) == []


def test_a_repeatable_migration_is_there_to_be_edited(base: Repository) -> None:
    base.write("flyway/sql/R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 2;\n")
    assert found(base) == []


def test_a_migration_in_a_program(base: Repository) -> None:
    base.write("alembic/versions/a1b2c3_note.py", f"# why\n{ALEMBIC}")
    assert found(base) == []
    base.write("alembic/versions/a1b2c3_note.py", ALEMBIC.replace("sa.Text()", "sa.String(40)"))
    assert found(base) == [edited("alembic/versions/a1b2c3_note.py", 11)]


def test_another_name(base: Repository, git: Git) -> None:
    git("mv", "db/migrations/0001_note.up.sql", "db/migrations/0002_note.up.sql")
    git("mv", "flyway/sql/V1__note.sql", "flyway/sql/V1__remark.sql")
    git("mv", "alembic/versions/a1b2c3_note.py", "alembic/versions/a1b2c3_remark.py")
    assert found(base) == [
        ("db/migrations/0002_note.up.sql", 1, "merged-migration-renamed", "error"),
        ("flyway/sql/V1__remark.sql", 1, "merged-migration-renamed", "error"),
    ]


def test_another_label_of_the_same_version(base: Repository, git: Git) -> None:
    git("mv", "db/migrations/0001_note.up.sql", "db/migrations/0001_remark.up.sql")
    assert found(base) == []


def test_a_copy_is_no_new_name(base: Repository) -> None:
    base.write("db/migrations/0002_again.up.sql", ADD)
    assert found(base) == []


def test_one_that_comes_too_late(base: Repository, git: Git) -> None:
    base.write("db/migrations/0005_more.up.sql", OTHER)
    git("add", "--all")
    git("commit", "--quiet", "--message", "more")
    base.write("db/migrations/0003_late.up.sql", INDEX)
    assert found(base) == [("db/migrations/0003_late.up.sql", 1, "migration-out-of-order", "error")]


def test_findings_in_merged_migrations_are_lower(base: Repository, git: Git) -> None:
    base.write("db/migrations/0002_index.up.sql", INDEX)
    rule = "index-created-non-concurrently"
    new = found(base, f"--select={rule}")
    git("add", "--all")
    git("commit", "--quiet", "--message", "merged")
    merged = found(base, f"--select={rule}")
    assert [one[:3] for one in new] == [one[:3] for one in merged]
    assert ({one[3] for one in new}, {one[3] for one in merged}) == ({"warning"}, {"info"})
    base.write("rollsafe.toml", f'[severity]\n{rule} = "warning"\n')
    assert {one[3] for one in found(base, f"--select={rule}")} == {"warning"}
