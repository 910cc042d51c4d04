"""Whole plans, word by word.

The expected texts lie in `golden/`. After a deliberate change of wording or content, rewrite them with
`ROLLSAFE_UPDATE_GOLDEN=1 python -m pytest tests/plans/test_golden.py` and read the difference.
"""

import os
from pathlib import Path

import pytest

from tests.plans.kinds import KINDS, made
from tests.plans.repositories import CHANGES, EXAMPLE, repository

GOLDEN = Path(__file__).parent / "golden"
NAMES = {
    "deploy": ("compose", "interfaces", "redeployment", "release"),
    "graph": ("compose", "release", "shop"),
    "implement": ("compose", "release", "shop"),
    "emergency": ("compose", "release", "shop"),
    "incident": ("compose", "release", "shop"),
    "map": ("compose", "release", "shop"),
    "pr": ("compose", "release", "shop"),
    "rollback": ("redeployment", "release", "shop"),
    "workflow": ("release", "shop"),
    "runbook": ("compose", "release", "shop"),
}
"""The repositories whose plans are kept, by kind; `shop` is the example of this project."""

CASES = [(kind, name) for kind, names in NAMES.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_the_plan_reads_as_expected(kind: str, name: str, tmp_path: Path) -> None:
    change = EXAMPLE if name == "shop" else CHANGES[name]
    plan = made(repository(tmp_path / "repository", change), kind, change)
    assert plan is not None
    text = plan.text
    file = GOLDEN / kind / f"{name}.md"
    if os.environ.get("ROLLSAFE_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_golden_file_is_used() -> None:
    assert {(file.parent.name, file.stem) for file in GOLDEN.rglob("*.md")} == set(CASES)


def test_every_kind_has_golden_files() -> None:
    assert set(NAMES) == set(KINDS)
