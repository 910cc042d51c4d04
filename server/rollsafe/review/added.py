"""Questions for agents that files add to the built-in ones: the same files, keys of their own, less said.

What such an agent is told goes into a block of its own after the fixed instructions. Nothing it says makes
another question different, and nothing said for it stands where another agent speaks.
"""

from collections.abc import Iterable, Sequence

from rollsafe.engine.reach import looks_at
from rollsafe.engine.roster import Member
from rollsafe.review.plain import spelled_out
from rollsafe.review.request import ReviewFile, ReviewKey, ReviewLimits, ReviewRequest
from rollsafe.text.tuples import NamedTuple

USER_KEY = "user"
"""The key of a remark for an agent of a file; keys of its own come after it and a slash."""


class Looking(NamedTuple):
    """An agent of a file, and what the files it looks at are called in questions."""

    member: Member
    paths: frozenset[str]


class Seen(NamedTuple):
    """A file as agents choose by it: what it is called in questions, its path in its project, its kind."""

    called: str
    path: str
    kind: str


def looking(members: Iterable[Member], files: Sequence[Seen], *, by_name: bool = False) -> list[Looking]:
    """Return the agents of files that look at any of the files, with those they look at."""
    found: list[Looking] = []
    for member in members:
        seen = (one for one in files if looks_at(member, one.path, one.kind, by_name=by_name))
        paths = frozenset(one.called for one in seen)
        if paths:
            found.append(Looking(member, paths))
    return found


def joined(several: Iterable[Looking]) -> list[Looking]:
    """Return the same with one entry for each agent of a user's own, whatever projects it looks at."""
    found: dict[tuple[str, int], Looking] = {}
    for number, one in enumerate(several):
        member = one.member
        key = (
            (member.path, -1)
            if member.path.startswith(("/", "\\")) or ":" in member.path[:2]
            else ("", number)
        )
        before = found.get(key)
        found[key] = Looking(member, before.paths | one.paths) if before else one
    return list(found.values())


def question_for(one: Looking, files: Sequence[ReviewFile], secrets: frozenset[str]) -> ReviewRequest | None:
    """Return what is asked for an agent of a file; None where none of the files is shown to it."""
    member = one.member
    own = tuple(file for file in files if file.path in one.paths)
    if member.definition is None or not own:
        return None
    profile = member.profile
    return ReviewRequest(
        agent=profile.name,
        persona=f"{profile.description}\n\n{member.definition.body}".strip(),
        keys=tuple(_keys(profile.role.keys)),
        files=own,
        limits=ReviewLimits(per_run=profile.role.max_findings),
        secrets=secrets,
        origin=spelled_out(member.shown_path),
        model=profile.model,
    )


def _keys(names: Sequence[str]) -> Iterable[ReviewKey]:
    yield ReviewKey(
        USER_KEY,
        "Does a shown line do what the agent's description warns of?",
        "the shown line, and words of the description that are about it",
        "what is no hazard of the shown lines, such as silence, approval, praise or style",
    )
    for name in names:
        words = name.replace("-", " ")
        yield ReviewKey(
            f"{USER_KEY}/{name}",
            f"Does a shown line have what the agent's description calls `{words}`?",
            "the shown line, and what the description says of it",
            "what the description does not speak of",
        )
