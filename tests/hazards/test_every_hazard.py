"""Every hazard is told on every system that has it, where it is, and its good twin is left alone."""

import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import ALL_RULES, Tried, check_rule, open_project, try_fix
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
    for tried in fixes_of(case):
        assert case.rule not in {found.rule.name for found in tried.after}
        before = Counter(found.rule.name for found in tried.before)
        assert Counter(found.rule.name for found in tried.after) <= before


def fixes_of(case: Example) -> list[Tried]:
    """Return what each fix of the hazard does, all rules looking on that most teams have."""
    project = open_project(case.bad, Settings(level="auditor" if "auditor" in told_at(case) else "pedantic"))
    before = project.engine.all_findings()
    mine = [(found, fix) for found in before if found.rule.name == case.rule for fix in found.fixes]
    return [try_fix(project, before, found, fix) for found, fix in mine]


def told_at(case: Example) -> str:
    return RULES[case.rule].level.value


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
