"""A plan of three sections; before the second it waits until the file it is about is there."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from rollsafe.plans.contribution import PlanContext
from rollsafe.plans.kind import PlanKind, PlanOption, PlanRequest
from rollsafe.plans.model import PlanDocument, Section, Verdict


class SpokenPlan(PlanDocument):
    """What was asked for, and the file that is waited for."""

    schema_: Literal["rollsafe/spoken-plan/1"] = Field(default="rollsafe/spoken-plan/1", alias="schema")
    subject: str
    words: tuple[str, ...]

    def sections(self) -> Iterator[Section]:
        """Yield the first section at once, the others when the file is there."""
        yield Section("Head", f"# {self.title}")
        while self.subject and not Path(self.subject).exists():
            time.sleep(0.01)
        yield Section("Words", f"\n{' '.join(self.words)} for {self.environment}")
        yield Section("End", "\nthe end")


def make(context: PlanContext, request: PlanRequest) -> SpokenPlan:
    """Return the plan."""
    return SpokenPlan(
        title="Spoken plan",
        verdict=Verdict.READY,
        verdict_reason="it was asked for",
        **context.head,
        not_understood=(),
        unknowns=(),
        subject=request.subject,
        words=request.options.get("word", ()),
    )


PLAN = PlanKind(
    title="Spoken plan",
    summary="what was asked for",
    model=SpokenPlan,
    make=make,
    subject="FILE",
    options=(PlanOption("word", "A word to say", "TEXT"),),
)
