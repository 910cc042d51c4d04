"""In CI a skipped test is a failed run: what cannot run there has to be installed there."""

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.postgres.proofs import lines
from tests.review.prepared import prepared

_LONGEST_NAME = 80


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
