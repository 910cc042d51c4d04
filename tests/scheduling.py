"""How the processes of a test run share the tests: by file, and what waits for others first.

A file's own fixtures are made once that way, and giving out a few hundred units costs nothing beside giving
out twenty thousand tests one by one. Files of very many tests are cut into their functions. Groups, whose
tests share a server or an editor, are the longest units: given out first, none is left for the end.
"""

from pathlib import Path

import pytest
from xdist.scheduler import (  # type: ignore[import-untyped] # pyright: ignore[reportMissingTypeStubs]
    LoadGroupScheduling,
)

CUT = frozenset({"tests/test_every_rule.py", "tests/agents/test_coverage.py"})
"""Files whose functions are units of their own."""
_WAITING = ("lsp", "editors", "cli", "review", "plans", "mcp_server", "migrations_code")
"""Directories whose tests start processes and wait for them."""


class Units(LoadGroupScheduling):  # type: ignore[misc]
    """Gives a process a group, a file or, of files of very many tests, a function at a time."""

    def _split_scope(self, nodeid: str) -> str:
        group: str = super()._split_scope(nodeid)
        return group if group != nodeid else unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    """Return the file of a test, or its function in a file that is cut."""
    file = nodeid.partition("::")[0]
    return nodeid.partition("[")[0] if file in CUT else file


def turn(item: pytest.Item) -> int:
    """Return when a test is given out: the lower, the earlier; files and their order stay together."""
    if item.get_closest_marker("xdist_group") is not None:
        return 0
    return 1 if item.path.relative_to(Path(__file__).parent).parts[0] in _WAITING else 2
