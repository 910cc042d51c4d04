"""Workflows of Argo: steps and DAGs of templates, one inside of the other."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines.groups import hand_down
from rollsafe.artefacts.other_pipelines.model import (
    Dialect,
    OtherJob,
    OtherPipeline,
    Said,
    Wait,
    When,
)
from rollsafe.artefacts.other_pipelines.reading import (
    LARGEST,
    MOST_JOBS,
    mapping,
    names_in,
    roots,
    span,
    text_of,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text import Located
from rollsafe.text.patterns import lazily

_KINDS: Final = frozenset({"Workflow", "CronWorkflow", "WorkflowTemplate", "ClusterWorkflowTemplate"})
_DEPENDS = lazily(
    r"([A-Za-z_][\w-]*)(?:\.(Succeeded|Failed|Errored|Skipped|Omitted|Daemoned|AnySucceeded|AllFailed))?"
)
_BAD: Final = frozenset({"Failed", "Errored", "AllFailed"})
_DEPTH: Final = 5


def is_pipeline(file: SourceFile) -> bool:
    """Say whether a file may hold a workflow."""
    return "argoproj.io/" in file.text and "templates" in file.text and len(file.text) <= LARGEST


def read(file: SourceFile) -> list[OtherPipeline]:
    """Return the workflows of a file."""
    made: list[OtherPipeline] = []
    for root in roots(file):
        kind = root.text_at("kind")
        spec = root.map_at("spec")
        if (
            kind in _KINDS
            and spec is not None
            and (root.text_at("apiVersion") or "").startswith("argoproj.io/")
        ):
            inner = spec.map_at("workflowSpec") if kind == "CronWorkflow" else spec
            name = root.text_at("metadata", "name") or root.text_at("metadata", "generateName") or "workflow"
            where = root.key_at("metadata") or root
            one = OtherPipeline(Dialect.ARGO, f"{file.path}#{name.rstrip('-')}", file, where)
            if inner is not None:
                _Reader(one, inner).read()
            _starts(one, kind or "", spec)
            made += [one] if one.jobs or one.dangling else []
    return made


def _starts(made: OtherPipeline, kind: str, spec: Mapping) -> None:
    cron = spec.at("schedule") if kind == "CronWorkflow" else None
    for node in [cron, *spec.items_at("schedules")] if kind == "CronWorkflow" else []:
        if isinstance(node, Scalar):
            made.crons.append(Said(node.text, node))
    policy = spec.at("concurrencyPolicy") if kind == "CronWorkflow" else None
    if text_of(policy) in ("Forbid", "Replace") and policy is not None:
        made.apart = Said(f"`concurrencyPolicy: {text_of(policy)}`", policy)
    if kind.endswith("Template"):
        made.triggers.append(Said("another workflow", made.where))


class _Reader:
    """Reads one workflow from its entry point on; a template used twice is there twice."""

    def __init__(self, made: OtherPipeline, spec: Mapping) -> None:
        self._made = made
        self._spec = spec
        self._templates = {
            name: one
            for one in spec.items_at("templates")[:MOST_JOBS]
            if isinstance(one, Mapping) and (name := one.text_at("name"))
        }

    def read(self) -> None:
        entry = self._spec.at("entrypoint")
        name = text_of(entry)
        seconds = self._spec.int_at("activeDeadlineSeconds")
        node = self._spec.at("activeDeadlineSeconds")
        if seconds and node is not None:
            self._made.limit = seconds * 1_000
            self._made.limited = Said(f"`activeDeadlineSeconds: {seconds}` ends the whole workflow", node)
        if name is None or name not in self._templates:
            for other in self._templates.values() if name is None else ():
                self._template(other, f"{other.text_at('name')}", other.at("name") or other, [], 0)
            if entry is not None:
                self._made.dangling.append(Said(f"`entrypoint: {name}` is no template of it", entry))
            return
        ends = self._template(self._templates[name], name, entry or self._made.where, [], 0)
        handler = text_of(self._spec.at("onExit"))
        if handler is not None and handler in self._templates:
            where = self._spec.at("onExit") or self._made.where
            before = len(self._made.jobs)
            waits = [Wait(end, "runs when the workflow has ended", where) for end in ends]
            self._template(self._templates[handler], handler, where, waits, 0)
            for job in self._made.jobs[before : before + 1]:
                job.when, job.condition = When.ALWAYS, Said("`onExit`", where)

    def _template(self, body: Mapping, id_: str, key: Located, waits: list[Wait], depth: int) -> list[str]:
        """Add what a template does; return the ids of what ends it."""
        job = OtherJob(self._made, self._free(id_), key)
        job.waits = waits
        if len(self._made.jobs) >= MOST_JOBS:
            return [wait.source for wait in waits]
        self._made.jobs.append(job)
        self._limits(job, body)
        tasks, rows = body.items_at("dag", "tasks"), body.items_at("steps")
        if (tasks or rows) and depth < _DEPTH:
            job.kind = "group"
            ends = self._dag(job, tasks, depth) if tasks else self._steps(job, rows, depth)
            return ends or [job.id]
        if body.at("suspend") is not None:
            job.kind = "approval"
            job.asks = Said("`suspend`: it waits until somebody resumes it", body.key_at("suspend") or key)
            length = span(body.text_at("suspend", "duration"), "s")
            if length is not None:
                job.kind, job.asks, job.limit = "job", None, length
                job.limited = Said(
                    f"`suspend` for {body.text_at('suspend', 'duration')}", body.key_at("suspend") or key
                )
        for path in (("container", "args"), ("container", "command"), ("script", "source")):
            job.run(body.at(*path))
        return [job.id]

    def _free(self, id_: str) -> str:
        taken = {job.id for job in self._made.jobs}
        number, name = 2, id_
        while name in taken:
            name, number = f"{id_} ({number})", number + 1
        return name

    def _limits(self, job: OtherJob, body: Mapping) -> None:
        seconds, node = body.int_at("activeDeadlineSeconds"), body.at("activeDeadlineSeconds")
        if seconds and node is not None:
            job.limit, job.limited = seconds * 1_000, Said(f"`activeDeadlineSeconds: {seconds}`", node)
        retry = body.at("retryStrategy")
        limit = retry.text_at("limit") if retry is not None else None
        if retry is not None:
            known = limit is not None and limit.isdigit() and len(limit) < 4
            job.tries = 1 + int(limit or 0) if known else 1
            job.waits_again = _waits(retry.at("backoff"), job.tries - 1) if known else None
            job.retries = Said(f"`retryStrategy`: {limit or 'unlimited'} more tries", retry)
        mutex = body.text_at("synchronization", "mutex", "name")
        if mutex is not None:
            job.lock = Said(mutex, body.key_at("synchronization") or job.key)

    # -- what is inside

    def _call(self, item: Node, prefix: str, waits: list[Wait], depth: int) -> list[str]:
        """Add a step or a task with what its template does; return what ends it."""
        name = item.text_at("name") or "step"
        key = item.at("name") or item
        before = len(self._made.jobs)
        wanted = item.text_at("template")
        body = self._templates.get(wanted or "") or mapping(item.at("inline"))
        if body is None:
            job = OtherJob(self._made, self._free(f"{prefix}/{name}"), key)
            job.waits = waits
            self._made.jobs.append(job)
            other = item.text_at("templateRef", "name")
            if other is not None:
                self._made.unread.append(
                    Said(f"what `{name}` does: template `{other}` is not read", item.at("templateRef") or key)
                )
            elif wanted is not None:
                self._made.dangling.append(
                    Said(f"`{name}` uses template `{wanted}`, which is not there", item.at("template") or key)
                )
            ends = [job.id]
        else:
            ends = self._template(body, f"{prefix}/{name}", key, waits, depth + 1)
        for job in self._made.jobs[before : before + 1]:
            self._decide(job, item)
        return ends

    def _decide(self, job: OtherJob, item: Node) -> None:
        if item.at("when") is not None:
            job.is_optional = True
        if any(item.at(key) is not None for key in ("withItems", "withParam", "withSequence")):
            items = item.items_at("withItems")
            job.legs = len(items) if items else None
        goes_on = item.at("continueOn")
        if goes_on is not None and (goes_on.bool_at("failed") or goes_on.bool_at("error")):
            job.forgiven = Said("`continueOn`", goes_on)

    def _steps(self, group: OtherJob, rows: list[Node], depth: int) -> list[str]:
        previous = [group.id]
        for row in rows[:MOST_JOBS]:
            items = row.items_at() or ([row] if isinstance(row, Mapping) else [])
            ends: list[str] = []
            for item in items[:400]:
                where = item.at("name") or item
                waits = [Wait(end, "the steps before it", where) for end in previous]
                ends += self._call(item, group.id, waits, depth)
            previous = ends or previous
        return previous

    def _dag(self, group: OtherJob, tasks: list[Node], depth: int) -> list[str]:
        named = {name: task for task in tasks if (name := task.text_at("name")) is not None}
        ends: dict[str, list[str]] = {}
        followed: set[str] = set()
        for task in _ordered(named):
            name = task.text_at("name") or ""
            waits: list[Wait] = []
            for before, where in _dependencies(task):
                if before in ends:
                    followed.add(before)
                    waits += [Wait(end, f"depends on `{before}`", where) for end in ends[before]]
                elif before not in named:
                    self._made.dangling.append(
                        Said(f"`{name}` depends on `{before}`, which is no task of it", where)
                    )
            first = len(self._made.jobs)
            start = waits or [Wait(group.id, f"begins `{group.id}`", task.at("name") or task)]
            ends[name] = self._call(task, group.id, start, depth)
            _depend(self._made.jobs[first:], task)
        return [end for name, found in ends.items() if name not in followed for end in found]


def _waits(backoff: Node | None, tries: int) -> int | None:
    """Return the waiting before all tries in milliseconds; None where it cannot be told."""
    if backoff is None:
        return 0
    first, factor = span(backoff.text_at("duration"), "s"), backoff.text_at("factor") or "1"
    most = span(backoff.text_at("maxDuration"), "s")
    if first is None or not factor.isdigit() or len(factor) > 3:
        return most
    total, delay = 0, first
    for _ in range(tries):
        total, delay = total + delay, delay * int(factor)
        if total > 10**12:
            return most
    return total if most is None else min(total, most)


def _ordered(tasks: dict[str, Node]) -> list[Node]:
    """Return tasks after those they depend on; those in a circle in the order of the file."""
    waiting = {name: {one for one, _ in _dependencies(task)} & tasks.keys() for name, task in tasks.items()}
    found: list[Node] = []
    while waiting:
        ready = [name for name, before in waiting.items() if not before & waiting.keys()]
        for name in ready or list(waiting):
            found.append(tasks[name])
            del waiting[name]
    return found


def _dependencies(task: Node) -> Iterator[tuple[str, Located]]:
    for one in names_in(task.at("dependencies")):
        yield one.text, one
    node = task.at("depends")
    text = text_of(node)
    if node is not None and text is not None:
        seen: set[str] = set()
        for match in _DEPENDS.finditer(text[:4_000]):
            if match[1] not in seen:
                seen.add(match[1])
                yield match[1], node


def _depend(jobs: list[OtherJob], task: Node) -> None:
    """Take in what `depends` asks of what a task waits for, where that is not just success."""
    node = task.at("depends")
    text = text_of(node)
    states = {match[2] or "Succeeded" for match in _DEPENDS.finditer((text or "")[:4_000])}
    if node is not None and states & _BAD and jobs:
        text = f"`depends: {' '.join((text or '').split())[:120]}`"
        jobs[0].condition = Said(text, node)
        jobs[0].when = When.FAILURE if states <= _BAD else When.UNKNOWN
        hand_down(jobs)
