"""Helm's hooks: what the annotations of an object say of when it is run and when it goes."""

from typing import Final

HOOK: Final = "helm.sh/hook"
WEIGHT: Final = "helm.sh/hook-weight"
POLICY: Final = "helm.sh/hook-delete-policy"

EVENTS: Final = frozenset(
    {"test", "test-success"}
    | {f"{when}-{what}" for when in ("pre", "post") for what in ("install", "upgrade", "rollback", "delete")}
)
"""The events that Helm knows. An object with any other is left out of the release."""

FORMER_EVENTS: Final = frozenset({"crd-install", "test-failure"})
"""The events that Helm 2 knew."""

POLICIES: Final = frozenset({"before-hook-creation", "hook-succeeded", "hook-failed"})


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a list with commas, in lower case as Helm takes them."""
    return tuple(word.strip().lower() for word in text.split(",") if word.strip())


def weight_of(text: str | None) -> int | None:
    """Return a weight as Helm reads it, 0 where there is none or no number; None for a template's."""
    if text is not None and "{{" in text:
        return None
    digits = (text or "").strip()
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    return sign * int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
