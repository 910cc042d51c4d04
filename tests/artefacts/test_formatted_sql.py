"""Liquibase's formatted SQL: what is in which transaction, what counts on PostgreSQL, what can be undone."""

import pytest

from rollsafe.artefacts.migrations import MigrationFile
from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile
from tests.checking import check_rule

_HEAD = "--liquibase formatted sql\n\n"


def _view(text: str) -> MigrationFile:
    found = read(SourceFile("db/changelog/1_orders.sql", _HEAD + text))
    assert isinstance(found, MigrationFile)
    return found


def _groups(text: str) -> list[int | None]:
    migration = _view(text).migration
    statements = migration.up_statements
    together = [[one.index for one in migration.together(each)] for each in statements]
    return [
        min(rows) if migration.runs_in_transaction(each) else None
        for rows, each in zip(together, statements, strict=True)
    ]


@pytest.mark.parametrize(
    ("first", "second", "groups"),
    [
        ("", "", [0, 0, 2]),
        ("", " runInTransaction:false", [0, 0, None]),
        (" runInTransaction:false", "", [None, None, 2]),
        (' runInTransaction:"false" splitStatements:false', "", [0, 0, 2]),
        (" runInTransaction:true", " splitStatements:false", [0, 0, 2]),
    ],
)
def test_each_change_set_is_a_transaction(first: str, second: str, groups: list[int | None]) -> None:
    text = (
        f"--changeset ann:1{first}\nALTER TABLE a ADD b int;\nALTER TABLE a ADD c int;\n"
        f"-- changeset ann:2{second}\nCREATE INDEX CONCURRENTLY i ON a (b);\n"
    )
    assert _groups(text) == groups


@pytest.mark.parametrize(
    ("dbms", "count"),
    [("mysql", 1), ("postgresql", 2), ("!postgresql", 1), ('"h2, postgresql"', 2), ("!h2", 2)],
)
def test_what_other_databases_run_does_not_count(dbms: str, count: int) -> None:
    text = f"--changeset ann:1 dbms:{dbms}\nDROP TABLE a;\n--changeset ann:2\nDROP TABLE b;\n"
    view = _view(text)
    assert len(view.migration.up_statements) == count
    assert not view.problems
    assert view.migration.up_statements[-1].text == "DROP TABLE b"


@pytest.mark.parametrize(
    ("context", "count"),
    [
        ("context:test", 1),
        ("contextFilter:@Demo", 1),
        ('context:"test, dev"', 1),
        ('context:"dev or local"', 1),
        ('context:"eu and test"', 1),
        ("context:!prod", 1),
        ("context:prod", 2),
        ('context:"test,prod"', 2),
        ('context:"test or eu"', 2),
        ('context:"!test"', 2),
        ('context:"(test or dev) and eu"', 2),
        ("context:", 2),
        ("labels:test", 2),
    ],
)
def test_what_is_for_development_and_tests_does_not_count(context: str, count: int) -> None:
    text = f"--changeset ann:1 {context}\nDROP TABLE a;\n--changeset ann:2\nDROP TABLE b;\n"
    assert len(_view(text).migration.up_statements) == count


def test_a_file_comes_back_when_all_its_change_sets_do() -> None:
    one = "--changeset ann:1\nALTER TABLE a ADD b int;\n--rollback ALTER TABLE a DROP b;\n"
    other = "--changeset ann:2\nALTER TABLE a ADD c int;\n"
    block = "/* liquibase rollback\nALTER TABLE a DROP c;\n*/\n"
    assert _view(one).migration.has_down
    assert not _view(one + other).migration.has_down
    assert _view(one + other + block).migration.has_down
    assert not _view(other).migration.has_down


def test_concurrently_is_refused_in_its_own_change_set_alone() -> None:
    rule = "refused-in-transaction"
    made = "--changeset ann:1 runInTransaction:false\nCREATE INDEX CONCURRENTLY i ON a (b);\n"
    wrapped = "--changeset ann:2\nCREATE INDEX CONCURRENTLY j ON a (c);\n"
    files = {"db/changelog/1_orders.sql": _HEAD + made + wrapped}
    assert [one.line for one in check_rule(rule, files)] == [6]
