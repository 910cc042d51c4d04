"""Every rule is held to its own docstring. A new rule gets these tests by existing."""

import re
from collections import Counter
from collections.abc import Callable, Mapping

import pytest

from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine import Found
from rollsafe.engine.project import Project
from rollsafe.rules import Level, Rule
from rollsafe.rules.docs import SECTIONS, Example, examples, sections
from tests.checking import (
    ALL_RULES,
    Tried,
    base_of,
    fix,
    open_project,
    seen,
    settings_for,
    try_fixes,
)
from tests.layouts import deep, meaning, unfinished, windows, with_returns

every_rule = pytest.mark.parametrize("rule", ALL_RULES, ids=[rule.name for rule in ALL_RULES])
OF_EVERY_BYTE = frozenset({"stale-atlas-sum"})
"""Rules about the very bytes of files, which other line ends make other files."""
READ_BY_OTHERS_WITHOUT = frozenset({"unreadable-agent-front-matter"}) | OF_EVERY_BYTE
"""Rules about what another reader makes of a file, which line ends alone keep from reading it."""
fixable = pytest.mark.parametrize(
    "rule",
    [rule for rule in ALL_RULES if rule.fix is not None],
    ids=[rule.name for rule in ALL_RULES if rule.fix is not None],
)


def files_of(shown: list[Example]) -> dict[str, str]:
    return {example.path: example.text for example in shown if not example.is_base}


def base_files_of(shown: list[Example]) -> dict[str, str]:
    return {example.path: example.text for example in shown if example.is_base}


def shown_as(rule: Rule, heading: str) -> Project:
    """Return the project that a rule's docstring shows, compared with the base it shows."""
    shown = examples(rule.doc, heading)
    return open_project(files_of(shown), settings_for(rule), base_of(base_files_of(shown)))


def counts(found: Found, rule: Rule) -> bool:
    """Say whether an example of `rule` is to be free of a finding.

    The example of an opt-in rule shows one matter and may leave out what other opt-in rules ask for.
    """
    is_other = found.rule.name != rule.name
    return not (is_other and rule.level is not Level.REGULAR and found.level is not Level.REGULAR)


def repeats(found: Found, own: list[Found]) -> bool:
    """Say whether a finding tells in the same line what one of `own` tells, by a name both give it."""
    return any(
        one.path == found.path
        and seen(one).line == seen(found).line
        and not names(one).isdisjoint(names(found))
        for one in own
    )


def names(found: Found) -> set[str]:
    return set(found.rule.equivalents if found.equivalents is None else found.equivalents)


@every_rule
def test_docstring_has_all_sections_in_order(rule: Rule) -> None:
    assert tuple(name for name in sections(rule.doc) if name in SECTIONS) == SECTIONS
    assert re.fullmatch(r"[A-Z`].*\.", rule.doc.partition("\n")[0])


@every_rule
def test_bad_example_is_flagged_exactly_where_marked(rule: Rule) -> None:
    bad = examples(rule.doc, "Bad")
    everything = shown_as(rule, "Bad").engine.all_findings()
    own = (seen(one) for one in everything if one.rule.name == rule.name)
    found = {(one.path, one.line) for one in own}
    marked = {(example.path, line) for example in bad for line in example.marked}
    assert marked
    assert found == marked


@every_rule
def test_nothing_is_told_at_a_level_that_the_rule_is_not_run_at(rule: Rule) -> None:
    order = list(Level)
    told = (one for one in shown_as(rule, "Bad").engine.all_findings() if one.rule.name == rule.name)
    assert [seen(one) for one in told if order.index(one.level) < order.index(rule.earliest)] == []


@every_rule
def test_bad_example_is_flagged_by_no_other_rule_of_the_agent(rule: Rule) -> None:
    project = shown_as(rule, "Bad")
    everything = project.engine.all_findings()
    own = [one for one in everything if one.rule.name == rule.name]
    others = [one for one in everything if one.rule.agent == rule.agent and one.rule.name != rule.name]
    assert [seen(one) for one in others if counts(one, rule) or repeats(one, own)] == []


