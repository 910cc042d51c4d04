"""All fixes of a history at once: what they write runs, in the tool's order and transactions, and back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.postgres.command import fix, write
from tests.postgres.conftest import NewDatabase, server_version
from tests.postgres.frameworks import TOOLS, Files, history
from tests.postgres.runner import How, Script, Step, steps
from tests.postgres.schema import SCHEMA, schema_of
from tests.postgres.server import Database

LEVELS = ("regular", "pedantic")
every_tool = pytest.mark.parametrize("tool", TOOLS)
every_level = pytest.mark.parametrize("level", LEVELS)
KINDS = ("relation ", "column ", "constraint ", "index ", "view ", "type ", "partition ")
ROWS = """
SELECT 'without a value',
    (SELECT count(*) FROM sums WHERE amount IS DISTINCT FROM id),
    (SELECT count(*) FROM books WHERE title IS DISTINCT FROM 's' || id),
    (SELECT count(*) FROM rates WHERE twice IS DISTINCT FROM extra * 2)
"""
"""What is left to fill in the tables whose columns change, get another name, or are computed."""
WITHOUT_TRACE = re.compile(r"VALIDATE|REINDEX|REFRESH|DO \$\$")


@pytest.fixture(scope="session")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """The histories of all tools after all fixes, by level."""
    before: Files = {}
    for tool in TOOLS.values():
        before |= history(tool)
    found: dict[str, Files] = {}
    for level in LEVELS:
        root = write(tmp_path_factory.mktemp(level), before, server_version())
        found[level] = fix(root, "--level", level)
    return found


def of(tool: str, files: Files) -> Files:
    return {path: text for path, text in files.items() if path.startswith(f"{TOOLS[tool].home}/")}


@every_level
@every_tool
def test_fixed_migrations_run_and_run_back(
    tool: str, level: str, fixed: dict[str, Files], new_database: NewDatabase, tmp_path: Path
) -> None:
    files = of(tool, fixed[level])
    assert files != history(TOOLS[tool])
    database, done = new_database(), steps(files)
    scripts = [(step.name, step.up) for step in done]
    scripts.append(("rows", Script(ROWS, How.APART)))
    if TOOLS[tool].has_downs:
        scripts += [(f"back {step.name}", step.down) for step in reversed(done) if step.down is not None]
        assert len(scripts) == 2 * len(done) + 1
    assert ["without a value", "0", "0", "0"] in play(database, tmp_path, *scripts)
    left = {line for line in schema_of(database) if line.startswith(("relation", "type"))}
    assert bool(left) is not TOOLS[tool].has_downs


@pytest.mark.parametrize("tool", [name for name, tool in TOOLS.items() if tool.has_downs])
def test_each_way_back_restores_the_schema(
    tool: str, fixed: dict[str, Files], new_database: NewDatabase, tmp_path: Path
) -> None:
    scripts: list[tuple[str, Script]] = []
    compared: list[Step] = []
    look = ("look", Script(f"SELECT 'schema'; {SCHEMA}", How.APART))
    for step in steps(of(tool, fixed["regular"])):
        if step.down is None or leaves_something(step):
            scripts.append((step.name, step.up))
            continue
        compared.append(step)
        up = (step.name, step.up)
        scripts += [look, up, look, (f"back {step.name}", step.down), look, up]
    shown = shapes(play(new_database(), tmp_path, *scripts))
    assert len(compared) > 15
    for step, before, between, after in zip(compared, shown[::3], shown[1::3], shown[2::3], strict=True):
        assert after == before, step
        assert between != before or WITHOUT_TRACE.search(step.up.text), step


def leaves_something(step: Step) -> bool:
    """Say whether a migration says what it loses, or adds an enum value, which no statement removes."""
    return "ADD VALUE" in step.up.text or (step.down is not None and "irreversible" in step.down.text)


def play(database: Database, directory: Path, *scripts: tuple[str, Script]) -> list[list[str]]:
    """Run scripts one after the other in one session, each in its own way; return the rows."""
    words: list[str] = []
    for at, (name, script) in enumerate(scripts):
        if script.how is How.MESSAGE:
            words += ["-c", script.text]
            continue
        file = directory / f"{at} {name.replace('/', ' ')}"
        wrapped = script.how is How.WRAPPED
        file.write_text(f"BEGIN;\n{script.text}\nCOMMIT;\n" if wrapped else script.text, encoding="utf-8")
        words += ["-f", str(file)]
    return database.play(*words)


def shapes(rows: list[list[str]]) -> list[set[str]]:
    """Return the schemas among the rows of looks at them.

    A constraint once validated stays so, and a partition once detached keeps a check.
    """
    found: list[set[str]] = []
    for row in rows:
        if row == ["schema"]:
            found.append(set())
        elif row[0].startswith(KINDS) and "visits_old_day_check" not in row[0]:
            found[-1].add(re.sub(r" NOT VALID| valid=[tf]", "", row[0]))
    return found
