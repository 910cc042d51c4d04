"""One PostgreSQL server for all tests of this directory, and databases on it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.postgres.server import OLDEST, Database, Databases, find_binaries, running_server, version_of

HERE = Path(__file__).parent
NewDatabase = Callable[..., Database]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share the server in one process."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.postgres)
            item.add_marker(pytest.mark.xdist_group("postgres"))


@functools.cache
def _binaries() -> Path | None:
    return find_binaries()


def server_version() -> int:
    """Return the major version of the server the tests will run on; 0 if there is none."""
    binaries = _binaries()
    return version_of(binaries) if binaries is not None else 0


@pytest.fixture(scope="session")
def server() -> Generator[Database]:
    """The maintenance database of a server that nobody else uses."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip(f"no PostgreSQL server of version {OLDEST} or newer is installed")
    with running_server(binaries) as database:
        yield database


@pytest.fixture(scope="session")
def databases(server: Database) -> Databases:
    """The databases that are there for all tests."""
    return Databases(server)


@pytest.fixture
def new_database(databases: Databases) -> Generator[NewDatabase]:
    """Make databases for one test, empty or copies of a template."""
    made: list[Database] = []

    def make(template: str = "template1") -> Database:
        made.append(databases.make(template))
        return made[-1]

    yield make
    for one in made:
        databases.discard(one)
