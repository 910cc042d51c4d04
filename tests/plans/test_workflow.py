"""The specification of one workflow: made by the command, on small repositories."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rollsafe.cli import main
from tests.plans.kinds import asked, found
from tests.plans.mermaid import read
from tests.plans.repositories import write

Json = dict[str, Any]
Spec = Callable[..., Json]

SHOP = Path(__file__).parents[2] / "examples" / "shop"
FLOWS = ".github/workflows/"
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 10}
ALL = {"ErrorEquals": ["States.ALL"]}


def machine(states: Json, start: str = "A", **more: object) -> dict[str, str]:
    return {"flow.asl.json": json.dumps({"StartAt": start, "States": states, **more}, indent=1)}


def laid_out(root: Path, files: dict[str, str]) -> Path:
    root.mkdir(exist_ok=True)
    write(root, {"rollsafe.toml": "root = true\n", **files})
    return root


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    """Write a project and return the specification of one of its workflows as JSON."""

    def make(files: dict[str, str], subject: str = "") -> Json:
        return found(laid_out(tmp_path / "project", files), "workflow", subject or next(iter(files)))

    return make


def box(plan: Json, number: int) -> Json:
    return dict(plan["boxes"][number - 1])


def state(plan: Json, name: str) -> Json:
    (one,) = [one for one in plan["states"] if one["name"] == name]
    return dict(one)


def ways(plan: Json) -> set[tuple[str, str, str]]:
    names = {one["id"]: one["name"] for one in plan["states"]}
    return {
        (names.get(one["source"], one["source"]), f"{one['on']} {one['guard']}".strip(), names.get(one["target"], one["target"]))
        for one in plan["transitions"]
    }  # fmt: skip


# State machines ----------------------------------------------------------------------------------


ORDER = {
    "ReserveStock": {**TASK, "Next": "ChargeCard", "Catch": [{**ALL, "Next": "Lost"}],
                     "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "MaxAttempts": 4, "BackoffRate": 1.5}]},
    "ChargeCard": {**TASK, "Next": "Enough?", "Catch": [{"ErrorEquals": ["Declined"], "Next": "ReleaseStock"}, {**ALL, "Next": "ReleaseStock"}]},
    "ReleaseStock": {**TASK, "Next": "Lost"},
    "Enough?": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 2, "Next": "Tell"}], "Default": "Done"},
    "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "TimeoutSeconds": 5, "Next": "Done",
             "Parameters": {"QueueUrl": "https://sqs.example/orders", "MessageBody": {"order.$": "$.id", "state": "sold"}}},
    "Done": {"Type": "Succeed"},
    "Lost": {"Type": "Fail"},
}  # fmt: skip


def test_every_way_is_a_transition(spec: Spec) -> None:
    plan = spec(machine(ORDER, "ReserveStock"))
    assert ways(plan) == {
        ("[*]", "start", "ReserveStock"),
        ("ReserveStock", "next", "ChargeCard"),
        ("ReserveStock", "catch States.ALL", "Lost"),
        ("ChargeCard", "next", "Enough?"),
        ("ChargeCard", "catch Declined", "ReleaseStock"),
        ("ChargeCard", "catch States.ALL", "ReleaseStock"),
        ("ReleaseStock", "next", "Lost"),
        ("Enough?", 'choice Variable "$.n" NumericLessThan 2', "Tell"),
        ("Enough?", "default", "Done"),
        ("Tell", "next", "Done"),
        ("Done", "end", "[*]"),
        ("Lost", "end", "[*]"),
    }


def test_retries_are_added_up_exactly(spec: Spec) -> None:
    plan = spec(machine(ORDER, "ReserveStock"))
    # 3 s, then one and a half times as long: 3 + 4.5 + 6.75 + 10.125 = 24.375 s, and five tries of ten seconds.
    assert state(plan, "ReserveStock")["longest"] == 50_000 + 24_375
    assert (
        "on Busy: 4 more tries, waits 24s 375ms in all" in state(plan, "ReserveStock")["retries"][0]["text"]
    )
    assert plan["longest"] == 50_000 + 24_375 + 10_000 + 10_000
    assert [next(s["name"] for s in plan["states"] if s["id"] == id_) for id_ in plan["longest_path"]] == [
        "ReserveStock",
        "ChargeCard",
        "ReleaseStock",
        "Lost",
    ]


@pytest.mark.parametrize(
    ("retry", "waits"),
    [
        ({}, 7_000),
        ({"MaxAttempts": 0}, 0),
        ({"MaxAttempts": 5, "IntervalSeconds": 10, "MaxDelaySeconds": 15}, 70_000),
        ({"MaxAttempts": 3, "BackoffRate": "1.1"}, 3_310),
        ({"MaxAttempts": 99_999_999}, None),
        ({"MaxAttempts": 900, "BackoffRate": 10}, None),
        ({"BackoffRate": "1e999999"}, None),
        ({"BackoffRate": "often"}, None),
    ],
)
def test_waiting_is_exact_or_unknown(retry: Json, waits: int | None, spec: Spec) -> None:
    plan = spec(machine({"A": {**TASK, "End": True, "Retry": [{**ALL, **retry}]}}))
    tries = 1 + int(retry.get("MaxAttempts", 3))
    assert plan["longest"] == (None if waits is None else 10_000 * tries + waits)


def test_what_nothing_bounds_is_unknown(spec: Spec) -> None:
    plan = spec(
        machine({"A": {**TASK, "Next": "B"}, "B": {"Type": "Task", "Resource": "arn:x", "End": True}})
    )
    assert plan["longest"] is None
    assert "nothing bounds `B`" in plan["duration"]["text"]
    limited = spec(machine({"A": {"Type": "Task", "Resource": "arn:x", "End": True}}, TimeoutSeconds=90))
    assert limited["longest"] == 90_000
    assert "`TimeoutSeconds: 90` ends a whole execution" in limited["duration"]["text"]


def test_a_loop_is_unknown_and_named(spec: Spec) -> None:
    states = {"A": {**TASK, "Next": "B"}, "B": {"Type": "Wait", "Seconds": 5, "Next": "A"}}
    plan = spec(machine(states))
    assert plan["longest"] is None
    assert "`A` → `B` → `A` is a loop" in plan["duration"]["text"]


def test_branches_run_side_by_side_and_maps_are_unknown(spec: Spec) -> None:
    branches = [{"StartAt": name, "States": {name: {**TASK, "TimeoutSeconds": seconds, "End": True}}}
                for name, seconds in (("Slow", 40), ("Fast", 4))]  # fmt: skip
    plan = spec(
        machine(
            {
                "A": {
                    "Type": "Parallel",
                    "Branches": branches,
                    "End": True,
                    "Retry": [{**ALL, "MaxAttempts": 1}],
                }
            }
        )
    )
    assert plan["longest"] == 2 * 40_000 + 1_000
    assert state(plan, "Slow")["parent"] == state(plan, "A")["id"]
    mapped = spec(machine({"A": {"Type": "Map", "ItemProcessor": branches[0], "End": True}}))
    assert mapped["longest"] is None
    assert "how many items `A` goes through" in state(mapped, "A")["limit"]["text"]


def test_what_is_done_has_its_undoing_or_none(spec: Spec) -> None:
    plan = spec(machine(ORDER, "ReserveStock"))
    assert state(plan, "ReserveStock")["compensation"]["text"] == "`ReleaseStock` takes it back, by its name"
    assert state(plan, "ChargeCard")["compensation"]["text"] == "NONE"
    assert box(plan, 7)["answer"] == "FAIL"
    assert "nothing takes back what `ChargeCard` does" in json.dumps(box(plan, 7))
    unsure = spec(machine({"A": {**TASK, "End": True}}))
    assert state(unsure, "A")["effect"]["status"] == "UNKNOWN"
    assert box(unsure, 7)["answer"] == "UNKNOWN"


def test_messages_are_events_with_their_fields(spec: Spec) -> None:
    (event,) = spec(machine(ORDER, "ReserveStock"))["events"]
    assert event["channel"] == "queue https://sqs.example/orders"
    assert [one["text"] for one in event["producers"]] == ["Tell"]
    assert [one["status"] for one in event["consumers"]] == ["UNKNOWN"]
    assert [one["name"] for one in event["fields"]] == ["order", "state"]
    assert {one["type"] for one in event["fields"]} == {None}


def test_ways_that_lead_nowhere_block(spec: Spec) -> None:
    plan = spec(
        machine({"A": {**TASK, "Next": "Gone"}, "B": {"Type": "Pass", "End": True}, "C": {"Type": "Pass"}})
    )
    assert plan["verdict"] == "BLOCKED"
    said = json.dumps(plan["flaws"])
    for words in (
        "`A` leads to `Gone`, which is no state",
        "no way leads to `B`",
        "`C` has neither `Next` nor `End`",
    ):
        assert words in said


def test_logging_is_seen_in_a_template(spec: Spec) -> None:
    template = """\
