"""Fixed migrations in programming languages, run by their own tools on a server that others use meanwhile."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.installed import cache, missing
from tests.migrations_code import Ways, plain
from tests.migrations_code.fixing import fixed
from tests.migrations_code.fixing.cases import EVERY, TOOLS, Files
from tests.migrations_code.ruby import rails, rails_cases
from tests.postgres.conftest import NewDatabase
from tests.postgres.schema import SCHEMA
from tests.postgres.server import Database, Databases, Session, session

RUN = Path(__file__).resolve().parents[1] / "migrations_code" / "fixing"
BOOKS = ("alembic_version", "ar_internal_metadata", "django_migrations", "knex_migrations", "migrations")
"""Tables in which tools keep what they have run."""
OTHERWISE = ("renamed", "required", "retyped", "stored")
"""What comes to another schema on purpose: the old column stays, or the new one is not required yet."""


@pytest.fixture(scope="session")
def bases(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Database]:
    """Databases in which a tool has run the first migration, one for each tool."""

    @functools.cache
    def make(tool: str) -> Database:
        database, case = databases.make(), next(iter(TOOLS[tool].cases))
        play(tool, TOOLS[tool].files(case), database, tmp_path_factory.mktemp(tool), "first")
        return database

    return make


@pytest.mark.parametrize(("tool", "case"), EVERY)
def test_a_fixed_migration_comes_to_the_same_and_back(
    tool: str,
    case: str,
    bases: Callable[[str], Database],
    new_database: NewDatabase,
    tmp_path: Path,
    record_property: Any,
) -> None:
    files = TOOLS[tool].files(case)
    base = bases(tool).name
    database = new_database(base)
    with used_meanwhile(database, tool):
        acts = ("look", "up", "look", "state", "down", "look", "up", "look")
        first, up, state, back, again = play(tool, fixed(files), database, tmp_path / "after", *acts)
    assert up != first
    assert back == first
    assert again == up
    record_property("round trip", f"{tool} {case}")
    if case not in OTHERWISE:
        was, models = play(tool, files, new_database(base), tmp_path / "before", "up", "look", "state")
        assert up == was
        assert state == models
        record_property("fix proven", f"{tool} {case}")


def test_rails_sends_what_is_recorded(new_database: NewDatabase, tmp_path: Path) -> None:
    [sent] = told("rails", rails_cases.FILES, new_database(), tmp_path, "trace")
    found = {
        label: Ways(*(plain(";\n".join(ways[way])) for way in Ways._fields)) for label, ways in sent.items()
    }
    assert found == rails_cases.recorded()


def play(tool: str, files: Files, database: Database, directory: Path, *acts: str) -> list[set[str]]:
    """Run acts of a tool; return what each look shows, without the tool's own tables."""
    found: list[list[str]] = told(tool, files, database, directory, *acts)
    return [{line for line in one if not any(book in line for book in BOOKS)} for one in found]


def told(tool: str, files: Files, database: Database, directory: Path, *acts: str) -> Any:
    """Run acts of a tool; return what it tells of each."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    wanted = {
        "tool": tool,
        "directory": str(directory),
        "socket": database.socket,
        "database": database.name,
        "schema": SCHEMA,
        "acts": acts,
    }
    done = subprocess.run(
        _command(tool), input=json.dumps(wanted), capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, "\n".join([done.stderr, *files.values()])
    return json.loads(done.stdout)


def _command(tool: str) -> list[str]:
    if tool == "rails":
        return rails()
    node = shutil.which("node")
    language, program = (
        ("python", "run_python.py") if tool in ("alembic", "django") else ("node", "run_node.cjs")
    )
    installed = cache() / f"{language}-migrations"
    if not (installed / ".installed").is_file() or node is None:
        missing(f"the migration tools (run tests/migrations_code/{language}/install.sh)")
    if language == "python":
        return [str(installed / "bin" / "python"), str(RUN / program)]
    return [node, str(RUN / program), str(installed)]


@contextmanager
def used_meanwhile(database: Database, tool: str) -> Generator[None]:
    """Read and write the table all the time; nothing of that may fail."""
    done = threading.Event()
    orders, customers = TOOLS[tool].orders, TOOLS[tool].customers
    with session(database, "writes") as writer, session(database, "reads") as reader:
        workers = [
            threading.Thread(target=_keep, args=(one, sql, done))
            for one, sql in (
                (
                    writer,
                    f"UPDATE {orders} SET note = 'w' WHERE id = 7; INSERT INTO {customers} VALUES (nextval('n'))",
                ),
                (reader, f"SELECT count(*) FROM {orders} o JOIN {customers} c ON c.id = o.customer_id"),
            )
        ]
        writer.write("CREATE TEMPORARY SEQUENCE n START 1000")
        for one in workers:
            one.start()
        try:
            yield
        finally:
            done.set()
            for one in workers:
                one.join()
        said = writer.close() + reader.close()
    assert "ERROR" not in said, said[:500]


def _keep(one: Session, sql: str, done: threading.Event) -> None:
    while not done.wait(0.01):
        one.write(sql)
