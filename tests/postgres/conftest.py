"""PostgreSQL servers for all tests of this directory, one of each version, and databases on them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.installed import missing
from tests.postgres.server import (
    OLDEST,
    PACKAGED,
    Database,
    Databases,
    find_binaries,
    packaged,
    running_server,
    version_of,
)

HERE = Path(__file__).parent
NewDatabase = Callable[..., Database]
Servers = Callable[[int], Databases]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share a server in one process."""
    for item in items:
        if item.path.is_relative_to(HERE):
            parameters = (
                item.callspec.params
                if isinstance(item, pytest.Function) and hasattr(item, "callspec")
                else {}
            )
            version = parameters.get("version", server_version())
            item.add_marker(pytest.mark.postgres)
            item.add_marker(pytest.mark.xdist_group(f"postgres {version}"))


@functools.cache
def _binaries() -> Path | None:
    return find_binaries()


@functools.cache
def server_version() -> int:
    """Return the major version of the server the tests will run on; 0 if there is none."""
    binaries = _binaries()
    return version_of(binaries) if binaries is not None else 0


def versions() -> list[int]:
    """Return the major versions for which facts are stated and a server can be had, in order."""
    return sorted({*PACKAGED, server_version() or OLDEST})


@pytest.fixture(scope="session")
def servers() -> Generator[Servers]:
    """Servers that nobody else uses, by major version; each is started once."""
    with ExitStack() as stack:

        @functools.cache
        def start(version: int) -> Databases:
            return Databases(stack.enter_context(running_server(_binaries_of(version))))

        yield start


def _binaries_of(version: int) -> Path:
    installed = _binaries()
    if installed is None:
        missing(f"a PostgreSQL server of version {OLDEST} or newer")
    found = installed if version == server_version() else packaged(version)
    return found or missing(f"PostgreSQL {version} (run tests/postgres/versions/install.sh)")


@pytest.fixture(scope="session")
def databases(servers: Servers) -> Databases:
    """The databases on the installed server that are there for all tests."""
    return servers(server_version())


@pytest.fixture
def version() -> int:
    """The major version of the server a test runs on, unless it is parametrized with others."""
    return server_version()


@pytest.fixture
def new_database(servers: Servers, version: int) -> Generator[NewDatabase]:
    """Make databases for one test, empty or copies of a template."""
    databases = servers(version)
    made: list[Database] = []

    def make(template: str = "template1") -> Database:
        made.append(databases.make(template))
        return made[-1]

    yield make
    for one in made:
        databases.discard(one)
