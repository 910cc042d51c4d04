"""What a deployment plan is: one model, rendered as Markdown or JSON.

Every statement is a `Claim` with a status and, unless it is UNKNOWN or ASSUMED, evidence. A plan holds no
clock, no host name and no secret value: the same repository gives the same bytes.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Reversible = Literal["yes", "no", "with data loss", "unknown"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Certainty(StrEnum):
    """What a claim rests on."""

    FACT = "FACT"
    """It is written in a file of the repository."""
    DERIVED = "DERIVED"
    """It follows from what is written, by a rule or a documented default."""
    ASSUMED = "ASSUMED"
    """It is taken for granted and said to be."""
    UNKNOWN = "UNKNOWN"
    """The repository does not say; the text names what would answer it."""


class Verdict(StrEnum):
    """The header of a plan."""

    READY = "READY"
    RISKS = "READY WITH RISKS"
    BLOCKED = "BLOCKED"
    INCOMPLETE = "INCOMPLETE"


class Evidence(_Part):
    """A place in the repository; `line` is 1-based, `commit` a revision or `WORKTREE`."""

    path: str
    line: Annotated[int, Field(ge=1)]
    commit: str = "WORKTREE"


class Claim(_Part):
    """One statement and what it rests on."""

    text: str
    status: Certainty
    evidence: tuple[Evidence, ...] = ()
    rule: str | None = None

    @model_validator(mode="after")
    def _has_evidence(self) -> "Claim":
        if self.status in (Certainty.FACT, Certainty.DERIVED) and not self.evidence:
            raise ValueError(f"{self.status} without evidence: {self.text}")
        return self


class Change(_Part):
    """A thing that differs from the base; `before` and `after` are short, None for absent.

    Values of keys and variables are never among them, only names.
    """

    node: str
    kind: str
    before: str | None
    after: str | None
    reversible: Reversible
    claim: Claim


class Risk(_Part):
    """What can go wrong: `score` = `severity` (1–5, by `kind`) × `radius` (1–3).

    `step` is the number of the step that holds it in check, None where none does.
    """

    kind: str
    name: str
    severity: Annotated[int, Field(ge=1, le=5)]
    radius: Annotated[int, Field(ge=1, le=3)]
    score: Annotated[int, Field(ge=1, le=15)]
    reason: Claim
    radius_reason: Claim
    mitigation: str
    step: int | None

    @model_validator(mode="after")
    def _adds_up(self) -> "Risk":
        if self.score != self.severity * self.radius:
            raise ValueError(f"score of {self.name!r} is not severity times radius")
        return self


class Gate(_Part):
    """What has to hold before the next step: what `command` answers, or what is seen."""

    command: str | None
    expected: str


class Step(_Part):
    """One thing to do, in order. `number` is 1-based.

    Exactly one of `inverse` (how to undo it) and `irreversible_reason` (why it needs or has no undoing)
    is set; `on_failure` names a rollback step or says `stop`. `changes` tells whether anything in the
    environment is different afterwards.
    """

    number: int
    phase: str
    title: str
    command: str | None
    context: str
    access: str
    gate: Gate
    on_failure: str
    inverse: str | None
    irreversible_reason: str | None
    changes: bool
    is_point_of_no_return: bool
    claim: Claim

    @model_validator(mode="after")
    def _has_inverse_or_reason(self) -> "Step":
        if (self.inverse is None) == (self.irreversible_reason is None):
            raise ValueError(f"step {self.title!r} needs an inverse or the reason it has none")
        return self


class Check(_Part):
    """A line of a checklist."""

    text: str
    command: str | None
    expected: str
    owner: str
    claim: Claim


class RollbackStep(_Part):
    """Undoes forward step `undoes`; `name` is `R1`, `R2` … in the order they are run.

    `advice`: `run` it; `leave` things as they are and run it only if they have to go; `restore` from the
    backup, because nothing else brings the data back.
    """

    name: str
    undoes: int
    title: str
    command: str | None
    advice: Literal["run", "leave", "restore"]
    data_loss: str | None
    claim: Claim


class RollbackDecision(_Part):
    """What to do when step `number` was the last that went through."""

    number: int
    last_completed: str
    do: str


class MonitoringPoint(_Part):
    """What to look at, where, and when to stop. `where` is a command or a query."""

    when: Literal["before", "during", "after"]
    signal: str
    where: str
    threshold: Claim
    window: str


class Release(_Part):
    """One of the releases a change has to be split into, and the statements or files it holds."""

    name: str
    what: str
    claims: tuple[Claim, ...]


class DeploymentPlan(_Part):
    """The whole plan, ready to be rendered."""

    schema_: Literal["rollsafe/deployment-plan/1"] = Field(
        default="rollsafe/deployment-plan/1", alias="schema"
    )
    title: str
    environment: str
    scope: Literal["changes", "redeploy", "whole workspace"]
    verdict: Verdict
    verdict_reason: str
    base: str | None
    files_changed: int | None
    content_hash: str
    rule_set: str
    not_understood: tuple[str, ...]
    blocking: tuple[Claim, ...]
    point_of_no_return: Claim
    changes: tuple[Change, ...]
    strategy: tuple[Claim, ...]
    releases: tuple[Release, ...]
    preconditions: tuple[Claim, ...]
    risks: tuple[Risk, ...]
    risk_score: int
    risk_formula: str
    downtime: Claim
    timing: tuple[Claim, ...]
    steps: tuple[Step, ...]
    validation: tuple[Check, ...]
    triggers: tuple[Claim, ...]
    decisions: tuple[RollbackDecision, ...]
    rollback: tuple[RollbackStep, ...]
    rollback_checks: tuple[Check, ...]
    contacts: tuple[Claim, ...]
    monitoring: tuple[MonitoringPoint, ...]
    unknowns: tuple[Claim, ...]

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
