"""What fixes write in workflows, judged by the tool whose hazards they are about."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from rollsafe.rules import Rule
from tests.checking import ALL_RULES, try_fixes
from tests.test_every_rule import bad

ZIZMOR = Path(sys.executable).with_name("zizmor")
REFUSED = "zizmor:invalid-input"
"""What the tool cannot read at all, which has no findings to compare."""
JUDGED = [
    rule
    for rule in ALL_RULES
    if rule.fix is not None
    and any(name.startswith("zizmor:") and name != REFUSED for name in rule.equivalents)
]
COUNTS_IT = {
    # The secret takes the place of a password in the open; which environment holds it is for the owner.
    "registry-password-in-workflow": {"secrets-outside-env"},
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Counter[str]]]:
    """Return what the tool finds in the examples of each rule: as they are, then after each fix."""
    root = tmp_path_factory.mktemp("fixed")
    trees: dict[str, list[Path]] = {}
    for rule in JUDGED:
        files = bad(rule)
        results = [{}, *(tried.result for tried in try_fixes(files, rule))]
        trees[rule.name] = [root / f"{rule.name}-{at}" for at in range(len(results))]
        for tree, result in zip(trees[rule.name], results, strict=True):
            write(tree, {**files, **result})
    found = run([tree for several in trees.values() for tree in several])
    return {name: [found[tree.name] for tree in several] for name, several in trees.items()}


def write(tree: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def run(trees: list[Path]) -> dict[str, Counter[str]]:
    """Return the names of what is found by the name of the tree it is found in."""
    options = ["--offline", "--no-config", "--collect=all", "--persona=auditor", "--format=json-v1"]
    command = [str(ZIZMOR), *options, "--no-exit-codes", "--quiet", *map(str, trees)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    found: dict[str, Counter[str]] = {tree.name: Counter() for tree in trees}
    parent = trees[0].parent
    for one in json.loads(answer.stdout):
        key = one["locations"][0]["symbolic"]["key"]["Local"]
        path = Path(key["verbatim_path"]).relative_to(parent)
        found[path.parts[0]][one["ident"]] += 1
    return found


@pytest.mark.parametrize("rule", JUDGED, ids=[rule.name for rule in JUDGED])
def test_fixes_bring_nothing_the_tool_objects_to(rule: Rule, judged: dict[str, list[Counter[str]]]) -> None:
    before, *after = judged[rule.name]
    assert after
    for counts in after:
        assert set(counts - before) <= COUNTS_IT.get(rule.name, set())


@pytest.mark.parametrize("rule", JUDGED, ids=[rule.name for rule in JUDGED])
def test_the_tool_finds_its_own_hazard_no_more(rule: Rule, judged: dict[str, list[Counter[str]]]) -> None:
    """Where the tool finds the hazard of an example, it finds less of it after the fix."""
    before, *after = judged[rule.name]
    for name in {one.removeprefix("zizmor:") for one in rule.equivalents} & before.keys():
        assert all(counts[name] < before[name] for counts in after), name
