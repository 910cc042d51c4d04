"""Changes of Sqitch are told in the order of their plan."""

from dataclasses import replace

import pytest

from rollsafe.artefacts.source import SourceFile
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.snapshot import Snapshot
from tests.checking import check, check_rule, open_project

_RULE = "column-type-rewrite"
_HEAD = "%syntax-version=1.0.0\n%project=shop\n%uri=https://example.org/shop/\n\n"
_WHO = "2026-01-02T03:04:05Z Ann <ann@example.org>"
_TAG = f"@v1 {_WHO} # the first one\n"


def change(name: str, sql: str) -> str:
    return f"-- Deploy shop:{name} to pg\n\n{sql}\n"


def altered(name: str, length: int) -> str:
    return change(name, f"ALTER TABLE orders ALTER code TYPE varchar({length});")


def line(name: str, needs: str = "") -> str:
    return f"{name} {needs}{_WHO} # what it does\n"


FILES = {
    "deploy/a_narrow.sql": altered("a_narrow", 10),
    "deploy/b_less.sql": altered("b_less", 15),
    "deploy/c_made.sql": change("c_made", "CREATE TABLE orders (code varchar(20));"),
}
NARROW, LESS = "deploy/a_narrow.sql", "deploy/b_less.sql"
DOWNWARDS = _HEAD + line("c_made") + line("b_less", "[c_made] ") + line("a_narrow")


def found(files: dict[str, str]) -> list[str]:
    return sorted(one.path for one in check_rule(_RULE, files))


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (DOWNWARDS, [NARROW, LESS]),
        (
            _HEAD + line("c_made") + _TAG + line("+ b_less") + "\n# spoken\n" + line("a_narrow"),
            [NARROW, LESS],
        ),
        (_HEAD + line("c_made") + line("a_narrow", "[c_made other:x] ") + line("b_less", "[!z] "), [NARROW]),
        # Nobody knows what comes first where a change is listed that is not there, or one is taken back.
        (_HEAD + line("c_made") + line("gone") + line("a_narrow") + line("b_less"), [NARROW, LESS]),
        (_HEAD + line("c_made") + line("a_narrow") + line("-gone") + line("b_less"), [NARROW, LESS]),
        # A change that is not listed is deployed by nobody, and changes nothing for the others.
        (_HEAD + line("c_made") + line("b_less"), [NARROW, LESS]),
        ("", [NARROW, LESS]),
        ("@\n@@\n[[[\n%\n+\n" + "x" * 9_000, [NARROW, LESS]),
    ],
)
def test_changes_are_told_in_the_order_of_their_plan(plan: str, expected: list[str]) -> None:
    assert found({**FILES, "sqitch.plan": plan}) == expected
    moved = {f"db/{path}": text for path, text in {**FILES, "sqitch.plan": plan}.items()}
    assert found({**moved, "other/sqitch.plan": DOWNWARDS}) == [f"db/{path}" for path in expected]


@pytest.mark.parametrize(("first", "expected"), [(30, ["deploy/code.sql"]), (12, [])])
def test_a_reworked_change_comes_twice(first: int, expected: list[str]) -> None:
    files = {
        "deploy/code@v1.sql": altered("code", first),
        "deploy/code.sql": altered("code", 25),
        "deploy/made.sql": change("made", "CREATE TABLE orders (code varchar(10));"),
        "sqitch.plan": _HEAD + line("made") + line("code") + _TAG + line("code", "[code@v1] "),
    }
    assert found(files) == expected


def test_an_edit_of_the_plan_reaches_the_changes() -> None:
    before = {**FILES, "sqitch.plan": DOWNWARDS}
    project = open_project(before, Settings(level="auditor", select=(_RULE,)))
    assert len(project.engine.all_findings()) == 2
    sources = {path: SourceFile(path, text) for path, text in before.items()}
    snapshot = Snapshot("/project", project.snapshot.settings, sources, frozenset(before))
    project.engine.update(snapshot)
    snapshot = snapshot.with_file("sqitch.plan", _HEAD + line("c_made") + line("a_narrow") + line("b_less"))
    project.engine.update(snapshot)
    assert [one.path for one in project.engine.all_findings()] == [NARROW]
    project.engine.update(snapshot.with_file("sqitch.plan", None))
    assert [one.path for one in project.engine.all_findings()] == [NARROW, LESS]


def test_a_way_back_lies_in_revert_and_a_check_is_no_migration() -> None:
    files = {
        "migrations/deploy/users.sql": change("users", "DROP TABLE users;"),
        "migrations/verify/users.sql": "-- Verify shop:users on pg\n\nALTER TABLE t DROP COLUMN c;\n",
        "migrations/sqitch.plan": _HEAD + line("users"),
    }
    settings = replace(Settings(), level="auditor", select=("irreversible-migration",))
    assert {one.path for one in check(files, settings)} == {"migrations/deploy/users.sql"}
    files["migrations/revert/users.sql"] = "-- Revert shop:users from pg\n\nCREATE TABLE users (id int);\n"
    assert {one.path for one in check(files, settings)} == set()
    assert {one.path for one in check(files, Settings(level="auditor"))} >= {"migrations/deploy/users.sql"}
    assert "migrations/verify/users.sql" not in {one.path for one in check(files, Settings(level="auditor"))}
