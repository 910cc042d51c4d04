"""Quantities and shares as Kubernetes reads them: `250m` of a CPU, `128Mi`, a quarter of the pods."""

from functools import lru_cache
from typing import Final

from rollsafe.artefacts.kubernetes.templates import Share
from rollsafe.text.patterns import lazily

_QUANTITY: Final = lazily(
    r"(?P<number>[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18}))"
    r"(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?\d{1,2}))?\Z"
)
_POWERS: Final = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY: Final = "KMGTPE"
_SCALE: Final = 130
"""Amounts are counted in units of 10 to the power of minus this: all that Kubernetes takes are whole then."""
_PERCENT: Final = lazily(r"(\d{1,5})%\Z")


@lru_cache(maxsize=1_000)
def quantity(text: str) -> int | None:
    """Return the amount a resource quantity means, for comparing; None for what Kubernetes refuses."""
    found = _QUANTITY.match(text)
    if found is None:
        return None
    whole, _, decimals = found["number"].partition(".")
    suffix = found["suffix"] or ""
    power = _POWERS.get(suffix, 0) + int(found["exponent"] or 0) - len(decimals)
    binary = 1024 ** (_BINARY.index(suffix[0]) + 1) if suffix.endswith("i") else 1
    amount: int = int(f"{whole}{decimals}") * binary * 10 ** (_SCALE + power)
    return amount


def pods_of(share: Share, total: int, *, round_up: bool) -> int | None:
    """Return how many of `total` pods a number or percentage is; None for what is neither.

    Deployments round `maxSurge` up and `maxUnavailable` down; disruption budgets and DaemonSets round up.
    """
    if isinstance(share, int):
        return share if share >= 0 else None
    percent = _PERCENT.match(share) if isinstance(share, str) else None
    if percent is None:
        return None
    hundredths = total * int(percent[1])
    return -(-hundredths // 100) if round_up else hundredths // 100
