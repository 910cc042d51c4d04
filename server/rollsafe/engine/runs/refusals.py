"""Why something cannot be done with a run now."""

from enum import StrEnum


class Refusal(StrEnum):
    """The reason as a program takes it; frontends add what can be done about it in their own words."""

    UNKNOWN_ACTION = "unknown-action"
    TAKES_NO_STEP = "takes-no-step"
    PLAN_BLOCKED = "plan-blocked"
    PLAN_EMPTY = "plan-empty"
    RUN_OPEN = "run-open"
    """Another run of the environment is not over."""
    NO_RUN = "no-run"
    SEVERAL_RUNS = "several-runs"
    UNKNOWN_RUN = "unknown-run"
    NO_REASON = "no-reason"
    """A step is left out without a word about why."""
    NOT_NOW = "not-now"
    """It is not that step's turn, or no step is left for that."""
    MEANWHILE = "meanwhile"
    """Somebody else has added to the run since it was read."""
    JOURNAL = "journal"
    """The journal cannot be read or written."""
    UNTRUSTED = "untrusted"
    """The editor does not trust the workspace."""


class RunError(Exception):
    """One line that says why, and what can be done instead where that is known."""

    def __init__(self, message: str, refusal: Refusal) -> None:
        super().__init__(message)
        self.refusal = refusal


class JournalError(RunError):
    """Why the journal cannot be used; one line that names the file."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Refusal.JOURNAL)
