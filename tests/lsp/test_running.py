"""A deployment plan carried out in the editor: `rollsafe.run`, and the journal it shares with the command."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import Start, write
from tests.lsp.stdio import VSCODE, Client, Json
from tests.plans.repositories import CHANGES, repository

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
OURS: Json = {"trusted": True, "settings": {}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", CHANGES["release"])


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The directory that the servers of these tests keep their journal in."""
    return tmp_path / "ROLLSAFE_STATE_DIR"


@pytest.fixture
def client(root: Path, start: Start) -> Client:
    return start(root, options=OURS)


def run(client: Client, action: str, **arguments: Any) -> Json:
    answer: Json = client.command("rollsafe.run", {"action": action, **arguments}, wait=60)
    assert set(answer) == {"title", "markdown", "root", "status", "runs"}
    return answer


def status(client: Client, action: str = "status", **arguments: Any) -> Json:
    found: Json = run(client, action, **arguments)["status"]
    return found


def refused(client: Client, action: str, **arguments: Any) -> Json:
    params = {"command": "rollsafe.run", "arguments": [{"action": action, **arguments}]}
    error: Json = client.request("workspace/executeCommand", params, wait=60)["error"]
    assert "Traceback" not in client.text_of_log()
    return error


def events(client: Client) -> list[tuple[str, str]]:
    (told,) = run(client, "report")["runs"]
    return [(one["event"], one["step"]) for one in told["entries"]]


