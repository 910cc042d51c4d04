"""Plans made as a user makes them: by the command, in a repository."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rollsafe.cli import main
from tests.plans.repositories import CHANGES, Change, repository

Json = dict[str, Any]
Plan = Callable[..., str]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ROLLSAFE_DEBUG", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Make a plan of the repository at a path; return what the command wrote."""

    def make(path: Path, *options: str) -> str:
        file = tmp_path / "plan.out"
        assert main(["plan", "deploy", str(path), "--output", str(file), *options]) == 0
        return file.read_text(encoding="utf-8")

    return make


@pytest.fixture
def planned(tmp_path: Path, plan: Plan) -> Callable[[Change], Json]:
    """Build a repository and return its plan as JSON."""

    def make(change: Change) -> Json:
        found: Json = json.loads(plan(repository(tmp_path / "repository", change), "--format", "json"))
        return found

    return make


@pytest.fixture(params=sorted(CHANGES))
def every_change(request: pytest.FixtureRequest) -> Change:
    """Each of the repositories in turn."""
    return CHANGES[request.param]
