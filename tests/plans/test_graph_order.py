"""The dependency graph against looking at every path: pipelines made at random; and histories of migrations."""

import itertools
import random
from pathlib import Path
from typing import Any

import pytest

from tests.plans.kinds import found
from tests.plans.repositories import write

Json = dict[str, Any]
FLOWS = ".github/workflows/"


def laid_out(root: Path, files: dict[str, str]) -> Path:
    root.mkdir(exist_ok=True)
    write(root, {"rollsafe.toml": "root = true\n", **files})
    return root


# Pipelines ---------------------------------------------------------------------------------------


def pipeline(seed: int) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Return minutes and needs of jobs; none waits for itself."""
    dice = random.Random(seed)
    names = [f"j{at}" for at in range(dice.randint(2, 9))]
    minutes = {name: dice.randint(1, 30) for name in names}
    needs = {name: [one for one in names[:at] if dice.random() < 0.4] for at, name in enumerate(names)}
    return minutes, needs


def text_of(minutes: dict[str, int], needs: dict[str, list[str]]) -> str:
    jobs = (
        f"  {name}:\n    needs: {needs[name]}\n    runs-on: x\n    timeout-minutes: {length}\n    steps: [{{run: make}}]\n"
        for name, length in minutes.items()
    )
    return f"on: push\njobs:\n{''.join(jobs)}"


def paths(needs: dict[str, list[str]]) -> list[tuple[str, ...]]:
    """Return every way from a job that needs nothing to one that nothing needs."""
    ends = [name for name in needs if not any(name in one for one in needs.values())]
    pending: list[tuple[str, ...]] = [(name,) for name in ends]
    whole: list[tuple[str, ...]] = []
    while pending:
        path = pending.pop()
        before = needs[path[0]]
        whole += [] if before else [path]
        pending += [(one, *path) for one in before]
    return whole


def longest(minutes: dict[str, int], needs: dict[str, list[str]]) -> int:
    return max(sum(minutes[name] for name in path) for path in paths(needs))


@pytest.mark.parametrize("seed", range(6))
def test_times_and_suppositions_are_those_of_all_paths(seed: int, tmp_path: Path) -> None:
    minutes, needs = pipeline(seed)
    root = laid_out(tmp_path / "project", {f"{FLOWS}ci.yml": text_of(minutes, needs)})
    wishes = [f"{name}->{other}" for other in needs for name in needs[other]] + list(minutes)
    plan = found(root, "graph", *(word for wish in wishes for word in ("--what-if", wish)))
    (process,) = plan["processes"]
    total, every = longest(minutes, needs), paths(needs)
    assert process["duration"] == total * 60_000
    assert process["chains"] == sum(sum(minutes[name] for name in path) == total for path in every)
    for node in process["nodes"]:
        name = node["id"].rpartition("/")[2]
        through = [path for path in every if name in path]
        before = max(sum(minutes[one] for one in path[: path.index(name)]) for path in through)
        after = max(sum(minutes[one] for one in path[path.index(name) + 1 :]) for path in through)
        length = minutes[name]
        assert node["level"] == max(path.index(name) for path in through)
        times = ("earliest_start", "earliest_finish", "latest_start", "latest_finish", "slack")
        assert [node[key] // 60_000 for key in times] == [
            before,
            before + length,
            total - after - length,
            total - after,
            total - after - length - before,
        ]
    changes = {one["text"].partition(":")[0]: one["change"] // 60_000 for one in plan["asked_what_if"]}
    for name, target in [(one, then) for then in needs for one in needs[then]]:
        fewer = {**needs, target: [one for one in needs[target] if one != name]}
        said = changes[f"without `ci.yml/{name}` → `ci.yml/{target}`"]
        assert said == longest(minutes, fewer) - total
    for name in minutes:
        assert changes[f"`ci.yml/{name}` takes no time"] == longest({**minutes, name: 0}, needs) - total


def test_levels_are_groups_side_by_side(tmp_path: Path) -> None:
    minutes, needs = pipeline(3)
    root = laid_out(tmp_path / "project", {f"{FLOWS}ci.yml": text_of(minutes, needs)})
    (process,) = found(root, "graph")["processes"]
    for level in process["levels"]:
        for one, other in itertools.permutations((id_.rpartition("/")[2] for id_ in level), 2):
            assert not any(one in path and other in path for path in paths(needs))


def test_several_chains_of_one_length_are_counted(tmp_path: Path) -> None:
    text = text_of({"a": 5, "b": 5, "c": 5}, {"a": [], "b": [], "c": ["a", "b"]})
    root = laid_out(tmp_path / "project", {f"{FLOWS}ci.yml": text})
    (process,) = found(root, "graph")["processes"]
    assert (process["critical"], process["chains"]) == (["ci.yml/a", "ci.yml/c"], 2)


def test_a_job_that_calls_a_workflow_does_nothing_itself(tmp_path: Path) -> None:
    files = {
        f"{FLOWS}ci.yml": "on: push\njobs:\n  ship:\n    uses: ./.github/workflows/_ship.yml\n",
        f"{FLOWS}_ship.yml": "on: workflow_call\njobs:\n  apply:\n    runs-on: x\n    steps: [{run: kubectl apply -f web.yaml}]\n",
    }
    plan = found(laid_out(tmp_path / "project", files), "graph", "--if-fails", "apply")
    (told,) = plan["asked_failures"]
    assert not [one for one in told["state"] if "is done and stays" in one["text"]]


def test_a_build_is_a_gate_and_no_test(tmp_path: Path) -> None:
    text = """\
on: push
jobs:
  build:
    runs-on: x
    steps: [{run: make image}]
  ship:
    needs: build
    runs-on: x
    steps: [{run: kubectl apply -f web.yaml}]
"""
    root = laid_out(tmp_path / "project", {f"{FLOWS}ci.yml": text})
    rows = {(one["kind"], one["holds"]) for one in found(root, "graph")["checkpoints"]}
    assert {("gate", "yes"), ("tests", "unknown")} <= rows
    (process,) = found(root, "graph")["processes"]
    assert process["name"] == "ci.yml"


# Migrations --------------------------------------------------------------------------------------


FLYWAY = {
    "db/migration/common/V1__orders.sql": "CREATE TABLE orders (id bigint);\n",
    "db/migration/common/V3__state.sql": "ALTER TABLE orders ADD COLUMN state text;\n",
    "db/migration/postgres/V2__roles.sql": "ALTER TABLE orders ADD COLUMN owner text;\n",
}


def test_locations_of_flyway_are_one_history(tmp_path: Path) -> None:
    plan = found(laid_out(tmp_path / "project", FLYWAY), "graph")
    (process,) = plan["processes"]
    assert process["name"] == "db/migration/{common,postgres}"
    assert [id_.rpartition("/")[2] for id_ in process["critical"]] == [
        "V1__orders.sql",
        "V2__roles.sql",
        "V3__state.sql",
    ]
    assert plan["proposals"] == []
    assert process["asides"][0]["status"] == "ASSUMED"


def test_a_version_that_is_there_twice_keeps_locations_apart(tmp_path: Path) -> None:
    files = {**FLYWAY, "db/migration/h2/V2__roles.sql": "ALTER TABLE orders ADD COLUMN owner varchar(9);\n"}
    plan = found(laid_out(tmp_path / "project", files), "graph")
    assert {one["name"].rpartition("/")[2] for one in plan["processes"]} == {"common", "postgres", "h2"}
