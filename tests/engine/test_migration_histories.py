"""Histories of migrations: editing them step by step gives what a fresh run over the result gives."""

import random
from collections.abc import Iterator

import pytest

from rollsafe.engine.project import Project
from rollsafe.workspace.settings import Settings
from tests.checking import open_project, seen

TABLES, COLUMNS = ("a", "b", "c"), ("x", "y", "z")
STATEMENTS = (
    "CREATE TABLE {t} (id bigint PRIMARY KEY, {c} text NOT NULL);",
    "CREATE TABLE IF NOT EXISTS {t} (id int, {c} varchar(20));",
    "CREATE TABLE {t} (id int) PARTITION BY RANGE (id);",
    "DROP TABLE {t};",
    "ALTER TABLE {t} RENAME TO {u};",
    "ALTER TABLE {t} ADD COLUMN {c} int;",
    "ALTER TABLE {t} DROP COLUMN {c};",
    "ALTER TABLE {t} RENAME COLUMN {c} TO {d};",
    "ALTER TABLE {t} ALTER COLUMN {c} TYPE bigint;",
    "ALTER TABLE {t} ALTER COLUMN {c} SET NOT NULL;",
    "ALTER TABLE {t} ADD CONSTRAINT k_{c} CHECK ({c} IS NOT NULL) NOT VALID;",
    "ALTER TABLE {t} VALIDATE CONSTRAINT k_{c};",
    "ALTER TABLE {t} DROP CONSTRAINT k_{c};",
    "ALTER TABLE {t} ADD FOREIGN KEY ({c}) REFERENCES {u} (id);",
    "CREATE INDEX CONCURRENTLY i_{c} ON {t} ({c});",
    "INSERT INTO {t} VALUES (1);",
    "UPDATE {t} SET {c} = 1;",
)
PATHS = ("db/migrations/{:04}_s.up.sql", "svc/migration/V{}__s.sql", "svc/other/V{}__s.sql")
AUDITOR = Settings(level="auditor")


def statement(chance: random.Random) -> str:
    t, u, c, d = *chance.choices(TABLES, k=2), *chance.choices(COLUMNS, k=2)
    return chance.choice(STATEMENTS).format(t=t, u=u, c=c, d=d) + "\n"


def new_file(chance: random.Random) -> tuple[str, str]:
    path = chance.choice(PATHS).format(chance.randint(1, 8))
    return path, "".join(statement(chance) for _ in range(chance.randint(0, 3)))


def edited(chance: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True) or ["-- nothing\n"]
    at = chance.randrange(len(lines))
    changed = (
        [*lines, statement(chance)],
        ["\n", *lines],
        [*lines[:at], statement(chance), *lines[at + 1 :]],
        [*lines[:at], lines[at].replace("int", "smallint"), *lines[at + 1 :]],
    )
    return "".join(chance.choice(changed))


def told(project: Project) -> Iterator[object]:
    for one in project.engine.all_findings():
        yield seen(one), [(place.file.path, place.file.line_number(place.where)) for place in one.related]


@pytest.mark.parametrize("seed", range(25))
def test_a_history_edited_step_by_step_is_judged_as_a_fresh_one(seed: int) -> None:
    chance = random.Random(seed)
    files = dict(new_file(chance) for _ in range(8))
    project = open_project(files, AUDITOR)
    for _ in range(10):
        path, text = new_file(chance)
        if files and chance.random() < 0.7:
            path = chance.choice(sorted(files))
            text = edited(chance, files[path])
        if files and chance.random() < 0.2:
            path = chance.choice(sorted(files))
            del files[path]
            project.replace({path: None})
        else:
            files[path] = text
            project.replace({path: text})
        assert not project.engine.failures
        assert [*told(project)] == [*told(open_project(files, AUDITOR))]


REVISION = """\
from alembic import op

revision = "r{own}"
down_revision = {below}


def upgrade():
    op.execute("{sql}")
"""


def new_revision(chance: random.Random) -> tuple[str, str]:
    """Return a revision; one of those it follows may be itself, behind it, missing, or there twice."""
    own, count = chance.randint(1, 7), chance.choice((0, 1, 1, 1, 1, 2))
    below = tuple(f"r{chance.randint(max(1, own - 2), own + chance.randint(0, 1))}" for _ in range(count))
    name = chance.choice("abcdefgh") if chance.random() < 0.2 else "xwvutsr"[own - 1]
    text = REVISION.format(own=own, below=below or None, sql=statement(chance).strip())
    return f"alembic/versions/{name}_step.py", text


@pytest.mark.parametrize("seed", range(15))
def test_revisions_edited_step_by_step_are_judged_as_fresh_ones(seed: int) -> None:
    chance = random.Random(seed)
    files = dict(new_revision(chance) for _ in range(7))
    project = open_project(files, AUDITOR)
    for _ in range(10):
        path, text = new_revision(chance)
        if files and chance.random() < 0.2:
            path = chance.choice(sorted(files))
            del files[path]
            project.replace({path: None})
        else:
            files[path] = text
            project.replace({path: text})
        assert not project.engine.failures
        assert [*told(project)] == [*told(open_project(files, AUDITOR))]


def test_an_edit_concerns_the_migrations_behind_it_only() -> None:
    def retyped(n: int, to: int) -> tuple[str, str]:
        text = f"ALTER TABLE orders ALTER COLUMN note TYPE varchar({to});\n"
        return f"db/migrations/{n:04}_s.up.sql", text

    project = open_project(dict(retyped(n, 100 + n) for n in range(1, 41)), AUDITOR)
    path, text = retyped(38, 500)
    assert project.replace({path: text}) == {path, *(retyped(n, 0)[0] for n in (39, 40))}
