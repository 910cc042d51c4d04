"""The rule contract: one decorated function per module, and what it may answer."""

import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any, TypeAlias, get_args, get_type_hints

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.rules.docs import equivalents_of
from rollsafe.text import Edit, Located
from rollsafe.text.cached import cached_property
from rollsafe.text.records import field, open_record, record
from rollsafe.text.tuples import NamedTuple


class Severity(StrEnum):
    """How bad it is in production when the finding is true."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    HINT = "hint"

    @property
    def reduced(self) -> "Severity":
        """The next lower one; the lowest has none below it."""
        order = tuple(Severity)
        return order[min(order.index(self) + 1, len(order) - 1)]


class Confidence(StrEnum):
    """How sure the rule is that the finding is true."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Level(StrEnum):
    """Who wants to hear it: everybody, those who like hygiene, or an auditor."""

    REGULAR = "regular"
    PEDANTIC = "pedantic"
    AUDITOR = "auditor"


class Status(StrEnum):
    """Where the rule is in its life."""

    PREVIEW = "preview"
    STABLE = "stable"
    DEPRECATED = "deprecated"


class Safety(StrEnum):
    """Whether a fix may be applied without a person.

    `safe` keeps the meaning of everything but the hazard; `unsafe` changes behaviour or the order of
    a deployment; `manual` leaves something to fill in and is offered, never applied by the CLI.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    MANUAL = "manual"


class FileEdit(NamedTuple):
    """An edit of another file than the one the finding is in; `path` is relative to the project."""

    path: str
    edit: Edit


class NewFile(NamedTuple):
    """A file a fix creates; `path` is relative to the project and does not exist yet."""

    path: str
    text: str


class Purpose(StrEnum):
    """What a fix brings about that is worth asking for by itself."""

    ROLLBACK = "rollback"
    """The way back of a migration is written."""
    STAGES = "stages"
    """A change goes in stages, of which the first adds and the last takes away."""


@record
class Fix:
    """A titled change: edits of the finding's own file, of others, and new files.

    `title` is an imperative: "Add `CONCURRENTLY`". `purpose` says what it is for where that is more than to
    be rid of the finding, so that an editor offers it above the code as well.
    """

    title: str
    safety: Safety
    edits: tuple[Edit, ...] = ()
    elsewhere: tuple[FileEdit, ...] = ()
    creates: tuple[NewFile, ...] = ()
    purpose: Purpose | None = None


class Related(NamedTuple):
    """The other half of a hazard: a place in this or another file, with one line about it."""

    file: SourceFile
    where: Located
    message: str


@record
class Finding:
    """One place a rule objects to.

    `where` is a node of the file the rule was called for. `detail` says what happens to this thing in
    this repository, one or two sentences. `severity`, `confidence`, `level` and `equivalents` replace
    the rule's own for this occurrence. `sensitive` says that the words at `where` are a secret, which no
    output may repeat. Fixes that take work to write are given as a function, called when somebody asks.
    """

    where: Located
    message: str
    fixes: "tuple[Fix, ...] | Callable[[], tuple[Fix, ...]]" = ()
    related: tuple[Related, ...] = ()
    detail: str = ""
    severity: Severity | None = None
    confidence: Confidence | None = None
    level: Level | None = None
    equivalents: tuple[str, ...] | None = None
    sensitive: bool = False


Check: TypeAlias = Callable[..., Iterator[Finding]]


@open_record
class Rule:
    """A check and the facts declared about it; `agent` is set by the agent that owns it.

    Its findings are told at `level` unless they name another; it runs from level `earliest` on.
    """

    name: str
    severity: Severity
    confidence: Confidence
    level: Level
    earliest: Level
    status: Status
    since: str
    fix: Safety | None
    check: Check = field(repr=False)
    subjects: tuple[type[Element], ...]
    context: tuple[type, ...]
    doc: str = field(repr=False)
    module: str
    agent: str = ""

    @property
    def family(self) -> str:
        """The group of the rule's subject, such as `kubernetes`."""
        return self.subjects[0].family

    @cached_property
    def equivalents(self) -> tuple[str, ...]:
        """The `tool:rule` names of the same hazard elsewhere, from the docstring."""
        return equivalents_of(self.doc)

    @cached_property
    def summary(self) -> str:
        """The first line of the docstring, without its full stop."""
        return self.doc.partition("\n")[0].rstrip(".")


def _parameters(check: Check) -> tuple[tuple[type[Element], ...], tuple[type, ...]]:
    """Return the element types a check is called for and the types of its further parameters."""
    hints: dict[str, Any] = check.__annotations__
    if any(isinstance(hint, str) for hint in hints.values()):
        hints = get_type_hints(check)
    subject, *context = (hint for name, hint in hints.items() if name != "return")
    return tuple(get_args(subject) or (subject,)), tuple(context)


def rule(
    *,
    severity: Severity,
    since: str,
    fix: Safety | None = None,
    confidence: Confidence = Confidence.HIGH,
    level: Level = Level.REGULAR,
    earliest: Level | None = None,
    status: Status = Status.STABLE,
) -> Callable[[Check], Rule]:
    """Turn a check into a `Rule` named after its module.

    The check's first parameter says which elements it is called for (a union for several types);
    further parameters are injected by type: `Graph`, `Settings`, `Base`, `Today`. `fix` declares the
    safest fix the rule offers, `earliest` the first level some findings name, where that is before `level`.
    """

    def decorate(check: Check) -> Rule:
        module = sys.modules[check.__module__]
        subjects, context = _parameters(check)
        return Rule(
            name=check.__module__.rpartition(".")[2].replace("_", "-"),
            severity=severity,
            confidence=confidence,
            level=level,
            earliest=earliest or level,
            status=status,
            since=since,
            fix=fix,
            check=check,
            subjects=subjects,
            context=context,
            doc=(module.__doc__ or "").expandtabs().strip(),
            module=check.__module__,
        )

    return decorate


def rules_of(modules: Iterable[object]) -> Iterator[Rule]:
    """Yield the rules found in `modules`, at most one each."""
    for module in modules:
        yield from (value for value in vars(module).values() if isinstance(value, Rule))
