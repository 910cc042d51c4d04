"""`rollsafe check`: which files are read, what is said about them, and the exit code."""

import os
from pathlib import Path

import pytest

from tests.cli.conftest import DEPLOYMENT, SERVICE, TWO_RULES, Repository

ERROR = ("k8s/deployment.yaml", "rollback-disabled")
WARNING = ("k8s/deployment.yaml", "missing-readiness-probe")


def test_concise_is_the_form_without_a_terminal(shop: Repository) -> None:
    outcome = shop.run("check", TWO_RULES)
    assert outcome.code == 1
    first, second, summary = outcome.lines
    assert first.startswith("k8s/deployment.yaml:7:3: rollback-disabled [error] ")
    assert second.startswith("k8s/deployment.yaml:15:17: missing-readiness-probe [warning] ")
    assert summary.startswith("1 error, 1 warning in 2 files (")
    assert summary.endswith(" s). 2 fixable: 1 safe.")


def test_a_path_alone_is_checked(shop: Repository) -> None:
    assert shop.run("k8s", TWO_RULES).lines[:2] == shop.run("check", "k8s", TWO_RULES).lines[:2]
    assert shop.run("--format=json", TWO_RULES).findings == [ERROR, WARNING]


def test_nothing_found(repository: Repository) -> None:
    repository.write("k8s/service.yaml", SERVICE)
    outcome = repository.run("check", "--select=rollback-disabled")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("No hazards in 1 file (")


def test_a_file_is_judged_by_what_others_say_about_it(shop: Repository) -> None:
    assert shop.run("check", "k8s/deployment.yaml", TWO_RULES, "--format=json").findings == [ERROR, WARNING]
    assert shop.run("check", "k8s/service.yaml", TWO_RULES, "--format=json").findings == []


def test_paths_are_relative_to_the_current_directory(
    shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.path / "k8s")
    assert shop.run("check", TWO_RULES, "--format=json").findings == [
        ("deployment.yaml", "rollback-disabled"),
        ("deployment.yaml", "missing-readiness-probe"),
    ]
    (shop.path / "docs").mkdir()
    monkeypatch.chdir(shop.path / "docs")
    outcome = shop.run("check", "..", TWO_RULES, "--format=json")
    assert outcome.findings[0][0] == "../k8s/deployment.yaml"


@pytest.mark.parametrize("path", ["", "/", "/.", "/../k8s"])
def test_a_path_may_be_written_in_many_ways(shop: Repository, path: str) -> None:
    assert shop.run("check", f"k8s{path}", TWO_RULES, "--format=json").findings == [ERROR, WARNING]


def test_the_same_file_twice_is_one(shop: Repository) -> None:
    paths = ("k8s/deployment.yaml", "k8s", ".", str(shop.path / "k8s/deployment.yaml"))
    report = shop.run("check", *paths, TWO_RULES, "--format=json")
    assert report.findings == [ERROR, WARNING]
    assert report.json["files"] == 2


class TestWhatIsLeftOut:
    def test_ignored_and_excluded_files_are_not_checked(self, shop: Repository) -> None:
        shop.write(".gitignore", "/old/\n")
        shop.write("old/deployment.yaml", DEPLOYMENT)
        shop.write("vendor/deployment.yaml", DEPLOYMENT)
        report = shop.run("check", TWO_RULES, "--format=json", "--exclude=k8s/dep*")
        assert report.findings == []

    @pytest.mark.parametrize(
        "path", ["old/deployment.yaml", "vendor/x/deployment.yaml", "k8s/deployment.yaml"]
    )
    def test_unless_they_are_named(self, shop: Repository, path: str) -> None:
        shop.write(".gitignore", "/old/\n")
        shop.write(path, DEPLOYMENT)
        report = shop.run("check", path, "--select=rollback-disabled", "--exclude=k8s", "--format=json")
        assert report.findings == [(path, "rollback-disabled")]

    def test_what_cannot_be_read_is_skipped_with_a_reason(self, shop: Repository) -> None:
        shop.write("k8s/blob.yaml", b"\0\1\2")
        shop.write("k8s/latin.yaml", b"name: caf\xe9\n")
        outcome = shop.run("check", "--select=missing-readiness-probe")
        assert outcome.code == 0
        assert outcome.lines[-1] == (
            "2 files skipped: k8s/blob.yaml (binary file), k8s/latin.yaml (not UTF-8 at byte 9)"
        )
        report = shop.run("check", "--select=missing-readiness-probe", "--format=json").json
        assert report["skipped"] == [
            {"path": "k8s/blob.yaml", "reason": "binary file"},
            {"path": "k8s/latin.yaml", "reason": "not UTF-8 at byte 9"},
        ]

    def test_only_the_first_few_are_named_unless_asked(self, repository: Repository) -> None:
        for name in "abcde":
            repository.write(f"{name}.yaml", b"\0")
        assert repository.run("check").lines[-1].endswith("c.yaml (binary file) …")
        verbose = repository.run("check", "--verbose").lines
        assert verbose[-5:] == [f"skipped: {name}.yaml (binary file)" for name in "abcde"]

    def test_a_named_file_of_another_kind_is_said_to_be_unread(self, repository: Repository) -> None:
        repository.write("notes.txt", "hello\n")
        outcome = repository.run("check", "notes.txt")
        assert outcome.code == 0
        assert outcome.lines[-1] == "1 file skipped: notes.txt (no kind of file that is read)"


