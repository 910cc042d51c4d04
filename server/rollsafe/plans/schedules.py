"""How often a schedule fires: the shortest time between two runs, as cron lines and rates say it."""

import re
from itertools import pairwise
from typing import Final

from rollsafe.plans.times import DAY, HOUR, MINUTE
from rollsafe.text.patterns import lazily

_RATE = lazily(r"rate\(\s{0,9}(\d{1,6})\s{1,9}(minute|hour|day)s?\s{0,9}\)\Z", re.I)
_WRAPPED = lazily(r"cron\(([^)]{1,200})\)\Z", re.I)
_UNITS: Final = {"minute": MINUTE, "hour": HOUR, "day": DAY}
_NAMED: Final = {
    "@hourly": HOUR, "@daily": DAY, "@midnight": DAY, "@weekly": 7 * DAY, "@monthly": 28 * DAY,
    "@yearly": 365 * DAY, "@annually": 365 * DAY,
}  # fmt: skip
_EVERY: Final = frozenset({"*", "?"})
_FEW: Final = 4
"""Times of a day that are listed; more of them say little at a glance."""


def shortest_gap(expression: str) -> int | None:
    """Return the least time between two runs in milliseconds; None for what is no schedule that is known.

    Days, months and weekdays only make gaps longer: a schedule that fires once a day at most has a gap of a
    day at least.
    """
    text = expression.strip()
    if text.lower() in _NAMED:
        return _NAMED[text.lower()]
    rate = _RATE.match(text)
    if rate is not None:
        return int(rate[1]) * _UNITS[rate[2].lower()]
    wrapped = _WRAPPED.match(text)
    parts = (wrapped[1] if wrapped is not None else text).split()
    if len(parts) not in (5, 6):
        return None
    minutes, hours = _numbers(parts[0], 59), _numbers(parts[1], 23)
    if not minutes or not hours:
        return None
    times = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    # A run late on one day and one early on the next lie closest where every day counts.
    gaps = [later - earlier for earlier, later in pairwise(times)] + [times[0] + 24 * 60 - times[-1]]
    return min(gaps) * MINUTE


def _numbers(text: str, last: int) -> list[int]:
    """Return the values of a field such as `*/15`, `1,30` or `9-17/2`; nothing where it is none."""
    found: set[int] = set()
    for part in text.split(",")[:80]:
        span, _, step = part.partition("/")
        if step and not (step.isascii() and step.isdigit() and 0 < int(step[:4]) <= last):
            return []
        ends = span.split("-")
        if span in _EVERY:
            first, final = 0, last
        elif len(ends) <= 2 and all(one.isascii() and one.isdigit() and len(one) < 3 for one in ends):
            first = int(ends[0])
            final = int(ends[1]) if len(ends) == 2 else last if step else first
        else:
            return []
        if not first <= final <= last:
            return []
        found.update(range(first, final + 1, int(step or 1)))
    return sorted(found)


_DAYS: Final = ("Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays")
_SHORT: Final = {name[:3].lower(): str(number) for number, name in enumerate(_DAYS)}
_SUNDAY: Final = 7
"""What some write for the day whose number is 0."""


def in_words(expression: str, zone: str = "") -> str | None:
    """Return when a cron line fires: `at 03:00 UTC on weekdays`, `every 15 min`; None for what is rarer.

    `zone` is put behind a time of day, with a space before it.
    """
    parts = expression.split()
    if len(parts) != 5 or parts[2] not in _EVERY or parts[3] not in _EVERY:
        return None
    days, minutes, hours = _days(parts[4]), _numbers(parts[0], 59), _numbers(parts[1], 23)
    if days is None or not minutes or not hours:
        return None
    if len(hours) == 24:
        return f"{_within_hours(minutes)}{days}" if minutes else None
    if len(minutes) > 1 or len(hours) > _FEW:
        return None
    times = ", ".join(f"{hour:02}:{minutes[0]:02}" for hour in sorted(hours))
    return f"at {times}{zone}{days}"


def _within_hours(minutes: list[int]) -> str:
    listed = sorted(minutes)
    if len(listed) == 1:
        return f"every hour at :{listed[0]:02}"
    gaps = {later - earlier for earlier, later in pairwise([*listed, listed[0] + 60])}
    return f"every {gaps.pop()} min" if len(gaps) == 1 else f"{len(listed)} times an hour"


def _days(field: str) -> str | None:
    """Return the days of a field in words with a space before them; None for what is no such field."""
    if field in _EVERY:
        return ""
    numbers = re.sub("[a-z]{3}", lambda match: _SHORT.get(match[0], match[0]), field.lower())
    found = {number % _SUNDAY for number in _numbers(numbers, _SUNDAY)}
    if not found:
        return None
    if found == set(range(1, 6)):
        return " on weekdays"
    if found == {0, 6}:
        return " at weekends"
    return "" if len(found) == _SUNDAY else f" on {' and '.join(_DAYS[day] for day in sorted(found))}"


def meet(one: str, other: str) -> bool:
    """Say whether two cron lines surely fire in one minute at some time."""
    ours, theirs = one.split(), other.split()
    if len(ours) != 5 or len(theirs) != 5:
        return False
    lasts = (59, 23, 31, 12)
    parts = zip(ours[:4], theirs[:4], lasts, strict=True)
    if not all(set(_numbers(mine, last)) & set(_numbers(its, last)) for mine, its, last in parts):
        return False
    return bool(_weekdays(ours[4]) & _weekdays(theirs[4]))


def _weekdays(field: str) -> set[int]:
    numbers = re.sub("[a-z]{3}", lambda match: _SHORT.get(match[0], match[0]), field.lower())
    return {number % _SUNDAY for number in _numbers(numbers, _SUNDAY)}
