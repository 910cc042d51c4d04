"""The example project: hazards of every agent, and what fixing leaves."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "examples/shop", tmp_path / "shop"))


def rollsafe(shop: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "rollsafe", *arguments)
    return subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False)


def findings(shop: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(rollsafe(shop, "check", "--format", "json").stdout)["findings"]
    return found


def test_all_five_agents_find_something(shop: Path) -> None:
    assert {one["agent"] for one in findings(shop)} == {
        "deployment-orchestrator",
        "implementation-orchestrator",
        "orchestration-manager",
        "project-orchestrator",
        "workflow-orchestrator",
    }


def test_every_family_has_a_planted_hazard(shop: Path) -> None:
    rules = json.loads(rollsafe(shop, "rules", "--format", "json").stdout)["rules"]
    family = {rule["name"]: rule["family"] for rule in rules}
    assert {family[one["rule"]] for one in findings(shop)} >= {
        "compose", "dockerfile", "kubernetes", "migrations", "plan-documents", "step-functions", "workflows",
    }  # fmt: skip


def test_safe_fixes_leave_only_what_needs_a_person(shop: Path) -> None:
    before = findings(shop)
    assert any(fix["safety"] == "safe" for one in before for fix in one["fixes"])
    assert rollsafe(shop, "fix", "--exit-zero").returncode == 0
    after = findings(shop)
    assert after
    assert not [one for one in after if any(fix["safety"] == "safe" for fix in one["fixes"])]
    known = {(one["rule"], one["message"]) for one in before}
    assert [one for one in after if (one["rule"], one["message"]) not in known] == []


def test_fixing_again_changes_nothing(shop: Path) -> None:
    rollsafe(shop, "fix", "--unsafe-fixes")
    fixed = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    rollsafe(shop, "fix", "--unsafe-fixes")
    assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == fixed


def test_the_demonstration_runs() -> None:
    done = subprocess.run(
        (sys.executable, "examples/demo.py"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert "Point of no return" in done.stdout
