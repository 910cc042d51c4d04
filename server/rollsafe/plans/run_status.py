"""Where a run of a deployment plan stands: what editors show and what is checked off there.

`rollsafe plan run status --format json` writes it, and the server's command `rollsafe.run` answers with it.
"""

from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict, Field

from rollsafe.plans.model import Claim, Gate, Part, Verdict


class State(StrEnum):
    """How a run stands."""

    OPEN = "open"
    FAILED = "failed"
    """The last attempt of a step failed: it is tried again, skipped, or the run is aborted."""
    GOING_BACK = "going back"
    ROLLED_BACK = "rolled back"
    FINISHED = "finished"
    UNREADABLE = "unreadable"
    """Another version of rollsafe made its plan."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do, or nothing can be."""
        return self in (State.ROLLED_BACK, State.FINISHED, State.UNREADABLE)


class StepState(StrEnum):
    """What became of a step."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNDONE = "undone"
    """A rollback step went well."""
    LEFT = "left"
    """A rollback step that is better not taken."""


class Recorded(Part):
    """A step and the last that was written down of it; `at`, `who` and `note` are empty before that.

    `id` is what `rollsafe plan run done` and its like take: `3`, `R2`.
    """

    id: str
    title: str
    command: str | None
    state: StepState
    at: str
    who: str
    note: str
    claim: Claim


class RecordedStep(Recorded):
    """A step on the way forward; see `rollsafe.plans.model.Step`."""

    phase: str
    context: str
    access: str
    gate: Gate
    on_failure: str
    is_point_of_no_return: bool


class RecordedRollback(Recorded):
    """A step on the way back, which undoes the step `undoes`; see `rollsafe.plans.model.RollbackStep`."""

    undoes: str
    advice: Literal["run", "leave", "restore"]
    data_loss: str | None


class RunStatus(Part):
    """Where a run stands.

    `headline` says it in one line. `next` is the id of the step whose turn it is, on the way forward or back;
    None when the run is over. `back` is the way back of what was begun, in order, whether or not the run was
    aborted, and `leads_back` says it in the plan's own words. `seconds` is the time from the first entry of
    the journal to the last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["rollsafe/run-status/1"] = Field(default="rollsafe/run-status/1", alias="schema")
    run: int
    title: str
    environment: str
    plan: str
    base: str | None
    verdict: Verdict
    verdict_reason: str
    state: State
    is_over: bool
    is_sealed: bool
    started_at: str
    seconds: int
    headline: str
    next: str | None
    leads_back: str
    steps: tuple[RecordedStep, ...]
    back: tuple[RecordedRollback, ...]
