"""What a plan is: one model per kind, rendered as Markdown or JSON.

Every statement is a `Claim` with a status and, unless it is UNKNOWN or ASSUMED, evidence. A plan holds no
clock, no host name and no secret value: the same repository gives the same bytes.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rollsafe.text.tuples import NamedTuple

Reversible = Literal["yes", "no", "with data loss", "left in place", "unknown"]
"""Whether a change can be taken back; what the release of before does not notice is `left in place`."""

ROOT: Final = "repository root"
"""Where commands are run unless they say otherwise."""


class Part(BaseModel):
    """A piece of a plan: it does not change, and has no fields but its own."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")


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


class Evidence(Part):
    """A place in the repository; `line` is 1-based, `commit` a revision or `WORKTREE`."""

    path: str
    line: Annotated[int, Field(ge=1)]
    commit: str = "WORKTREE"


class Claim(Part):
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


class Change(Part):
    """A thing that differs from the base; `before` and `after` are short, None for absent.

    Values of keys and variables are never among them, only names.
    """

    node: str
    kind: str
    before: str | None
    after: str | None
    reversible: Reversible
    claim: Claim


class Risk(Part):
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


class Gate(Part):
    """What has to hold before the next step: what `command` answers, or what is seen."""

    command: str | None
    expected: str


class Step(Part):
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


class Check(Part):
    """A line of a checklist; `context` is the directory its command is run in."""

    text: str
    command: str | None
    expected: str
    owner: str
    claim: Claim
    context: str = ROOT


class RollbackStep(Part):
    """Undoes forward step `undoes`; `name` is `R1`, `R2` … in the order they are run.

    `advice`: `run` it; `leave` things as they are and run it only if they have to go; `restore` from the
    backup, because nothing else brings the data back. `context` is the directory its command is run in.
    """

    name: str
    undoes: int
    title: str
    command: str | None
    advice: Literal["run", "leave", "restore"]
    data_loss: str | None
    claim: Claim
    context: str = ROOT


class RollbackDecision(Part):
    """What to do when step `number` was the last that went through."""

    number: int
    last_completed: str
    do: str


class MonitoringPoint(Part):
    """What to look at, where, and when to stop. `where` is a command or a query."""

    when: Literal["before", "during", "after"]
    signal: str
    where: str
    threshold: Claim
    window: str


class Release(Part):
    """One of the releases a change has to be split into, and the statements or files it holds."""

    name: str
    what: str
    claims: tuple[Claim, ...]


class Section(NamedTuple):
    """A part of a plan as text, ready when it is yielded; the first one is the header."""

    title: str
    text: str


class PlanDocument(Part):
    """What plans of all kinds have in common.

    `base` is what the plan compares with as it was asked for, `base_commit` the commit that was then, `head`
    the commit that is checked out; `uncommitted` counts the changed files that are not in it. Each kind
    adds `schema_`, a literal with the alias `schema` that names its form and version.
    """

    title: str
    verdict: Verdict
    verdict_reason: str
    environment: str
    base: str | None
    base_commit: str | None
    head: str | None
    uncommitted: int
    files_changed: int | None
    content_hash: str
    rule_set: str
    not_understood: tuple[str, ...]
    unknowns: tuple[Claim, ...]

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid", populate_by_name=True)

    @abstractmethod
    def sections(self) -> Iterator[Section]:
        """Yield the plan as Markdown, section by section."""

    def forms(self) -> Mapping[str, Callable[[], str]]:
        """Return how the plan is written in forms of its own, such as `mermaid`, by name."""
        return {}

    def parts(self) -> Iterator[Section]:
        """Yield the sections so that their texts, one after the other, are the whole plan as Markdown."""
        for section in self.sections():
            yield Section(section.title, f"{section.text}\n")

    def render(self) -> str:
        """Return the whole plan as Markdown."""
        return "".join(section.text for section in self.parts())

    def to_json(self) -> bytes:
        """Return the plan as JSON, as its schema describes it."""
        return self.model_dump_json(indent=2, by_alias=True).encode("utf-8", "backslashreplace") + b"\n"


class DeploymentPlan(PlanDocument):
    """How what changed comes into an environment, and out again.

    `aside` are changed files that no delivery of the environment takes in, as far as the files tell.
    """

    schema_: Literal["rollsafe/deployment-plan/1"] = Field(
        default="rollsafe/deployment-plan/1", alias="schema"
    )
    scope: Literal["changes", "redeploy", "whole workspace"]
    aside: tuple[str, ...]
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

    def sections(self) -> Iterator[Section]:
        """Yield the verdict with every step, then the six sections."""
        from rollsafe.plans.markdown import sections

        return sections(self)
