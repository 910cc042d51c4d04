"""Deprecation, the date from which a thing may be gone, and how stable it is said to be."""

from datetime import date
from enum import Enum
from typing import Final

from rollsafe.artefacts.contracts.changes.documents import At
from rollsafe.artefacts.contracts.changes.values import text_of

SUNSET: Final = "x-sunset"
STABILITY: Final = "x-stability-level"
LEVELS: Final = ("draft", "alpha", "beta", "stable")
_DAY: Final = 10
_NOTICE: Final = 30
"""Days a date must be ahead for its being brought forward to leave time."""


class Leave(Enum):
    """Whether a thing was announced to go."""

    SUDDEN = "sudden"
    ALLOWED = "allowed"
    EARLY = "early"
    UNREADABLE = "unreadable"


def sunset_of(at: At) -> date | None:
    """Return the date from which a thing may be gone; None where there is none, or it cannot be read."""
    text = at.text(SUNSET)
    try:
        return date.fromisoformat(text[:_DAY]) if text[_DAY : _DAY + 1] in ("", "T", "t") else None
    except ValueError:
        return None


def leave_of(at: At, today: date) -> Leave:
    """Say how the going of a thing agrees with what was announced."""
    if not at.flag("deprecated"):
        return Leave.SUDDEN
    if at.get(SUNSET) is None:
        return Leave.ALLOWED
    sunset = sunset_of(at)
    if sunset is None:
        return Leave.UNREADABLE
    return Leave.EARLY if today < sunset else Leave.ALLOWED


def stability_of(at: At) -> str | None:
    """Return how stable an operation is said to be, `stable` where nothing is said; None for another word."""
    found = at.get(STABILITY)
    if found is None:
        return "stable"
    text = text_of(found.node)
    return text if text in LEVELS else None


def is_near(sunset: date, today: date) -> bool:
    """Say whether a date leaves its users no time."""
    return (sunset - today).days < _NOTICE
