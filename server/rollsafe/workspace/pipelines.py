"""What jobs do, other files included: the workflows, actions, targets and scripts they call.

Calls are followed over at most `MAX_HOPS` files. What is found there replaces what the name of the call
suggests; a call that leads out of the repository, or to something unknown, stays what its name suggests.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.github_workflow import Activity, CompositeAction, Indirection, Job, Step, Workflow
from rollsafe.artefacts.recognition import Classification, ReferenceKind, Role, roles_of
from rollsafe.artefacts.scripts import MakeTarget, PackageScript, ShellScriptFile
from rollsafe.artefacts.scripts.runnable import Runnable
from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.written_secrets import holds_secret
from rollsafe.formats.shell import ShellCommand
from rollsafe.text import Located
from rollsafe.workspace.graph import Graph

MAX_HOPS: Final = 2
MAX_NEIGHBOURS: Final = 64
"""Jobs looked at before or after one, nearest first: a chain of hundreds is no pipeline."""

_LONGEST_TITLE: Final = 60

_SCRIPTS: Final[dict[ReferenceKind, type[Runnable]]] = {
    ReferenceKind.MAKE: MakeTarget,
    ReferenceKind.SCRIPT: PackageScript,
    ReferenceKind.FILE: ShellScriptFile,
}
_NOT_LIVE: Final = frozenset({Role.ROLLBACK, Role.TEARDOWN})
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
    files between.
    """

    __slots__ = ("_command", "classification", "file", "hops", "inner", "step", "where")

    def __init__(
        self,
        classification: Classification,
        file: SourceFile,
        where: Located,
        step: Step | None,
        inner: Step | None,
        hops: int,
        command: ShellCommand | None = None,
    ) -> None:
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
            return uses.name if uses is not None else self.classification.verb or self.classification.tool
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
        return any(step is not None and step.if_ is not None and step.if_.after_failure for step in steps)


def activities_of(job: Job, graph: Graph) -> tuple[Act, ...]:
    """Return what a job does, in order; a called workflow's jobs in the order they wait for each other."""
    return graph.remember(("activities", job), lambda: tuple(_of_job(job, graph, MAX_HOPS)))


def acts_of_step(step: Step, graph: Graph) -> tuple[Act, ...]:
    """Return what a step does, what its scripts do included, but not what the steps of an action do.

    Those are elements of their own, in their own file.
    """
    owner = step.owner
    if not isinstance(owner, Job):
        return tuple(_own(activity, step) for activity in step.activities)
    return graph.remember(("steps", owner), lambda: _by_step(owner, graph)).get(id(step), ())


def _by_step(job: Job, graph: Graph) -> dict[int, tuple[Act, ...]]:
    found: dict[int, tuple[Act, ...]] = {}
    for act in activities_of(job, graph):
        if act.step is not None and act.inner is act.step:
            found[id(act.step)] = (*found.get(id(act.step), ()), act)
    return found


def roles_of_job(job: Job, graph: Graph) -> frozenset[Role]:
    """Return the roles of everything the job does."""
    return graph.remember(
        ("roles", job), lambda: roles_of(act.classification for act in activities_of(job, graph))
    )


def deployments(job: Job, graph: Graph) -> tuple[Act, ...]:
    """Return what puts a version live: deployments that neither go back, tear down nor repair."""
    if Role.DEPLOY not in roles_of_job(job, graph):
        return ()
    return graph.remember(("deployments", job), lambda: tuple(_deployments(job, graph)))


def _deployments(job: Job, graph: Graph) -> Iterator[Act]:
    if job.repairs:
        return
    for act in activities_of(job, graph):
        if Role.DEPLOY in act and _NOT_LIVE.isdisjoint(act.classification.roles) and not act.after_failure:
            yield act


def deploys(job: Job, graph: Graph) -> Certainty | None:
    """Say whether the job puts a version live, and how that is known; None when it does not."""
    found = deployments(job, graph)
    if not found:
        return None
    certain = any(not act.classification.probable for act in found)
    return Certainty.CERTAIN if certain else Certainty.PROBABLE


def migrations(job: Job, graph: Graph) -> tuple[Act, ...]:
    """Return what migrates a database that outlives the job, forwards."""
    if Role.MIGRATE not in roles_of_job(job, graph):
        return ()
    acts = activities_of(job, graph)
    return tuple(a for a in acts if Role.MIGRATE in a and Role.ROLLBACK not in a and not a.after_failure)


def tests(job: Job, graph: Graph) -> bool:
    """Say whether the job is a gate: it tests before it deploys anything, or is named as a gate."""
    if job.tests:
        return True
    for act in activities_of(job, graph):
        if Role.DEPLOY in act:
            return False
        if Role.TEST in act:
            return True
    return False


def verifies(job: Job, graph: Graph) -> bool:
    """Say whether the job, or one that waits for it, looks at what the job has deployed."""
    acts = activities_of(job, graph)
    first = next(
        (at for at, act in enumerate(acts) if Role.DEPLOY in act and not act.after_failure), len(acts)
    )
    if any(act.classification.self_verifying for act in acts[first:] if Role.DEPLOY in act):
        return True
    if any(_looks(act) for act in acts[first:]):
        return True
    later = job.dependants[:MAX_NEIGHBOURS]
    return any(_looks(act) for one in later for act in _before_deploying(one, graph))


def _looks(act: Act) -> bool:
    return (Role.VERIFY in act or Role.TEST in act) and not act.after_failure


def _before_deploying(job: Job, graph: Graph) -> Iterator[Act]:
    for act in activities_of(job, graph):
        if Role.DEPLOY in act and not act.after_failure:
            return
        yield act


