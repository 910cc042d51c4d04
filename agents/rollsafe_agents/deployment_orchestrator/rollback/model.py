"""What plans of the way back hold."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from rollsafe.plans.model import Check, Claim, Part, PlanDocument, RollbackStep, Section, Step

Advice = Literal["run", "leave", "restore", "forward"]
OldRelease = Literal["goes on", "fails", "unknown"]


class Target(Part):
    """A thing a rollback returns to what it was; None where it is not there. `claim` says what it was."""

    node: str
    kind: str
    now: str | None
    back_to: str | None
    claim: Claim


class MigrationBack(Part):
    """What happens to a migration on the way back; `steps` are the rollback steps that are about it.

    `advice`: `run` its way down; `leave` it in place; `restore` from the backup; `forward`: there is no way
    down, a new migration has to undo it. `old_release` tells how the release of before takes it.
    """

    name: str
    does: str
    advice: Advice
    steps: tuple[str, ...]
    old_release: OldRelease
    data_loss: str | None
    claim: Claim


class RollbackCase(Part):
    """What to do when step `number` was the last that went through.

    `steps` counts the commands to run; `data_loss` says what they lose, `warning` what else stands in the
    way, each None for nothing.
    """

    number: int
    last_completed: str
    do: str
    steps: int
    data_loss: str | None
    warning: str | None


class RollbackPlan(PlanDocument):
    """How what was deployed is taken back. `after` is the step it was asked for, None for all cases."""

    schema_: Literal["rollsafe/rollback-plan/1"] = Field(default="rollsafe/rollback-plan/1", alias="schema")
    scope: Literal["changes", "redeploy", "whole workspace"]
    after: int | None
    begun: str | None
    hold: tuple[Step, ...]
    cases: tuple[RollbackCase, ...]
    steps: tuple[RollbackStep, ...]
    step_count: int
    targets: tuple[Target, ...]
    migrations: tuple[MigrationBack, ...]
    checks: tuple[Check, ...]
    triggers: tuple[Claim, ...]
    contacts: tuple[Claim, ...]

    def sections(self) -> Iterator[Section]:
        """Yield what to do first, then cases, commands, targets, migrations, checks and people."""
        from rollsafe_agents.deployment_orchestrator.rollback.text import sections

        return sections(self)


class EmergencyPlan(PlanDocument):
    """The shortest way back for everything that was deployed, commands first.

    `look` are questions whose answer decides whether `back` is the way at all.
    """

    schema_: Literal["rollsafe/emergency-plan/1"] = Field(default="rollsafe/emergency-plan/1", alias="schema")
    stop: tuple[Step, ...]
    look: tuple[Check, ...]
    back: tuple[RollbackStep, ...]
    restore: tuple[RollbackStep, ...]
    checks: tuple[Check, ...]
    afterwards: tuple[RollbackStep, ...]
    never: tuple[Claim, ...]
    contacts: tuple[Claim, ...]

    def sections(self) -> Iterator[Section]:
        """Yield the one page."""
        from rollsafe_agents.deployment_orchestrator.rollback.emergency_text import sections

        return sections(self)
