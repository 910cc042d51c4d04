"""What jobs do as single acts, and what the targets, scripts and actions they call do in their files."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.github_workflow import Activity, CompositeAction, Indirection, Step
from rollsafe.artefacts.recognition import Classification, ReferenceKind, Role, roles_of
from rollsafe.artefacts.scripts import MakeTarget, PackageScript, ShellScriptFile
from rollsafe.artefacts.scripts.runnable import Runnable
from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.written_secrets import holds_secret
from rollsafe.formats.shell import ShellCommand
from rollsafe.text import Located
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph

_LONGEST_TITLE: Final = 60

_SCRIPTS: Final[dict[ReferenceKind, type[Runnable]]] = {
    ReferenceKind.MAKE: MakeTarget,
    ReferenceKind.SCRIPT: PackageScript,
    ReferenceKind.FILE: ShellScriptFile,
}
_CALLS: Final = frozenset(kind.value for kind in ReferenceKind)
"""What `Classification.tool` says of a call that is known by its name only."""


class Certainty(StrEnum):
    """How something is known: by what is run, or by what it is called."""

    CERTAIN = "certain"
    PROBABLE = "probable"


class Act:
    """Something a job does, wherever that is written.

    `file` and `where` are its own place; `step` is the asking job's step that leads there, None for a
    job that calls a workflow. `inner` is the step it belongs to, in whichever file. `hops` counts the
    files between. In a pipeline other than GitHub's there are no steps.
    """

    __slots__ = ("_command", "_repairs", "classification", "file", "hops", "inner", "step", "where")

    def __init__(
        self,
        classification: Classification,
        file: SourceFile,
        where: Located,
        step: Step | None,
        inner: Step | None,
        hops: int,
        command: ShellCommand | None = None,
        *,
        repairs: bool = False,
    ) -> None:
        self._repairs = repairs
        self.classification = classification
        self.file = file
        self.where = where
        self.step = step
        self.inner = inner
        self.hops = hops
        self._command = command

    def __repr__(self) -> str:
        return f"Act({self.classification.tool!r}, {sorted(self.classification.roles)}, {self.file.path!r})"

    def __contains__(self, role: Role) -> bool:
        return role in self.classification.roles

    @property
    def command(self) -> ShellCommand | None:
        """The command, with offsets of `file`; None for an action."""
        return self.where.command if isinstance(self.where, Activity) else self._command

    @property
    def raw(self) -> ShellCommand | None:
        """The command when its place does not matter, which costs nothing."""
        return self.where.raw_command if isinstance(self.where, Activity) else self._command

    @property
    def texts(self) -> list[str]:
        """The words of the command; empty for an action."""
        raw = self.raw
        return [] if raw is None else raw.texts

    @property
    def title(self) -> str:
        """What a person calls it: the command where it is short, else its first words, or the action.

        A command that may hold a secret is called by its program and what that does.
        """
        texts = self.texts
        if not texts:
            uses = self.inner.uses if self.inner is not None else None
            return uses.name if uses is not None else _named(self.classification)
        if holds_secret(texts):
            return f"{texts[0]} {self.classification.verb or '…'}"
        words = " ".join(texts)
        if len(words) <= _LONGEST_TITLE and "\n" not in words:
            return words
        verb = self.classification.verb
        return f"{texts[0]} {verb}" if verb else " ".join(text for text in texts[:3] if len(text) < 30)

    @property
    def is_conditional(self) -> bool:
        """Whether its script decides when it runs: it is a branch of an `if` or `case`."""
        raw = self.raw
        return raw is not None and raw.surroundings.branch

    @property
    def after_failure(self) -> bool:
        """Whether its step runs only after something failed."""
        steps = (self.step, self.inner)
        return self._repairs or any(
            step is not None and step.if_ is not None and step.if_.after_failure for step in steps
        )


def _named(found: Classification) -> str:
    """Return what a person calls a task or an orb; a call is called by what it leads to."""
    return found.verb or found.tool if found.tool in _CALLS else f"{found.tool} {found.verb}".rstrip()


def called_by(step: Step, graph: Graph, hops: int) -> list[tuple[int, Act]]:
    """Return what the calls of a step do, with the offset of each call in its script."""
    return [(call.where.start, act) for call in step.calls for act in of_target(call, step, graph, hops)]


def offset_of(act: Act) -> int:
    """Return where an act of the step itself stands in its script; an action comes first."""
    raw = act.raw
    return -1 if raw is None else raw.start


def own_act(activity: Activity, step: Step) -> Act:
    """Return what a step itself does as an act."""
    return Act(activity.classification, step.file, activity, step, step, 0)


def judged(act: Act, verdict: Classification) -> Act:
    """Return an act with another classification."""
    return Act(
        verdict, act.file, act.where, act.step, act.inner, act.hops, act.command, repairs=act.after_failure
    )


def _without(act: Act, found: Sequence[Act]) -> Iterator[Act]:
    """Yield a call known by name with the roles that what it calls does not have."""
    if not found or act.classification.tool not in _CALLS:
        yield act
        return
    left = left_of(act.classification, found)
    if left is not None:
        yield judged(act, left)


def left_of(named: Classification | None, found: Iterable[Act]) -> Classification | None:
    """Return what a name tells beyond what was `found` behind it; None when that is nothing."""
    if named is None:
        return None
    left = named.roles - roles_of(act.classification for act in found)
    return replace(named, roles=left) if left else None


def of_target(call: Indirection, step: Step | None, graph: Graph, hops: int) -> Iterator[Act]:
    """Yield what one call of a step does in the file it leads to."""
    if call.key is None:
        return
    if call.kind is ReferenceKind.ACTION:
        action = None if step is None else graph.first(CompositeAction, call.key)
        if action is not None and step is not None:
            yield from _of_action(action, step, graph, hops)
        return
    kind = _SCRIPTS.get(call.kind)
    runnable = graph.first(kind, call.key) if kind is not None else None
    if runnable is not None:
        yield from _of_runnable(runnable, step, graph, hops)


def _of_action(action: CompositeAction, step: Step, graph: Graph, hops: int) -> Iterator[Act]:
    for inner in action.steps:
        if inner.is_disabled:
            continue
        called = called_by(inner, graph, hops - 1) if hops > 1 and inner.calls_others else []
        own = (
            Act(one.classification, action.file, one, step, inner, 1) for one in action.activities_of(inner)
        )
        yield from in_order(
            [(offset_of(act), act) for act in own],
            [(at, _further(act, step, inner)) for at, act in called],
        )


def _of_runnable(runnable: Runnable, step: Step | None, graph: Graph, hops: int) -> Iterator[Act]:
    calls = runnable.indirections if hops > 1 else []
    called = [(call.where.start, act) for call in calls for act in of_target(call, step, graph, hops - 1)]
    own = [
        (command.start, Act(found, runnable.file, command, step, step, 1, command))
        for command, found in runnable.classified
    ]
    yield from in_order(own, [(at, _further(act, step, step)) for at, act in called])


def _further(act: Act, step: Step | None, inner: Step | None) -> Act:
    """Return an act as one file further away."""
    return Act(act.classification, act.file, act.where, step, inner, act.hops + 1, act.command)


def in_order(own: Sequence[tuple[int, Act]], called: Sequence[tuple[int, Act]]) -> Iterator[Act]:
    """Yield own acts and those of what is called in the order of their offsets."""
    found = [act for _, act in called]
    placed = [(at, kept) for at, act in own for kept in _without(act, found)]
    yield from (act for _, act in sorted([*placed, *called], key=lambda pair: pair[0]))
