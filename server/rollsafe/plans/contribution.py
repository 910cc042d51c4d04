"""What an agent adds to a deployment plan, and what it is given to make plans."""

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Literal, TypeAlias, TypedDict

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.codeowners import CodeOwners
from rollsafe.artefacts.dotenv import DotenvArtefact
from rollsafe.artefacts.purposes import is_development_path, is_documentation, is_housekeeping
from rollsafe.artefacts.source import SourceFile
from rollsafe.plans.model import (
    Certainty,
    Change,
    Check,
    Claim,
    DeploymentPlan,
    Evidence,
    MonitoringPoint,
    Release,
    Reversible,
)
from rollsafe.plans.risk import Hazard
from rollsafe.plans.writing import short_ref
from rollsafe.text import Located
from rollsafe.text.records import field, open_record, state
from rollsafe.workspace.facts import Base, Checkout
from rollsafe.workspace.owners import owner_of
from rollsafe.workspace.rollout import Rollout
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.view import View

ON_CALL = "on call"
"""Who answers for a check where CODEOWNERS names nobody."""

NOTHING = "changes nothing"
"""Why a step that only looks has no inverse."""


class Phase(IntEnum):
    """Where in a deployment a step belongs; steps are ordered by phase, then as contributed."""

    FREEZE = 1
    CAPTURE = 2
    GATES = 3
    CONFIGURATION = 4
    BACKUP = 5
    SUSPEND = 6
    EXPAND = 7
    SCHEMA = 8
    DEPLOY = 9
    HEALTH = 10
    SMOKE = 11
    REMOVE = 12
    BACKFILL = 13
    CONTRACT = 14
    RESUME = 15
    RECORD = 16

    @property
    def words(self) -> str:
        """The phase as people say it."""
        return self.name.lower()


@open_record
class Undo:
    """One way to take a step back; see `RollbackStep` for what its parts mean."""

    title: str
    command: str | None
    advice: Literal["run", "leave", "restore"] = "run"
    data_loss: str | None = None
    context: str = ""


@open_record
class DraftStep:
    """A step before it is numbered.

    `context` is the directory its command and gate are run in, empty for the root. `undo` is what takes it
    back, in the order it is run; `undone_with` says that another step's undo does. Without either,
    `irreversible` says why. `destroys` says which data is gone afterwards whatever is undone, and `restore`
    how it comes back. `breaks` names what the release of before does not survive, and no undo takes back;
    `is_unread` says that nobody knows what the step does to data. `if_fails` is what to do right away when
    the step fails, before anything is rolled back.
    """

    phase: Phase
    title: str
    command: str | None
    claim: Claim
    expected: str
    access: str
    gate: str | None = None
    context: str = ""
    undo: tuple[Undo, ...] = ()
    undone_with: str = ""
    irreversible: str = NOTHING
    restore: Undo | None = None
    if_fails: str = ""
    destroys: Claim | None = None
    breaks: str = ""
    is_unread: bool = False

    @property
    def changes(self) -> bool:
        """Whether anything in the environment is different afterwards."""
        return bool(self.undo or self.undone_with) or self.irreversible != NOTHING


@open_record
class DraftRisk:
    """A risk before it is weighed.

    `checked_in` is the phase of the step that holds it in check. It is the one whose title has `checked_by`,
    where that is empty a name the risk speaks of. A backup is one for everything.
    """

    hazard: Hazard
    name: str
    radius: Literal[1, 2, 3]
    reason: Claim
    radius_reason: Claim
    mitigation: str
    checked_in: Phase | None = None
    checked_by: str = ""


@open_record
class FindingFact:
    """A finding as a plan quotes it."""

    rule: str
    agent: str
    severity: str
    message: str
    evidence: Evidence


@open_record
class ChangedFile:
    """A file that differs from the base, read before and after; None where it is absent or not read."""

    path: str
    before: Artefact | None
    after: Artefact | None
    is_new: bool

    @property
    def ships(self) -> bool:
        """Whether it may be part of what is deployed: no document, test, example or tool of developers."""
        view = self.after or self.before
        if isinstance(view, DotenvArtefact) and view.env_file.is_example:
            return False
        return not (
            is_documentation(self.path) or is_housekeeping(self.path) or is_development_path(self.path)
        )


@open_record
class Frame:
    """What every plan says of how it was made: see `PlanDocument`; `skipped` names files nobody read."""

    content_hash: str
    rule_set: str
    skipped: tuple[str, ...]


class Head(TypedDict):
    """The fields of a `PlanDocument` that are the same for all plans of one run."""

    environment: str
    base: str | None
    base_commit: str | None
    head: str | None
    uncommitted: int
    files_changed: int | None
    content_hash: str
    rule_set: str


def _no_deployment() -> DeploymentPlan:
    raise LookupError("a contribution to the deployment plan cannot look at that plan")


