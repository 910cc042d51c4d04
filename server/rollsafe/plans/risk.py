"""How risks are weighed: one severity per kind of hazard, and how far it reaches."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rollsafe.workspace.settings import HazardName


class Hazard(StrEnum):
    """The kinds of hazards a plan weighs; the names are settings keys of `plan.weights`."""

    DATA_LOSS = "data-loss"
    LOCK = "lock"
    BREAKING = "breaking-change"
    MISSING_KEY = "missing-key"
    OUTAGE = "outage"
    MUTABLE_IMAGE = "mutable-image"
    NO_PROBE = "no-probe"
    NO_WAY_BACK = "no-way-back"
    LATE_DISCOVERY = "late-discovery"
    MISSING_GATE = "missing-gate"
    SIZE = "size"


SEVERITIES: Final[dict[Hazard, tuple[int, str]]] = {
    Hazard.DATA_LOSS: (5, "data that only a backup brings back"),
    Hazard.LOCK: (4, "an exclusive lock, or a rewrite or scan while others wait"),
    Hazard.BREAKING: (4, "a change the running release does not survive"),
    Hazard.MISSING_KEY: (4, "a key or secret that is not defined"),
    Hazard.NO_WAY_BACK: (4, "no way back to the previous release"),
    Hazard.OUTAGE: (3, "a single pod, or all replaced at once"),
    Hazard.MUTABLE_IMAGE: (3, "an image that can change under its name"),
    Hazard.NO_PROBE: (3, "a workload nobody asks whether it works"),
    Hazard.LATE_DISCOVERY: (2, "a failure that nobody notices at once"),
    Hazard.MISSING_GATE: (2, "a gate that is not there or does not hold"),
    Hazard.SIZE: (1, "many things at once"),
}
"""Severity from 1 to 5 and what it stands for, by kind."""

RADII: Final = ("one workload", "several", "requests from outside")


def severity_of(hazard: Hazard, weights: Mapping[HazardName, int]) -> int:
    """Return the severity of a kind of hazard; `weights` are the project's own, by its name."""
    own: dict[str, int] = {name: weight for name, weight in weights.items()}
    return min(5, max(1, own.get(hazard.value, SEVERITIES[hazard][0])))


def formula(weights: Mapping[HazardName, int]) -> str:
    """Return in one line how the score comes about, with the weights in force."""
    by_severity: dict[int, list[str]] = {}
    for hazard, (_, words) in SEVERITIES.items():
        by_severity.setdefault(severity_of(hazard, weights), []).append(words)
    parts = (f"{n} {', '.join(words)}" for n, words in sorted(by_severity.items(), reverse=True))
    radii = " · ".join(f"{n} {words}" for n, words in enumerate(RADII, 1))
    return f"highest severity (1–5) × radius (1–3). Severity: {' · '.join(parts)}. Radius: {radii}."