class TestRoots:
    def test_a_nested_root_is_isolated(self, shop: Repository) -> None:
        shop.write("other/rollsafe.toml", 'root = true\nignore = ["rollback-disabled"]\n')
        shop.write("other/deployment.yaml", DEPLOYMENT)
        report = shop.run("check", TWO_RULES.replace("rollback-disabled,", ""), "--format=json")
        assert report.findings == [WARNING], "the Service of the outer project is none of the inner one"

    def test_each_root_has_its_own_settings(self, shop: Repository) -> None:
        shop.write("other/rollsafe.toml", 'root = true\nignore = ["rollback-disabled"]\n')
        shop.write("other/deployment.yaml", DEPLOYMENT)
        report = shop.run("check", "--format=json")
        assert ERROR in report.findings
        assert ("other/deployment.yaml", "rollback-disabled") not in report.findings

    def test_a_file_in_a_nested_root_belongs_to_that(self, shop: Repository) -> None:
        shop.write("k8s/inner/rollsafe.toml", "root = true\n")
        shop.write("k8s/inner/deployment.yaml", DEPLOYMENT)
        report = shop.run(
            "check", "k8s/inner/deployment.yaml", "k8s/service.yaml", TWO_RULES, "--format=json"
        )
        assert report.findings == [("k8s/inner/deployment.yaml", "rollback-disabled")]

    def test_overlapping_roots_are_reported_once(self, empty: Repository) -> None:
        empty.write("a/.git/HEAD", "")
        empty.write("a/deployment.yaml", DEPLOYMENT)
        empty.write("a/service.yaml", SERVICE)
        report = empty.run("check", ".", "a", TWO_RULES, "--format=json")
        assert report.findings == [
            ("a/deployment.yaml", "rollback-disabled"),
            ("a/deployment.yaml", "missing-readiness-probe"),
        ]

    def test_a_file_of_no_project_is_judged_alone(self, empty: Repository) -> None:
        empty.write("deployment.yaml", DEPLOYMENT)
        empty.write("service.yaml", SERVICE)
        outcome = empty.run("check", "deployment.yaml", "service.yaml", TWO_RULES)
        assert [line.split(" ")[1] for line in outcome.lines[:1]] == ["rollback-disabled"]
        assert outcome.lines[-1] == "Outside of a project: rules that look at other files did not run."

    def test_a_directory_of_no_project_is_one(self, empty: Repository) -> None:
        empty.write("deployment.yaml", DEPLOYMENT)
        empty.write("service.yaml", SERVICE)
        assert len(empty.run("check", TWO_RULES, "--format=json").findings) == 2


class TestExitCode:
    @pytest.mark.parametrize(
        ("options", "code"),
        [
            ((), 1),
            (("--fail-on=never",), 0),
            (("--exit-zero",), 0),
            (("--min-severity=error",), 1),
            (("--ignore=rollback-disabled",), 0),
            (("--ignore=rollback-disabled", "--fail-on=warning"), 1),
            (("--ignore=rollback-disabled", "--fail-on", "hint"), 1),
            (("--ignore=rollback-disabled", "--fail-on=hint", "--min-severity=error"), 0),
            (("--ignore=kubernetes",), 0),
            (("--ignore=deployment-orchestrator",), 0),
        ],
    )
    def test_follows_the_threshold(self, shop: Repository, options: tuple[str, ...], code: int) -> None:
        assert shop.run("check", TWO_RULES, *options).code == code


