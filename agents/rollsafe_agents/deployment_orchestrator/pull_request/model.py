"""What the body of a pull request holds."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from rollsafe.plans.model import Change, Check, Claim, Part, PlanDocument, Risk, RollbackStep, Section
from rollsafe_agents.deployment_orchestrator.sections.changed_findings import Finding


class Item(Part):
    """A line of the checklist; `done` when the repository itself shows it."""

    text: str
    done: bool


class PullRequestPlan(PlanDocument):
    """What a pull request says of itself: for reviewers, and for whoever deploys it.

    `mind` says what stands in the way of taking it back. `pages` are changed files of a user interface, whose
    reviewers want to see them.
    """

    schema_: Literal["rollsafe/pull-request/1"] = Field(default="rollsafe/pull-request/1", alias="schema")
    changes: tuple[Change, ...]
    files: tuple[str, ...]
    safe: tuple[Claim, ...]
    breaking: tuple[Claim, ...]
    risks: tuple[Risk, ...]
    risk_score: int
    findings: tuple[Finding, ...]
    tests: tuple[Check, ...]
    notes: tuple[Claim, ...]
    rollback: tuple[RollbackStep, ...]
    mind: str | None
    pages: tuple[str, ...]
    checklist: tuple[Item, ...]

    def sections(self) -> Iterator[Section]:
        """Yield the sections of the body."""
        from rollsafe_agents.deployment_orchestrator.pull_request.text import sections

        return sections(self)
