"""What popular actions take and hand on, from a table with a date: a version may since have changed."""

from functools import cache
from pkgutil import get_data
from typing import Final, TypedDict, cast

from rollsafe.artefacts.github_workflow.references import ActionRef
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_VERSION: Final = lazily(r"v?(?P<major>\d+)(?:\.\d+)*\Z")
_COMMENT: Final = lazily(r"[ \t]*[\"']?[ \t]+#[ \t]*(?:tag[ =:]+|pin@)?(?P<version>v?\d+(?:\.\d+)*)(?=\s|\Z)")
_HASH: Final = lazily(r"[0-9a-f]{40}\Z")


class TakenInput(NamedTuple):
    """An input of an action; `deprecation` says what its author says of one that is deprecated, else None."""

    name: str
    is_required: bool
    deprecation: str | None


class Interface(NamedTuple):
    """What an action takes and hands on by lower-case name; None where it may be anything.

    `date` is that of the table it comes from, empty for an action of the repository itself. `may_change`
    tells that the version goes on: nobody changes what an older one takes.
    """

    inputs: dict[str, TakenInput] | None
    outputs: tuple[str, ...] | None
    date: str = ""
    may_change: bool = False


class _About(TypedDict):
    date: str


class _Table(TypedDict):
    about: _About
    actions: dict[str, dict[str, int]]
    answers: list[tuple[list[str | list[str]] | None, list[str] | None]]
    old: dict[str, list[str]]


def known_interface(ref: ActionRef, behind: str) -> Interface | None:
    """Return what an action of another repository takes; None when it is not in the table.

    `behind` is what stands behind the reference on its line: a commit is known by the version there.
    """
    versions = _table()["actions"].get(ref.name.lower())
    if versions is None:
        return None
    version = _version(ref, behind)
    found = versions.get(version)
    if found is None:
        found = versions.get(_major(version))
    if found is None:
        return None
    return _interface(found)._replace(may_change=_major(version) == newest_version(ref))


def interface_at(name: str, version: str) -> Interface | None:
    """Return what a version of an action takes that the table names."""
    found = _table()["actions"].get(name.lower(), {}).get(version)
    return None if found is None else _interface(found)


def is_outdated(ref: ActionRef, behind: str) -> bool:
    """Say whether a version of an action runs on a Node.js that runners no longer have."""
    versions = _table()["old"].get(ref.name.lower(), ())
    version = _version(ref, behind)
    return version in versions or _major(version) in versions


def major_of(ref: ActionRef, behind: str) -> str:
    """Return the major version a reference names, such as `v4`; nothing for a branch or an unknown commit."""
    return _major(_version(ref, behind))


def table_date() -> str:
    """Return the date of the table, such as `2026-03-30`."""
    return _table()["about"]["date"]


def newest_version(ref: ActionRef) -> str | None:
    """Return the highest major version of an action that the table knows, such as `v4`."""
    majors = [found for one in _table()["actions"].get(ref.name.lower(), ()) if (found := _MAJOR.match(one))]
    return max(majors, key=lambda found: int(found[1]))[0] if majors else None


_MAJOR: Final = lazily(r"v(\d+)\Z")


def _version(ref: ActionRef, behind: str) -> str:
    if not _HASH.match(ref.ref):
        return ref.ref
    found = _COMMENT.match(behind)
    return found["version"] if found is not None else ""


def _major(version: str) -> str:
    found = _VERSION.match(version)
    return f"v{found['major']}" if found is not None else ""


@cache
def _interface(index: int) -> Interface:
    table = _table()
    inputs, outputs = table["answers"][index]
    taken = None if inputs is None else {one.name.lower(): one for one in map(_input, inputs)}
    return Interface(taken, None if outputs is None else tuple(outputs), table["about"]["date"])


def _input(raw: str | list[str]) -> TakenInput:
    name, told = (raw, None) if isinstance(raw, str) else (raw[0], raw[1])
    return TakenInput(name.removeprefix("!"), name.startswith("!"), told)


@cache
def _table() -> _Table:
    from orjson import loads

    data = get_data("rollsafe.artefacts.github_workflow", "data/actions.json") or b""
    return cast("_Table", loads(data))
