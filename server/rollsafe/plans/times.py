"""Lengths of time in whole milliseconds: as files write them, and as people read them."""

import re
from collections.abc import Sequence
from typing import Final

from rollsafe.text.patterns import lazily

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_NUMBER = lazily(r"(\d{1,12})(?:[.,](\d{0,12}))?\Z", re.A)
_PART = lazily(r"(\d{1,9})(ms|s|m|h|d)?", re.A)
_WHOLE = lazily(rf"(?:{_PART.pattern})+\Z", re.A)
_UNITS: Final = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "": SECOND}
_SPOKEN: Final = (("h", HOUR), ("min", MINUTE), ("s", SECOND), ("ms", 1))
_SHOWN: Final = (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", 1))
_STAMP = lazily(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|[+-]00:?00)\Z", re.A)


def milliseconds(text: str) -> int | None:
    """Return a decimal number of seconds in milliseconds, the rest cut off; None for anything else."""
    match = _NUMBER.match(text.strip())
    if match is None:
        return None
    return int(match[1]) * SECOND + int(((match[2] or "") + "000")[:3])


def span(text: str) -> int | None:
    """Return a length of time such as `90`, `90s` or `1h30m` in milliseconds; None for anything else."""
    if len(text) > 40 or _WHOLE.match(text) is None:
        return None
    return sum(int(amount) * _UNITS[unit] for amount, unit in _PART.findall(text))


def stamp(text: str) -> int | None:
    """Return the milliseconds of a UTC time such as `2026-01-02T03:04:05Z`, from the year 0 on."""
    match = _STAMP.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(one) for one in match.groups()[:6])
    # Days of the Gregorian calendar: only differences count, so where it begins does not matter.
    shifted = (year if month > 2 else year - 1, (month + 9) % 12)
    days = 365 * shifted[0] + shifted[0] // 4 - shifted[0] // 100 + shifted[0] // 400
    days += (153 * shifted[1] + 2) // 5 + day
    fraction = int(((match[7] or "") + "000")[:3])
    return days * DAY + hour * HOUR + minute * MINUTE + second * SECOND + fraction


def words(length: int) -> str:
    """Return a length in milliseconds as people write it, its two greatest units: `1h 30m`."""
    left, parts = length, list[str]()
    for unit, size in _SHOWN:
        if left >= size:
            parts.append(f"{left // size}{unit}")
            left %= size
        if len(parts) == 2:
            break
    return " ".join(parts) or "0s"


def spoken(length: int) -> str:
    """Return a length in milliseconds as it is read in a sentence, its two greatest units: `1 h 30 min`."""
    left, parts = length, list[str]()
    for unit, size in _SPOKEN:
        if left >= size and len(parts) < 2:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts) or "0 s"


def side_by_side(lengths: Sequence[int], most: int | None) -> int:
    """Return how long several runs take when at most `most` of them go at once, started in order."""
    lanes = [0] * min(len(lengths), most or len(lengths))
    for length in lengths:
        first = lanes.index(min(lanes))
        lanes[first] += length
    return max(lanes, default=0)
