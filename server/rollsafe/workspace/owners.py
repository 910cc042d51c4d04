"""Who answers for a file: the rules of CODEOWNERS, matched as the forges match them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.codeowners import CodeOwners, OwnerRule
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.ignore_files import IgnoreFile, read_ignore_file
from rollsafe.workspace.view import View

_PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where forges look, in their order."""
_PLAIN = lazily(r"/[\w.-]+(/[\w.-]+)*/?|[\w.-]+(/[\w.-]+)+/?")
"""A pattern that names one path from the root, without wildcards."""


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
    at = last_owning(tuple(rule.pattern for rule in source.rules), path)
    if at is None:
        return None
    rule = source.rules[at]
    return Owner(rule.owners, source, rule) if rule.owners else None


def owners_of(paths: Sequence[str], source: CodeOwners | None) -> list[Owner]:
    """Return the owners of several paths, each rule once, in the order of the paths."""
    found: dict[OwnerRule, Owner] = {}
    for path in paths:
        owner = owner_of(path, source)
        if owner is not None:
            found.setdefault(owner.rule, owner)
    return list(found.values())


def last_owning(patterns: tuple[str, ...], path: str) -> int | None:
    """Return the place of the last pattern of CODEOWNERS that matches a project path."""
    return _compiled(patterns).last(path)


class _Patterns:
    """The patterns of a file; those that are plain paths are looked up, the others tried one by one."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._plain: dict[str, int] = {}
        self._plain_directories: dict[str, int] = {}
        self._others: list[tuple[int, str, IgnoreFile]] = []
        for at, pattern in enumerate(patterns):
            if _PLAIN.fullmatch(pattern):
                plain = self._plain_directories if pattern.endswith("/") else self._plain
                plain[pattern.strip("/")] = at
            else:
                self._others.append((at, pattern, read_ignore_file(pattern, "")))

    def last(self, path: str) -> int | None:
        """Return the place of the last one that matches."""
        above = _above(path)
        places = [self._plain.get(path, -1)]
        places += (self._plain.get(directory, -1) for directory in above)
        places += (self._plain_directories.get(directory, -1) for directory in above)
        best = max(places)
        for at, pattern, compiled in reversed(self._others):
            if at < best:
                break
            if _owns(pattern, compiled, path, above):
                return at
        return best if best >= 0 else None


@lru_cache(maxsize=8)
def _compiled(patterns: tuple[str, ...]) -> _Patterns:
    return _Patterns(patterns)


def _owns(pattern: str, compiled: IgnoreFile, path: str, above: Sequence[str]) -> bool:
    if compiled.verdict(path, is_directory=False):
        return True
    if pattern.endswith("/*"):
        # Other than in a .gitignore, `docs/*` owns the files of `docs` but not what lies deeper.
        return False
    return any(compiled.verdict(directory, is_directory=True) for directory in above)


def _above(path: str) -> list[str]:
    """Return the directories a path lies in, the outermost first."""
    return [path[:at] for at, char in enumerate(path) if char == "/"]
