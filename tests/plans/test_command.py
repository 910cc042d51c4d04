"""The command itself: where the plan goes, what is refused, and that it can be stopped."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from rollsafe.cli import main
from rollsafe.engine.planning import kind_named, make_plan
from rollsafe.engine.project import Project
from rollsafe.plans.markdown import SECTIONS
from rollsafe.plans.model import DeploymentPlan
from rollsafe.workspace.disk import load_projects
from rollsafe.workspace.git import changed_paths, default_base, resolve_base
from tests.plans.repositories import CHANGES, repository

DEPLOY = kind_named("deploy")


class StoppedError(Exception):
    """Nobody wants the plan any more."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", CHANGES["release"])


def project_of(root: Path) -> Project:
    project = Project.open(load_projects(str(root))[0], date(2026, 1, 1))
    project.analyse()
    return project


def test_the_plan_goes_to_standard_output(root: Path) -> None:
    command = (sys.executable, "-m", "rollsafe", "plan", "deploy")
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith("# Deployment plan: orders and reports")


def test_json_has_the_public_names(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    assert main(["plan", "deploy", str(root), "--format=json", "--output", str(file)]) == 0
    assert json.loads(file.read_bytes())["schema"] == "rollsafe/deployment-plan/1"


def test_a_named_environment_is_planned_for(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    assert main(["plan", "deploy", str(root), "--env", "staging", "--format=json", "-o", str(file)]) == 0
    plan = json.loads(file.read_bytes())
    assert plan["environment"] == "staging"
    assert plan["title"].endswith("(staging)")
    assert not [one for one in plan["steps"] if "overlays/production" in (one["command"] or "")]


@pytest.mark.parametrize(
    "words",
    [
        ("destroy", "."),
        ("deploy", "does-not-exist"),
        ("deploy", ".", "--base", "no-such-revision"),
        ("deploy", ".", "--base", "--help-me"),
        ("deploy", ".", "--format", "html"),
        ("deploy", ".", "--output", "missing\0name"),
        ("deploy", ".", "--wrong"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(
    words: tuple[str, ...], root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    assert main(["plan", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1


def test_settings_that_are_no_good_are_one_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "rollsafe.toml").write_text("[plan.weights]\nlok = 1\n")
    assert main(["plan", "deploy", str(root)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_progress_is_told_from_start_to_end(root: Path) -> None:
    seen: list[tuple[int, int]] = []
    make_plan(DEPLOY, project_of(root).moment(), on_progress=lambda what, done, of: seen.append((done, of)))
    assert seen == [(done, 6) for done in range(7)]


@pytest.mark.parametrize("after", range(7))
def test_whatever_progress_raises_stops_the_planning(root: Path, after: int) -> None:
    def stop(what: str, done: int, of: int) -> None:
        if done == after:
            raise StoppedError

    with pytest.raises(StoppedError):
        make_plan(DEPLOY, project_of(root).moment(), on_progress=stop)


def test_sections_come_one_after_the_other(root: Path) -> None:
    ref = default_base(str(root))
    assert ref is not None
    base, changed = resolve_base(str(root), ref), changed_paths(str(root), ref)
    plan = make_plan(DEPLOY, project_of(root).moment(), base=base, changed=changed)
    sections = plan.sections()
    title, first = next(sections)
    assert title == "Verdict"
    rest = list(sections)
    assert [title for title, _ in rest] == list(SECTIONS)
    assert "\n".join([first, *(text for _, text in rest)]) + "\n" == plan.render()


def test_the_first_screen_is_enough_to_begin(root: Path) -> None:
    done = make_plan(DEPLOY, project_of(root).moment())
    assert isinstance(done, DeploymentPlan)
    first = next(done.sections()).text.split("## What changes")[0].splitlines()
    assert len(first) <= 40
    for words in ("Point of no return: ", "Downtime: ", "| 1 | "):
        assert any(line.startswith(words) for line in first), words
    listed = [line for line in first if line.startswith("| ") and line[2].isdigit()]
    assert len(listed) == len(done.steps)
