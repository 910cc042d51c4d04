"""What an agent adds to a deployment plan, and what it is given to do so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.plans.model import (
    Certainty,
    Change,
    Check,
    Claim,
    Evidence,
    MonitoringPoint,
    Release,
    Risk,
)
from rollsafe.text import Located
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings


class Phase(IntEnum):
    """Where in a deployment a step belongs; steps are ordered by phase, then as contributed."""

    CAPTURE = 1
    GATES = 2
    CONFIGURATION = 3
    BACKUP = 4
    EXPAND = 5
    DEPLOY = 6
    VERIFY = 7
    BACKFILL = 8
    CONTRACT = 9
    RECORD = 10

    @property
    def words(self) -> str:
        """The phase as people say it."""
        return self.name.lower()


@dataclass(frozen=True)
class DraftStep:
    """A step before it is numbered.

    `undo` is the title and command that take it back (with the data that is lost by it); without one,
    `irreversible` says why.
    """

    phase: Phase
    title: str
    command: str | None
    claim: Claim
    gate: str
    expected: str
    access: str
    context: str = "repository root"
    undo: tuple[str, str | None] | None = None
    irreversible: str | None = None
    data_loss: str | None = None
    is_point_of_no_return: bool = False


@dataclass(frozen=True)
class FindingFact:
    """A finding as a plan quotes it."""

    rule: str
    agent: str
    severity: str
    message: str
    evidence: Evidence
    element: Element | None = None


@dataclass(frozen=True)
class ChangedFile:
    """A file that differs from the base, read before and after; None where it is absent."""

    path: str
    before: Artefact | None
    after: Artefact | None
    is_new: bool


@dataclass(frozen=True)
class PlanContext:
    """Everything a contribution may look at."""

    graph: Graph
    artefacts: tuple[Artefact, ...]
    changed: tuple[ChangedFile, ...]
    findings: tuple[FindingFact, ...]
    settings: Settings
    base: Base
    environment: str

    def elements(self, kind: type[Element]) -> list[Element]:
        """Return the elements of `kind` in all files, by path and place."""
        return [e for artefact in self.artefacts for e in artefact.elements if isinstance(e, kind)]


@dataclass
class Contribution:
    """Parts of a plan from one agent; every list may stay empty."""

    changes: list[Change] = field(default_factory=list[Change])
    strategy: list[Claim] = field(default_factory=list[Claim])
    releases: list[Release] = field(default_factory=list[Release])
    preconditions: list[Claim] = field(default_factory=list[Claim])
    risks: list[Risk] = field(default_factory=list[Risk])
    steps: list[DraftStep] = field(default_factory=list[DraftStep])
    checks: list[Check] = field(default_factory=list[Check])
    triggers: list[Claim] = field(default_factory=list[Claim])
    monitoring: list[MonitoringPoint] = field(default_factory=list[MonitoringPoint])
    unknowns: list[Claim] = field(default_factory=list[Claim])


Contribute: TypeAlias = Callable[[PlanContext], Contribution]


def evidence(element: Element, place: Located | None = None) -> Evidence:
    """Return where `element`, or a place in its file, is written."""
    return Evidence(path=element.file.path, line=element.file.line_number(place or element))


def fact(text: str, *where: Evidence) -> Claim:
    """Return a claim that is written in the repository."""
    return Claim(text=text, status=Certainty.FACT, evidence=where)


def derived(text: str, *where: Evidence, rule: str | None = None) -> Claim:
    """Return a claim that follows from what is written."""
    return Claim(text=text, status=Certainty.DERIVED, evidence=where, rule=rule)


def assumed(text: str) -> Claim:
    """Return a claim taken for granted."""
    return Claim(text=text, status=Certainty.ASSUMED)


def unknown(text: str) -> Claim:
    """Return what the repository does not say; the text names what would answer it."""
    return Claim(text=text, status=Certainty.UNKNOWN)
