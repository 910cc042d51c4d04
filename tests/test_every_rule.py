"""Every rule is held to its own docstring. A new rule gets these tests by existing."""

import re

import pytest

from rollsafe.rules import Rule
from rollsafe.rules.docs import SECTIONS, Example, examples, sections
from tests.checking import ALL_RULES, Seen, check, fix, open_project, seen, settings_for

every_rule = pytest.mark.parametrize("rule", ALL_RULES, ids=[rule.name for rule in ALL_RULES])
fixable = pytest.mark.parametrize(
    "rule",
    [rule for rule in ALL_RULES if rule.fix is not None],
    ids=[rule.name for rule in ALL_RULES if rule.fix is not None],
)


def files_of(shown: list[Example]) -> dict[str, str]:
    return {example.path: example.text for example in shown}


def own_findings(rule: Rule, files: dict[str, str]) -> list[Seen]:
    return [one for one in check(files, settings_for(rule)) if one.rule == rule.name]


@every_rule
def test_docstring_has_all_sections_in_order(rule: Rule) -> None:
    assert tuple(name for name in sections(rule.doc) if name in SECTIONS) == SECTIONS
    assert re.fullmatch(r"[A-Z`].*\.", rule.doc.partition("\n")[0])


@every_rule
def test_bad_example_is_flagged_exactly_where_marked(rule: Rule) -> None:
    bad = examples(rule.doc, "Bad")
    found = {(one.path, one.line) for one in own_findings(rule, files_of(bad))}
    marked = {(example.path, line) for example in bad for line in example.marked}
    assert marked
    assert found == marked


@every_rule
def test_bad_example_is_flagged_by_no_other_rule_of_the_agent(rule: Rule) -> None:
    project = open_project(files_of(examples(rule.doc, "Bad")), settings_for(rule))
    others = [
        seen(one)
        for one in project.engine.all_findings()
        if one.rule.agent == rule.agent and one.rule.name != rule.name
    ]
    assert others == []


@every_rule
def test_good_example_is_silent_for_all_rules(rule: Rule) -> None:
    good = files_of(examples(rule.doc, "Good"))
    assert good
    assert check(good, settings_for(rule)) == []


@fixable
def test_fixing_bad_gives_good(rule: Rule) -> None:
    bad = files_of(examples(rule.doc, "Bad"))
    fixed, applied = fix(bad, rule)
    assert applied.fixed
    assert fixed == files_of(examples(rule.doc, "Good"))


@fixable
def test_fixing_twice_changes_nothing(rule: Rule) -> None:
    fixed, _ = fix(files_of(examples(rule.doc, "Bad")), rule)
    again, applied = fix(fixed, rule)
    assert again == fixed
    assert applied.fixed == []


@every_rule
def test_words_are_plain(rule: Rule) -> None:
    """Messages are one line with concrete names and no advice; fix titles are imperatives."""
    project = open_project(files_of(examples(rule.doc, "Bad")), settings_for(rule))
    for found in project.engine.all_findings():
        words = [found.message, found.detail, *(it.title for it in found.fixes)]
        assert "\n" not in found.message
        assert "`" in found.message
        assert not found.message.endswith(".")
        for text in words:
            assert not re.search(r"\b(should|please|consider|best practice|potential)\b", text, re.I)
        for it in found.fixes:
            assert re.match(r"[A-Z][a-z]+ ", it.title)


@every_rule
def test_offered_fixes_are_declared(rule: Rule) -> None:
    project = open_project(files_of(examples(rule.doc, "Bad")), settings_for(rule))
    offered = [
        {it.safety for it in one.fixes} for one in project.engine.all_findings() if one.rule.name == rule.name
    ]
    assert any(rule.fix in safeties for safeties in offered) if rule.fix else not any(offered)


def test_names_are_unique_and_name_the_bad_thing() -> None:
    names = [rule.name for rule in ALL_RULES]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name)
        assert not re.match(r"(no|ban|require|disallow|use)-", name)


def test_each_agent_has_rules_and_there_are_enough() -> None:
    agents = {rule.agent for rule in ALL_RULES}
    assert len(agents) == 5
    for agent in agents:
        assert sum(rule.agent == agent and rule.status == "stable" for rule in ALL_RULES) >= 5
    assert sum(rule.status == "stable" for rule in ALL_RULES) >= 45


def test_equivalents_are_spelled_tool_colon_rule() -> None:
    for rule in ALL_RULES:
        for name in rule.equivalents:
            assert re.fullmatch(r"[a-z][a-z_-]*:[\w./-]+", name), (rule.name, name)
