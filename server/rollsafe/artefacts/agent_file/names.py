"""Names of agents: when two are the same to a person, and which cannot be shown."""

from typing import Final
from unicodedata import category, normalize

LONGEST: Final = 80


def identity_of(name: str) -> str:
    """Return what two names have in common that a person takes for one: case, hyphens and blanks aside."""
    folded = normalize("NFKC", name[: 2 * LONGEST]).casefold()
    return "".join(char for char in folded if char.isalnum()) or name


def objection_to_name(name: str) -> str:
    """Say why an agent cannot go by this name; empty when it can."""
    if len(name) > LONGEST:
        return f"its name is longer than {LONGEST} characters"
    if any(category(char)[0] == "C" or category(char) in ("Zl", "Zp") for char in name):
        return "its name holds characters nobody sees"
    return ""