Resources:
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: A
        States: {A: {Type: Pass, End: true}}
"""
    assert box(spec({"template.yaml": template}), 5)["answer"] == "FAIL"
    logged = template + "      Logging: {Level: ALL}\n"
    assert box(spec({"template.yaml": logged}), 5)["answer"] == "PASS"


# Other workflows ---------------------------------------------------------------------------------


SHIP = """\
name: ship
on:
  workflow_dispatch:
    inputs: {version: {type: string, required: true}, dry: {type: boolean}}
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    strategy: {max-parallel: 1, matrix: {v: [1, 2, 3]}}
    steps: [{run: pytest}]
  ship:
    needs: test
    runs-on: ubuntu-24.04
    environment: production
    steps: [{run: kubectl apply -f k8s/web.yaml}]
  undo:
    needs: ship
    if: failure()
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps: [{run: kubectl rollout undo deployment/web}]
  call:
    needs: test
    uses: ./.github/workflows/_call.yml
"""
CALLED = "on: workflow_call\njobs:\n  x:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 400\n    steps: [{run: make}]\n"


def test_jobs_are_states(spec: Spec) -> None:
    plan = spec({f"{FLOWS}ship.yml": SHIP, f"{FLOWS}_call.yml": CALLED}, "ship")
    assert ways(plan) == {
        ("[*]", "start", "test"),
        ("test", "success", "ship"),
        ("ship", "failure failure()", "undo"),
        ("test", "success", "call"),
        ("ship", "end", "[*]"),
        ("undo", "end", "[*]"),
        ("call", "end", "[*]"),
    }
    # Three rounds of ten minutes, then the called workflow.
    assert plan["longest"] == (30 + 400) * 60_000
    assert "GitHub ends it after 6 h" in state(plan, "ship")["limit"]["text"]
    assert state(plan, "ship")["handled"]["text"] == "job `undo` runs then"
    (event,) = plan["events"]
    assert [(one["name"], one["type"], one["required"]) for one in event["fields"]] == [
        ("version", "string", True),
        ("dry", "boolean", False),
    ]
    assert box(plan, 1)["answer"] == "PASS"
    assert (box(plan, 6)["answer"], box(plan, 6)["claims"][0]["rule"]) == ("FAIL", "deploy-without-timeout")
    unlimited = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps: [{run: make}]\n"
    open_ = box(spec({f"{FLOWS}a.yml": unlimited}, "a"), 6)
    assert (open_["answer"], open_["claims"][0]["text"]) == (
        "UNKNOWN",
        "whether `a` may take the 6 h GitHub gives it",
    )
    undeclared = SHIP + "    with: {version: '1'}\n"
    assert (
        box(spec({f"{FLOWS}ship.yml": undeclared, f"{FLOWS}_call.yml": CALLED}, "ship"), 1)["answer"]
        == "UNKNOWN"
    )
    assert "whom `production` asks for approval" in json.dumps(plan["questions"])


JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: reports}
spec:
  schedule: "0 3 * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: 600
      template:
        spec:
          restartPolicy: Never
          initContainers: [{name: fetch, image: "registry.example/shop/fetch:1"}]
          containers: [{name: main, image: "registry.example/shop/reports:1"}]
"""


