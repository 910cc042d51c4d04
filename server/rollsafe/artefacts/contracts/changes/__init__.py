"""What breaks between two revisions of a description of an interface."""

from datetime import date

from rollsafe.artefacts.contracts.changes.comparison import Comparison
from rollsafe.artefacts.contracts.changes.documents import Revision
from rollsafe.artefacts.contracts.changes.events import compare_events
from rollsafe.artefacts.contracts.changes.model import Change, Direction, Effect, Hazard, Mend, Spot
from rollsafe.artefacts.contracts.changes.operations import METHODS, compare_operations
from rollsafe.artefacts.contracts.changes.sameness import Sameness, references_in
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
