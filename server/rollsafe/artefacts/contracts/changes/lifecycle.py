"""Deprecation, sunset and stability: what is announced of a thing, and what became of the announcement."""

from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import PEER, Comparison, Frame, Scope
from rollsafe.artefacts.contracts.changes.documents import At
from rollsafe.artefacts.contracts.changes.model import Hazard
from rollsafe.artefacts.contracts.changes.sunsets import (
    LEVELS,
    STABILITY,
    SUNSET,
    is_near,
    stability_of,
    sunset_of,
)
from rollsafe.artefacts.contracts.changes.values import shown

_LOOSE: Final = frozenset({"draft", "alpha"})


def is_without_promise(operation: At) -> bool:
    """Say whether an operation is a draft, which may change as it likes."""
    return stability_of(operation) in _LOOSE


def compare_lifecycle(comparison: Comparison, was: At, now: At) -> None:
    """Tell promises of an operation that are taken back or cannot be read."""
    _compare_stability(comparison, was, now)
    compare_sunset(comparison, comparison.operation, was, now, "")


def _compare_stability(comparison: Comparison, was: At, now: At) -> None:
    _compare_levels(comparison, comparison.operation, (was, now), (f"{PEER}api-stability-decreased",))


def _compare_levels(comparison: Comparison, what: str, pair: tuple[At, At], peers: tuple[str, ...]) -> None:
    was, now = pair
    then, since = stability_of(was), stability_of(now)
    there = now.get(STABILITY) or now
    if since is None:
        message = f"{what} has a stability that is none of {', '.join(LEVELS)}"
        comparison.tell(Hazard.BROKEN_SUNSET, message, there, None, (f"{PEER}api-invalid-stability-level",))
    elif then is not None and LEVELS.index(since) < LEVELS.index(then):
        message = f"{what} was `{then}` and is `{since}` now"
        comparison.tell(Hazard.BROKEN_SUNSET, message, there, was.get(STABILITY), peers)


def compare_marks(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    """Tell promises of a property that are taken back or cannot be read."""
    if now.get(STABILITY) is not None:
        peers = frame.peers("stability-decreased", frozenset({Scope.PROPERTY}))
        _compare_levels(comparison, comparison.subject(frame), (was, now), peers)
    new = now.get(SUNSET)
    if new is None or not now.flag("deprecated") or was.flag("deprecated"):
        return
    sunset = sunset_of(now)
    if sunset is not None and sunset < comparison.today:
        message = f"{comparison.subject(frame)} is deprecated now, and its sunset on `{sunset}` is over"
        peers = frame.peers("sunset-date-too-small", frozenset({Scope.PROPERTY}))
        comparison.tell(Hazard.BROKEN_SUNSET, message, new, was.get(SUNSET), peers)
    elif sunset is None:
        message = f"{comparison.subject(frame)} has the sunset {shown(now.text(SUNSET))}, which is no date"
        peers = frame.peers("deprecated-sunset-invalid", frozenset({Scope.PROPERTY}))
        comparison.tell(Hazard.BROKEN_SUNSET, message, new, was.get(SUNSET), peers)


def compare_sunset(comparison: Comparison, what: str, was: At, now: At, kind: str) -> None:
    """Tell a date that is gone, earlier than it was, or no date; `kind` is how peers call what has it."""
    if not now.flag("deprecated"):
        return
    old, new = was.get(SUNSET), now.get(SUNSET)
    prefix = f"{PEER}{kind}"
    if new is None:
        if old is not None:
            message = f"{what} is deprecated, and its sunset is gone"
            comparison.tell(
                Hazard.BROKEN_SUNSET, message, now.get("deprecated") or now, old, (f"{prefix}sunset-deleted",)
            )
        return
    if old is not None and was.text(SUNSET) == now.text(SUNSET) and was.flag("deprecated"):
        return
    then, since = sunset_of(was), sunset_of(now)
    if since is None or (old is not None and then is None):
        _tell_unreadable(comparison, what, (old, new), kind, is_new=not was.flag("deprecated"))
    elif then is not None and since < then and is_near(since, comparison.today):
        message = f"{what} may be gone on `{since}`, announced for `{then}` before"
        name = f"{kind or 'api-'}sunset-date-changed-too-small"
        comparison.tell(Hazard.BROKEN_SUNSET, message, new, old, (f"{PEER}{name}",))
    elif old is None and since < comparison.today:
        message = f"{what} is deprecated now, and its sunset on `{since}` is over"
        name = f"{kind or 'api-'}sunset-date-too-small"
        comparison.tell(Hazard.BROKEN_SUNSET, message, new, None, (f"{PEER}{name}",))


def _tell_unreadable(
    comparison: Comparison, what: str, pair: tuple[At | None, At], kind: str, *, is_new: bool
) -> None:
    old, new = pair
    text = getattr(new.node, "text", "")
    message = f"{what} has the sunset {shown(text)}, which is no date"
    if kind:
        peers = (f"{PEER}{kind}sunset-parse",)
    else:
        peers = (f"{PEER}api-deprecated-sunset-parse",) if is_new else (f"{PEER}api-path-sunset-parse",)
    comparison.tell(Hazard.BROKEN_SUNSET, message, new, old, peers)
