"""Bad input ends with one clear line on standard error and exit code 2, never with a traceback."""

import io
import os
import sys

import pytest

from tests.cli.conftest import DEPLOYMENT, TWO_RULES, Repository


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("chekc",), "no command or path `chekc`; nearest: `check`"),
        (("nowhere",), "no command or path `nowhere`"),
        (("check", "--formt=json"), "no option `--formt`; nearest: `--format`"),
        (("check", "-x"), "no option `-x`"),
        (("check", "--format"), "--format needs a value: full, concise, json, sarif, github"),
        (("check", "--format=xml"), "--format: `xml` is none of full, concise, json, sarif, github"),
        (("check", "--quiet=yes"), "--quiet takes no value"),
        (("check", "--base"), "--base needs a value: REF"),
        (("check", "--fail-on=fatal"), "--fail-on: `fatal` is none of error, warning, info, hint, never"),
        (("check", "--output=sarif"), "--output: `sarif` is not FORMAT=FILE"),
        (("check", "--output=xml=x"), "--output: `xml` is none of full, concise, json, sarif, github"),
        (
            ("check", "--statistics", "--format=sarif"),
            "--statistics goes with the formats full, concise and json",
        ),
        (("check", "--config=a", "--isolated"), "--config and --isolated exclude each other"),
        (("check", "-"), "`-` needs --stdin-filename: the name says what kind of file it is"),
        (("check", "-", "k8s", "--stdin-filename=a"), "`-` excludes other paths"),
        (("check", "--stdin-filename=a"), "--stdin-filename goes with the path `-`"),
        (
            ("check", "--select=rollback-disbled"),
            "--select: no rule, family or agent `rollback-disbled`; nearest: `rollback-disabled`",
        ),
        (("check", "--ignore=x-y-z"), "--ignore: no rule, family or agent `x-y-z`"),
        (("check", "k8s/nope.yaml"), "k8s/nope.yaml: No such file or directory"),
        (("check", "a\0b"), "'a\\x00b': embedded null byte"),
        (("check", "--config=nope.toml"), "nope.toml: cannot be read: No such file or directory"),
        (("explain",), "rollsafe explain: a rule's name is missing; `rollsafe rules` lists them"),
        (("explain", "rollback-disbled"), "no rule `rollback-disbled`; nearest: `rollback-disabled`"),
        (("explain", "a", "b"), "rollsafe explain: one too many: `b`"),
        (("rules", "x"), "rollsafe rules: one too many: `x`"),
        (("config",), "rollsafe config: an action is missing: show, validate, schema"),
        (("config", "shwo"), "rollsafe config: no action `shwo`: show, validate, schema"),
        (("config", "show", "nope"), "nope: no such file or directory"),
        (("plan", "deploy", "nope"), "nope: no such file or directory"),
    ],
)  # fmt: skip
def test_one_line(shop: Repository, words: tuple[str, ...], line: str) -> None:
    assert shop.run(*words) == (2, "", f"rollsafe: {line}\n")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("root = true\nlvel = 1\n", "rollsafe.toml:2: unknown key `lvel`"),
        ("root = true\nlevel = 1\n", "rollsafe.toml:2: Expected `str`, got `int` (in `level`)"),
        ("root = true\n[migrations]\ndialct = 1\n", "rollsafe.toml:3: unknown key `dialct`"),
        ("root =\n", "rollsafe.toml: not valid TOML: "),
        (b"root = '\xff'\n", "rollsafe.toml: cannot be read: not UTF-8 at byte 8\n"),
        (
            'root = true\nignore = ["rollback-disbled"]\n',
            "rollsafe.toml: no rule, family or agent `rollback-disbled`; nearest: `rollback-disabled`",
        ),
    ],
)
@pytest.mark.parametrize(
    "words", [("check",), ("check", "k8s/service.yaml"), ("config", "show"), ("plan", "deploy")]
)
def test_a_broken_configuration_is_named(
    shop: Repository, words: tuple[str, ...], text: str | bytes, line: str
) -> None:
    shop.write("rollsafe.toml", text)
    outcome = shop.run(*words)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err.startswith(f"rollsafe: {line}")


def test_it_is_named_as_seen_from_here(shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write("rollsafe.toml", "root = true\nlvel = 1\n")
    monkeypatch.chdir(shop.path / "k8s")
    assert shop.run("check").err == "rollsafe: ../rollsafe.toml:2: unknown key `lvel`\n"


class TestFilesNamedExplicitly:
    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"\0\1", "binary file"),
            (b"name: caf\xe9\n", "not UTF-8 at byte 9"),
            (b"#" * 4_200_000, "larger than 4 MiB"),
        ],
    )
    def test_have_to_be_readable(self, shop: Repository, data: bytes, reason: str) -> None:
        shop.write("k8s/bad.yaml", data)
        assert shop.run("check", "k8s/bad.yaml") == (2, "", f"rollsafe: k8s/bad.yaml: {reason}\n")

    def test_have_to_be_files(self, shop: Repository) -> None:
        os.mkfifo(shop.path / "pipe.yaml")
        assert shop.run("check", "pipe.yaml") == (
            2,
            "",
            "rollsafe: pipe.yaml: neither a file nor a directory\n",
        )
        assert shop.run("check", TWO_RULES).lines[-1] == "1 file skipped: pipe.yaml (not a regular file)"

    def test_standard_input_has_to_be_text(self, shop: Repository) -> None:
        outcome = shop.run("check", "-", "--stdin-filename=a.yaml", stdin=b"a\xff")
        assert outcome == (2, "", "rollsafe: a.yaml: standard input is not UTF-8 at byte 1\n")


def test_a_report_that_cannot_be_written(shop: Repository) -> None:
    shop.write("file", "")
    outcome = shop.run("check", TWO_RULES, "--output=json=file/out.json")
    assert outcome.code == 2
    assert outcome.err in (
        "rollsafe: file/out.json: cannot be written: Not a directory\n",
        "rollsafe: file/out.json: cannot be written: File exists\n",
    )


class TestInternalErrors:
    @pytest.fixture(autouse=True)
    def broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import rollsafe.cli.check as check

        def fail(*_: object) -> None:
            raise RuntimeError("first line\nsecond line")

        monkeypatch.setattr(check, "open_projects", fail)

    def test_are_one_line(self, shop: Repository) -> None:
        assert shop.run("check") == (
            2,
            "",
            "rollsafe: internal error: RuntimeError: first line (ROLLSAFE_DEBUG=1 shows where)\n",
        )

    def test_show_where_when_asked(self, shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ROLLSAFE_DEBUG", "1")
        with pytest.raises(RuntimeError, match="first line"):
            shop.run("check")


def test_an_interruption_is_quiet(shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    import rollsafe.cli.check as check

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "open_projects", interrupt)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert shop.run("check") == (130, "", "")


def test_a_path_called_like_a_command(shop: Repository) -> None:
    shop.write("rules/deployment.yaml", DEPLOYMENT)
    assert "rollback-disabled" in shop.run("./rules", TWO_RULES).out
    assert shop.run("check", "rules", TWO_RULES).code == 1


def test_after_two_dashes_everything_is_a_path(shop: Repository) -> None:
    shop.write("--fix/deployment.yaml", DEPLOYMENT)
    report = shop.run("check", "--select=rollback-disabled", "--format=json", "--", "--fix")
    assert report.findings == [("--fix/deployment.yaml", "rollback-disabled")]
    assert shop.read("--fix/deployment.yaml") == DEPLOYMENT
