"""Carrying out a plan step by step, as the person who does it: by the command, with a journal on disk."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rollsafe.cli import main
from tests.plans.repositories import CHANGES, repository

Json = dict[str, Any]


class Told(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Told]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = repository(tmp_path / "repository", CHANGES["release"])
    monkeypatch.setenv("ROLLSAFE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(found)
    return found


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "state" / "runs.sqlite3"


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> Told:
        capsys.readouterr()
        code = main(["plan", "run", *words])
        captured = capsys.readouterr()
        return Told(code, captured.out, captured.err)

    return call


@pytest.fixture
def started(run: Run) -> Run:
    assert run("start", "--anyway").code == 0
    return run


def told(run: Run, *words: str) -> Json:
    done = run("report", "--format", "json", *words)
    assert done.code == 0, done.err
    found: Json = json.loads(done.out)
    return found


def events(run: Run) -> list[tuple[str, str]]:
    return [(one["event"], one["step"]) for one in told(run)["entries"]]


def plan_of(root: Path, tmp_path: Path) -> Json:
    file = tmp_path / "plan.json"
    assert main(["plan", "deploy", str(root), "--format", "json", "-o", str(file)]) == 0
    found: Json = json.loads(file.read_bytes())
    return found


def go(run: Run, steps: int) -> None:
    for _ in range(steps):
        assert run("done").code == 0


# Forward -----------------------------------------------------------------------------------------


def test_nothing_is_written_before_a_run_starts(run: Run, journal: Path, root: Path) -> None:
    assert run("status").code == 2
    assert run("list").out == "No run yet.\n"
    assert not journal.exists()


def test_the_next_step_is_shown_with_its_command_and_gate(started: Run, root: Path, tmp_path: Path) -> None:
    first = plan_of(root, tmp_path)["steps"][0]
    shown = started("status").out
    for words in (first["title"], first["command"], first["gate"]["expected"], first["on_failure"]):
        assert words in shown


def test_every_step_done_finishes_the_run(started: Run, root: Path, tmp_path: Path) -> None:
    steps = plan_of(root, tmp_path)["steps"]
    go(started, len(steps))
    report = told(started)
    assert report["state"] == "finished"
    numbers = [one["step"] for one in report["entries"] if one["event"] == "done"]
    assert numbers == [str(step["number"]) for step in steps]
    assert [one["command"] for one in report["entries"][1:-1]] == [step["command"] or "" for step in steps]
    assert started("done").code == 2


def test_steps_are_done_in_order(started: Run) -> None:
    refused = started("done", "3")
    assert (refused.code, refused.err) == (2, "rollsafe: step 1 is next, not 3\n")
    assert started("done", "1").code == 0
    assert events(started) == [("started", ""), ("done", "1")]


def test_a_step_is_skipped_for_a_reason(started: Run) -> None:
    assert started("skipped").code == 2
    assert started("skipped", "--note", "done by hand this morning").code == 0
    assert told(started)["entries"][-1]["note"] == "done by hand this morning"
    assert "Step 2 of" in started("status").out


def test_a_failed_step_is_tried_again(started: Run) -> None:
    assert "Step 1 failed" in started("failed", "--note", "timeout").out
    assert told(started)["state"] == "failed"
    assert started("done").code == 0
    assert events(started) == [("started", ""), ("failed", "1"), ("done", "1")]


def test_who_and_when_are_written_down(started: Run) -> None:
    started("done", "--who", "ada")
    entry = told(started)["entries"][-1]
    assert entry["who"] == "ada"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry["at"])


def test_the_status_is_there_for_programs(started: Run, root: Path, tmp_path: Path) -> None:
    plan = plan_of(root, tmp_path)
    started("failed", "--note", "no answer")
    done = json.loads(started("done", "--who", "ada", "--format", "json").out)
    assert done == json.loads(started("status", "--format", "json").out)
    assert (done["schema"], done["state"], done["next"]) == ("rollsafe/run-status/1", "open", "2")
    assert done["headline"].startswith(f"step 2 of {len(plan['steps'])} is next: ")
    assert [step["title"] for step in done["steps"]] == [step["title"] for step in plan["steps"]]
    first, second, *_ = done["steps"]
    assert (first["state"], first["who"], second["state"], second["at"]) == ("done", "ada", "open", "")
    assert [one["undoes"] for one in done["back"]] == [
        str(one["undoes"]) for one in plan["rollback"] if one["undoes"] == 1
    ]


def test_the_last_run_is_shown_when_none_is_open(started: Run, root: Path, tmp_path: Path) -> None:
    go(started, len(plan_of(root, tmp_path)["steps"]))
    shown = started("status")
    assert (shown.code, shown.out.splitlines()[0][-10:]) == (0, ": finished")
    assert started("failed").err.startswith("rollsafe: no run is open")


# Back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 4, 9, 12])
def test_abort_leads_back_as_the_plan_says(started: Run, root: Path, tmp_path: Path, steps: int) -> None:
    plan = plan_of(root, tmp_path)
    go(started, steps)
    assert started("abort", "--note", "errors rise").code == 0
    expected = [
        one["name"] for one in plan["rollback"] if one["undoes"] <= steps and one["advice"] != "leave"
    ]
    assert told(started)["entries"][-1]["back"] == ", ".join(expected)
    for name in expected:
        assert f": {name} " in started("status").out
        assert started("undone", name).code == 0
    assert told(started)["state"] == "rolled back"
    assert [step for event, step in events(started) if event == "undone"] == expected


def test_a_step_that_failed_is_undone_as_well(started: Run, root: Path, tmp_path: Path) -> None:
    plan = plan_of(root, tmp_path)
    number = next(one["undoes"] for one in reversed(plan["rollback"]) if one["advice"] == "run")
    go(started, number - 1)
    started("failed")
    started("abort")
    assert [one["undoes"] for one in plan["rollback"] if f": {one['name']} " in started("status").out] == [
        number
    ]


def test_after_the_abort_there_is_no_way_forward(started: Run) -> None:
    go(started, 2)
    started("abort")
    assert started("done").code == 2
    assert started("abort").code == 2


def test_rollback_steps_are_done_in_order(started: Run) -> None:
    go(started, 12)
    started("abort")
    assert started("undone", "R99").code == 2
    assert started("undone").code == 0


@pytest.mark.parametrize(("steps", "fails"), [(0, False), (1, False), (4, True), (10, False), (11, True)])
def test_the_way_back_is_in_the_words_of_the_plan(
    started: Run, root: Path, tmp_path: Path, steps: int, fails: bool
) -> None:
    plan = plan_of(root, tmp_path)
    go(started, steps)
    decided = [one["do"] for one in plan["decisions"] if one["number"] <= steps]
    expected = decided[-1] if decided else ""
    if fails:
        started("failed")
        expected = plan["steps"][steps]["on_failure"]
    assert json.loads(started("status", "--format", "json").out)["leads_back"] == expected
    started("abort")
    assert json.loads(started("status", "--format", "json").out)["leads_back"] == expected


# The journal -------------------------------------------------------------------------------------


def test_one_run_per_environment_is_open(started: Run) -> None:
    refused = started("start")
    assert (refused.code, refused.err.partition(":")[0]) == (2, "rollsafe")
    assert "run 1 of production is open" in refused.err
    assert started("start", "--env", "staging", "--anyway").code == 0
    assert "several runs are open (1, 2)" in started("done").err
    assert started("done", "--env", "staging").code == 0
    assert told(started, "--run", "1")["entries"][-1]["event"] == "started"


def test_two_who_start_at_once_have_one_run(run: Run) -> None:
    command = (sys.executable, "-m", "rollsafe", "plan", "run", "start")
    children = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)
    ]
    codes = sorted(child.wait() for child in children)
    for child in children:
        assert child.stderr is not None
        child.stderr.close()
    assert codes == [0, 2]
    assert len(run("list").out.splitlines()) == 1


def test_notes_end_somewhere_and_are_one_line(started: Run) -> None:
    started("done", "--note", "seen\x1b[31m twice\n" + "word " * 1000)
    note = told(started)["entries"][-1]["note"]
    assert note.startswith("seen [31m twice word")
    assert len(note) == 2000


def test_secrets_in_notes_are_masked(started: Run, journal: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    started("done", "--note", f"used {secret} for it")
    assert secret not in started("report").out
    for file in journal.parent.iterdir():
        assert secret.encode() not in file.read_bytes()


def test_entries_are_neither_changed_nor_deleted(started: Run, journal: Path) -> None:
    with sqlite3.connect(journal) as connection:
        for statement in ("UPDATE entries SET who = 'x'", "DELETE FROM entries", "DELETE FROM runs"):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE entries SET note = 'fine' WHERE number = 2", "DELETE FROM entries WHERE number = 2"]
)
def test_whoever_changes_them_all_the_same_is_found_out(started: Run, journal: Path, statement: str) -> None:
    go(started, 3)
    assert told(started)["is_sealed"]
    with sqlite3.connect(journal) as connection:
        connection.execute("DROP TRIGGER entries_stay")
        connection.execute("DROP TRIGGER entries_last")
        connection.execute(statement)
    assert not told(started)["is_sealed"]
    assert "the journal was altered" in started("report").out


def test_a_plan_that_was_altered_is_found_out(started: Run, journal: Path) -> None:
    with sqlite3.connect(journal) as connection:
        connection.execute("DROP TRIGGER runs_stay")
        connection.execute("UPDATE runs SET plan = replace(plan, 'kubectl', 'kubectx')")
    assert not told(started)["is_sealed"]


def test_a_run_of_another_version_is_in_nobodys_way(started: Run, journal: Path) -> None:
    with sqlite3.connect(journal) as connection:
        connection.execute("DROP TRIGGER runs_stay")
        connection.execute('UPDATE runs SET plan = \'{"schema": "rollsafe/deployment-plan/9"}\'')
    assert "unreadable" in started("list").out
    assert told(started)["state"] == "unreadable"
    assert started("status", "--run", "1").code == 0
    refused = started("done", "--run", "1")
    assert (refused.code, len(refused.err.splitlines())) == (2, 1)
    assert started("start", "--anyway").code == 0
    assert started("done").code == 0


@pytest.mark.parametrize("number", ["0", "2", "9" * 40])
def test_a_run_that_is_not_there(started: Run, number: str) -> None:
    refused = started("done", "--run", number)
    assert (refused.code, refused.err[:22]) == (2, "rollsafe: there is no ")


def test_a_project_is_the_same_however_it_is_reached(started: Run, root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert started("done", "1", "--path", str(tmp_path / "link")).code == 0
    assert events(started) == [("started", ""), ("done", "1")]


def test_a_file_that_is_no_journal_is_one_line(run: Run, journal: Path) -> None:
    journal.parent.mkdir()
    journal.write_text("not a database, and long enough to be looked at " * 10)
    refused = run("list")
    assert (refused.code, len(refused.err.splitlines())) == (2, 1)


def test_the_run_goes_on_with_the_plan_it_began_with(started: Run, root: Path) -> None:
    before = started("status").out
    (root / "k8s").joinpath("more.yaml").write_text("kind: ConfigMap\n")
    assert started("status").out == before


def test_the_report_is_a_document(started: Run, tmp_path: Path) -> None:
    go(started, 2)
    file = tmp_path / "report.md"
    assert started("report", "--output", str(file)).code == 0
    text = file.read_text()
    assert text.startswith("# Run 1: ")
    assert text.count("| 20") == 3


LOOP = """
import sys
from rollsafe.cli import main
number = 0
while main(["plan", "run", "failed", "--note", f"attempt {number}"]) == 0:
    print(f"WRITTEN {number}", flush=True)
    number += 1
"""


def test_nothing_that_was_reported_is_lost_when_the_process_is_killed(started: Run) -> None:
    child = subprocess.Popen((sys.executable, "-c", LOOP), stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    reported = 0
    for line in child.stdout:
        if line.startswith("WRITTEN "):
            reported += 1
            if reported == 25:
                os.kill(child.pid, signal.SIGKILL)
                break
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    report = told(started)
    notes = [one["note"] for one in report["entries"] if one["event"] == "failed"]
    assert notes[:25] == [f"attempt {number}" for number in range(25)]
    assert len(notes) in (25, 26)
    assert report["is_sealed"]
    assert started("done").code == 0


def test_two_who_write_at_once_do_not_lose_or_repeat_a_step(started: Run) -> None:
    command = (sys.executable, "-m", "rollsafe", "plan", "run", "done", "1")
    children = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(4)
    ]
    codes = sorted(child.wait() for child in children)
    for child in children:
        assert child.stderr is not None
        child.stderr.close()
    assert codes == [0, 2, 2, 2]
    assert events(started) == [("started", ""), ("done", "1")]
