"""What holds for a whole run: how it is shared among processes, and that CI accepts no skipped test.

What cannot run in CI has to be installed there.
"""

import gc
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.postgres.proofs import lines
from tests.review.prepared import prepared
from tests.scheduling import Units, turn

_LONGEST_NAME = 80


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Run one process more than there are cores: there is always a test that waits for another program."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Units | None:
    """Give out whole units where groups are kept together."""
    return Units(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_collection() -> None:
    """Leave what is collected alone: all of it stays to the end."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest."""
    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """Look for garbage among what the tests make only."""
    gc.freeze()
    gc.enable()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test after the beginning of a long text: its name is in the environment of what it starts."""
    if not isinstance(val, str) or len(val) <= _LONGEST_NAME:
        return None
    return val[:_LONGEST_NAME].encode("unicode_escape").decode("ascii") + "..."


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("tests were skipped, which CI does not accept", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how much of what rollsafe says of PostgreSQL was shown on a server."""
    stats = terminalreporter.stats
    table = lines(stats.get("passed", []), stats.get("failed", []))
    if table:
        terminalreporter.section("shown on a server")
        for line in table:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def prepared_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """The directory that workers of reviews have on their path; None where none can be prepared."""
    if sys.platform != "linux" or find_spec("anthropic") is None:
        yield None
        return
    directory = tmp_path_factory.mktemp("ready")
    with prepared(directory):
        yield directory
