"""What fixes write in workflows, held against actionlint."""

import re
from collections import Counter

import pytest

from rollsafe.rules import Rule
from tests.checking import ALL_RULES, try_fixes
from tests.rules.actionlint import lint_all
from tests.test_every_rule import bad


def is_workflow(path: str) -> bool:
    return path.startswith(".github/workflows/")


def dated(text: str) -> str:
    """Return a workflow without names of runners that are newer than the release."""
    return re.sub(r"\b(ubuntu|macos|windows)-\d[\w.]*", r"\1-latest", text)


JUDGED = [rule for rule in ALL_RULES if rule.fix is not None and any(is_workflow(path) for path in bad(rule))]
NEWER: dict[str, set[str]] = {"own-action-by-checkout": {"action"}}
"""What the release that npm has is too old to know, by rule."""


BROKEN = Counter({"no answer": 1})


@pytest.fixture(scope="module")
def judged() -> dict[str, list[Counter[str]]]:
    """Return what actionlint says of the examples of each rule: as they are, then after each fix."""
    texts: list[str] = []
    places: dict[str, list[slice]] = {}
    for rule in JUDGED:
        files = bad(rule)
        for result in ({}, *(tried.result for tried in try_fixes(files, rule))):
            start = len(texts)
            texts += [dated(text) for path, text in {**files, **result}.items() if is_workflow(path)]
            places.setdefault(rule.name, []).append(slice(start, len(texts)))
    found = [BROKEN if one is None else one for one in lint_all(texts)]
    return {name: [sum(found[at], Counter[str]()) for at in several] for name, several in places.items()}


@pytest.mark.parametrize("rule", JUDGED, ids=[rule.name for rule in JUDGED])
def test_fixes_bring_nothing_actionlint_objects_to(rule: Rule, judged: dict[str, list[Counter[str]]]) -> None:
    before, *after = judged[rule.name]
    assert after
    for kinds in after:
        assert set(kinds - before) <= NEWER.get(rule.name, set())
