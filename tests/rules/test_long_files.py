"""Files with very many of one thing: the work grows as they do, counted in calls."""

import sys
from types import FrameType

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check

SMALL, LARGE = 100, 400
MOST_GROWTH = 7
"""Four times the size costs four times the work, and sorting a little more; its square would be 16."""


def depending(count: int) -> tuple[str, str]:
    """Services of which each waits for the five before it."""
    services = (
        f"  s{n}:\n    image: a\n    depends_on: [{', '.join(f's{m}' for m in range(max(0, n - 5), n))}]\n"
        for n in range(count)
    )
    return "compose.yaml", f"services:\n{''.join(services)}"


def calls(files: dict[str, str], settings: Settings) -> int:
    """Return the number of calls it takes to check files."""
    counted = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        check(files, settings)
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize("rule", ["missing-restart-policy", "missing-compose-health-check"])
def test_the_work_grows_with_the_file(rule: str) -> None:
    settings = Settings(level="auditor", select=(rule,))
    path, text = depending(SMALL)
    check({path: text}, settings)  # what is imported or learned once is not counted
    small = calls({path: f"{text}# again\n"}, settings)
    path, text = depending(LARGE)
    assert calls({path: text}, settings) < small * MOST_GROWTH