def rolls_back(job: Job, graph: Graph) -> bool:
    """Say whether something brings the previous version back when the job's deployment fails.

    The deployment itself, the job, another job of the workflow, or a workflow beside it.
    """
    mine = deployments(job, graph)
    if mine and all(act.classification.self_rolling_back for act in mine):
        return True
    workflow = job.workflow
    return graph.remember(("goes back", workflow), lambda: _has_way_back(workflow, graph))


def _has_way_back(workflow: Workflow, graph: Graph) -> bool:
    if any(_goes_back(act) for one in workflow.jobs for act in activities_of(one, graph)):
        return True
    return workflow.goes_back or bool(graph.find(Workflow, "does:rollback"))


def _goes_back(act: Act) -> bool:
    return Role.ROLLBACK in act or (Role.DEPLOY in act and act.after_failure)


def _of_job(job: Job, graph: Graph, hops: int) -> Iterator[Act]:
    if job.is_disabled:
        return
    for step in job.steps:
        if step.calls_others or job.activities_of(step):
            yield from _of_step(job, step, graph, hops)
    if job.uses is not None:
        yield from _of_call(job, graph, hops)


def _of_call(job: Job, graph: Graph, hops: int) -> Iterator[Act]:
    """Yield what the workflow that a job calls does; what its name suggests when it is not at hand."""
    uses, callee = job.uses, called_workflow(job, graph) if hops else None
    if uses is None:
        return
    found = _of_workflow(callee, graph, hops - 1) if callee is not None else []
    for act in found:
        yield Act(act.classification, act.file, act.where, None, act.inner, act.hops + 1, act.command)
    named = _left(job.call, found)
    if named is not None:
        yield Act(named, job.file, uses, None, None, 0)


def _of_workflow(workflow: Workflow, graph: Graph, hops: int) -> list[Act]:
    jobs = sorted(workflow.jobs, key=lambda one: len(one.needs_closure))
    return [act for job in jobs for act in _of_job(job, graph, hops)]


def called_workflow(job: Job, graph: Graph) -> Workflow | None:
    """Return the workflow of this repository that the job calls."""
    call = job.indirection
    return None if call is None or call.key is None else graph.first(Workflow, call.key)


def _of_step(job: Job, step: Step, graph: Graph, hops: int) -> Iterator[Act]:
    own = [_own(activity, step) for activity in job.activities_of(step)]
    called = _called(step, graph, hops) if hops and step.calls_others and not step.is_disabled else []
    if not called:
        yield from own
        return
    judged = job.settled(step, [act.classification for _, act in called])
    verdicts = {id(act): verdict for (_, act), verdict in zip(called, judged, strict=True)}
    for act in _in_order([(_offset(act), act) for act in own], called):
        verdict = verdicts.get(id(act), act.classification)
        if verdict is not None:
            yield act if verdict is act.classification else _judged(act, verdict)


def _called(step: Step, graph: Graph, hops: int) -> list[tuple[int, Act]]:
    """Return what the calls of a step do, with the offset of each call in its script."""
    return [(call.where.start, act) for call in step.calls for act in _of_target(call, step, graph, hops)]


def _offset(act: Act) -> int:
    """Return where an act of the step itself stands in its script; an action comes first."""
    raw = act.raw
    return -1 if raw is None else raw.start


def _own(activity: Activity, step: Step) -> Act:
    return Act(activity.classification, step.file, activity, step, step, 0)


def _judged(act: Act, verdict: Classification) -> Act:
    return Act(verdict, act.file, act.where, act.step, act.inner, act.hops, act.command)


def _without(act: Act, found: Sequence[Act]) -> Iterator[Act]:
    """Yield a call known by name with the roles that what it calls does not have."""
    if not found or act.classification.tool not in _CALLS:
        yield act
        return
    left = _left(act.classification, found)
    if left is not None:
        yield _judged(act, left)


def _left(named: Classification | None, found: Iterable[Act]) -> Classification | None:
    if named is None:
        return None
    left = named.roles - roles_of(act.classification for act in found)
    return replace(named, roles=left) if left else None


def _of_target(call: Indirection, step: Step, graph: Graph, hops: int) -> Iterator[Act]:
    """Yield what one call of a step does in the file it leads to."""
    if call.key is None:
        return
    if call.kind is ReferenceKind.ACTION:
        action = graph.first(CompositeAction, call.key)
        if action is not None:
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
        called = _called(inner, graph, hops - 1) if hops > 1 and inner.calls_others else []
        own = (
            Act(one.classification, action.file, one, step, inner, 1) for one in action.activities_of(inner)
        )
        yield from _in_order(
            [(_offset(act), act) for act in own],
            [(at, _further(act, step, inner)) for at, act in called],
        )


def _of_runnable(runnable: Runnable, step: Step, graph: Graph, hops: int) -> Iterator[Act]:
    calls = runnable.indirections if hops > 1 else []
    called = [(call.where.start, act) for call in calls for act in _of_target(call, step, graph, hops - 1)]
    own = [
        (command.start, Act(found, runnable.file, command, step, step, 1, command))
        for command, found in runnable.classified
    ]
    yield from _in_order(own, [(at, _further(act, step, step)) for at, act in called])


def _further(act: Act, step: Step, inner: Step) -> Act:
    """Return an act as one file further away."""
    return Act(act.classification, act.file, act.where, step, inner, act.hops + 1, act.command)


def _in_order(own: Sequence[tuple[int, Act]], called: Sequence[tuple[int, Act]]) -> Iterator[Act]:
    """Yield own acts and those of what is called in the order of their offsets."""
    found = [act for _, act in called]
    placed = [(at, kept) for at, act in own for kept in _without(act, found)]
    yield from (act for _, act in sorted([*placed, *called], key=lambda pair: pair[0]))
