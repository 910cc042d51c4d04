"""The way back that is written for a migration leads back: the schema is the one from before."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.postgres.command import findings, write
from tests.postgres.conftest import NewDatabase, server_version
from tests.postgres.runner import Step, steps
from tests.postgres.schema import schema_of
from tests.postgres.server import Database, Databases
from tests.postgres.way_back_cases import HISTORY, LOST, REVERSIBLE, STAYS

WAYS_UP = {
    **REVERSIBLE,
    **{name: sql for name, (sql, _left) in STAYS.items()},
    **{name: one.sql for name, one in LOST.items()},
}


class Back(NamedTuple):
    """A migration with the way back that is offered for it, and how safe the offer is said to be."""

    step: Step
    safety: str
    text: str


@pytest.fixture(scope="session")
def backs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Back]:
    """The way back offered for each way up, which is a history of its own."""
    files: dict[str, str] = {}
    homes = {f"case{at}/migrations": name for at, name in enumerate(WAYS_UP)}
    for home, name in homes.items():
        files[f"{home}/000001_base.up.sql"] = HISTORY
        files[f"{home}/000001_base.down.sql"] = "DROP TABLE items;\n"
        files[f"{home}/000002_change.up.sql"] = f"{WAYS_UP[name]};\n"
    root = write(tmp_path_factory.mktemp("ways"), files, server_version())
    offered: dict[str, Back] = {}
    for one in findings(root, "--select", "irreversible-migration"):
        written = one["fixes"][0]
        (created,) = written["creates"]
        up = one["path"]
        (step,) = steps({up: files[up], created["path"]: created["text"]})
        offered[homes[up.rpartition("/")[0]]] = Back(step, written["safety"], created["text"])
    return offered


@pytest.fixture(scope="session")
def base(databases: Databases) -> str:
    database = databases.make()
    database.run(HISTORY)
    return database.name


def up_and_down(step: Step, database: Database) -> None:
    step.up.run(database)
    assert step.down is not None
    step.down.run(database)


@pytest.mark.parametrize("name", [*REVERSIBLE, *STAYS])
def test_leads_back(name: str, backs: dict[str, Back], base: str, new_database: NewDatabase) -> None:
    database = new_database(base)
    before = schema_of(database)
    up_and_down(backs[name].step, database)
    after = schema_of(database)
    if name in STAYS:
        more = {line for line in after - before if not line.startswith("relation")}
        assert len(more) == 1
        assert STAYS[name][1] in more.pop()
        after &= before
    assert after == before
    assert backs[name].safety == "safe"


@pytest.mark.parametrize("name", LOST)
def test_what_is_lost_is_said(
    name: str, backs: dict[str, Back], base: str, new_database: NewDatabase
) -> None:
    back = backs[name]
    assert back.safety == "manual"
    lines = [line for line in back.text.splitlines() if line.startswith("-- irreversible: ")]
    assert any(LOST[name].words in line for line in lines)
    up_and_down(back.step, new_database(base))
