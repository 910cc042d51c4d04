"""Whole plans, word by word.

The expected texts lie in `golden/`. After a deliberate change of wording or content, rewrite them with
`ROLLSAFE_UPDATE_GOLDEN=1 python -m pytest tests/plans/test_golden.py` and read the difference.
"""

import os
from pathlib import Path

import pytest

from tests.plans.conftest import Plan
from tests.plans.repositories import CHANGES, repository

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("compose", "redeployment", "release")


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_reads_as_expected(name: str, tmp_path: Path, plan: Plan) -> None:
    text = plan(repository(tmp_path / "repository", CHANGES[name]))
    file = GOLDEN / f"{name}.md"
    if os.environ.get("ROLLSAFE_UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_golden_file_is_used() -> None:
    assert {file.stem for file in GOLDEN.glob("*.md")} == set(NAMES)
