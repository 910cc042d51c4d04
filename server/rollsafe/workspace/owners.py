"""Who answers for a file: the rules of CODEOWNERS, matched as the forges match them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rollsafe.artefacts.codeowners import CodeOwners, OwnerRule
from rollsafe.workspace.ignore_files import read_ignore_file
from rollsafe.workspace.view import View

_PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where forges look, in their order."""


class Owner(NamedTuple):
    """Who owns a file, and the line that says so."""

    names: tuple[str, ...]
    source: CodeOwners
    rule: OwnerRule


def code_owners(view: View) -> CodeOwners | None:
    """Return the CODEOWNERS file that is in force."""
    found = (one for path in _PLACES for one in view.inside(path, CodeOwners))
    return next(found, None)


def owner_of(path: str, source: CodeOwners | None) -> Owner | None:
    """Return who owns a project path; None where nobody is named."""
    if source is None:
        return None
    for rule in reversed(source.rules):
        if owns(rule.pattern, path):
            return Owner(rule.owners, source, rule) if rule.owners else None
    return None


def owners_of(paths: Sequence[str], source: CodeOwners | None) -> list[Owner]:
    """Return the owners of several paths, each rule once, in the order of the paths."""
    found: dict[OwnerRule, Owner] = {}
    for path in paths:
        owner = owner_of(path, source)
        if owner is not None:
            found.setdefault(owner.rule, owner)
    return list(found.values())


def owns(pattern: str, path: str) -> bool:
    """Say whether a pattern of CODEOWNERS matches a project path."""
    patterns = read_ignore_file(pattern, "")
    if patterns.verdict(path, is_directory=False):
        return True
    if pattern.endswith("/*"):
        # Other than in a .gitignore, `docs/*` owns the files of `docs` but not what lies deeper.
        return False
    parts = path.split("/")
    above = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
    return any(patterns.verdict(directory, is_directory=True) for directory in above)