@open_record
class PlanContext:
    """Everything a plan may look at.

    `after` is the project as it is, `before` as it was at the base, None without one. `find_rollout` returns
    what is deployed where, `findings_in` the findings in some files, by path and place. `deployment` returns
    the deployment plan, made when it is first asked for; contributions to that plan cannot ask for it.
    """

    after: View
    before: View | None
    find_rollout: Callable[[], Rollout]
    changed: tuple[ChangedFile, ...]
    findings_in: Callable[[Iterable[str]], list[FindingFact]]
    settings: Settings
    base: Base
    environment: str
    owners: CodeOwners | None
    frame: Frame
    deployment: Callable[[], DeploymentPlan] = _no_deployment

    @property
    def head(self) -> Head:
        """What every plan begins with, beside its title and verdict."""
        return Head(
            environment=self.environment,
            base=self.base.ref,
            base_commit=self.base.commit,
            head=self.checkout.head,
            uncommitted=len(self.checkout.uncommitted.intersection(one.path for one in self.changed)),
            files_changed=None if self.before is None else len(self.changed),
            content_hash=self.frame.content_hash,
            rule_set=self.frame.rule_set,
        )

    @property
    def checkout(self) -> Checkout:
        """What is checked out."""
        return self.base.checkout()

    @property
    def rollout(self) -> Rollout:
        """What is deployed where."""
        return self.find_rollout()

    @property
    def postgres_version(self) -> int:
        """The major version of the database server."""
        return int(self.settings.migrations.postgres_version.partition(".")[0])

    def owner(self, path: str) -> str:
        """Return who answers for a file."""
        found = owner_of(path, self.owners)
        return " ".join(found.names) if found is not None else ON_CALL

    @property
    def old_ref(self) -> str:
        """The commit of the base, short; its name where nobody knows the commit."""
        return short_ref(self.base.commit or self.base.ref or "")

    def old(self, element: Element, place: Located | None = None) -> Evidence:
        """Return where `element` was written at the base."""
        return self.placed(element.file, place or element)

    def placed(self, file: SourceFile, place: Located) -> Evidence:
        """Return a place in a file of the base; one that does not differ is named where it still is."""
        path, line = file.path, file.line_number(place)
        if path in self.rollout.changed:
            return Evidence(path=path, line=line, commit=self.old_ref)
        return Evidence(path=path, line=line)


@state
class Contribution:
    """Parts of a plan from one agent; every list may stay empty.

    `subjects` are what the title names. `downtime` holds the worst first. `incomplete` are the unknowns
    without whose answer nobody can say that the plan leads where it should. `told` are changed paths that
    a row of `changes` stands for without being its evidence.
    """

    subjects: list[str] = field(default_factory=list[str])
    blocking: list[Claim] = field(default_factory=list[Claim])
    changes: list[Change] = field(default_factory=list[Change])
    strategy: list[Claim] = field(default_factory=list[Claim])
    releases: list[Release] = field(default_factory=list[Release])
    preconditions: list[Claim] = field(default_factory=list[Claim])
    risks: list[DraftRisk] = field(default_factory=list[DraftRisk])
    downtime: list[Claim] = field(default_factory=list[Claim])
    timing: list[Claim] = field(default_factory=list[Claim])
    steps: list[DraftStep] = field(default_factory=list[DraftStep])
    checks: list[Check] = field(default_factory=list[Check])
    triggers: list[Claim] = field(default_factory=list[Claim])
    rollback_checks: list[Check] = field(default_factory=list[Check])
    contacts: list[Claim] = field(default_factory=list[Claim])
    monitoring: list[MonitoringPoint] = field(default_factory=list[MonitoringPoint])
    unknowns: list[Claim] = field(default_factory=list[Claim])
    incomplete: list[Claim] = field(default_factory=list[Claim])
    told: list[str] = field(default_factory=list[str])

    def add(self, other: "Contribution") -> None:
        """Append everything another contribution holds."""
        for name, items in vars(other).items():
            getattr(self, name).extend(items)


Contribute: TypeAlias = Callable[[PlanContext], Contribution]


def evidence(element: Element, place: Located | None = None) -> Evidence:
    """Return where `element`, or a place in its file, is written."""
    return place_in(element.file, place or element)


def place_in(file: SourceFile, place: Located) -> Evidence:
    """Return a place in a file of the project."""
    return Evidence(path=file.path, line=file.line_number(place))


def row(
    node: str,
    kind: str,
    claim: Claim,
    before: str | None = None,
    after: str | None = None,
    reversible: Reversible = "yes",
) -> Change:
    """Return a row of the change table."""
    return Change(node=node, kind=kind, before=before, after=after, reversible=reversible, claim=claim)


def fact(text: str, *where: Evidence) -> Claim:
    """Return a claim that is written in the repository."""
    return Claim(text=text, status=Certainty.FACT, evidence=where)


def derived(text: str, *where: Evidence, rule: str | None = None) -> Claim:
    """Return a claim that follows from what is written."""
    return Claim(text=text, status=Certainty.DERIVED, evidence=where, rule=rule)


def assumed(text: str, *where: Evidence) -> Claim:
    """Return a claim taken for granted; `where` is what it was concluded from."""
    return Claim(text=text, status=Certainty.ASSUMED, evidence=where)


def unknown(text: str, *where: Evidence) -> Claim:
    """Return what the repository does not say; the text names what would answer it."""
    return Claim(text=text, status=Certainty.UNKNOWN, evidence=where)
