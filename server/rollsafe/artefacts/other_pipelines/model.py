"""A pipeline as its jobs, in words that all dialects share."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.recognition import Classification, Role, read_script
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.formats.shell import Dialect as Shell
from rollsafe.text import Located, Span

_LONGEST_SCRIPT = 60_000


class Dialect(StrEnum):
    """Whose pipeline it is."""

    GITLAB = "GitLab"
    AZURE = "Azure"
    CIRCLECI = "CircleCI"
    ARGO = "Argo"


class When(StrEnum):
    """After what a job runs: after what it waits for went well, after a failure, whatever happened."""

    SUCCESS = "success"
    FAILURE = "failure"
    ALWAYS = "always"
    UNKNOWN = "unknown"
    """A condition decides that nobody evaluates here."""


class Said(NamedTuple):
    """Something a file says, with its place; `file` is None for that of the pipeline."""

    text: str
    where: Located
    file: SourceFile | None = None


class Wait(NamedTuple):
    """A job that is waited for: by its id, why, and where that is written; `file` is None for the job's."""

    source: str
    why: str
    where: Located
    file: SourceFile | None = None


class Act(NamedTuple):
    """A command or a task of a job that is for something."""

    title: str
    classification: Classification
    where: Located


@dataclass
class OtherPipeline:
    """A pipeline; ids of jobs are unique in it.

    `triggers` start it, `crons` are its times; `dangling` are waits for what is not there, `unread` what it
    takes from elsewhere. `limit` bounds a whole run in milliseconds. `apart` says what keeps runs apart.
    """

    dialect: Dialect
    name: str
    file: SourceFile
    where: Located
    jobs: list["OtherJob"] = field(default_factory=list["OtherJob"])
    triggers: list[Said] = field(default_factory=list[Said])
    crons: list[Said] = field(default_factory=list[Said])
    dangling: list[Said] = field(default_factory=list[Said])
    unread: list[Said] = field(default_factory=list[Said])
    limit: int | None = None
    limited: Said | None = None
    apart: Said | None = None

    def job(self, id_: str) -> "OtherJob | None":
        """Return a job by its id."""
        return next((one for one in self.jobs if one.id == id_), None)


class OtherJob(Element):
    """A job of a pipeline; `key` is where its name is written.

    `when` with `condition` says when it runs, `is_manual` that somebody has to start it, `is_optional` that
    rules decide whether it is there at all. `forgiven` is what makes its failure count as success. `limit`
    bounds one run of it in milliseconds, `limited` says where; `tries` is how often it runs at most,
    `waits_again` how long it waits between all of them, None where nothing bounds that. `legs` is how many
    runs it has side by side, None where that is computed. `environment` is what it deploys to, `lock` what
    keeps runs of it apart, `asks` a gate that waits for a person.
    """

    family = "pipelines"

    def __init__(
        self, pipeline: OtherPipeline, id_: str, key: Located, file: SourceFile | None = None
    ) -> None:
        super().__init__(file or pipeline.file, key.start, key.end)
        self.pipeline = pipeline
        self.id = id_
        self.key = key
        self.kind = "job"
        self.stage = ""
        self.waits: list[Wait] = []
        self.when = When.SUCCESS
        self.condition: Said | None = None
        self.is_manual = False
        self.is_optional = False
        self.forgiven: Said | None = None
        self.limit: int | None = None
        self.limited: Said | None = None
        self.legs: int | None = 1
        self.most_at_once: int | None = None
        self.retries: Said | None = None
        self.tries = 1
        self.waits_again: int | None = 0
        self.environment: Said | None = None
        self.lock: Said | None = None
        self.asks: Said | None = None
        self.acts: list[Act] = []

    @property
    def roles(self) -> frozenset[Role]:
        """What the job is for, by its commands."""
        return frozenset(role for act in self.acts for role in act.classification.roles)

    @property
    def is_instant(self) -> bool:
        """Whether it takes no time of its own: a group of jobs, or a person's answer."""
        return self.kind in ("group", "approval")

    def run(self, script: Node | None, shell: Shell = Shell.POSIX) -> None:
        """Take in the commands of a script: one scalar, or a list of them."""
        for node in _scalars(script):
            found = read_script(node.text[:_LONGEST_SCRIPT], shell)
            for index, classification in found.classified:
                command = found.commands[index]
                title = " ".join(command.texts[:8])
                self.acts.append(Act(title, classification, Span(node.start, node.end)))

    def use(self, title: str, classification: Classification | None, where: Located) -> None:
        """Take in a task or an orb that is known."""
        if classification is not None:
            self.acts.append(Act(title, classification, where))


def hand_down(jobs: list[OtherJob]) -> None:
    """Let the jobs inside of a group that runs only after a failure run only then."""
    first, *inner = jobs
    for job in inner:
        if first.when is When.FAILURE and job.when is When.SUCCESS:
            job.when, job.condition = first.when, first.condition


def _scalars(node: Node | None) -> Iterable[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif node is not None:
        for item in node.items_at()[:400]:
            if isinstance(item, Scalar):
                yield item
            else:
                yield from (inner for inner in item.items_at()[:100] if isinstance(inner, Scalar))
