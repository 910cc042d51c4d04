"""What a runbook holds."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from rollsafe.plans.model import Claim, Part, PlanDocument, Section

Purpose = Literal["look", "restart", "scale", "roll back", "schedule"]


class Chore(Part):
    """A thing to do: a command, or words where there is none; `expected` is what it says when all is well."""

    text: str
    command: str | None
    expected: str
    claim: Claim


class Task(Part):
    """What is done for one purpose, in order."""

    purpose: Purpose
    chores: tuple[Chore, ...]


class SecretPage(Part):
    """A secret by its name and the names of its keys, what writes it, and how it is rotated."""

    name: str
    keys: tuple[str, ...]
    source: Claim
    chores: tuple[Chore, ...]


class ServicePage(Part):
    """Everything about one service; `where` is short, `facts` say the rest."""

    name: str
    kind: str
    where: str
    owner: str
    schedule: str | None
    facts: tuple[Claim, ...]
    tasks: tuple[Task, ...]
    secrets: tuple[SecretPage, ...]
    calls: tuple[Claim, ...]


class Runbook(PlanDocument):
    """How the services of an environment are looked after. `pipeline` are the secrets of its pipelines."""

    schema_: Literal["rollsafe/runbook/1"] = Field(default="rollsafe/runbook/1", alias="schema")
    services: tuple[ServicePage, ...]
    pipeline: tuple[SecretPage, ...]
    alerts: tuple[Claim, ...]

    def sections(self) -> Iterator[Section]:
        """Yield the table of services, then a section for each."""
        from rollsafe_agents.deployment_orchestrator.runbook.text import sections

        return sections(self)
