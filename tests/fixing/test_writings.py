"""Fixes do for a file however it is written: the examples of the rules, each in ways drawn by a seed."""

from random import Random

import pytest

from rollsafe.rules import Rule
from rollsafe.workspace.settings import Settings
from tests.checking import ALL_RULES, open_project
from tests.fixing.judging import judge_each
from tests.fixing.writings import WRITINGS
from tests.test_every_rule import bad

FAMILIES = frozenset({"kubernetes", "compose", "dockerfile", "platforms"})
FIXABLE = [rule for rule in ALL_RULES if rule.family in FAMILIES and rule.fix is not None]
DRAWN = 2
"""How many writings of each example are looked at in a run."""

SEEN_ONLY_THEN = {
    # What the fix connects is found from then on, as it was before somebody mistyped a name.
    "service-without-pods": {"ready-at-once", "missing-pre-stop"},
    "unserved-target-port": {"missing-pre-stop"},
    # What the fix leaves to be made elsewhere is missed until it is there.
    "secret-in-plain-text": {"secret-in-environment", "missing-config-key"},
    # Peers ask to pull even what cannot change, which the tag that moves implied.
    "floating-image-tag": {"stale-image"},
    # The number is that of the user the image names.
    "refused-image-user": {"low-user-id"},
}
"""What is told only when the fix of a rule is applied: it was there, and hidden by what was worse."""


@pytest.mark.parametrize("rule", FIXABLE, ids=lambda rule: rule.name)
def test_fixes_do_what_they_are_held_to_in_any_writing(rule: Rule) -> None:
    drawn = Random(rule.name).sample(sorted(WRITINGS), DRAWN)
    for name in ("as-is", *drawn):
        files = {path: WRITINGS[name](path, text) for path, text in bad(rule).items()}
        project = open_project(files, Settings(level="auditor"))
        mine = [found for found in project.engine.all_findings() if found.rule.name == rule.name]
        for _, faults in judge_each(project, mine):
            hidden = SEEN_ONLY_THEN.get(rule.name, set())
            told = [it for it in faults if it.detail.partition(" (")[0] not in hidden]
            assert told == [], name