def test_a_cron_job_is_a_workflow(spec: Spec) -> None:
    plan = spec({"k8s/reports.yaml": JOB}, "cronjob/reports")
    assert ("fetch", "success", "main") in ways(plan)
    assert ("main", "success exit code 0", "Complete") in ways(plan)
    assert ("main", "failure after 2 more tries", "Failed") in ways(plan)
    assert plan["longest"] == 600_000
    assert "waits 30s in all" in state(plan, "main")["retries"][0]["text"]
    assert "a run that is due is skipped while another one runs" in json.dumps(plan["reliability"])
    assert plan["events"][0]["name"] == "schedule 0 3 * * *"


COMPOSE = """\
services:
  db:
    image: postgres:16
    restart: always
    healthcheck: {test: [CMD, pg_isready], interval: 5s, timeout: 1s, retries: 5}
  migrate:
    image: registry.example/shop/migrate:1
    depends_on: {db: {condition: service_healthy}}
  web:
    image: registry.example/shop/web:1
    restart: always
    depends_on: {migrate: {condition: service_completed_successfully}}
"""


def test_compose_starts_in_states(spec: Spec) -> None:
    plan = spec({"compose.yaml": COMPOSE})
    assert ways(plan) == {
        ("[*]", "start", "db"),
        ("db", "next healthy", "migrate"),
        ("migrate", "next ended well", "web"),
        ("web", "end", "[*]"),
    }
    assert state(plan, "db")["longest"] == 30_000
    assert plan["longest"] is None
    assert "nothing bounds `migrate`" in plan["duration"]["text"]
    assert box(plan, 2)["answer"] == "FAIL"


