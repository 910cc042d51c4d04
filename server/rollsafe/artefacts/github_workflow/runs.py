"""The ways a workflow can be started, and which of its jobs each of them reaches.

A `Run` stands for one event at one ref. Conditions are evaluated with what is known of it; what a person
chooses, a label says or another job computes stays unknown, and unknown never excludes a job.
"""

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.expressions import UNKNOWN, Functions, Value, evaluate, status_checks, truth
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.github_workflow.job import Job
    from rollsafe.artefacts.github_workflow.step import Step
    from rollsafe.artefacts.github_workflow.triggers import Trigger
    from rollsafe.artefacts.github_workflow.workflow import Workflow

_MAX_RUNS: Final = 16
_GLOB: Final = lazily(r"\*+|[?+]|\[[^\]]*\]")
_HEADS: Final = "refs/heads/"
_TAGS: Final = "refs/tags/"
_MAIN: Final = ("refs/heads/main", "refs/heads/master")
_PULL_REQUESTS: Final = frozenset({"pull_request", "pull_request_target"})
_MANY_REFS: Final = frozenset({"workflow_dispatch", "create", "delete", "deployment", "deployment_status"})
_OWN_PAYLOAD: Final = {
    "pull_request": (*_PULL_REQUESTS, "pull_request_review", "pull_request_review_comment"),
    "label": (*_PULL_REQUESTS, "issues"),
    "workflow_run": ("workflow_run",),
    "release": ("release",),
    "issue": ("issues", "issue_comment"),
    "comment": ("issue_comment", "pull_request_review_comment", "commit_comment"),
    "client_payload": ("repository_dispatch",),
    "inputs": ("workflow_dispatch",),
    "schedule": ("schedule",),
    "number": _PULL_REQUESTS,
    "head_commit": ("push",),
    "commits": ("push",),
}
"""Parts of `github.event` that only some events have; in the others they are null."""

_SUCCEEDED: Final[Functions] = {"success": True, "always": True, "cancelled": False, "failure": UNKNOWN}
_FAILED: Final[Functions] = {"success": False, "always": True, "cancelled": False, "failure": True}


class Run(NamedTuple):
    """An event and the full ref it runs at, empty when not known.

    `base` is the branch a pull request goes to. `is_sample`: the ref stands for any of many.
    """

    event: str
    ref: str = ""
    base: str = ""
    action: str = ""
    is_sample: bool = False

    @property
    def is_pull_request(self) -> bool:
        """Whether a pull request that is not merged starts it."""
        return self.event in _PULL_REQUESTS

    def value(self, path: tuple[str, ...]) -> Value:
        """Return what a context holds in this run, as far as it is known."""
        if path[0] == "inputs":
            return UNKNOWN if self.event in ("workflow_dispatch", "workflow_call", "") else None
        if path[0] != "github" or len(path) < 2 or self.event in ("workflow_call", ""):
            return UNKNOWN
        if path[1] == "event" and len(path) > 2:
            return self._of_event(path[2:])
        return self._of_github(path[1]) if len(path) == 2 else UNKNOWN

    def _of_github(self, name: str) -> Value:
        if name == "event_name":
            return self.event
        if name in ("ref", "ref_name", "ref_type"):
            return self._of_ref(name) if self.ref else UNKNOWN
        if name == "base_ref":
            return (self.base or UNKNOWN) if self.is_pull_request else ""
        if name == "head_ref":
            return UNKNOWN if self.is_pull_request else ""
        return UNKNOWN

    def _of_ref(self, name: str) -> str:
        if name == "ref":
            return self.ref
        if name == "ref_type":
            return "tag" if self.ref.startswith(_TAGS) else "branch"
        return self.ref.removeprefix(_HEADS).removeprefix(_TAGS).removeprefix("refs/pull/")

    def _of_event(self, path: tuple[str, ...]) -> Value:
        if path == ("action",):
            return self.action or UNKNOWN
        if path == ("pull_request", "merged") and self.is_pull_request:
            return False
        if path == ("pull_request", "base", "ref") and self.base:
            return self.base
        if path == ("ref",) and self.event == "push":
            return self.ref or UNKNOWN
        owners = _OWN_PAYLOAD.get(path[0])
        return UNKNOWN if owners is None or self.event in owners else None


def runs_of(workflow: "Workflow") -> tuple[Run, ...]:
    """Return the ways `workflow` can be started, at most `_MAX_RUNS`."""
    found = [run for trigger in workflow.triggers.values() for run in _runs(trigger)]
    return tuple(dict.fromkeys(found))[:_MAX_RUNS]


