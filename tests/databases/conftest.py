"""One MariaDB server for all tests of this directory."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.databases.mariadb import Server, find_binary, running_server

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share the server in one process."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("mariadb"))


@pytest.fixture(scope="session")
def mariadb() -> Generator[Server]:
    """A server that nobody else uses."""
    server, client = find_binary("mariadbd", "mysqld"), find_binary("mariadb")
    install = find_binary("mariadb-install-db")
    if server is None or client is None or install is None:
        pytest.skip("no MariaDB server is installed")
    with running_server(server, install, client) as running:
        yield running
