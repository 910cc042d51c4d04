"""Which files an agent of a file looks at: those its field `rollsafe` names, else kinds its words name."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from rollsafe.engine.roster import Member
from rollsafe.workspace.agent_files import Scope
from rollsafe.workspace.ignore_files import IgnoreFile, read_ignore_file

_BRACES: Final = re.compile(r"\{([^{}]*,[^{}]*)\}")
_MOST_FORMS: Final = 64


def looks_at(member: Member, path: str, kind: str, *, by_name: bool = False) -> bool:
    """Say whether an agent of a file reviews the file at `path` of a project, an artefact of `kind`.

    One that says nothing of files looks at none, or with `by_name`, when a user asks for it, at any. What
    lies in a directory of a project speaks of what is below that directory.
    """
    role = member.profile.role
    inside = _below_home(member, path)
    if not member.takes_part or member.agent or role.kind != "reviewer" or inside is None:
        return False
    if role.files:
        return _selects(_patterns(role.files), inside)
    return kind in member.profile.looks_at if member.profile.looks_at else by_name


def _below_home(member: Member, path: str) -> str | None:
    """Return a project's path as seen from where the agent is kept; None for one that is not below."""
    home = member.definition.home if member.definition and member.scope is Scope.PROJECT else ""
    if not home:
        return path
    return path[len(home) + 1 :] if path.startswith(f"{home}/") else None


@lru_cache(maxsize=128)
def _patterns(files: tuple[str, ...]) -> IgnoreFile:
    return read_ignore_file("\n".join(form for one in files for form in _forms(one)), "")


def _forms(pattern: str) -> Iterator[str]:
    """Yield a pattern with each choice of its `{a,b}`."""
    yield from islice(_expanded(pattern), _MOST_FORMS)


def _expanded(pattern: str) -> Iterator[str]:
    match = _BRACES.search(pattern)
    if match is None:
        yield pattern
        return
    for choice in match[1].split(","):
        yield from _expanded(pattern[: match.start()] + choice + pattern[match.end() :])


def _selects(patterns: IgnoreFile, path: str) -> bool:
    """Say whether the patterns name a file or a directory it lies in, the last word being the file's own."""
    parts = path.split("/")
    chosen = False
    for depth in range(1, len(parts) + 1):
        said = patterns.verdict("/".join(parts[:depth]), is_directory=depth < len(parts))
        chosen = chosen if said is None else said
    return chosen
