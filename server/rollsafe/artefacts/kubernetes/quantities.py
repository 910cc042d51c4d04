"""Quantities and shares as Kubernetes reads them: `250m` of a CPU, `128Mi`, a quarter of the pods."""

from fractions import Fraction
from math import ceil, floor
from typing import Final

from rollsafe.artefacts.kubernetes.templates import Share
from rollsafe.text.patterns import lazily

_QUANTITY: Final = lazily(
    r"(?P<number>[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18}))"
    r"(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?\d{1,2}))?\Z"
)
_POWERS: Final = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_SUFFIXES: Final = {
    **{name: Fraction(10) ** power for name, power in _POWERS.items()},
    **{f"{name}i": Fraction(1024) ** power for power, name in enumerate("KMGTPE", 1)},
}
_PERCENT: Final = lazily(r"(\d{1,5})%\Z")


def quantity(text: str) -> Fraction | None:
    """Return the amount a resource quantity means: CPUs or bytes; None for what Kubernetes refuses."""
    found = _QUANTITY.match(text)
    if found is None:
        return None
    factor = _SUFFIXES.get(found["suffix"] or "", Fraction(1))
    return Fraction(found["number"].rstrip(".")) * factor * Fraction(10) ** int(found["exponent"] or 0)


def pods_of(share: Share, total: int, *, round_up: bool) -> int | None:
    """Return how many of `total` pods a number or percentage is; None for what is neither.

    Deployments round `maxSurge` up and `maxUnavailable` down; disruption budgets and DaemonSets round up.
    """
    if isinstance(share, int):
        return share if share >= 0 else None
    percent = _PERCENT.match(share) if isinstance(share, str) else None
    if percent is None:
        return None
    exact = Fraction(total * int(percent[1]), 100)
    return ceil(exact) if round_up else floor(exact)
