"""Lengths of time as Compose and Dockerfiles write them: `90s`, `1m30s`, `500ms`."""

import re
from typing import Final

from rollsafe.text.patterns import lazily

_SECONDS: Final = {
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "ns": 1e-9,
}
_PART = lazily(r"(\d{1,12}(?:\.\d{1,12})?)(h|ms|m|s|us|µs|ns)", re.A)
_WHOLE = lazily(rf"(?:{_PART.pattern})+\Z", re.A)


def seconds_of(text: str) -> float | None:
    """Return how many seconds a Go duration means; None for anything else, variables included."""
    if text == "0":
        return 0.0
    if len(text) > 64 or _WHOLE.match(text) is None:
        return None
    return sum(float(amount) * _SECONDS[unit] for amount, unit in _PART.findall(text))
