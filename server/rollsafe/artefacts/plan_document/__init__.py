"""Plans, decision records, RFCs, designs and rollout documents; `recognise` is the way in."""

from rollsafe.artefacts.plan_document.document import (
    RISKS,
    ROLLBACK,
    VALIDATION,
    PlanDocument,
    PlanKind,
    Section,
    Status,
    Topic,
)
from rollsafe.artefacts.plan_document.mentions import Mention
from rollsafe.artefacts.plan_document.recognition import PlanFile, recognise
from rollsafe.artefacts.plan_document.wording import Intent, MentionKind

__all__ = [
    "RISKS",
    "ROLLBACK",
    "VALIDATION",
    "Intent",
    "Mention",
    "MentionKind",
    "PlanDocument",
    "PlanFile",
    "PlanKind",
    "Section",
    "Status",
    "Topic",
    "recognise",
]
