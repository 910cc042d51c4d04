"""Requests and limits that rules propose: where they go, and what a first guess is."""

from rollsafe.artefacts.kubernetes import Container
from rollsafe.artefacts.kubernetes.templates import is_placeholder
from rollsafe.rules.api import Safety
from rollsafe.rules.manifest_edits import Fixes, putting
from rollsafe.text.patterns import lazily

_WHOLE = lazily(r"(\d{1,9})([A-Za-z]{0,2})\Z")


def doubled(amount: str, otherwise: str) -> str:
    """Return twice an amount such as `128Mi`; `otherwise` for what is no whole number of a unit."""
    found = _WHOLE.match(amount)
    return f"{int(found[1]) * 2}{found[2]}" if found is not None and not is_placeholder(amount) else otherwise


def insert_limit(container: Container, name: str, amount: str) -> Fixes:
    """Return what makes the fix that limits a resource of a container."""
    value = (("resources", "limits", name), amount)
    title = f"Limit {name} to {amount} (adjust the amount)"
    return putting(title, Safety.MANUAL, container.file.text, container.node, value)
