"""Requests and limits that rules propose: where they go, and what a first guess is."""

from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.artefacts.kubernetes.templates import is_placeholder
from rollsafe.rules.api import Safety
from rollsafe.rules.manifest_edits import Fixes, putting

_EQUAL: Final = "kube-score:container-resource-requests-equal-limits"


def first_limit(container: Container, name: str, otherwise: str) -> str:
    """Return what is requested of a resource, as a limit to begin from; `otherwise` where nothing is."""
    amount = container.requests.get(name, "")
    return amount if amount and not is_placeholder(amount) else otherwise


def unequal_names(container: Container, name: str) -> tuple[str, ...]:
    """Return the names of checks for requests that equal limits, for a resource without a limit.

    The check of both resources together is named once: for memory, where both miss their limits.
    """
    if name not in container.requests:
        return ()
    both = name == "cpu" and "memory" in container.requests and "memory" not in container.limits
    return (*(() if both else (_EQUAL,)), f"kube-score:container-{name}-requests-equal-limits")


def insert_limit(container: Container, name: str, amount: str) -> Fixes:
    """Return what makes the fix that limits a resource of a container."""
    value = (("resources", "limits", name), amount)
    title = f"Limit {name} to {amount} (adjust the amount)"
    return putting(title, Safety.MANUAL, container.file, container.node, value)
