"""What a run of the tests has shown on a server, counted for its last lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import pytest

CLAIM, FIX, TRIP = "claims checked", "fixes proven", "round trips"
_BY_FILE = {
    "test_locks.py": CLAIM,
    "test_refusals.py": CLAIM,
    "test_rule_examples.py": CLAIM,
    "test_waiting.py": CLAIM,
    "test_way_back.py": TRIP,
}
_BY_TEST = {"test_fixed_migrations_run_and_run_back": FIX, "test_each_way_back_restores_the_schema": TRIP}
_TOLD = {"fix proven": FIX, "round trip": TRIP}
"""What tests say of themselves."""
_ON_VERSION = re.compile(r"\[(\d\d) ")
"""How the names of tests that run on several servers begin."""


def lines(passed: Iterable[pytest.TestReport], failed: Iterable[pytest.TestReport]) -> list[str]:
    """Return a table: what is shown, how often it holds, how often it does not; empty if nothing was asked.

    What is asked of several servers is counted for each of them, too.
    """
    held, not_held = Counter[str](), Counter[str]()
    for counter, reports in ((held, passed), (not_held, failed)):
        for one in reports:
            if one.nodeid.startswith("tests/postgres/") and one.when == "call":
                counter.update(_kinds(one))
                counter.update(f"  on version {version}" for version in _ON_VERSION.findall(one.nodeid))
    if not held and not not_held:
        return []
    several = sorted(kind for kind in {*held, *not_held} if kind.startswith(" "))
    rows = [f"{kind:<16}{held[kind]:>6}{not_held[kind]:>8}" for kind in (CLAIM, *several, FIX, TRIP)]
    return [f"{'on PostgreSQL':<16}{'hold':>6}{'do not':>8}", *rows]


def _kinds(report: pytest.TestReport) -> list[str]:
    path, _, test = report.nodeid.partition("::")
    told = [_TOLD[name] for name, _ in report.user_properties if name in _TOLD]
    known = _BY_FILE.get(path.rpartition("/")[2]) or _BY_TEST.get(test.partition("[")[0])
    if known is not None:
        return [known]
    return told or ([] if report.passed else [FIX])
