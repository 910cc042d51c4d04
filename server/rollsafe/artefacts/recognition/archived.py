"""Repositories of actions that were archived on the day the table was made."""

import json
from functools import cache
from pkgutil import get_data
from typing import TypedDict, cast


class _Data(TypedDict):
    repositories: list[str]


@cache
def _archived() -> frozenset[str]:
    data = get_data("rollsafe.artefacts.recognition", "data/archived_actions.json")
    return frozenset(cast("_Data", json.loads(data or b"{}"))["repositories"])


def is_archived(repository: str) -> bool:
    """Say whether `owner/repo` is archived."""
    return repository.lower() in _archived()
