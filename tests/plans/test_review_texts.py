"""What is read by people who did not deploy: the body of a pull request, the report after a rollback."""

import json
import re
from pathlib import Path

import pytest

from rollsafe.cli import main
from tests.plans.kinds import asked, found
from tests.plans.repositories import CHANGES, CI, NEW_TAG, SHOP, Change, repository


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", CHANGES["release"])


# Pull requests -----------------------------------------------------------------------------------


def test_the_body_leads_nowhere_and_notifies_nobody(release: Path) -> None:
    text = asked(release, "pr")
    assert not re.search(r"\]\(|https?://", text)
    outside = re.sub(r"`[^`]*`", "", text)
    assert "@" not in outside
    assert "#" not in re.sub(r"^## ", "", outside, flags=re.M)


def test_the_sections_are_those_reviewers_look_for(release: Path) -> None:
    headings = re.findall(r"^## (.+)$", asked(release, "pr"), re.M)
    assert headings == [
        "What changes and why it is safe", "Breaking changes", "Risk", "How it is tested", "Deploying it",
        "Taking it back", "Checklist",
    ]  # fmt: skip


def test_pictures_are_asked_for_where_a_page_differs(tmp_path: Path) -> None:
    change = Change(SHOP, {"services/front/app.vue": "<template/>\n"})
    text = asked(repository(tmp_path / "repository", change), "pr")
    assert "## Screenshots\n\nOf `services/front/app.vue`:" in text


def test_what_the_repository_shows_is_ticked(tmp_path: Path, release: Path) -> None:
    items = {one["text"]: one["done"] for one in found(release, "pr")["checklist"]}
    assert items["every migration can be taken back, but `0003`"] is False
    assert items["nothing the running release relies on goes away"] is False
    safe = found(repository(tmp_path / "safe", Change(SHOP, NEW_TAG)), "pr")["checklist"]
    assert {one["text"] for one in safe if one["done"]} >= {
        "rollsafe finds no error in the changed files",
        "nothing the running release relies on goes away",
        "every key it needs is defined",
    }


def test_tests_are_the_pipelines_own(release: Path, tmp_path: Path) -> None:
    (test,) = found(release, "pr")["tests"]
    assert test["command"] == "python -m pytest services/orders"
    without = {path: text for path, text in SHOP.items() if not path.startswith(".github/workflows/")}
    plan = found(repository(tmp_path / "untested", Change(without, NEW_TAG)), "pr")
    assert plan["tests"] == []
    assert "which tests cover it: no workflow runs any" in {one["text"] for one in plan["unknowns"]}


def test_findings_are_those_of_changed_files(tmp_path: Path) -> None:
    base = {**SHOP, ".github/workflows/old.yml": CI.replace("permissions:\n  contents: read\n", "")}
    plan = found(repository(tmp_path / "repository", Change(base, CHANGES["release"].after)), "pr")
    assert [one["claim"]["rule"] for one in plan["findings"]] == ["column-dropped"]


# Incidents ---------------------------------------------------------------------------------------


def test_what_nobody_wrote_down_is_unknown(release: Path) -> None:
    plan = found(release, "incident")
    assert {moment["at"] for moment in plan["timeline"]} == {None}
    assert plan["verdict"] == "INCOMPLETE"
    text = asked(release, "incident")
    for line in text.partition("## 1. Timeline")[2].partition("## 2.")[0].splitlines()[4:-1]:
        assert line.startswith("| UNKNOWN |"), line


def test_questions_rest_on_what_was_known_before(release: Path) -> None:
    plan = found(release, "incident")
    texts = [one["text"] for one in plan["questions"]]
    assert any(text.startswith("`column-dropped`: was this seen before") for text in texts)
    assert any(text.startswith("`deployment/orders` (image)") for text in texts)
    assert all(one["claim"]["evidence"] for one in plan["questions"])
    assert all(not one["text"].endswith("?") for one in plan["questions"])


def test_what_is_gone_soon_comes_first(release: Path) -> None:
    text = asked(release, "incident")
    assert text.index("kubectl --namespace shop logs deployment/orders") < text.index("## 1. Timeline")


def carried_out(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Carry out the plan as far as its first step and write the report of the run."""
    monkeypatch.setenv("ROLLSAFE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(release)
    for words in (("start",), ("done",), ("abort", "--note", "errors at the entrance")):
        assert main(["plan", "run", *words, "--who", "ann"]) == 0
    file = tmp_path / "run.json"
    assert main(["plan", "run", "report", "--format", "json", "--output", str(file)]) == 0
    return file


def test_the_journal_fills_the_timeline(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = carried_out(release, tmp_path, monkeypatch)
    plan = found(release, "incident", "--run", str(report))
    story = json.loads(report.read_text())
    timed = [one for one in plan["timeline"] if one["at"] is not None]
    assert [one["at"] for one in timed] == [entry["at"] for entry in story["entries"]]
    assert [one["what"] for one in timed] == [
        "the run of the plan starts", "step 1 hold `deploy.yml` (done)", "(aborted)",
    ]  # fmt: skip
    assert timed[-1]["note"] == "errors at the entrance"
    assert plan["run"]["is_of_this_plan"]
    assert plan["run"]["is_sealed"]
    text = asked(release, "incident", "--run", str(report))
    assert text == asked(release, "incident", "--run", str(report))
    assert "the journal is as it was written" in text


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"schema": "rollsafe/run/2"}', "\0"])
def test_a_file_that_is_no_report_of_a_run_is_refused(
    text: str,
    release: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(release)
    (tmp_path / "run.json").write_text(text)
    assert main(["plan", "incident", "--run", str(tmp_path / "run.json")]) == 2
    assert "no report of a run" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(
    content: bytes | None, release: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(release)
    if content is not None:
        (release / "run.json").write_bytes(content)
    assert main(["plan", "incident", "--run", "run.json"]) == 2
    error = capsys.readouterr().err
    assert "run.json: " in error
    assert len(error.splitlines()) == 1