# The diagram -------------------------------------------------------------------------------------


SUBJECTS = {
    "machine": (machine(ORDER, "ReserveStock"), "flow.asl.json"),
    "nested": (machine({"A": {"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": "B", "States": {"B": {"Type": "Map", "End": True, "ItemProcessor": {
            "StartAt": "C", "States": {"C": {**TASK, "Next": "D"}, "D": {"Type": "Pass", "End": True}}}}}},
        {"StartAt": "E", "States": {"E": {"Type": "Wait", "Seconds": 1, "End": True}}}]}}), "flow.asl.json"),
    "pipeline": ({f"{FLOWS}ship.yml": SHIP, f"{FLOWS}_call.yml": CALLED}, "ship"),
    "job": ({"k8s/reports.yaml": JOB}, "reports"),
    "compose": ({"compose.yaml": COMPOSE}, "compose.yaml"),
    "hostile": (machine({name: {"Type": "Pass", "Next": then} for name, then in (
        ('a"b', "x; y"), ("x; y", "--> z"), ("--> z", "state {"), ("state {", "#35; [*]"), ("#35; [*]", "note: %%"),
        ("note: %%", "end note"), ("end note", "é\u2028"))} | {"é\u2028": {"Type": "Succeed"}}, 'a"b'), "flow.asl.json"),
}  # fmt: skip
WAY = re.compile(r"^ *(?P<source>\S+) --> (?P<target>\S+) : (?P<label>.*)$")
STATE = re.compile(r'^ *state "(?P<label>.*)" as (?P<id>\w+)$')


def shown(text: str) -> str:
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), text)


