"""What migrations that follow are made of, and the versions they get."""

import re
from typing import Final
from weakref import WeakKeyDictionary

from rollsafe.artefacts.migrations import Migration
from rollsafe.artefacts.migrations.operations import SetSetting
from rollsafe.artefacts.migrations.versions import NAMED
from rollsafe.rules.migration_order import chain_end
from rollsafe.rules.migration_ups import highest_version
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph

_MAX_LABEL: Final = 60


class Step(NamedTuple):
    """What one following migration is to do: `sql` statements without `;`, and the words of its name.

    `apart` tells that its statements run outside of a transaction. `undo` are the statements of the way
    back where they do not follow from `sql`.
    """

    label: str
    sql: tuple[str, ...]
    apart: bool = False
    undo: tuple[str, ...] = ()


def next_version(version: str) -> str:
    """Return the version after `version`, of the same form: a number, a time, or numbers with dots.

    A time goes on by the second, or the minute where it has no seconds.
    """
    digits = re.sub(r"\D", "", version)
    if _TIME.fullmatch(digits) and "." not in version:
        return _with_digits(version, _next_time(digits))
    head, last = _LAST_NUMBER.sub("", version), _LAST_NUMBER.search(version)
    return head + str(int(last[0]) + 1).zfill(len(last[0])) if last else version


_LAST_NUMBER = lazily(r"\d+\Z")
_TIME = lazily(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")
_LIMITS: Final = (24, 60, 60)


def _next_time(digits: str) -> str:
    """Return the second (or minute) after a time of digits; at midnight, the next higher number."""
    clock = [int(digits[at : at + 2]) for at in range(8, len(digits), 2)]
    for at in range(len(clock) - 1, -1, -1):
        clock[at] += 1
        if clock[at] < _LIMITS[at]:
            return digits[:8] + "".join(f"{part:02}" for part in clock)
        clock[at] = 0
    return str(int(digits) + 1)


def _with_digits(version: str, digits: str) -> str:
    left = iter(digits)
    return "".join(next(left) if char.isdigit() else char for char in version)


def last_version(migration: Migration, graph: Graph) -> str | None:
    """Return the version the history of a migration ends with; None if it has none, or several ends."""
    if migration.link is not None:
        end = chain_end(migration, graph)
        is_numbered = end is not None and migration.convention.name in NAMED
        return highest_version(migration.convention.home, graph) if is_numbered else end
    if not migration.convention.order:
        return None
    return highest_version(migration.convention.home, graph)


def label_of(words: str) -> str:
    """Return the words of a migration's name as they stand in that of its file."""
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:_MAX_LABEL].strip("_")


_timeouts: WeakKeyDictionary[Migration, list[str]] = WeakKeyDictionary()


def timeouts_of(migration: Migration) -> list[str]:
    """Return the statements by which a migration sets timeouts; looked for once."""
    found = _timeouts.get(migration)
    if found is None:
        found = _timeouts[migration] = _set_timeouts(migration)
    return found


def _set_timeouts(migration: Migration) -> list[str]:
    return [
        statement.sql.text
        for statement in migration.up_statements
        for one in statement.operations
        if isinstance(one, SetSetting) and one.name.endswith("_timeout") and one.value is not None
    ]