@every_rule
def test_good_example_is_silent_for_all_rules(rule: Rule) -> None:
    good = shown_as(rule, "Good")
    assert good.snapshot.files
    assert [seen(one) for one in good.engine.all_findings() if counts(one, rule)] == []


@fixable
def test_fixing_bad_gives_good(rule: Rule) -> None:
    fixed, applied = fix(bad(rule), rule)
    assert applied.fixed
    assert fixed == files_of(examples(rule.doc, "Good"))


@fixable
def test_fixing_twice_changes_nothing(rule: Rule) -> None:
    fixed, _ = fix(bad(rule), rule)
    again, applied = fix(fixed, rule)
    assert again == fixed
    assert applied.fixed == []


def bad(rule: Rule) -> dict[str, str]:
    return files_of(examples(rule.doc, "Bad"))


def told(found: Found) -> tuple[str, str]:
    """Return what a finding says, wherever it stands and whatever numbers it names."""
    return found.rule.name, re.sub(r"\d+", "N", found.message)


@fixable
def test_each_fix_alone_removes_its_finding_and_adds_none(rule: Rule) -> None:
    """What a fix leaves to be written in another file by hand is found until it is written."""
    for tried in try_fixes(bad(rule), rule):
        same = [one for one in tried.after if seen(one) == tried.found]
        assert not same or tried.created == tried.result.keys(), tried.title
        regular = (one for one in tried.after if one.level is Level.REGULAR and one.rule.name != rule.name)
        assert not Counter(map(told, regular)) - Counter(map(told, tried.before)), tried.title


@fixable
def test_fixes_leave_files_that_can_be_read(rule: Rule) -> None:
    files = bad(rule)
    for tried in try_fixes(files, rule):
        for path, text in tried.result.items():
            assert problems(path, text) <= problems(path, files.get(path, "")), tried.title


@fixable
def test_fixes_keep_line_ends_and_a_byte_order_mark(rule: Rule) -> None:
    if rule.name in READ_BY_OTHERS_WITHOUT:
        return
    shown, usual = try_fixes(windows(bad(rule)), rule), try_fixes(bad(rule), rule)
    for one, other in zip(shown, usual, strict=True):
        made = with_returns({path: other.result[path] for path in other.created})
        assert one.result == windows(other.result) | made, one.title


@fixable
def test_fixes_keep_a_missing_line_break_at_the_end(rule: Rule) -> None:
    if rule.name in OF_EVERY_BYTE:
        return
    shown = try_fixes(unfinished(bad(rule)), rule)
    for one in shown:
        for path in one.result.keys() - one.created:
            assert not one.result[path].endswith("\n"), one.title
    assert results(shown, unfinished) == results(try_fixes(bad(rule), rule), unfinished)


@fixable
def test_fixes_mean_the_same_in_files_indented_by_four(rule: Rule) -> None:
    shown = try_fixes(deep(bad(rule)), rule)
    assert results(shown, meaning) == results(try_fixes(bad(rule), rule), meaning)


def results(shown: list[Tried], view: Callable[[Mapping[str, str]], Mapping[str, object]]) -> list[object]:
    return [(one.found.rule, one.title, view(one.result)) for one in shown]


def problems(path: str, text: str) -> int:
    """Return how many faults the reader of a file finds in it."""
    artefact = read(SourceFile(path, text))
    return len(artefact.problems) if artefact is not None else 0


@every_rule
def test_words_are_plain(rule: Rule) -> None:
    """Messages are one line with concrete names and no advice; fix titles are imperatives."""
    project = shown_as(rule, "Bad")
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
    project = shown_as(rule, "Bad")
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
            assert re.fullmatch(r"[a-z][a-z_-]*:[\w./$-]+", name), (rule.name, name)
