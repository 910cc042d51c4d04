"""What breaks between two revisions of a description of an interface."""

from datetime import date

from rollsafe.artefacts.contracts.changes.comparison import Comparison, Frame, Scope
from rollsafe.artefacts.contracts.changes.documents import METHODS, Revision
from rollsafe.artefacts.contracts.changes.events import compare_events
from rollsafe.artefacts.contracts.changes.model import (
    Change,
    Direction,
    Effect,
    Hazard,
    Mend,
    Spot,
)
from rollsafe.artefacts.contracts.changes.operations import compare_operations
from rollsafe.artefacts.contracts.changes.sameness import Sameness, references_in
from rollsafe.artefacts.contracts.changes.schemas import compare_schemas
from rollsafe.artefacts.contracts.changes.security import compare_security

__all__ = [
    "METHODS",
    "Change",
    "Direction",
    "Effect",
    "Hazard",
    "Mend",
    "Revision",
    "Spot",
    "api_changes",
    "event_changes",
    "references_in",
    "schema_changes",
]


def api_changes(before: Revision, after: Revision, today: date) -> tuple[Change, ...]:
    """Return what breaks somebody between two revisions of an OpenAPI document, by place."""
    comparison = Comparison(before, after, today, Sameness(before, after))
    compare_operations(comparison)
    compare_security(comparison)
    return comparison.changes


def event_changes(before: Revision, after: Revision, today: date) -> tuple[Change, ...]:
    """Return what breaks somebody between two revisions of an AsyncAPI document, by place."""
    comparison = Comparison(before, after, today, Sameness(before, after))
    compare_events(comparison)
    return comparison.changes


def schema_changes(before: Revision, after: Revision, what: str, today: date) -> tuple[Change, ...]:
    """Return what breaks readers or writers between two revisions of a schema, by place.

    Nobody says who writes and who reads, so both are asked. One change that breaks both is told once.
    """
    comparison = Comparison(before, after, today, Sameness(before, after))
    for direction in Direction:
        compare_schemas(comparison, Frame(direction, Scope.EVENT, what), before.root, after.root)
    found: dict[tuple[Spot, Spot | None], Change] = {}
    for change in comparison.changes:
        if change.hazard is Hazard.REMOVED_INPUT:
            continue
        key = change.now, change.was
        known = found.setdefault(key, change)
        if known.hazard is not change.hazard:
            found[key] = known._replace(effect=Effect.REPLACES)
    return tuple(found.values())
