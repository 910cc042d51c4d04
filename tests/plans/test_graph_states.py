"""The dependency graph of state machines: states inside of others, their times and their failures."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plans.kinds import found
from tests.plans.repositories import write

Json = dict[str, Any]
ALL = {"ErrorEquals": ["States.ALL"]}


def task(seconds: int = 10, **more: object) -> Json:
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": seconds, **more}


def scope(start: str, **states: Json) -> Json:
    return {"StartAt": start, "States": states}


BRANCHES = [
    scope("Reserve", Reserve=task(Next="Rest"), Rest={"Type": "Wait", "Seconds": 5, "End": True}),
    scope(
        "Charge",
        Charge=task(
            40,
            End=True,
            Retry=[{**ALL, "MaxAttempts": 1, "IntervalSeconds": 2}],
            Catch=[{"ErrorEquals": ["Declined"], "Next": "Tell"}],
        ),
        Tell=task(End=True),
    ),
]
ORDER = scope(
    "Load",
    Load=task(Next="Both"),
    Both={
        "Type": "Parallel",
        "Branches": BRANCHES,
        "Next": "Ship",
        "Catch": [{**ALL, "Next": "Lost"}],
        "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}],
    },
    Ship=task(End=True),
    Lost={"Type": "Fail"},
)
EACH = scope(
    "Each",
    Each={"Type": "Map", "ItemProcessor": scope("Pack", Pack=task(End=True)), "Next": "Done"},
    Done={"Type": "Succeed"},
)


def laid_out(root: Path, machine: Json) -> Path:
    root.mkdir(exist_ok=True)
    write(root, {"rollsafe.toml": "root = true\n", "order.asl.json": json.dumps(machine, indent=1)})
    return root


def graph(root: Path, machine: Json, *options: str) -> tuple[Json, Json]:
    """Return the plan and its only process."""
    plan = found(laid_out(root, machine), "graph", *options)
    (process,) = plan["processes"]
    return plan, process


def edges(process: Json) -> set[tuple[str, str]]:
    prefix = f"{process['name']}/"
    return {
        (one["source"].removeprefix(prefix), one["target"].removeprefix(prefix)) for one in process["edges"]
    }


def test_states_inside_of_others_are_nodes_between_them(tmp_path: Path) -> None:
    _, process = graph(tmp_path / "a", ORDER)
    assert edges(process) == {
        ("Load", "Both"),
        ("Both", "Both/Reserve"),
        ("Both/Reserve", "Both/Rest"),
        ("Both", "Both/Charge"),
        ("Both/Charge", "Both/Tell"),
        ("Both/Rest", "Ship"),
        ("Both/Charge", "Ship"),
        ("Both/Tell", "Ship"),
        ("Both/Rest", "Lost"),
        ("Both/Charge", "Lost"),
        ("Both/Tell", "Lost"),
    }
    titles = {node["title"]["text"] for node in process["nodes"]}
    assert "Both / Rest (Wait)" in titles


def test_tries_of_a_state_and_of_those_around_it_count(tmp_path: Path) -> None:
    root = tmp_path / "a"
    _, process = graph(root, ORDER)
    # Both is tried three times and waits 1 s and 2 s in between; Charge inside of it twice, 2 s in between.
    charge, tell = 3 * (40 + 2 + 40), 3 * 10
    assert process["unit"] == "milliseconds, at most"
    assert process["duration"] == 1_000 * (10 + 3 + charge + tell + 10)
    assert process["duration"] == found(root, "workflow", "order")["longest"]
    (node,) = [one for one in process["nodes"] if one["id"].endswith("/Charge")]
    assert node["length_reason"]["text"] == "`TimeoutSeconds: 40`, all tries and their waiting: 4m 6s"


def test_states_of_a_map_run_nobody_knows_how_often(tmp_path: Path) -> None:
    plan, process = graph(tmp_path / "a", EACH)
    assert edges(process) == {("Each", "Each/Pack"), ("Each/Pack", "Done")}
    assert process["unit"] == "steps"
    assert [one["text"] for one in plan["unknowns"]] == [
        "how many items `Each` goes through: its states count once, its input decides"
    ]


@pytest.mark.parametrize(
    ("machine", "node", "runs", "perhaps", "then"),
    [
        (ORDER, "Charge", "`Lost (Fail)` handles States.ALL of `Both`",
         "`Both / Tell (Task)` handles Declined of `Charge`", "the other branches of `Both` are stopped"),
        (ORDER, "Load", "", "", "no `Catch`: the execution fails"),
        (EACH, "Pack", "", "", "the other items of `Each` are stopped"),
    ],
)  # fmt: skip
def test_failures_are_caught_from_the_inside_out(
    machine: Json, node: str, runs: str, perhaps: str, then: str, tmp_path: Path
) -> None:
    plan, _ = graph(tmp_path / "a", machine, "--if-fails", node)
    (told,) = plan["asked_failures"]
    assert [one["text"] for one in told["goes_on"]] == [runs] * bool(runs)
    assert [one["text"] for one in told["perhaps"]] == [perhaps] * bool(perhaps)
    assert then in [one["text"] for one in (*told["state"], *told["recovery"])]


def test_some_items_may_fail_where_that_is_written(tmp_path: Path) -> None:
    states = EACH["States"]
    each = {**states["Each"], "ToleratedFailurePercentage": 5}
    plan, _ = graph(tmp_path / "a", {**EACH, "States": {**states, "Each": each}}, "--if-fails", "Pack")
    (told,) = plan["asked_failures"]
    assert "as far as `ToleratedFailurePercentage` lets it" in told["state"][0]["text"]


def test_a_catch_of_some_errors_lets_others_end_it(tmp_path: Path) -> None:
    machine = scope(
        "A", A=task(End=True, Catch=[{"ErrorEquals": ["Known"], "Next": "B"}]), B={"Type": "Succeed"}
    )
    plan, _ = graph(tmp_path / "a", machine, "--if-fails", "A")
    (told,) = plan["asked_failures"]
    assert (
        told["recovery"][-1]["text"] == "`Catch` of `A` takes some errors only: any other ends the execution"
    )


def test_branches_with_states_of_one_name_are_told_apart(tmp_path: Path) -> None:
    both = {"Type": "Parallel", "End": True, "Branches": [scope("A", A=task(End=True))] * 2}
    _, process = graph(tmp_path / "a", scope("Both", Both=both))
    assert edges(process) == {("Both", "Both/A"), ("Both", "Both/A (2)")}
