"""What a chart has in staging and lacks in production, as their values say."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.charts.deployed import DeployedValues
from rollsafe.workspace.system.charts.rendering import values_in
from rollsafe.workspace.system.charts.sources import label_of
from rollsafe.workspace.system.charts.values import NOTHING, UNKNOWN, Items, Leaf, Table, Value, at

_COUNTS: Final = frozenset({"replicas", "replicaCount", "minReplicas"})
_PROBE: Final = lazily(r"(?:liveness|readiness|startup|health)[-_]?(?:probe|check)s?\Z|probes?\Z", re.I)
_SCALER: Final = lazily(r"(?:horizontal[-_]?pod)?autoscal(?:ing|er)\Z|hpa\Z", re.I)
_GUARD: Final = lazily(r"(?:pod)?(?:disruption[-_]?budget|pdb)\Z|network[-_]?polic(?:y|ies)\Z", re.I)
_SWITCHES: Final = frozenset({"enabled", "create"})
_DEEPEST: Final = 12


class Aspect(StrEnum):
    """In what the values of two environments differ."""

    REPLICAS = "replicas"
    PROBE = "probe"
    GUARD = "guard"
    KEY = "key"


class Drift(NamedTuple):
    """A value by its path; `other` is the file that has it, `less` and `more` the two numbers."""

    aspect: Aspect
    path: tuple[str, ...]
    other: str
    less: int = 0
    more: int = 0


def drift_of(values: DeployedValues) -> Iterator[Drift]:
    """Yield what the values of staging have and those of production lack, if there are both."""
    alike = [one for one in values.others if environment_of(label_of(one.path)) is EnvironmentKind.STAGING]
    # The plainest name is that of the environment itself; others are of what stands beside it.
    staging = min(alike, key=lambda one: (len(one.path), one.path), default=None)
    if staging is None:
        return
    for path, mine, theirs in _pairs(values.values, values.beside(staging), (), 0):
        found = _numbers(path, mine, theirs, values.values) or _switches(path, mine, theirs)
        if found is not None:
            yield found._replace(other=staging.path)
    for path in _only(values_in(staging), values.values, (), 0):
        yield Drift(Aspect.KEY, path, staging.path)


def _pairs(
    mine: Table, theirs: Table, path: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], Value, Value]]:
    """Yield the leaves that both have, by their paths."""
    for key, value in theirs.entries.items():
        own = mine.entries.get(key)
        if isinstance(value, Table) and isinstance(own, Table) and depth < _DEEPEST:
            yield from _pairs(own, value, (*path, key), depth + 1)
        elif own is not None:
            yield (*path, key), own, value


def _numbers(path: tuple[str, ...], mine: Value, theirs: Value, whole: Table) -> Drift | None:
    less, more = _number(mine), _number(theirs)
    if path[-1] not in _COUNTS or less is None or more is None or less >= more:
        return None
    return None if _is_scaled(whole, path) else Drift(Aspect.REPLICAS, path, "", less, more)


def _is_scaled(whole: Table, path: tuple[str, ...]) -> bool:
    """Say whether an autoscaler decides instead of the number at a path."""
    if path[-1] == "minReplicas":
        return False
    beside = at(whole, path[:-1]) if len(path) > 1 else whole
    return isinstance(beside, Table) and any(
        _SCALER.match(key) and _is_on(at(value, ("enabled",))) for key, value in beside.entries.items()
    )


def _switches(path: tuple[str, ...], mine: Value, theirs: Value) -> Drift | None:
    if len(path) < 2 or path[-1] not in _SWITCHES or not _is_on(theirs) or not _is_off(mine):
        return None
    if _PROBE.search(path[-2]):
        return Drift(Aspect.PROBE, path, "")
    return Drift(Aspect.GUARD, path, "") if _GUARD.match(path[-2]) or _SCALER.match(path[-2]) else None


def _only(theirs: Table, mine: Table, path: tuple[str, ...], depth: int) -> Iterator[tuple[str, ...]]:
    """Yield the outermost keys that only the one has, empty ones left out."""
    for key, value in theirs.entries.items():
        own = mine.entries.get(key)
        if own is None or own == NOTHING:
            if not _is_empty(value):
                yield (*path, key)
        elif isinstance(value, Table) and isinstance(own, Table) and own.entries and depth < _DEEPEST:
            yield from _only(value, own, (*path, key), depth + 1)


def _is_empty(value: Value) -> bool:
    if isinstance(value, Table):
        return not value.entries
    if isinstance(value, Items):
        return not value.items
    return value is UNKNOWN or (isinstance(value, Leaf) and value.value in (None, "", False))


def _number(value: Value) -> int | None:
    plain = value.value if isinstance(value, Leaf) else None
    return plain if isinstance(plain, int) and not isinstance(plain, bool) else None


def _is_on(value: Value) -> bool:
    return isinstance(value, Leaf) and value.value is True


def _is_off(value: Value) -> bool:
    return isinstance(value, Leaf) and value.value is False
