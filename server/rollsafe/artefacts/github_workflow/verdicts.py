"""What the activities of a job amount to, and what is known of jobs with the same text."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from rollsafe.artefacts.github_workflow.step import Activity
from rollsafe.artefacts.recognition import Role, is_gate_name

if TYPE_CHECKING:
    from rollsafe.artefacts.github_workflow.job import Job


class Known:
    """What is known of all jobs with the same text in the same surroundings; None where nobody asked."""

    __slots__ = ("calls_locally", "is_alone", "keys", "roles", "tests")

    def __init__(self) -> None:
        self.keys: frozenset[str] | None = None
        self.roles: frozenset[Role] | None = None
        self.tests: bool | None = None
        self.is_alone: bool | None = None
        self.calls_locally: bool | None = None


@lru_cache(maxsize=2_048)
def known_of(text: str, around: object) -> Known:
    """Return what is known of jobs with a text, `around` telling what they stand in.

    An edit leaves most jobs of a file alone.
    """
    return Known()


def is_gate(job: "Job") -> bool:
    """Say whether a job tests before it deploys anything, or is named as one that does."""
    for activity in job.activities:
        if Role.DEPLOY in activity:
            return False
        if Role.TEST in activity:
            return True
    if job.is_disabled or job.deploys:
        return False
    called = job.uses.name.rpartition("/")[2].partition(".")[0] if job.uses else ""
    return any(is_gate_name(name) for name in (job.id, job.name, called))


def is_verified(activities: Sequence[Activity]) -> bool:
    """Say whether what is deployed is checked: by itself, by a check or a test after."""
    deployed = False
    for activity in activities:
        found = activity.classification
        if Role.DEPLOY in found.roles:
            deployed = True
            if found.self_verifying:
                return True
        elif deployed and Role.TEST in found.roles:
            return True
        if Role.VERIFY in found.roles:
            return True
    return False