class TestSelection:
    def test_lists_and_repetition(self, shop: Repository) -> None:
        options = ("--select", "rollback-disabled", "--select=missing-readiness-probe, ", "--format=json")
        assert shop.run("check", *options).findings == [ERROR, WARNING]

    def test_select_on_the_command_line_beats_the_project(self, shop: Repository) -> None:
        shop.write("rollsafe.toml", 'root = true\nignore = ["rollback-disabled"]\nselect = ["workflows"]\n')
        assert shop.run("check", "--format=json").findings == []
        assert shop.run("check", "--select=rollback-disabled", "--format=json").findings == [ERROR]

    def test_select_brings_back_a_rule_that_is_off(self, shop: Repository) -> None:
        shop.write("rollsafe.toml", 'root = true\nseverity = {rollback-disabled = "off"}\n')
        assert ERROR not in shop.run("check", "--format=json").findings
        assert shop.run("check", "--select=rollback-disabled", "--format=json").findings == [ERROR]

    def test_extend_select_adds(self, shop: Repository) -> None:
        shop.write("rollsafe.toml", 'root = true\nselect = ["rollback-disabled"]\n')
        extended = shop.run("check", "--extend-select=missing-readiness-probe", "--format=json")
        assert extended.findings == [ERROR, WARNING]

    def test_the_worst_that_an_opt_in_rule_knows_is_told_to_everybody(self, repository: Repository) -> None:
        budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec:\n"
        budget += "  selector: {matchLabels: {app: web}}\n"
        repository.write("k8s/refused.yaml", f"{budget}  minAvailable: 1\n  maxUnavailable: 1\n")
        repository.write("k8s/silent.yaml", budget)
        name = "unlimited-disruption-budget"
        refused, silent = ("k8s/refused.yaml", name), ("k8s/silent.yaml", name)

        def told(*options: str) -> list[tuple[str, str]]:
            found = repository.run("check", "--format=json", *options).findings
            return [one for one in found if one in (refused, silent)]

        assert told() == [refused]
        assert told("--level=pedantic") == [refused, silent]
        assert told(f"--extend-select={name}") == [refused, silent]

    def test_the_project_may_change_a_severity(self, shop: Repository) -> None:
        shop.write("rollsafe.toml", 'root = true\nseverity = {rollback-disabled = "hint"}\n')
        outcome = shop.run("check", "--select=rollback-disabled")
        assert outcome.code == 0
        assert "rollback-disabled [hint]" in outcome.out
        assert "1 hint in 2 files" in outcome.out

    def test_min_confidence(self, shop: Repository) -> None:
        confidences = {
            level: {found["confidence"] for found in report["findings"]}
            for level in ("low", "medium", "high")
            if (report := shop.run("check", f"--min-confidence={level}", "--format=json").json)
        }
        assert confidences["high"] == {"high"}
        assert "low" not in confidences["medium"]
        assert confidences["low"] >= confidences["medium"] >= confidences["high"]

    def test_another_configuration_or_none(self, shop: Repository) -> None:
        shop.write("rollsafe.toml", 'root = true\nselect = ["missing-readiness-probe"]\n')
        shop.write("ci/strict.toml", 'select = ["rollback-disabled"]\n')
        assert shop.run("check", "--format=json").findings == [WARNING]
        assert shop.run("check", "--config=ci/strict.toml", "--format=json").findings == [ERROR]
        assert set(shop.run("check", "--isolated", "--format=json").findings) >= {ERROR, WARNING}


class TestIgnoreComments:
    def test_they_silence_and_can_be_overruled(self, shop: Repository) -> None:
        comment = "revisionHistoryLimit: 0  # rollsafe: ignore[rollback-disabled] -- kept elsewhere"
        shop.write("k8s/deployment.yaml", DEPLOYMENT.replace("revisionHistoryLimit: 0", comment))
        assert shop.run("check", TWO_RULES, "--format=json").findings == [WARNING]
        assert shop.run("check", TWO_RULES, "--no-ignores", "--format=json").findings == [ERROR, WARNING]


class TestStandardInput:
    def test_takes_the_place_of_a_file(self, shop: Repository) -> None:
        text = DEPLOYMENT.replace("  revisionHistoryLimit: 0\n", "")
        words = ("check", "-", "--stdin-filename=k8s/deployment.yaml", TWO_RULES, "--format=json")
        assert shop.run(*words, stdin=text).findings == [WARNING]

    def test_need_not_exist(self, repository: Repository) -> None:
        words = ("check", "-", "--stdin-filename", "new/deployment.yaml", TWO_RULES, "--format=json")
        assert repository.run(*words, stdin=DEPLOYMENT).findings == [
            ("new/deployment.yaml", "rollback-disabled")
        ]

    def test_fixed_text_goes_to_standard_output(self, shop: Repository) -> None:
        words = ("fix", "-", "--stdin-filename=k8s/deployment.yaml", TWO_RULES)
        outcome = shop.run(*words, stdin=DEPLOYMENT)
        assert "revisionHistoryLimit: 0" not in outcome.out
        assert outcome.out.startswith("apiVersion: apps/v1\nkind: Deployment\n")
        assert "missing-readiness-probe" in outcome.err
        assert shop.read("k8s/deployment.yaml") == DEPLOYMENT


class TestBrokenPipes:
    def test_a_reader_that_leaves_is_no_error(self, shop: Repository, tmp_path: Path) -> None:
        import subprocess
        import sys

        for number in range(300):
            shop.write(f"many/{number}.yaml", DEPLOYMENT)
        command = [sys.executable, "-m", "rollsafe", "check", "many"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=shop.path)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait() == 1


def test_the_current_directory_may_be_gone(shop: Repository) -> None:
    gone = shop.path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    outcome = shop.run("check")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("rollsafe: the current directory cannot be read")