def said(one: Json) -> str:
    return " ".join(f"{one['on']} {one['guard']}".split())


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_diagram_says_what_the_plan_says(name: str, tmp_path: Path) -> None:
    files, subject = SUBJECTS[name]
    root = laid_out(tmp_path / "project", files)
    plan, text = found(root, "workflow", subject), asked(root, "workflow", subject, "--format", "mermaid")
    back = [match for line in text.splitlines() if (match := WAY.match(line))]
    assert Counter((m["source"], m["target"], shown(m["label"])) for m in back) == Counter(
        (one["source"], one["target"], said(one)) for one in plan["transitions"]
    )
    drawn = {m["id"]: shown(m["label"]) for line in text.splitlines() if (m := STATE.match(line))}
    assert drawn == {one["id"]: " ".join(f"{one['name']} ({one['kind']})".split()) for one in plan["states"]}


@pytest.mark.parametrize("name", SUBJECTS)
def test_mermaid_reads_the_diagram(name: str, tmp_path: Path) -> None:
    files, subject = SUBJECTS[name]
    root = laid_out(tmp_path / "project", files)
    plan, diagram = (
        found(root, "workflow", subject),
        read(asked(root, "workflow", subject, "--format", "mermaid")),
    )
    assert diagram.type == "stateDiagram"
    expected = Counter(
        (
            f"{one['parent'] or 'root'}_start" if one["source"] == "[*]" else one["source"],
            f"{one['parent'] or 'root'}_end" if one["target"] == "[*]" else one["target"],
            said(one),
        )
        for one in plan["transitions"]
    )
    assert Counter(diagram.edges) == expected
    for one in plan["states"]:
        assert diagram.nodes[one["id"]] == " ".join(f"{one['name']} ({one['kind']})".split())


# The command -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ((), "needs FILE|NAME"),
        (("nothing",), "no workflow `nothing`"),
        (("refnd",), "nearest: `refund`"),
        (("workflows/refund.asl.jso",), "nearest: `workflows/refund.asl.json`"),
        (("k8s/base/orders.yaml",), "no workflow"),
    ],
)
def test_mistakes_are_one_line(
    subject: tuple[str, ...],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(SHOP, tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    assert main(["plan", "workflow", *subject]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert said in captured.err


def test_a_file_with_two_workflows_asks_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = laid_out(
        tmp_path / "project", {"k8s/jobs.yaml": f"{JOB}---\n{JOB.replace('name: reports', 'name: bills')}"}
    )
    assert main(["plan", "workflow", "k8s/jobs.yaml", str(root)]) == 2
    assert "holds 2 workflows: `cronjob/reports`, `cronjob/bills`" in capsys.readouterr().err
    assert found(root, "workflow", "bills")["name"] == "bills"


def test_the_text_form_lists_every_state(tmp_path: Path) -> None:
    root = laid_out(tmp_path / "project", machine(ORDER, "ReserveStock"))
    text = asked(root, "workflow", "flow", "--format", "text")
    assert text.startswith("[*] -> ReserveStock\nReserveStock (Task)\n  -> ChargeCard [next]\n")
    for name in ORDER:
        assert f"\n{name} (" in text


def test_a_value_that_is_a_secret_is_not_shown(tmp_path: Path) -> None:
    choice = {"Variable": "$.key", "StringEquals": "ghp_" + "a1B2" * 9, "Next": "B"}
    states = {"A": {"Type": "Choice", "Choices": [choice], "Default": "B"}, "B": {"Type": "Succeed"}}
    root = laid_out(tmp_path / "project", machine(states))
    for form in ("markdown", "json", "mermaid", "text"):
        assert "ghp_" not in asked(root, "workflow", "flow", "--format", form)


def test_many_states_are_drawn_in_part_and_told(tmp_path: Path) -> None:
    states: Json = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(1_200)}
    root = laid_out(tmp_path / "project", machine({**states, "S1200": {"Type": "Succeed"}}, "S0"))
    text = asked(root, "workflow", "flow")
    assert "951 more states are not drawn" in text
    assert len(text) < 150_000
    read(asked(root, "workflow", "flow", "--format", "mermaid"))
