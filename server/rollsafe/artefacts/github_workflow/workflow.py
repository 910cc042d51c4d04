"""A workflow: its triggers, its jobs, and how they wait for each other."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element, Frame
from rollsafe.artefacts.github_workflow.grammar import NOTHING_READ, Reading, read_part
from rollsafe.artefacts.github_workflow.job import Job
from rollsafe.artefacts.github_workflow.references import root_of, used
from rollsafe.artefacts.github_workflow.runs import Run, runs_by_job, runs_of
from rollsafe.artefacts.github_workflow.triggers import Trigger, triggers_of
from rollsafe.artefacts.github_workflow.values import (
    Concurrency,
    Permissions,
    fields_of,
    keyed,
    scalar_of,
    strings,
)
from rollsafe.artefacts.github_workflow.written import Written, written_expressions
from rollsafe.artefacts.recognition import Role, words_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Scalar, resolve
from rollsafe.formats.problems import Problem
from rollsafe.text import Located, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

_MAX_JOBS: Final = 1_000
_VERSION_WORDS: Final = frozenset({"version", "tag", "sha", "ref", "commit", "revision", "digest", "release"})


_OUTSIDE_OF_JOBS: Final = frozenset(
    {"file", "root", "name", "run_name", "on_key", "triggers", "has_event", "is_only_called", "permissions"}
    | {"cache_mode", "concurrency", "env", "defaults", "around_jobs", "start", "family"}
)
"""Attributes of a workflow that its jobs do not change, and that lead to none of them."""

_ALIAS = lazily(r"(?:^|[\s\[{,:-])[&*]\w|^[ \t-]*<<[ \t]*:", re.M)
_JOBS = lazily(r"^(?:jobs|'jobs'|\"jobs\")[ \t]*:", re.M)
_BEHIND_JOBS = lazily(r"\n(?=[^\s#-][^\r\n]*:)")


def has_aliases(file: SourceFile) -> bool:
    """Say whether parts of a file may stand for others."""
    text = file.text
    return ("&" in text or "*" in text or "<<" in text) and _ALIAS.search(text) is not None


def text_outside_of_jobs(file: SourceFile) -> str:
    """Return the text of a workflow without its jobs."""
    jobs = _JOBS.search(file.text)
    if jobs is None:
        return file.text
    behind = _BEHIND_JOBS.search(file.text, jobs.end())
    return f"{file.text[: jobs.start()]}jobs:\n{file.text[behind.end() :] if behind is not None else ''}"


class Workflow(Element):
    """The whole of a workflow file."""

    family: ClassVar[str] = "workflows"

    def __init__(
        self,
        file: SourceFile,
        node: Mapping,
        problems: Sequence[Problem] = (),
        damaged: Sequence[Span] | None = (),
    ) -> None:
        """Take what was read, with the problems and where these lie, so far as that is known."""
        super().__init__(file, node.start, node.end)
        self.node = node
        self.problems = problems
        self.damaged = damaged

    def __repr__(self) -> str:
        return f"Workflow({self.file.path!r})"

    @cached_property
    def around_jobs(self) -> Frame | None:
        """The workflow as what its jobs stand in; None where a job may hold what stands in another one."""
        is_tied = self.file.told(has_aliases)
        if self.damaged is None or is_tied:
            return None
        return Frame(self, _OUTSIDE_OF_JOBS, text_outside_of_jobs)

    def graph_keys(self) -> Iterable[str]:
        """How other files find the workflow.

        `path:` with its own path, `calls:` with the path of each file of the repository its jobs and
        steps use, `does:` with the roles that others ask for.
        """
        yield f"path:{self.file.path}"
        yield from (f"calls:{path}" for path in self._called_paths())
        if self.goes_back:
            yield "does:rollback"
        if any(job.tests for job in self.jobs):
            yield "does:test"

    def _called_paths(self) -> list[str]:
        """Return the paths of the workflows and actions of this repository that jobs and steps use."""
        calling = [job for job in self.jobs if job.calls_locally]
        refs = [job.uses for job in calling]
        refs += [step.uses for job in calling for step in job.steps if step.uses_text.startswith((".", "$/"))]
        local = (used(ref, self.root) for ref in refs if ref is not None and ref.is_local)
        return sorted({one.key.removeprefix("path:") for one in local if one is not None and one.key})

    @cached_property
    def goes_back(self) -> bool:
        """Whether it undoes a deployment, or deploys any version somebody asks for."""
        if Role.ROLLBACK in self.roles:
            return True
        asked = {name.lower() for trigger in self.triggers.values() for name in trigger.inputs}
        return any(not _VERSION_WORDS.isdisjoint(words_of(name)) for name in asked) and any(
            job.deploys or job.repairs for job in self.jobs
        )

    def is_damaged(self, place: Located) -> bool:
        """Say whether a place may hold what the reader of the file stumbled over."""
        if not self.damaged:
            return self.damaged is None
        return any(one.touches(Span.of(place)) for one in self.damaged)

    @cached_property
    def reading(self) -> Reading:
        """What the file holds outside of its jobs, held against the grammar; nothing if it is broken."""
        if self.problems or not self.node.entries:
            return NOTHING_READ
        return read_part(self.node, "workflow.workflow-root-strict", without="jobs")

    @cached_property
    def expressions(self) -> tuple[Written, ...]:
        """The expressions of the whole file, in source order."""
        return tuple(written_expressions(self.file, self.node))

    @property
    def own_expressions(self) -> Iterator[Written]:
        """The expressions outside of the jobs, in source order."""
        return written_expressions(self.file, self.node, without="jobs")

    @property
    def is_only_called(self) -> bool:
        """Whether nothing but other workflows starts it."""
        return list(self.triggers) == ["workflow_call"]

    @property
    def root(self) -> str:
        """The repository's directory, as the file's path names it."""
        return root_of(self.file.path)

    @property
    def name(self) -> str:
        """The workflow's name; empty without one."""
        return self.node.text_at("name") or ""

    @property
    def run_name(self) -> Scalar | None:
        """The scalar of `run-name`."""
        node = self.node.at("run-name")
        return node if isinstance(node, Scalar) else None

    @property
    def on_key(self) -> Scalar | None:
        """The scalar `on`, whatever quotes it is in."""
        return self.node.key_at("on") or self.node.key_at("true")

    @cached_property
    def triggers(self) -> dict[str, Trigger]:
        """The events that start the workflow, by name, in order."""
        return triggers_of(self.node.at("on") or self.node.at("true"))

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The ways the workflow can be started."""
        return runs_of(self)

    @cached_property
    def runs_by_job(self) -> dict[str, tuple[Run, ...]]:
        """The runs that may reach a job, by the job's lower-case id."""
        return runs_by_job(self)

    def has_event(self, *names: str) -> bool:
        """Say whether one of the events `names` starts the workflow."""
        return any(name in self.triggers for name in names)

    @property
    def permissions(self) -> Permissions | None:
        """The permissions of every job that has none of its own."""
        found = keyed(self.node, "permissions")
        return None if found is None else Permissions(*found)

    @property
    def cache_mode(self) -> Scalar | None:
        """The `cache-mode` of every job that has none of its own."""
        return scalar_of(fields_of(self.node), "cache-mode")

    @property
    def concurrency(self) -> Concurrency | None:
        """The concurrency of whole runs."""
        found = keyed(self.node, "concurrency")
        return None if found is None else Concurrency(*found)

    @cached_property
    def env(self) -> dict[str, str]:
        """The workflow's own environment variables."""
        return strings(self.node.at("env"))

    @cached_property
    def defaults(self) -> dict[str, str]:
        """The defaults of every `run:`."""
        return strings(self.node.at("defaults", "run"))

    @cached_property
    def jobs(self) -> list[Job]:
        """The jobs that are mappings, in order."""
        node = self.node.map_at("jobs")
        found: list[Job] = []
        for entry in node.entries[:_MAX_JOBS] if node is not None else ():
            value = resolve(entry.value)
            if isinstance(entry.key, Scalar) and isinstance(value, Mapping):
                found.append(Job(self, entry.key, value))
        return found

    def job(self, id_: str) -> Job | None:
        """Return the job of this id, case ignored as GitHub does; else None."""
        return self._jobs_by_id.get(id_.lower())

    @cached_property
    def _jobs_by_id(self) -> dict[str, Job]:
        return {job.id.lower(): job for job in self.jobs}

    @cached_property
    def _waiting(self) -> dict[str, list[Job]]:
        waiting: dict[str, list[Job]] = {}
        for job in self.jobs:
            for id_ in {need.id.lower() for need in job.needs}:
                waiting.setdefault(id_, []).append(job)
        return waiting

    def waiting_for(self, id_: str) -> list[Job]:
        """Return the jobs that name job `id_` in their `needs`."""
        return self._waiting.get(id_.lower(), [])

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles of all jobs."""
        return frozenset[Role]().union(*(job.roles for job in self.jobs))

    @cached_property
    def deploying_jobs(self) -> list[Job]:
        """The jobs that change a running environment."""
        return [job for job in self.jobs if job.deploys]

    def reached(self, job: Job, following: Callable[[Job], Iterable[Job]]) -> tuple[Job, ...]:
        """Return the jobs reached from `job` by `following`, nearest first, itself left out."""
        found: dict[str, Job] = {}
        pending = [job]
        for current in pending:
            for one in following(current):
                if one.id not in found and one is not job:
                    found[one.id] = one
                    pending.append(one)
        return tuple(found.values())


class GithubWorkflow(Artefact):
    """A workflow file; its elements are the workflow, its jobs and their steps."""

    kind: ClassVar[str] = "github-workflow"

    def __init__(self, file: SourceFile, workflow: Workflow, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = problems
        self.workflow = workflow

    @property
    def heads(self) -> Sequence[Element]:
        """The workflow and its jobs."""
        return (self.workflow, *self.workflow.jobs)

    @cached_property
    def elements(self) -> Sequence[Element]:  # type: ignore[override]
        """The workflow, its jobs and their steps."""
        return [one for head in self.heads for one in (head, *head.all_held)]
