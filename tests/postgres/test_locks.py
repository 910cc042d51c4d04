"""Every lock, scan and rewrite an editor shows for a statement is what the server does."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from tests.postgres.conftest import NewDatabase, Servers, versions
from tests.postgres.lock_cases import BASE, INSIDE, OUTSIDE, ROWS, Case
from tests.postgres.measuring import (
    MODES,
    READERS_MODE,
    WRITERS_MODE,
    Measured,
    measure_each,
    requested,
    waits,
    work_outside,
)
from tests.postgres.server import Database, session
from tests.postgres.stated import Stated, facts_of

Facts = dict[str, Stated]
_MATTERS = MODES.index("SHARE UPDATE EXCLUSIVE")
"""Weaker locks keep nobody waiting but changes of the table itself."""


def on_each_version(cases: list[Case]) -> pytest.MarkDecorator:
    """Run a test for each case on each server."""
    pairs = [(version, one) for version in versions() for one in cases]
    names = [f"{version} {one.name}" for version, one in pairs]
    return pytest.mark.parametrize(("version", "case"), pairs, ids=names)


@pytest.fixture(scope="session")
def bases(servers: Servers) -> Callable[[int], Database]:
    """Databases with the tables the statements are about, one on each server."""

    @functools.cache
    def make(version: int) -> Database:
        database = servers(version).make()
        database.run(BASE + ROWS)
        return database

    return make


@pytest.fixture
def base(bases: Callable[[int], Database], version: int) -> str:
    return bases(version).name


@pytest.fixture(scope="session")
def facts_on(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Facts]:
    """What is shown for each case on a server of a version."""

    @functools.cache
    def ask(version: int) -> Facts:
        asked = {one.name: one.sql for one in (*INSIDE, *OUTSIDE)} | {mode: lock(mode) for mode in MODES}
        shown = facts_of(tmp_path_factory.mktemp("facts"), version, BASE, list(asked.values()))
        return {name: lines[-1] for name, lines in zip(asked, shown, strict=True) if lines}

    return ask


@pytest.fixture
def facts(facts_on: Callable[[int], Facts], version: int) -> Facts:
    return facts_on(version)


@pytest.fixture(scope="session")
def shared_on(bases: Callable[[int], Database], servers: Servers) -> Callable[[int], Database]:
    """Databases in which nothing stays, one on each server."""

    @functools.cache
    def make(version: int) -> Database:
        return servers(version).make(bases(version).name)

    return make


@pytest.fixture
def shared(shared_on: Callable[[int], Database], version: int) -> Database:
    return shared_on(version)


def prepared(case: Case, base: str, new_database: NewDatabase) -> Database:
    database = new_database(base)
    database.run(";\n".join(case.setup))
    return database


@pytest.fixture(scope="session")
def measured(servers: Servers) -> Callable[[int], dict[str, Measured]]:
    """What each case in a transaction does on a server of a version."""

    @functools.cache
    def ask(version: int) -> dict[str, Measured]:
        asked = [(";\n".join(one.setup), one.sql) for one in INSIDE]
        found = measure_each(servers(version).make(), BASE + ROWS, asked)
        return dict(zip((one.name for one in INSIDE), found, strict=True))

    return ask


@on_each_version(INSIDE)
def test_in_a_transaction(
    version: int, case: Case, facts: Facts, measured: Callable[[int], dict[str, Measured]]
) -> None:
    found = measured(version)[case.name]
    assert bool(found.refused) is (version < case.since)
    if not found.refused:
        compare(case, version, facts[case.name], found)


@on_each_version(OUTSIDE)
def test_outside_of_a_transaction(
    version: int, case: Case, base: str, facts: Facts, new_database: NewDatabase
) -> None:
    stated = facts[case.name]
    if version < case.since:
        assert not stated.holds_on(version)
        assert not prepared(case, base, new_database).accepts(case.sql)
        return
    assert stated.holds_on(version)
    asked = requested(prepared(case, base, new_database), case.sql, f"{case.on} IN SHARE UPDATE EXCLUSIVE")
    assert asked.locks[case.on] == stated.mode
    for table, mode in stated.others.items():
        late = requested(prepared(case, base, new_database), case.sql, f"{table} IN ACCESS SHARE")
        assert late.locks[table] == mode
    done = work_outside(prepared(case, base, new_database), case.sql)
    assert work(done, {case.on}) == stated.work


def compare(case: Case, version: int, stated: Stated, found: Measured) -> None:
    assert stated.holds_on(version)
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
    expected = stated.work
    if case.unless is not None:
        spared, words, since = case.unless
        assert words in stated.words or version < since
        expected = spared if version >= since else expected
    assert work(found, {case.on, *parts}) == expected


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
