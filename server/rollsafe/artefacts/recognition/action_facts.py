"""What was known of actions by name on the day the table was made: advisories and verified owners."""

import json
from collections.abc import Iterator
from functools import cache
from pkgutil import get_data
from typing import Final, TypeAlias, TypedDict, cast

from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_NUMBERS: Final = lazily(r"\d+(?:\.\d+)*")
_BOUND: Final = lazily(r"(<=|>=|<|>|=)?\s*v?(\d+(?:\.\d+)*)")
_Version: TypeAlias = tuple[int, ...]


class _Data(TypedDict):
    advisories: list[tuple[str, str, str, list[str]]]
    owners: list[str]


class Advisory(NamedTuple):
    """A weakness of an action that was made public; `fixed` is the first version without it, or nothing."""

    id: str
    summary: str
    fixed: str


@cache
def _table() -> _Data:
    data = get_data("rollsafe.artefacts.recognition", "data/action_facts.json")
    return cast("_Data", json.loads(data or b"{}"))


@cache
def _owners() -> frozenset[str]:
    return frozenset(_table()["owners"])


def is_verified(owner: str) -> bool:
    """Say whether GitHub has verified who an owner of actions is."""
    return owner.lower() in _owners()


def advisories_for(action: str, version: str) -> Iterator[Advisory]:
    """Yield the advisories about an action, `owner/repo`, that hold for a version such as `v2.1.0`.

    A version that leaves parts open, such as `v2`, is the newest of its kind, which nobody here knows.
    """
    number = version.removeprefix("v")
    if _NUMBERS.fullmatch(number) is None:
        return
    read = _read(number)
    for name, id_, summary, ranges in _table()["advisories"]:
        held = (
            [one for one in ranges if _holds(read, number.count(".") < 2, one)]
            if name == action.lower()
            else []
        )
        if held:
            bounds = (bound for operator, bound in _BOUND.findall(held[0]) if operator == "<")
            yield Advisory(id_, summary, next(bounds, ""))


def _read(number: str) -> _Version:
    parts = [int(part) for part in number.split(".")]
    return tuple((*parts, 0, 0, 0)[:3])


def _holds(version: _Version, is_open: bool, span: str) -> bool:
    """Say whether a version is in a span such as `>=1.0.0,<2.2.0`."""
    for operator, bound in _BOUND.findall(span):
        wanted = _read(bound)
        if is_open and operator in ("<", "<=") and wanted[0] <= version[0]:
            # `v2` is the newest of 2, which is below the bound only if all of 2 is.
            return False
        held = {
            "<": version < wanted,
            "<=": version <= wanted,
            ">": version > wanted,
            ">=": version >= wanted,
        }.get(operator, version == wanted)
        if not held:
            return False
    return True
