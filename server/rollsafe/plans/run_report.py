"""The story of a run as it is written down: what plans that look back are given.

`rollsafe plan run report --format json` writes it.
"""

from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict, Field, ValidationError

from rollsafe.plans.model import Part


class Event(StrEnum):
    """What an entry tells."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    ABORTED = "aborted"
    UNDONE = "undone"
    FINISHED = "finished"


class ReportedEntry(Part):
    """One line of the journal; `at` is a UTC time to the second. `title` is the step's in the plan."""

    event: Event
    step: str
    title: str
    at: str
    who: str
    command: str
    note: str
    back: str


class RunReport(Part):
    """A run and all its entries. `seconds` is the time from the first to the last of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["rollsafe/run/1"] = Field(default="rollsafe/run/1", alias="schema")
    run: int
    title: str
    environment: str
    plan: str
    base: str | None
    state: str
    is_sealed: bool
    seconds: int
    entries: tuple[ReportedEntry, ...]


def read_run_report(text: str) -> RunReport | None:
    """Return the report of a run from its JSON; None for anything else."""
    try:
        return RunReport.model_validate_json(text)
    except ValidationError:
        return None
