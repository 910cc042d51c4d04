"""What a rule author needs, and nothing else."""

from rollsafe.rules.api import (
    Confidence,
    FileEdit,
    Finding,
    Fix,
    Level,
    NewFile,
    Purpose,
    Related,
    Rule,
    Safety,
    Severity,
    Status,
    rule,
)
from rollsafe.text import Edit, Span

__all__ = [
    "Confidence",
    "Edit",
    "FileEdit",
    "Finding",
    "Fix",
    "Level",
    "NewFile",
    "Purpose",
    "Related",
    "Rule",
    "Safety",
    "Severity",
    "Span",
    "Status",
    "rule",
]
