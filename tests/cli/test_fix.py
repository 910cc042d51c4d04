"""`rollsafe fix`, `--fix` and `--diff`: what is written, what is refused, what is said."""

import os
import stat
import subprocess

import pytest

from tests.cli.conftest import DEPLOYMENT, TWO_RULES, Repository

FIXED = DEPLOYMENT.replace("revisionHistoryLimit: 0", "revisionHistoryLimit: 3")
PATH = "k8s/deployment.yaml"


@pytest.mark.parametrize("words", [("fix",), ("check", "--fix"), ("fix", "k8s"), ("fix", PATH)])
def test_safe_fixes_are_applied(shop: Repository, words: tuple[str, ...]) -> None:
    outcome = shop.run(*words, TWO_RULES)
    assert outcome.code == 0, "what is left is a warning"
    assert shop.read(PATH) == FIXED
    assert outcome.lines[:3] == [f"fixed  {PATH}", "Fixed 1 finding in 1 file.", ""]
    assert outcome.lines[3].startswith(f"{PATH}:15:17: missing-readiness-probe [warning]")


def test_unsafe_fixes_on_demand(shop: Repository) -> None:
    outcome = shop.run("fix", "--unsafe-fixes", "--show-fixes", TWO_RULES)
    assert outcome.lines[:4] == [
        f"fixed  {PATH}:7: rollback-disabled: {title(shop, 'rollback-disabled')} [safe]",
        f"fixed  {PATH}:15: missing-readiness-probe: Add a readiness probe of port 8080 [unsafe]",
        "Fixed 2 findings in 1 file.",
        "",
    ]
    assert outcome.lines[4].startswith("No hazards in 2 files (")
    assert "readinessProbe:" in shop.read(PATH)


def title(shop: Repository, rule: str) -> str:
    """Return how the rule calls its fix."""
    shop.write("again.yaml", DEPLOYMENT)
    [found] = shop.run("check", "again.yaml", f"--select={rule}", "--format=json").json["findings"]
    return str(found["fixes"][0]["title"])


def test_only_what_was_asked_for_is_fixed(shop: Repository) -> None:
    shop.write("other.yaml", DEPLOYMENT)
    shop.run("fix", "other.yaml", TWO_RULES)
    assert (shop.read("other.yaml"), shop.read(PATH)) == (FIXED, DEPLOYMENT)
    shop.run("fix", "--min-severity=error", "--ignore=rollback-disabled")
    assert shop.read(PATH) == DEPLOYMENT


def test_nothing_to_fix(shop: Repository) -> None:
    shop.write(PATH, FIXED)
    assert shop.run("fix", TWO_RULES).lines[0] == "Nothing to fix."
    assert shop.read(PATH) == FIXED


def test_fixing_twice_changes_nothing(shop: Repository) -> None:
    shop.run("fix", "--unsafe-fixes")
    once = shop.read(PATH)
    assert "Nothing to fix." in shop.run("fix", "--unsafe-fixes").out
    assert shop.read(PATH) == once


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755])
def test_mode_and_line_ends_stay(shop: Repository, mode: int) -> None:
    crlf = DEPLOYMENT.replace("\n", "\r\n")
    file = shop.write(PATH, crlf)
    file.chmod(mode)
    shop.run("fix", "--unsafe-fixes", TWO_RULES)
    fixed = shop.read(PATH)
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert "readinessProbe:" in fixed
    assert fixed.count("\n") == fixed.count("\r\n")
    assert sorted(os.listdir(file.parent)) == ["deployment.yaml", "service.yaml"], "nothing is left behind"


def test_machines_get_their_document_alone(shop: Repository) -> None:
    outcome = shop.run("fix", TWO_RULES, "--format=json")
    assert outcome.findings == [(PATH, "missing-readiness-probe")]
    assert outcome.err.splitlines()[:2] == [f"fixed  {PATH}", "Fixed 1 finding in 1 file."]


