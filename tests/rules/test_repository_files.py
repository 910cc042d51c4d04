"""Configurations of Dependabot and pre-commit, as they should be and as they should not."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check

DEPENDABOT = ".github/dependabot.yml"
HOOKS = ".pre-commit-config.yaml"
AUDITOR = Settings(level="auditor")


@pytest.mark.parametrize("path", [DEPENDABOT, HOOKS])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n",
        "updates:\nrepos:\n",
        "updates: 3\nrepos: x\n",
        "updates: [a, 1, null, []]\nrepos: [a, {repo: {}}, {repo: [x]}]\n",
        "updates:\n  - cooldown: []\n  - cooldown: {default-days: [7]}\n  - {}\n",
        "updates: &a\n  - cooldown: *a\nrepos: *a\n",
        "updates:\n  - cooldown: {default-days: 99999999999999999999999}\n",
        "repos:\n  - repo: '://'\n  - repo: 'http://'\n  - repo: https://github.com//\n",
        "updates:\n  - package-ecosystem: npm\n    cooldown:\n      default-days: \n  - : :\n",
    ],
)
def test_no_text_stops_the_others(path: str, text: str) -> None:
    found = check({path: text, ".github/workflows/a.yml": "on: push\njobs: {}\n"}, AUDITOR)
    assert any(one.path == ".github/workflows/a.yml" for one in found)


def test_each_entry_is_judged_by_itself() -> None:
    entry = "  - package-ecosystem: {}\n    directory: /\n    cooldown:\n      default-days: {}\n"
    text = (
        "version: 2\nupdates:\n" + entry.format("npm", 14) + entry.format("pip", 2) + entry.format("gomod", 7)
    )
    found = check({DEPENDABOT: text}, AUDITOR)
    assert [(one.rule, one.line) for one in found] == [("hasty-dependency-update", 10)]


def test_hooks_are_looked_up_by_their_repository() -> None:
    repos = ["https://github.com/pre-comit/pre-commit-hooks", "https://github.com/psf/black", "local"]
    text = "repos:\n" + "".join(f"  - repo: {url}\n    hooks: []\n" for url in repos)
    found = check({HOOKS: text}, AUDITOR)
    assert [(one.rule, one.line) for one in found] == [("misspelled-action", 2)]
