"""Every lock, scan and rewrite an editor shows for a statement is what the server does."""

from __future__ import annotations

import pytest

from tests.postgres.conftest import NewDatabase, server_version
from tests.postgres.lock_cases import BASE, INSIDE, OUTSIDE, ROWS, Case
from tests.postgres.measuring import (
    MODES,
    READERS_MODE,
    WRITERS_MODE,
    Measured,
    measure,
    requested,
    waits,
    work_outside,
)
from tests.postgres.server import Database, Databases, session
from tests.postgres.stated import Stated, facts_of

Facts = dict[str, Stated]
_MATTERS = MODES.index("SHARE UPDATE EXCLUSIVE")
"""Weaker locks keep nobody waiting but changes of the table itself."""


def known(cases: list[Case]) -> list[Case]:
    """Return the cases whose SQL the server understands."""
    version = server_version()
    return [one for one in cases if one.since <= version]


@pytest.fixture(scope="session")
def base(databases: Databases) -> str:
    """The name of a database with the tables the statements are about."""
    database = databases.make()
    database.run(BASE + ROWS)
    return database.name


@pytest.fixture(scope="session")
def facts(server: Database, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """What is shown for each case on this server."""
    asked = {one.name: one.sql for one in (*known(INSIDE), *OUTSIDE)} | {mode: lock(mode) for mode in MODES}
    directory = tmp_path_factory.mktemp("facts")
    shown = facts_of(directory, server.server, BASE, list(asked.values()))
    return {name: lines[-1] for name, lines in zip(asked, shown, strict=True) if lines}


@pytest.fixture(scope="session")
def shared(base: str, databases: Databases) -> Database:
    """A database in which nothing stays."""
    return databases.make(base)


def prepared(case: Case, base: str, new_database: NewDatabase) -> Database:
    database = new_database(base)
    database.run(";\n".join(case.setup))
    return database


@pytest.mark.parametrize("case", inside := known(INSIDE), ids=[one.name for one in inside])
def test_in_a_transaction(
    case: Case, base: str, shared: Database, facts: Facts, new_database: NewDatabase
) -> None:
    database = new_database(base) if case.setup else shared
    compare(case, facts[case.name], measure(database, case.sql, ";\n".join(case.setup)))


@pytest.mark.parametrize("case", OUTSIDE, ids=[one.name for one in OUTSIDE])
def test_outside_of_a_transaction(case: Case, base: str, facts: Facts, new_database: NewDatabase) -> None:
    stated = facts[case.name]
    asked = requested(prepared(case, base, new_database), case.sql, f"{case.on} IN SHARE UPDATE EXCLUSIVE")
    assert asked.locks[case.on] == stated.mode
    for table, mode in stated.others.items():
        late = requested(prepared(case, base, new_database), case.sql, f"{table} IN ACCESS SHARE")
        assert late.locks[table] == mode
    done = work_outside(prepared(case, base, new_database), case.sql)
    assert work(done, {case.on}) == stated.work


def compare(case: Case, stated: Stated, found: Measured) -> None:
    parts = {name for name, parent in found.parts.items() if parent == case.on}
    assert stated.table in (None, case.on)
    assert {**found.index_locks, **found.locks}.get(case.on) == stated.mode
    others = {
        table: mode
        for table, mode in found.locks.items()
        if MODES.index(mode) >= _MATTERS and table not in {case.on, *(parts - set(stated.others))}
    }
    told = {table: mode for table, mode, _words in case.told}
    assert others == {**stated.others, **told}
    assert all(words in stated.words for _table, _mode, words in case.told)
    if case.unless is not None:
        assert case.unless[1] in stated.words
    assert work(found, {case.on, *parts}) == (case.unless[0] if case.unless else stated.work)


def work(found: Measured, tables: set[str]) -> str:
    if tables & found.written:
        return "rewrite"
    return "scan" if tables & found.read else "nothing"


@pytest.mark.parametrize("mode", MODES)
def test_who_waits_for_a_lock(mode: str, shared: Database, facts: Facts) -> None:
    with session(shared, "holder") as holder:
        holder.hold(lock(mode))
        readers, writers = (waits(shared, "t", one) for one in (READERS_MODE, WRITERS_MODE))
    said = {(True, True): "blocks reads and writes", (False, True): "blocks writes", (False, False): ""}
    assert facts[mode].blocks == said[readers, writers]


def lock(mode: str) -> str:
    return f"LOCK TABLE t IN {mode} MODE"