class TestDiff:
    def test_prints_and_writes_nothing(self, shop: Repository) -> None:
        outcome = shop.run("check", "--diff", TWO_RULES)
        assert (outcome.code, outcome.err) == (1, "Would fix 1 finding in 1 file.\n")
        assert outcome.lines[:2] == [f"--- a/{PATH}", f"+++ b/{PATH}"]
        changed = [line for line in outcome.lines[2:] if line.startswith(("-", "+"))]
        assert changed == ["-  revisionHistoryLimit: 0", "+  revisionHistoryLimit: 3"]
        assert shop.read(PATH) == DEPLOYMENT

    def test_no_diff(self, shop: Repository) -> None:
        shop.write(PATH, FIXED)
        outcome = shop.run("fix", "--diff", TWO_RULES)
        assert outcome == (0, "", "Nothing to fix.\n")

    @pytest.mark.parametrize("text", [DEPLOYMENT, DEPLOYMENT.rstrip("\n"), DEPLOYMENT.replace("\n", "\r\n")])
    def test_can_be_applied(self, shop: Repository, text: str) -> None:
        shop.write(PATH, text)
        diff = shop.run("check", "--diff", "--unsafe-fixes", TWO_RULES).out
        shop.run("fix", "--unsafe-fixes", TWO_RULES)
        fixed = shop.read(PATH)
        shop.write(PATH, text)
        command = ["git", "apply", "--unsafe-paths", "-"]
        subprocess.run(command, input=diff.encode(), cwd=shop.path, check=True)
        assert shop.read(PATH) == fixed


class TestRefusals:
    def test_a_symbolic_link_is_not_written_through(self, shop: Repository) -> None:
        outside = shop.path.parent / "linked-to.yaml"
        outside.write_text(DEPLOYMENT)
        (shop.path / "link.yaml").symlink_to(outside)
        outcome = shop.run("fix", "link.yaml", PATH, TWO_RULES)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err == "rollsafe: link.yaml: not written, it is reached through a symbolic link\n"
        assert outside.read_text() == DEPLOYMENT
        assert shop.read(PATH) == DEPLOYMENT, "it is all or nothing"

    def test_nor_through_a_directory_that_is_one(self, shop: Repository) -> None:
        outside = shop.path.parent / "outside"
        outside.mkdir()
        (outside / "deployment.yaml").write_text(DEPLOYMENT)
        (shop.path / "linked").symlink_to(outside, target_is_directory=True)
        outcome = shop.run("fix", "linked/deployment.yaml", TWO_RULES)
        assert outcome.code == 2
        assert "linked/deployment.yaml: not written" in outcome.err
        assert (outside / "deployment.yaml").read_text() == DEPLOYMENT

    def test_a_file_that_changed_meanwhile(self, shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        import rollsafe.cli.writing as writing

        original = writing.apply

        def late(changes: list[writing.Change]) -> None:
            shop.write(PATH, "# somebody else was here\n")
            original(changes)

        monkeypatch.setattr(writing, "apply", late)
        outcome = shop.run("fix", TWO_RULES)
        assert (outcome.code, outcome.err) == (2, f"rollsafe: {PATH}: not written, it changed meanwhile\n")
        assert shop.read(PATH) == "# somebody else was here\n"

    def test_a_place_that_cannot_be_written(self, shop: Repository) -> None:
        shop.write(f"k8s/.deployment.yaml.{os.getpid()}.rollsafe/in-the-way", "")
        outcome = shop.run("fix", TWO_RULES)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err == f"rollsafe: {PATH}: cannot be written: File exists\n"
        assert shop.read(PATH) == DEPLOYMENT


def test_a_baseline_is_not_updated_while_fixing(shop: Repository) -> None:
    outcome = shop.run("fix", "--update-baseline")
    assert outcome == (2, "", "rollsafe: --update-baseline excludes fixing and --diff-base\n")