def command(root: Path, state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `rollsafe plan run` in the project, with the journal of the servers."""
    return subprocess.run(
        (sys.executable, "-m", "rollsafe", "plan", "run", *words),
        cwd=root,
        env={**os.environ, "ROLLSAFE_STATE_DIR": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )


def from_command(root: Path, state: Path, *words: str) -> Json:
    done = command(root, state, *words, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: Json = json.loads(done.stdout)
    return found


# A run ---------------------------------------------------------------------------------------------


def test_from_the_first_step_to_the_report_of_going_back(client: Client) -> None:
    began = status(client, "start")
    assert (began["state"], began["next"], began["back"]) == ("open", "1", [])
    for number in range(1, 12):
        now = status(client, "done", step=str(number))
        assert (now["next"], now["steps"][number - 1]["state"]) == (str(number + 1), "done")
    failed = status(client, "failed", step="12", note="6 pods never became ready")
    assert (failed["state"], failed["next"]) == ("failed", "12")
    assert failed["steps"][11]["note"] == "6 pods never became ready"
    assert failed["leads_back"] == failed["steps"][11]["on_failure"]
    aborted = status(client, "abort", note="errors rise")
    assert (aborted["state"], aborted["next"]) == ("going back", "R2")
    ahead = [one["id"] for one in aborted["back"] if one["advice"] != "leave"]
    assert ahead == ["R2", "R3", "R4", "R6", "R7"]
    assert [one["state"] for one in aborted["back"] if one["id"] == "R5"] == ["left"]
    turns = [status(client, "undone", step=name)["next"] for name in ahead]
    assert turns == ["R3", "R4", "R6", "R7", None]
    assert (status(client)["state"], status(client)["is_over"]) == ("rolled back", True)
    report = run(client, "report")
    assert report["title"] == "Report of run 1"
    assert report["markdown"].startswith("# Run 1: Deployment plan")
    (told,) = report["runs"]
    assert told["schema"] == "rollsafe/run/1"
    assert [one["event"] for one in told["entries"]] == [
        "started", *["done"] * 11, "failed", "aborted", *["undone"] * 5
    ]  # fmt: skip


def test_the_status_has_what_a_step_needs(client: Client) -> None:
    now = status(client, "start")
    assert now["schema"] == "rollsafe/run-status/1"
    first = now["steps"][0]
    assert first["title"] == "hold `deploy.yml`"
    assert first["command"] == "gh workflow disable deploy.yml"
    assert first["gate"] == {
        "command": "gh run list --workflow deploy.yml --status in_progress",
        "expected": "no run in progress",
    }
    assert first["on_failure"].endswith("from R7")
    assert first["claim"]["evidence"][0]["path"] == ".github/workflows/deploy.yml"
    assert [step["id"] for step in now["steps"] if step["is_point_of_no_return"]] == ["14"]
    assert "hold `deploy.yml`" in now["headline"]
    assert now["verdict"] == "READY WITH RISKS"


def test_steps_may_be_numbers_and_may_be_left_out(client: Client) -> None:
    run(client, "start")
    assert status(client, "done", step=1)["next"] == "2"
    assert status(client, "done")["next"] == "3"
    assert status(client, "skipped", note="seen this morning")["next"] == "4"
    assert events(client)[1:] == [("done", "1"), ("done", "2"), ("skipped", "3")]


def test_the_document_says_what_the_data_say(client: Client) -> None:
    run(client, "start")
    shown = run(client, "done", step="1", who="ada")
    assert shown["title"] == "Run 1"
    lines = shown["markdown"].splitlines()
    titles = [f"{step['id']} {step['title']}" for step in shown["status"]["steps"]]
    assert next(line for line in lines if line.startswith("- [")).startswith(f"- [x] {titles[0]} · done ")
    assert [title for title in titles if not any(title in line for line in lines)] == []
    assert f"## Next: {titles[1]}" in lines
    assert shown["status"]["steps"][1]["command"] in lines


def test_runs_are_listed(client: Client) -> None:
    assert run(client, "list")["runs"] == []
    run(client, "start")
    run(client, "start", environment="staging")
    told = run(client, "list")
    assert [(one["run"], one["environment"], one["state"]) for one in told["runs"]] == [
        (1, "production", "open"),
        (2, "staging", "open"),
    ]
    assert status(client, run=2)["environment"] == status(client, environment="staging")["environment"]
    assert refused(client, "status")["data"] == {"reason": "several-runs"}
    assert status(client, "done", run=2, step="1")["next"] == "2"
    assert status(client, run=1)["next"] == "1"


def test_without_a_run_there_is_nothing_to_see(client: Client, state: Path) -> None:
    for action in ("status", "report", "list"):
        answer = run(client, action)
        assert (answer["status"], answer["runs"]) == (None, [])
        assert "No run yet." in answer["markdown"]
    assert not state.exists()


# What is refused -----------------------------------------------------------------------------------


def test_without_a_run_nothing_can_be_recorded(client: Client) -> None:
    for action in ("done", "failed", "skipped", "abort", "undone"):
        error = refused(client, action, note="x")
        assert (error["code"], error["message"]) == (-32803, "no run is open")
        assert error["data"] == {"reason": "no-run"}
    error = refused(client, "status", run=7)
    assert (error["message"], error["data"]) == ("there is no run 7", {"reason": "unknown-run"})


def test_what_does_not_fit_is_refused(client: Client) -> None:
    run(client, "start")
    for action, arguments, reason in (
        ("done", {"step": "99"}, "not-now"),
        ("done", {"step": "R1"}, "not-now"),
        ("undone", {}, "not-now"),
        ("skipped", {"step": "1"}, "no-reason"),
        ("start", {}, "run-open"),
    ):
        error = refused(client, action, **arguments)
        assert (error["code"], error["data"]) == (-32803, {"reason": reason})
        assert "\n" not in error["message"]
        assert "--" not in error["message"], "options of the command line mean nothing in an editor"
    assert events(client) == [("started", "")]


def test_a_request_of_the_wrong_form_is_refused(client: Client) -> None:
    wrong: list[Json] = [
        {"action": "deploy"},
        {"action": 1},
        {"action": "status", "step": "1"},
        {"action": "done", "step": []},
        {"action": "done", "step": True},
        {"action": "done", "note": {}},
        {"action": "status", "run": "one"},
    ]
    for arguments in wrong:
        params = {"command": "rollsafe.run", "arguments": [arguments]}
        assert client.request("workspace/executeCommand", params)["error"]["code"] == -32602, arguments


def test_a_second_run_can_be_wanted_all_the_same(client: Client) -> None:
    run(client, "start")
    assert status(client, "start", anyway=True)["run"] == 2


def test_a_blocked_plan_is_not_begun_by_accident(shop: Path, start: Start) -> None:
    client = start(shop, options=OURS)
    error = refused(client, "start")
    assert error["data"] == {"reason": "plan-blocked"}
    assert error["message"].startswith("the plan is BLOCKED ")
    assert status(client, "start", anyway=True)["verdict"] == "BLOCKED"


def test_nothing_to_carry_out_is_no_run(tmp_path: Path, start: Start) -> None:
    client = start(repository(tmp_path / "docs", CHANGES["documentation"]), options=OURS)
    assert refused(client, "start", anyway=True)["data"] == {"reason": "plan-empty"}


def test_a_base_that_is_no_revision(client: Client) -> None:
    assert refused(client, "start", base="no-such-revision")["code"] == -32803


def test_a_journal_that_cannot_be_used_is_one_line(client: Client, state: Path) -> None:
    state.mkdir()
    (state / "runs.sqlite3").write_text("not a database, and long enough to be looked at " * 10)
    for action in ("start", "status", "list"):
        error = refused(client, action)
        assert (error["code"], error["data"]) == (-32803, {"reason": "journal"})
        assert error["message"].startswith(str(state))


def test_a_journal_that_cannot_be_made_is_one_line(client: Client, state: Path) -> None:
    state.write_text("a file where the directory would be")
    assert refused(client, "start")["data"] == {"reason": "journal"}


def test_an_untrusted_workspace_is_only_read(root: Path, state: Path, start: Start) -> None:
    assert command(root, state, "start").returncode == 0
    client = start(root, options={"trusted": False, "settings": {}})
    assert status(client)["next"] == "1"
    assert run(client, "report")["runs"][0]["state"] == "open"
    for action in ("start", "done", "failed", "skipped", "abort", "undone"):
        error = refused(client, action, note="x", anyway=True)
        assert (error["code"], error["data"]) == (-32803, {"reason": "untrusted"})
    assert events(client) == [("started", "")]


# What is kept --------------------------------------------------------------------------------------


def test_what_is_typed_is_masked(client: Client, state: Path) -> None:
    run(client, "start", note=f"with {SECRET}")
    run(client, "failed", step="1", note=f"token {SECRET}\nrefused", who=f"ada {SECRET}")
    run(client, "abort", note=f"{SECRET} is out")
    assert SECRET not in json.dumps(run(client, "report"))
    assert SECRET not in client.text_of_log()
    for file in state.iterdir():
        assert SECRET.encode() not in file.read_bytes()


def test_text_that_is_no_unicode_is_kept_as_far_as_it_is(client: Client) -> None:
    run(client, "start")
    params = {"command": "rollsafe.run", "arguments": [{"action": "failed", "note": "half \ud83d a face"}]}
    assert client.result("workspace/executeCommand", params)["status"]["steps"][0]["note"] == "half a face"


def test_the_terminal_and_the_editor_write_one_story(root: Path, state: Path, client: Client) -> None:
    assert from_command(root, state, "start", "--who", "terminal")["next"] == "1"
    assert status(client)["next"] == "1"
    assert status(client, "done", step="1", who="editor")["next"] == "2"
    assert from_command(root, state, "done", "2", "--who", "terminal")["next"] == "3"
    now = status(client)
    assert now == from_command(root, state, "status")
    assert [step["who"] for step in now["steps"][:3]] == ["editor", "terminal", ""]
    assert run(client, "report")["runs"][0] == from_command(root, state, "report")
    assert now["is_sealed"]


def test_both_begin_with_the_same_plan(root: Path, state: Path, client: Client) -> None:
    mine, other = status(client, "start"), from_command(root, state, "start", "--anyway")
    same = ("plan", "title", "base", "verdict", "verdict_reason", "steps")
    assert {key: mine[key] for key in same} == {key: other[key] for key in same}


def test_the_file_of_a_request_says_which_project(root: Path, start: Start, tmp_path: Path) -> None:
    other = repository(tmp_path / "other", CHANGES["configuration"])
    client = start([other, root], options=OURS)
    run(client, "start", uri=(root / "k8s" / "alerts.yaml").as_uri())
    assert run(client, "status", uri=(root / "k8s").as_uri())["root"] == root.as_uri()
    assert status(client, uri=root.as_uri())["run"] == 1
    assert run(client, "status", uri=other.as_uri())["status"] is None
    assert status(client, "start", uri=other.as_uri())["run"] == 2
    assert len(status(client, uri=other.as_uri())["steps"]) != len(status(client, uri=root.as_uri())["steps"])


def test_two_editors_do_not_record_a_step_twice(root: Path, start: Start) -> None:
    one, two = (start(root, options=OURS) for _ in range(2))
    run(one, "start")
    for number in range(1, 6):
        arguments = [{"action": "done", "step": str(number)}]
        asked = [
            (each, each.ask("workspace/executeCommand", {"command": "rollsafe.run", "arguments": arguments}))
            for each in (one, two)
        ]
        answers = [each.answer(request) for each, request in asked]
        (lost,) = [answer["error"] for answer in answers if "error" in answer]
        assert lost["data"]["reason"] in ("not-now", "meanwhile")
        (won,) = [answer["result"] for answer in answers if "result" in answer]
        assert won["status"]["next"] == str(number + 1)
    assert [step for event, step in events(two) if event == "done"] == ["1", "2", "3", "4", "5"]
    assert status(one) == status(two)


def test_one_editor_is_answered_in_the_order_it_asks(client: Client) -> None:
    run(client, "start")
    params = {"command": "rollsafe.run", "arguments": [{"action": "done"}]}
    requests = [client.ask("workspace/executeCommand", params) for _ in range(6)]
    reached = [client.answer(request)["result"]["status"]["next"] for request in requests]
    assert reached == ["2", "3", "4", "5", "6", "7"]


def test_two_editors_begin_one_run(root: Path, start: Start) -> None:
    clients = [start(root, options=OURS) for _ in range(2)]
    params = {"command": "rollsafe.run", "arguments": [{"action": "start"}]}
    requests = [(each, each.ask("workspace/executeCommand", params)) for each in clients]
    answers = [each.answer(request, 60) for each, request in requests]
    (lost,) = [answer["error"] for answer in answers if "error" in answer]
    assert lost["data"] == {"reason": "run-open"}
    assert len(run(clients[0], "list")["runs"]) == 1


def test_a_server_that_is_started_again_goes_on(root: Path, start: Start) -> None:
    first = start(root, options=OURS)
    run(first, "start")
    before = status(first, "done", step="1")
    assert first.stop() == 0
    second = start(root, options=OURS)
    assert status(second) == before
    assert status(second, "done", step="2")["next"] == "3"


@pytest.mark.parametrize("answered", [3, 17])
def test_a_server_that_is_killed_while_recording_loses_nothing(
    root: Path, start: Start, state: Path, answered: int
) -> None:
    first = start(root, options=OURS)
    run(first, "start")
    asked: list[int] = []
    for number in range(40):
        arguments = [{"action": "failed", "step": "1", "note": f"attempt {number}"}]
        asked.append(
            first.ask("workspace/executeCommand", {"command": "rollsafe.run", "arguments": arguments})
        )
    told = 0
    while told < answered:
        told += "result" in first.until(
            lambda message: message.get("id") in asked and "method" not in message
        )
    first.process.send_signal(signal.SIGKILL)
    first.process.wait(10)
    (report,) = run(start(root, options=OURS), "report")["runs"]
    assert len([one for one in report["entries"] if one["event"] == "failed"]) >= answered
    assert report["is_sealed"]
    with sqlite3.connect(state / "runs.sqlite3") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert from_command(root, state, "done", "1")["next"] == "2"


# How it reaches the screen -------------------------------------------------------------------------


def test_it_is_announced(client: Client) -> None:
    assert "rollsafe.run" in client.capabilities["executeCommandProvider"]["commands"]


def shown(client: Client) -> list[str]:
    client.sync()
    return [
        message["method"] for message in client.seen if str(message.get("method")).startswith("window/show")
    ]


def test_a_client_of_ours_shows_it_itself(client: Client) -> None:
    run(client, "start")
    run(client, "done", step="1")
    run(client, "report")
    assert shown(client) == []


def test_other_clients_get_documents_and_one_line_for_a_step(root: Path, start: Start) -> None:
    client = start(root)
    run(client, "start")
    assert shown(client) == ["window/showDocument"]
    client.seen.clear()
    run(client, "done", step="1")
    assert client.notification("window/showMessage")["message"].startswith("Run 1: step 2 of 17 is next: ")
    run(client, "report")
    assert shown(client) == ["window/showDocument"]


def test_a_client_that_watches_files_hears_of_other_writers(root: Path, state: Path, start: Start) -> None:
    workspace = {
        **VSCODE["workspace"],
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True},
    }
    client = start(root, {**VSCODE, "workspace": workspace}, OURS)
    registered: list[Json] = []
    client.answers["client/registerCapability"] = lambda params: registered.extend(params["registrations"])
    run(client, "start")
    run(client, "status")
    client.sync()
    (watched,) = [one for one in registered if one["id"].startswith("rollsafe-runs")]
    (watcher,) = watched["registerOptions"]["watchers"]
    assert watcher["globPattern"] == {"baseUri": state.as_uri(), "pattern": "runs.sqlite3"}
    uri = f"{watcher['globPattern']['baseUri']}/runs.sqlite3"
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]})
    assert client.notification("rollsafe/runsChanged") == {}


def test_who_carries_nothing_out_is_not_watched(root: Path, state: Path, start: Start) -> None:
    client = start(root, options=OURS)
    client.settled()
    run(client, "status")
    client.sync()
    asked = [m for m in client.seen if m.get("method") == "client/registerCapability"]
    ids = [one["id"] for message in asked for one in message["params"]["registrations"]]
    assert not [name for name in ids if name.startswith("rollsafe-runs")]


def test_a_start_is_accompanied_and_can_be_stopped(tmp_path: Path, start: Start) -> None:
    root = write(tmp_path / "shop", {"rollsafe.toml": "root = true\n"})
    client = start(root, options=OURS)
    client.settled()
    params = {
        "command": "rollsafe.run",
        "arguments": [{"action": "start"}],
        "workDoneToken": "work-1",
    }
    request = client.ask("workspace/executeCommand", params)
    client.until(lambda m: m.get("method") == "$/progress" and m["params"]["token"] == "work-1")
    assert client.answer(request)["error"]["data"] == {"reason": "plan-empty"}
