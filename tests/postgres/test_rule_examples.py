"""What the rules show as good runs on a server, and what they say fails does fail."""

from __future__ import annotations

import pytest

from rollsafe.rules import Rule
from rollsafe.rules.docs import examples
from tests.checking import ALL_RULES
from tests.postgres.conftest import NewDatabase
from tests.postgres.rule_cases import BEFORE, REFUSED
from tests.postgres.runner import How, Script, run_all, steps
from tests.postgres.server import Database, Refused

BY_NAME = {rule.name: rule for rule in ALL_RULES}


def example(rule: Rule, heading: str) -> dict[str, str]:
    return {one.path: one.text for one in examples(rule.doc, heading) if not one.is_base}


def is_sql(rule: Rule) -> bool:
    """Say whether the examples are SQL, and PostgreSQL's."""
    return all(
        path.endswith(".sql") and not {"mysql", "sqlite"} & set(path.split("/"))
        for path in example(rule, "Bad")
    )


ABOUT_SQL = [rule for rule in ALL_RULES if is_sql(rule)]
every_rule = pytest.mark.parametrize("rule", ABOUT_SQL, ids=[rule.name for rule in ABOUT_SQL])


def prepared(rule: Rule, new_database: NewDatabase) -> Database:
    database = new_database()
    database.run(BEFORE[rule.name])
    return database


def test_every_rule_about_sql_runs() -> None:
    assert {rule.name for rule in ABOUT_SQL} == set(BEFORE)


@every_rule
def test_good_example_is_accepted(rule: Rule, new_database: NewDatabase) -> None:
    run_all(example(rule, "Good"), prepared(rule, new_database))


@every_rule
def test_bad_example_does_what_the_rule_says(rule: Rule, new_database: NewDatabase) -> None:
    database = prepared(rule, new_database)
    if rule.name not in REFUSED:
        run_all(example(rule, "Bad"), database)
        return
    with pytest.raises(Refused) as refused:
        run_all(example(rule, "Bad"), database)
    assert REFUSED[rule.name] in str(refused.value)


def has_note(database: Database) -> bool:
    return database.accepts("SELECT note FROM orders")


@pytest.mark.parametrize(("heading", "kept"), [("Bad", False), ("Good", True)])
def test_what_is_not_committed_is_gone(heading: str, kept: bool, new_database: NewDatabase) -> None:
    rule = BY_NAME["uncommitted-transaction"]
    database = prepared(rule, new_database)
    run_all(example(rule, heading), database)
    assert has_note(database) is kept


@pytest.mark.parametrize(("heading", "kept"), [("Bad", True), ("Good", False)])
def test_inner_commit_keeps_what_a_later_failure_was_to_undo(
    heading: str, kept: bool, new_database: NewDatabase
) -> None:
    rule = BY_NAME["nested-transaction"]
    database = prepared(rule, new_database)
    (step,) = steps(example(rule, heading))
    assert step.up.how is How.WRAPPED
    with pytest.raises(Refused):
        Script(f"{step.up.text}\nSELECT 1 / 0;", How.WRAPPED).run(database)
    assert has_note(database) is kept


@pytest.mark.parametrize(("heading", "again"), [("Bad", False), ("Good", True)])
def test_only_what_asks_whether_it_exists_runs_again(
    heading: str, again: bool, new_database: NewDatabase
) -> None:
    rule = BY_NAME["unrepeatable-statement"]
    database = prepared(rule, new_database)
    (step,) = steps(example(rule, heading))
    step.up.run(database)
    assert database.accepts(step.up.text) is again


@pytest.mark.parametrize(("heading", "works"), [("Bad", False), ("Good", True)])
def test_previous_release_writes_to_a_renamed_table(
    heading: str, works: bool, new_database: NewDatabase
) -> None:
    rule = BY_NAME["table-renamed"]
    database = prepared(rule, new_database)
    run_all(example(rule, heading), database)
    assert database.accepts("INSERT INTO orders DEFAULT VALUES; DELETE FROM orders WHERE id = 1") is works
    assert database.accepts("INSERT INTO purchases (id) VALUES (9)")


@pytest.mark.parametrize(("heading", "works"), [("Bad", False), ("Good", True)])
def test_previous_release_inserts_without_a_new_column(
    heading: str, works: bool, new_database: NewDatabase
) -> None:
    rule = BY_NAME["required-column-without-default"]
    database = prepared(rule, new_database)
    database.run("DELETE FROM orders")
    run_all(example(rule, heading), database)
    assert database.accepts("INSERT INTO orders DEFAULT VALUES") is works
