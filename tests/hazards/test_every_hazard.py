"""Every hazard is told on every system that has it, where it is, and its good twin is left alone."""

import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from tests.checking import ALL_RULES, check, check_rule, fix
from tests.hazards import azure, circleci, gitlab
from tests.hazards.reading import Example, example

SYSTEMS = {"GitLab": gitlab, "CircleCI": circleci, "Azure": azure}
RULES = {rule.name: rule for rule in ALL_RULES}
DOCS = Path(__file__).resolve().parents[2] / "docs" / "hazards.md"


def examples_of(system: ModuleType) -> list[Example]:
    return [example(name, system.PATH, text) for name, text in system.EXAMPLES.items()]


CASES = [
    pytest.param(one, id=f"{name}-{one.hazard}")
    for name, system in SYSTEMS.items()
    for one in examples_of(system)
]


@pytest.mark.parametrize("case", CASES)
def test_a_hazard_is_told_and_its_good_twin_is_not(case: Example) -> None:
    assert [(one.path, one.line) for one in check_rule(case.rule, case.bad)] == case.at
    assert check_rule(case.rule, case.good) == []


@pytest.mark.parametrize("case", CASES)
def test_a_fix_takes_the_hazard_away_and_brings_no_other(case: Example) -> None:
    rule = RULES[case.rule]
    result, applied = fix(case.bad, rule)
    if applied.result:
        assert check_rule(case.rule, result) == []
        assert Counter(one.rule for one in check(result)) <= Counter(one.rule for one in check(case.bad))


def rows() -> dict[str, list[str]]:
    found = (
        line.strip("|").split("|") for line in DOCS.read_text().splitlines() if re.match(r"\| H\d\d", line)
    )
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in found}


@pytest.mark.parametrize(("column", "name"), [(3, "GitLab"), (4, "CircleCI"), (5, "Azure")])
def test_the_documents_say_where_a_hazard_is_told(column: int, name: str) -> None:
    system = SYSTEMS[name]
    told = {one.hazard for one in examples_of(system)}
    assert {hazard for hazard, cells in rows().items() if cells[column] != "\N{EN DASH}"} == told
    assert {hazard for hazard, cells in rows().items() if cells[column] == "\N{EN DASH}"} == set(
        system.NOWHERE
    )
