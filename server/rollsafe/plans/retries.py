"""What the retries of a state amount to: how often it is tried again, and how long it waits for that."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from rollsafe.artefacts.step_functions import Retrier
from rollsafe.plans.times import SECOND
from rollsafe.text.tuples import NamedTuple

_MOST_TRIES: Final = 1_000
"""Retries whose waiting is added up one by one; more of them are not bounded by anything sensible."""


class Tries(NamedTuple):
    """How often something is tried again, and the waiting before all of that in milliseconds.

    `waits` is None where the waiting cannot be told.
    """

    again: int
    waits: int | None

    @property
    def is_bounded(self) -> bool:
        """Whether it is known how long they take at most, beside the tries themselves."""
        return self.waits is not None


def tries_of(one: Retrier) -> Tries:
    """Return what one retrier amounts to; by default 3 attempts, 1 second, twice as long each time."""
    attempts = 3 if one.max_attempts is None else one.max_attempts
    interval = 1 if one.interval_seconds is None else one.interval_seconds
    return Tries(attempts, _waits(attempts, interval, one.backoff_rate, one.node.int_at("MaxDelaySeconds")))


def all_tries(retriers: Iterable[Retrier]) -> Tries:
    """Return what several retriers of one state amount to when each of them is used up."""
    again, waits = 0, 0
    for one in retriers:
        tries = tries_of(one)
        if tries.waits is None:
            return Tries(again, None)
        again += tries.again
        waits += tries.waits
    return Tries(again, waits)


def _waits(attempts: int, interval: int, rate: str | None, most: int | None) -> int | None:
    """Return the waiting before all retries in milliseconds, exactly; None where it cannot be told."""
    if attempts > _MOST_TRIES or attempts < 0 or interval < 0:
        return None
    try:
        factor = Fraction(rate) if rate is not None else Fraction(2)
    except (ValueError, ZeroDivisionError):
        return None
    if len(rate or "") > 12 or not 0 <= factor <= 1_000:
        return None
    total, delay = Fraction(0), Fraction(interval)
    for _ in range(attempts):
        total += delay if most is None else min(delay, Fraction(most))
        if total > 10**9:
            return None
        delay *= factor
    milliseconds = total * SECOND
    return -(-milliseconds.numerator // milliseconds.denominator)
