"""Remarks are set aside by fingerprint until their text changes; `explain` says where they come from."""

import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Repository
from tests.cli.reviewed import AGENT, FILE, NAME, PLAN, QUIET, REMARK
from tests.review.double import Double, answers, item

pytestmark = [
    pytest.mark.ai,
    pytest.mark.skipif(find_spec("anthropic") is None, reason="the extra `ai` is not installed"),
]
SHARED = "rollsafe-dismissed.json"


def review(repository: Repository) -> Any:
    return repository.run(*QUIET, "--ai", "--format=json").json["review"]


def fingerprint(repository: Repository) -> str:
    (remark,) = review(repository)["remarks"]
    return str(remark["fingerprint"])


class TestDismissing:
    def test_it_is_not_made_again_until_its_text_changes(self, planned: Repository, double: Double) -> None:
        mark = fingerprint(planned)
        told = planned.run("dismiss", mark[:8], "--reason", "it is in the wiki")
        assert (told.code, told.out) == (0, f"Set aside for you until its text changes: {NAME} {FILE}:8\n")
        again = review(planned)
        assert (again["remarks"], again["dropped"], len(double.requests)) == ([], {"dismissed": 1}, 1)
        elsewhere = PLAN.replace("# Plan: give", "Words.\n\n# Plan: give").replace("an hour.\n", "a day.\n")
        planned.write(FILE, elsewhere)
        assert review(planned)["dropped"] == {"dismissed": 1}
        assert len(double.requests) == 2
        planned.write(FILE, PLAN.replace("3. Switch traffic.", "3. Switch traffic and mail."))
        assert [one["fingerprint"] for one in review(planned)["remarks"]] == [mark]

    def test_for_the_user_it_is_no_file_of_the_project(self, planned: Repository, double: Double) -> None:
        before = sorted(planned.path.rglob("*"))
        planned.run("dismiss", fingerprint(planned))
        assert sorted(planned.path.rglob("*")) == before

    def test_for_all_it_holds_for_everybody_who_has_the_file(
        self, planned: Repository, double: Double, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (planned.path / SHARED).symlink_to(tmp_path / "elsewhere")
        told = planned.run("dismiss", fingerprint(planned), "--for-all")
        assert told.out.startswith(f"Set aside in {SHARED} until its text changes: ")
        assert not (tmp_path / "elsewhere").exists()
        (entry,) = json.loads(planned.read(SHARED))["dismissed"]
        assert (entry["path"], entry["name"]) == (FILE, NAME)
        monkeypatch.setenv("ROLLSAFE_STATE_DIR", str(tmp_path / "somebody else"))
        assert review(planned)["dropped"] == {"dismissed": 1}

    def test_it_is_listed_and_can_be_taken_back(self, planned: Repository, double: Double) -> None:
        mark = fingerprint(planned)
        assert planned.run("dismiss").out == "Nothing is set aside in this project.\n"
        planned.run("dismiss", mark, "--reason=known")
        planned.run("dismiss", mark, "--for-all")
        listed = planned.run("dismiss").lines
        assert [line.split()[0] for line in listed] == [mark, mark]
        assert listed[0].endswith("for you: known")
        assert listed[1].endswith("for all")
        assert planned.run("dismiss", mark[:6], "--undo").out == f"May be made again: {NAME} {FILE}\n"
        assert len(review(planned)["remarks"]) == 1
        assert planned.run("dismiss", mark, "--undo").code == 2

    def test_only_what_was_shown_here_can_be_set_aside(self, planned: Repository, double: Double) -> None:
        outcome = planned.run("dismiss", "0123456789abcdef")
        expected = "rollsafe: no remark `0123456789abcdef` was shown in the last 90 days\n"
        assert (outcome.code, outcome.err) == (2, expected)

    def test_a_file_that_cannot_be_read_sets_nothing_aside(self, planned: Repository, double: Double) -> None:
        planned.write(SHARED, "{")
        mark = fingerprint(planned)
        outcome = planned.run("dismiss", mark, "--for-all")
        assert (outcome.code, SHARED in outcome.err) == (2, True)
        assert planned.read(SHARED) == "{"

    def test_a_remark_set_aside_makes_room_for_others(self, planned: Repository, double: Double) -> None:
        lines = [line for line in PLAN.splitlines() if line[:2] in ("1.", "2.", "3.", "- ")]
        remarks = [item(file=FILE, node_id="", quote=line, key="step-nobody-can-do") for line in lines[:4]]
        double.replies = [answers(*({**one, "key": key} for one, key in zip(remarks, KEYS, strict=True)))]
        first = review(planned)
        assert (len(first["remarks"]), first["dropped"]) == (3, {"file-full": 1})
        planned.run("dismiss", first["remarks"][0]["fingerprint"])
        second = review(planned)
        assert (len(second["remarks"]), second["dropped"]) == (3, {"dismissed": 1})


KEYS = ("step-nobody-can-do", "steps-in-impossible-order", "plan-contradicts-itself", "risk-without-answer")


class TestOrigin:
    def test_explain_says_where_a_remark_comes_from(self, planned: Repository, double: Double) -> None:
        mark = fingerprint(planned)
        lines = planned.run("explain", mark[:8]).lines
        assert lines[0] == f"info  {FILE}:8  {NAME}   AI, unverified"
        told = dict(line.strip().split("  ", 1) for line in lines[4:])
        expected = {
            "fingerprint": mark,
            "agent": AGENT,
            "model": "claude-haiku-5-5",
            "request": "req_1",
            "set aside": "no",
        }
        assert {key: told[key].strip() for key in expected} == expected
        assert told["shown last"].endswith("fresh")
        review(planned)
        assert "from the cache" in planned.run("explain", mark).out

    def test_programs_get_the_same(self, planned: Repository, double: Double) -> None:
        (remark,) = review(planned)["remarks"]
        planned.run("dismiss", remark["fingerprint"], "--reason=known")
        record = planned.run("explain", remark["fingerprint"], "--format=json").json
        same = ("fingerprint", "agent", "model", "request_id", "prompt", "key", "message", "why", "cached")
        assert {key: record[key] for key in same} == {key: remark[key] for key in same}
        assert (record["path"], record["line"], record["verified"]) == (FILE, 8, False)
        assert record["dismissed"]["reason"] == "known"

    def test_an_unknown_one_is_told_in_one_line(self, planned: Repository, double: Double) -> None:
        outcome = planned.run("explain", "abcdef012345")
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err == "rollsafe: no remark `abcdef012345` was shown in the last 90 days\n"

    def test_a_memory_that_is_broken_costs_memory_only(self, planned: Repository, double: Double) -> None:
        file = Path(os.environ["ROLLSAFE_STATE_DIR"]) / "ai-remarks.sqlite3"
        file.write_bytes(b"no database")
        mark = fingerprint(planned)
        assert planned.run("explain", mark).code == 2
        outcome = planned.run("dismiss", mark)
        assert outcome.code == 2


def test_remarks_of_one_text_are_the_same_from_any_directory(
    planned: Repository, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = fingerprint(planned)
    planned.run("dismiss", mark)
    monkeypatch.chdir(planned.path / "docs")
    double.replies = [answers({**REMARK, "file": "plans/0001-orders.md"})]
    assert review(planned)["dropped"] == {"dismissed": 1}
