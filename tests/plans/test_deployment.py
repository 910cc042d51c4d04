"""What holds for every deployment plan, whatever it is about."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from rollsafe.plans.commands import PROGRAMS, program_of
from tests.plans.conftest import Json, Plan
from tests.plans.repositories import CHANGES, SHOP, Change, repository, write
from tests.plans.walking import commands

SECTIONS = (
    "1. Deployment plan", "2. Risk assessment", "3. Execution steps", "4. Validation checklist",
    "5. Rollback procedure", "6. Monitoring points",
)  # fmt: skip


@pytest.fixture
def root(tmp_path: Path, every_change: Change) -> Path:
    return repository(tmp_path / "repository", every_change)


@pytest.fixture
def found(root: Path, plan: Plan) -> Json:
    data: Json = json.loads(plan(root, "--format", "json"))
    return data


def test_steps_are_numbered_and_each_can_be_undone_or_says_why_not(found: Json) -> None:
    assert [step["number"] for step in found["steps"]] == list(range(1, len(found["steps"]) + 1))
    for step in found["steps"]:
        assert (step["inverse"] is None) != (step["irreversible_reason"] is None)
        assert step["gate"]["expected"]
        assert step["access"]


def test_every_changing_step_has_its_decision(found: Json) -> None:
    changing = [step["number"] for step in found["steps"] if step["changes"]]
    assert [one["number"] for one in found["decisions"]] == changing


def test_rollback_steps_exist_and_are_ordered(found: Json) -> None:
    names = [one["name"] for one in found["rollback"]]
    assert names == [f"R{n}" for n in range(1, len(names) + 1)]
    undone = [one["undoes"] for one in found["rollback"]]
    assert undone == sorted(undone, reverse=True)
    told = " ".join([step["on_failure"] + (step["inverse"] or "") for step in found["steps"]])
    assert set(re.findall(r"\bR\d+\b", told)) <= set(names)
    assert {number for number in undone} <= {step["number"] for step in found["steps"]}


def test_the_risk_score_is_the_highest(found: Json) -> None:
    scores = [risk["score"] for risk in found["risks"]]
    assert scores == sorted(scores, reverse=True)
    assert found["risk_score"] == max(scores, default=0)
    for risk in found["risks"]:
        assert risk["step"] is None or risk["step"] <= len(found["steps"])


def test_the_sections_are_there_in_order(root: Path, plan: Plan) -> None:
    text = plan(root)
    headings = re.findall(r"^## (\d\. .+)$", text, re.M)
    assert tuple(headings) == SECTIONS
    assert text.startswith("# Deployment plan: ")


@pytest.mark.parametrize("name", ["orders|x", "a`b", "$(touch x)", "x; rm -rf y", "é\u2028z", "-x", "a'b\"c"])
def test_hostile_names_stay_names(name: str, tmp_path: Path, planned: Callable[[Change], Json]) -> None:
    manifest = SHOP["k8s/base/front.yaml"].replace(
        "name: front\nspec:\n  replicas", f"name: {json.dumps(name)}\nspec:\n  replicas"
    )
    after = {
        **CHANGES["release"].after,
        "k8s/base/front.yaml": manifest,
        f"db/migrations/0009_{name[:3]}.up.sql": "DROP TABLE orders;\n",
    }
    found = planned(Change(SHOP, {path.replace("\u2028", ""): text for path, text in after.items()}))
    for command in commands(found):
        words = shlex.split(command)
        assert not {"|", "rm", "&&", ";"} & set(words), command
        assert "$(" not in command.replace("$(git rev-parse HEAD)", "") or "'" in command
        assert program_of(command) in PROGRAMS


@pytest.mark.parametrize(
    "text", ["", "\0", "apiVersion: apps/v1\nkind: Deployment\n", "{{", "a: [", "- - -\n"]
)
def test_half_written_files_give_a_plan_all_the_same(text: str, tmp_path: Path, plan: Plan) -> None:
    root = repository(tmp_path / "repository", CHANGES["release"])
    for path in ("k8s/base/orders.yaml", "k8s/overlays/production/kustomization.yaml", ".github/workflows/deploy.yml",
                 "db/migrations/0003_tidy.up.sql", ".github/CODEOWNERS"):  # fmt: skip
        old = (root / path).read_text()
        write(root, {path: text})
        assert plan(root).startswith("# Deployment plan")
        write(root, {path: old})