def _runs(trigger: "Trigger") -> Iterator[Run]:
    name = trigger.name
    if name == "push":
        yield from _pushes(trigger)
    elif name in _PULL_REQUESTS:
        action = trigger.types[0] if len(trigger.types) == 1 else ""
        for base in trigger.branches or [""]:
            ref = "refs/pull/1/merge" if name == "pull_request" else ""
            yield Run(name, ref, "" if _GLOB.search(base) else base, action, is_sample=True)
    elif name == "release":
        action = trigger.types[0] if len(trigger.types) == 1 else ""
        yield Run(name, _TAGS + "v1", action=action, is_sample=True)
    elif name in ("workflow_call", "merge_group"):
        yield Run(name)
    else:
        yield from (Run(name, ref) for ref in _MAIN)
        if name in _MANY_REFS:
            yield Run(name, _HEADS + "some-branch", is_sample=True)


def _pushes(trigger: "Trigger") -> Iterator[Run]:
    branches = trigger.branches
    if not branches and not (trigger.tags and not trigger.branches_ignore):
        branches = ["**"]
    for branch in branches:
        if branch.startswith("!"):
            continue
        if "*" in branch and branch.strip("*/") == "":
            yield from (Run("push", ref) for ref in _MAIN)
        is_sample = _GLOB.search(branch) is not None
        yield Run("push", _HEADS + _GLOB.sub("x", branch), is_sample=is_sample)
    for tag in trigger.tags:
        if not tag.startswith("!"):
            yield Run("push", _TAGS + _GLOB.sub("1", tag), is_sample=_GLOB.search(tag) is not None)


def runs_by_job(workflow: "Workflow") -> dict[str, tuple[Run, ...]]:
    """Return the runs that may reach each job, by its lower-case id."""
    reached: dict[str, list[Run]] = {job.id.lower(): [] for job in workflow.jobs}
    order = _in_order(workflow)
    for run in workflow.runs:
        skipped: set[str] = set()
        for job in order:
            if _is_skipped(job, run, skipped):
                skipped.add(job.id.lower())
            else:
                reached[job.id.lower()].append(run)
    return {id_: tuple(runs) for id_, runs in reached.items()}


def _in_order(workflow: "Workflow") -> list["Job"]:
    """Return the jobs so that each comes after those it needs; those of a cycle last."""
    missing = {job.id.lower(): len({one.id for one in job.needed()}) for job in workflow.jobs}
    ready = deque(job for job in workflow.jobs if not missing[job.id.lower()])
    ordered: list[Job] = []
    while ready:
        job = ready.popleft()
        ordered.append(job)
        for waiting in job.waiting():
            missing[waiting.id.lower()] -= 1
            if not missing[waiting.id.lower()]:
                ready.append(waiting)
    done = {job.id.lower() for job in ordered}
    return ordered + [job for job in workflow.jobs if job.id.lower() not in done]


def _is_skipped(job: "Job", run: Run, skipped: set[str]) -> bool:
    if job.is_disabled:
        return True
    guard = job.if_
    waits_for_skipped = any(one.id.lower() in skipped for one in job.needed())
    if guard is None:
        return waits_for_skipped
    if waits_for_skipped and not status_checks(guard.condition.root):
        return True

    def lookup(path: tuple[str, ...]) -> Value:
        if path[0] == "needs" and len(path) == 3 and path[2] == "result":
            return "skipped" if path[1] in skipped else UNKNOWN
        return run.value(path)

    return not guard.condition.padded and truth(evaluate(guard.condition.root, lookup, _SUCCEEDED)) is False


def step_runs(step: "Step", run: Run) -> bool:
    """Say whether the step's own condition lets it run in `run`; true when that is not known."""
    guard = step.if_
    if guard is None or guard.condition.padded:
        return True
    return truth(evaluate(guard.condition.root, run.value, _SUCCEEDED)) is not False


def survives(job: "Job", failed: "Job", run: Run) -> bool:
    """Say whether `job` would run although `failed`, which it waits for, has failed.

    Jobs between the two are skipped unless they survive themselves, which is not looked into.
    """
    guard = job.if_
    if guard is None or not status_checks(guard.condition.root):
        return False
    results = {one.id.lower(): _result(one, failed) for one in job.needed()}

    def lookup(path: tuple[str, ...]) -> Value:
        if path[0] != "needs" or len(path) < 3:
            return run.value(path)
        if path[1] == "*":
            return tuple(results.values()) if path[2:] == ("result",) else UNKNOWN
        result = results.get(path[1], "")
        if path[2] == "result":
            return result
        return UNKNOWN if result == "success" else None

    return truth(evaluate(guard.condition.root, lookup, _FAILED)) is not False


def _result(job: "Job", failed: "Job") -> str:
    if job is failed:
        return "failure"
    return "skipped" if failed in job.needs_closure else "success"


def step_survives(step: "Step", failed: "Step", run: Run) -> bool:
    """Say whether `step` would run although `failed`, a step before it, has failed."""
    guard = step.if_
    if guard is None or not status_checks(guard.condition.root):
        return False

    def lookup(path: tuple[str, ...]) -> Value:
        if path[0] == "steps" and len(path) == 3 and path[2] in ("outcome", "conclusion"):
            return "failure" if path[1] == failed.id.lower() else "success"
        if path == ("job", "status"):
            return "failure"
        return run.value(path)

    return truth(evaluate(guard.condition.root, lookup, _FAILED)) is not False
