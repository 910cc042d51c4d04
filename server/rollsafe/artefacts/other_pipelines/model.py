"""A pipeline as its jobs, in words that all dialects share."""

from collections.abc import Iterable
from enum import StrEnum

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.other_pipelines.scripts import JobScript
from rollsafe.artefacts.recognition import (
    Classification,
    Indirection,
    Production,
    Role,
    is_gate_name,
    role_of_name,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.shell import Dialect as Shell
from rollsafe.formats.shell import ShellCommand
from rollsafe.text import Located, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.records import field, state
from rollsafe.text.tuples import NamedTuple

_MOST_AROUND = 400
_COMPUTED = frozenset("${}?[]!+")


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


class Paths(NamedTuple):
    """Which changed files start something: those in `take` that are not in `leave`.

    `folders` tells that a name stands for all that is below it, too. `named` is the one list of what to take.
    """

    take: tuple[str, ...]
    leave: tuple[str, ...]
    where: Located
    folders: bool = False
    file: SourceFile | None = None
    named: Node | None = None

    def concerns(self, path: str) -> bool:
        """Say whether a change of the file at `path` counts, or may: what is computed may be any name."""
        from rollsafe.artefacts.github_workflow.path_filters import concerns

        if any(not _COMPUTED.isdisjoint(text) for text in (*self.take, *self.leave)):
            return True
        return concerns([path], self._patterns(self.take), self._patterns(self.leave))

    def _patterns(self, texts: tuple[str, ...]) -> list[str]:
        plain = [text.removeprefix("./").strip("/") or "**" for text in texts]
        return [*plain, *(f"{text}/**" for text in plain)] if self.folders else plain


class Wait(NamedTuple):
    """A job that is waited for: by its id, why, and where that is written; `file` is None for the job's."""

    source: str
    why: str
    where: Located
    file: SourceFile | None = None


class Act(NamedTuple):
    """A command or a task of a job that is for something.

    A command knows its `script` and its place `at` there; `repairs` tells that it runs only after a failure,
    and `forgiven` what makes its failure count as success.
    """

    title: str
    classification: Classification
    where: Located
    script: JobScript | None = None
    at: int = 0
    repairs: bool = False
    forgiven: Said | None = None
    task_file: SourceFile | None = None

    @property
    def raw(self) -> ShellCommand | None:
        """The command, with offsets of its script."""
        return None if self.script is None else self.script.script.commands[self.at]

    @property
    def command(self) -> ShellCommand | None:
        """The command, with offsets of the script's file."""
        return None if self.script is None else self.script.commands[self.at]

    @property
    def file(self) -> SourceFile | None:
        """The file it is written in; None for the job's."""
        return self.task_file if self.script is None else self.script.file


@state
class OtherPipeline:
    """A pipeline; ids of jobs are unique in it.

    `triggers` start it, `crons` are its times; `dangling` are waits for what is not there, `unread` what it
    takes from elsewhere. `limit` bounds a whole run in milliseconds. `apart` says what keeps runs apart.
    `root` is the directory its commands start in. `is_filtered` tells that something decides for which
    branches it runs, `on_change` that changes nobody has merged start it. Only the changes in `paths`
    start it, and no tag does where it `leaves_tags_out`; `starting` says where. `beside` are the other
    pipelines of the file. It `is_whole` when no job of it is left open.
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
    root: str = ""
    is_filtered: bool = False
    on_change: Said | None = None
    paths: Paths | None = None
    leaves_tags_out: bool = False
    starting: Node | None = None
    beside: list["OtherPipeline"] = field(default_factory=list["OtherPipeline"])
    is_whole: bool = True
    known: "Order | None" = None

    @property
    def order(self) -> "Order":
        """Which job waits for which, once all of them are read."""
        if self.known is None or self.known.size != len(self.jobs):
            self.known = _order(self.jobs)
        return self.known

    def job(self, id_: str) -> "OtherJob | None":
        """Return a job by its id."""
        return next((one for one in self.jobs if one.id == id_), None)


class OtherJob(Element):
    """A job of a pipeline; `key` is where its name is written, `node` its own definition.

    `body` is what holds its steps, which is the definition except in CircleCI.

    `when` with `condition` says when it runs, `is_manual` that somebody has to start it, `is_optional` that
    rules decide whether it is there at all. `forgiven` is what makes its failure count as success. `limit`
    bounds one run of it in milliseconds, `limited` says where; `tries` is how often it runs at most,
    `waits_again` how long it waits between all of them, None where nothing bounds that. `legs` is how many
    runs it has side by side, None where that is computed. `environment` is what it deploys to, `lock` what
    keeps runs of it apart, `asks` a gate that waits for a person, `cancelled` what lets a newer run end it.
    `variables` are set for its commands, `images` run beside it. `on_change` says that changes nobody has
    merged start it, `is_for_main` that it only runs for the main branch or tags, `is_filtered` that something
    decides for which branches it runs, `by_tag` that only tags start it, `for_tags` that tags do.
    `on_schedule` starts it at a time unless it `is_unscheduled`, `paths` when certain files change.
    `is_aside` tells that it stops or prepares its environment rather than deploying to it. `holders` are what
    it has its secrets from, `tokens` the variables with a token of its own.
    """

    family = "pipelines"

    is_filtered = False
    is_for_main = False
    is_aside = False
    is_unscheduled = False
    for_tags = False
    by_tag: Said | None = None
    on_change: Said | None = None
    on_schedule: Said | None = None
    paths: Paths | None = None

    def __init__(
        self,
        pipeline: OtherPipeline,
        id_: str,
        key: Located,
        file: SourceFile | None = None,
        node: Mapping | None = None,
    ) -> None:
        super().__init__(file or pipeline.file, key.start, max(key.end, node.end if node is not None else 0))
        self.pipeline = pipeline
        self.id = id_
        self.key = key
        self.node = node
        self.body = node
        self.kind = "job"
        self.stage = ""
        self.waits: list[Wait] = []
        self.when = When.SUCCESS
        self.condition: Said | None = None
        self.is_manual = False
        self.is_optional = False
        self.holders: list[Said] = []
        self.tokens: frozenset[str] = frozenset()
        self.forgiven: Said | None = None
        self.limit: int | None = None
        self.limited: Said | None = None
        self.legs: int | None = 1
        self.most_at_once: int | None = None
        self.retries: Said | None = None
        self.tries = 1
        self.waits_again: int | None = 0
        self.environment: Said | None = None
        self.tier = ""
        self.lock: Said | None = None
        self.asks: Said | None = None
        self.cancelled: Said | None = None
        self.variables: dict[str, str] = {}
        self.images: list[str] = []
        self.scripts: list[JobScript] = []
        self.acts: list[Act] = []

    def __repr__(self) -> str:
        return f"OtherJob({self.id!r})"

    @property
    def roles(self) -> frozenset[Role]:
        """What the job is for, by its commands."""
        return frozenset(role for act in self.acts for role in act.classification.roles)

    @property
    def is_instant(self) -> bool:
        """Whether it takes no time of its own: a group of jobs, or a person's answer."""
        return self.kind in ("group", "approval")

    @property
    def is_disabled(self) -> bool:
        """Whether it never runs."""
        return False

    @property
    def repairs(self) -> bool:
        """Whether the whole job is there to undo what failed."""
        return self.when is When.FAILURE or role_of_name(self.id) is Role.ROLLBACK

    @property
    def tests(self) -> bool:
        """Whether the job is a gate: it tests before it deploys anything, or is named as a gate."""
        for act in self.acts:
            if Role.DEPLOY in act.classification:
                return False
            if Role.TEST in act.classification:
                return True
        return self.kind == "job" and Role.DEPLOY not in self.roles and is_gate_name(self.id)

    @cached_property
    def calls(self) -> list[Indirection]:
        """What its commands call that other files define."""
        return [call for script in self.scripts for call in script.calls(self.pipeline.root)]

    @cached_property
    def production(self) -> Production:
        """Where the job deploys to, with the signs it was judged by."""
        from rollsafe.artefacts.other_pipelines.production import production_of

        return production_of(self)

    @cached_property
    def needs_closure(self) -> "tuple[OtherJob, ...]":
        """The jobs that ran before this one, nearest first."""
        return self._reached(self.pipeline.order.before)

    @property
    def follows_gate(self) -> bool:
        """Whether a job before it, directly or not, waits for a person."""
        return self.id in self.pipeline.order.asked

    @cached_property
    def dependants(self) -> "tuple[OtherJob, ...]":
        """The jobs that wait for this one, directly or not, nearest first."""
        return self._reached(self.pipeline.order.after)

    def needed(self) -> "list[OtherJob]":
        """Return the jobs it waits for."""
        return self.pipeline.order.before.get(self.id, [])

    def waiting(self) -> "list[OtherJob]":
        """Return the jobs that wait for this one."""
        return self.pipeline.order.after.get(self.id, [])

    def _reached(self, around: "dict[str, list[OtherJob]]") -> "tuple[OtherJob, ...]":
        found: dict[str, OtherJob] = {}
        pending: list[OtherJob] = [self]
        for job in pending:
            for one in around.get(job.id, ()) if len(found) < _MOST_AROUND else ():
                if one.id not in found and one is not self:
                    found[one.id] = one
                    pending.append(one)
        return tuple(found.values())

    def place(self, said: Said) -> Located:
        """Return where something is said; where that is another file, the job's name."""
        return said.where if (said.file or self.pipeline.file) is self.file else self.key

    def run(
        self,
        script: Node | None,
        shell: Shell = Shell.POSIX,
        file: SourceFile | None = None,
        *,
        repairs: bool = False,
        directory: str | None = "",
        forgiven: Said | None = None,
        given: frozenset[str] = frozenset(),
    ) -> None:
        """Take in the commands of a script: one scalar, or a list of them that share a shell."""
        for node in _scalars(script):
            held = JobScript(file or self.file, node, shell, directory, given)
            self.scripts.append(held)
            for index, classification in held.script.classified:
                raw, place = held.script.commands[index], held.offsets
                where = Span(place(raw.start), place(raw.end))
                title = " ".join(raw.texts[:8])
                self.acts.append(Act(title, classification, where, held, index, repairs, forgiven))
            if held.moves:
                directory = None

    def use(
        self,
        title: str,
        classification: Classification | None,
        where: Located,
        file: SourceFile | None = None,
        *,
        repairs: bool = False,
        forgiven: Said | None = None,
    ) -> None:
        """Take in a task or an orb that is known."""
        if classification is not None:
            self.acts.append(Act(title, classification, where, None, 0, repairs, forgiven, file))


class Order(NamedTuple):
    """The jobs that each of `size` jobs waits for, those that wait for it, the ids of those behind a gate."""

    size: int
    before: dict[str, list[OtherJob]]
    after: dict[str, list[OtherJob]]
    asked: set[str]


def _order(jobs: list[OtherJob]) -> Order:
    made = Order(len(jobs), {}, {}, set())
    by_id = {one.id: one for one in jobs}
    for job in jobs:
        sources = [by_id[id_] for id_ in dict.fromkeys(wait.source for wait in job.waits) if id_ in by_id]
        made.before[job.id] = sources
        for one in sources:
            made.after.setdefault(one.id, []).append(job)
    pending = [job for job in jobs if job.asks is not None]
    for job in pending:
        fresh = [one for one in made.after.get(job.id, ()) if one.id not in made.asked]
        made.asked.update(one.id for one in fresh)
        pending += fresh
    return made


def _scalars(node: Node | None) -> Iterable[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif node is not None:
        for item in node.items_at()[:400]:
            if isinstance(item, Scalar):
                yield item
            else:
                yield from (inner for inner in item.items_at()[:100] if isinstance(inner, Scalar))
