"""A job: its steps or the workflow it calls, and what all of that amounts to."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from rollsafe.artefacts.base import Frame
from rollsafe.artefacts.github_workflow.circumstances import marks_of_job, settle, settle_called
from rollsafe.artefacts.github_workflow.environment import production_of
from rollsafe.artefacts.github_workflow.grammar import NOTHING_READ, Reading, read_part
from rollsafe.artefacts.github_workflow.part import Part
from rollsafe.artefacts.github_workflow.references import used
from rollsafe.artefacts.github_workflow.runs import Run
from rollsafe.artefacts.github_workflow.step import Activity, Step, pins_of, steps_of
from rollsafe.artefacts.github_workflow.values import (
    Concurrency,
    JobEnvironment,
    Matrix,
    Need,
    Permissions,
    keyed,
    strings,
    strings_and_nodes,
    texts,
)
from rollsafe.artefacts.github_workflow.verdicts import Known, is_gate, is_verified, known_of
from rollsafe.artefacts.github_workflow.written import Written, written_expressions
from rollsafe.artefacts.recognition import (
    Classification,
    Indirection,
    Production,
    Role,
    classify_action,
    role_of_name,
    roles_of,
)
from rollsafe.artefacts.recognition.circumstances import Circumstances
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.nodes import Sequence as ListNode
from rollsafe.formats.problems import Problem
from rollsafe.text.cached import cached_property

if TYPE_CHECKING:
    from rollsafe.artefacts.github_workflow.workflow import Workflow

_NO_ACTIVITIES: Final[tuple[Activity, ...]] = ()


_KEYS: Final = frozenset(
    {"name", "needs", "if", "runs-on", "environment", "concurrency", "permissions", "timeout-minutes"}
    | {"continue-on-error", "strategy", "services", "env", "uses", "with", "secrets", "outputs", "defaults"}
    | {"steps", "container"}
)


class Job(Part):
    """One entry of `jobs:`; `key` is the scalar that names it."""

    known_keys: ClassVar[frozenset[str]] = _KEYS
    holds: ClassVar[str] = "steps"
    outline: ClassVar[tuple[str, ...]] = (
        "keys",
        "is_disabled",
        "is_alone",
        "roles",
        "has_expressions",
        "is_whole",
        "is_plain",
    )

    def __init__(self, workflow: "Workflow", key: Scalar, node: Mapping) -> None:
        super().__init__(workflow.file, key.start, node)
        self.workflow = workflow
        self.key = key
        self.is_whole = not workflow.is_damaged(self)

    def __repr__(self) -> str:
        return f"Job({self.id!r})"

    @cached_property
    def keys(self) -> frozenset[str]:
        """Those of `known_keys` that it has."""
        known = self._known
        if known.keys is None:
            known.keys = self.known_keys.intersection(self.fields)
        return known.keys

    def graph_keys(self) -> Iterable[str]:
        """Return `pinned:` with the name of each action that a step pins to a commit."""
        return pins_of(self.steps)

    @property
    def frame(self) -> Frame | None:
        """Its workflow, by which it leads to other jobs; None where aliases tie jobs together."""
        return self.workflow.around_jobs

    # -- as written

    @property
    def id(self) -> str:
        """The job's id."""
        return self.key.text

    @property
    def name(self) -> str:
        """The job's name; empty without one."""
        scalar = self.scalar("name")
        return "" if scalar is None else scalar.text

    @cached_property
    def needs(self) -> list[Need]:
        """The jobs this one waits for."""
        node = self.field("needs")
        nodes = node.items_at() if isinstance(node, ListNode) else [node]
        return [Need(one.text, one) for one in nodes if isinstance(one, Scalar) and not one.is_null]

    @property
    def runs_on(self) -> list[str]:
        """The runner's labels as written."""
        node = self.field("runs-on")
        return texts(node.at("labels") if isinstance(node, Mapping) else node)

    @property
    def environment(self) -> JobEnvironment | None:
        """The environment the job deploys to."""
        found = self._keyed("environment")
        return None if found is None else JobEnvironment(*found)

    @property
    def concurrency(self) -> Concurrency | None:
        """The job's own concurrency."""
        found = self._keyed("concurrency")
        return None if found is None else Concurrency(*found)

    @property
    def permissions(self) -> Permissions | None:
        """The job's own permissions."""
        found = self._keyed("permissions")
        return None if found is None else Permissions(*found)

    @property
    def timeout_node(self) -> Scalar | None:
        """The value of `timeout-minutes`, a number or an expression."""
        return self.scalar("timeout-minutes")

    @property
    def strategy(self) -> Mapping | None:
        """The mapping of `strategy:`."""
        return self.node.map_at("strategy") if "strategy" in self.keys else None

    @cached_property
    def matrix(self) -> Matrix | None:
        """The matrix."""
        node = self.node.at("strategy", "matrix") if "strategy" in self.keys else None
        return None if node is None else Matrix(node)

    @property
    def fail_fast(self) -> bool | None:
        """The literal `fail-fast`; None without one, which means true."""
        return self.node.bool_at("strategy", "fail-fast") if "strategy" in self.keys else None

    @property
    def max_parallel(self) -> int | None:
        """The literal `max-parallel`."""
        return self.node.int_at("strategy", "max-parallel") if "strategy" in self.keys else None

    @property
    def services(self) -> dict[str, Node]:
        """The service containers by name."""
        return strings_and_nodes(self.field("services"))

    @property
    def secrets(self) -> Node | None:
        """The secrets passed on: a mapping or the scalar `inherit`."""
        return self.node.at("secrets") if "secrets" in self.keys else None

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The job's outputs by name."""
        return strings(self.node.at("outputs")) if "outputs" in self.keys else {}

    @cached_property
    def steps(self) -> list[Step]:
        """The steps that are mappings, in order."""
        return steps_of(self.file, self.field("steps"), self) if "steps" in self.keys else []

    def _keyed(self, key: str) -> tuple[Scalar, Node] | None:
        return keyed(self.node, key) if key in self.keys else None

    @cached_property
    def _read(self) -> Reading:
        if not self.is_whole:
            return NOTHING_READ
        return read_part(self.node, "workflow.job", without="steps")

    def _written(self) -> Iterator[Written]:
        # None where an alias stands for the job.
        if self.node.start < self.start:
            return iter(())
        return written_expressions(self.file, self.node, without="steps")

    # -- what its steps ask for

    @property
    def root(self) -> str:
        """The repository's directory, as the file's path names it."""
        return self.workflow.root

    @cached_property
    def _defaults(self) -> dict[str, str]:
        node = self.field("defaults")
        own = strings(node.at("run")) if node is not None else {}
        return {**self.workflow.defaults, **own}

    @property
    def problems(self) -> Sequence[Problem]:
        """What the reader of the file stumbled over, if that may be here."""
        return self.workflow.problems if not self.is_whole else ()

    @property
    def step_shape(self) -> str:
        """The name of the shape its steps have."""
        return "workflow.steps-item"

    @property
    def default_shell(self) -> str:
        """The shell of steps that name none; empty for the runner's."""
        return self._defaults.get("shell", "")

    @property
    def default_directory(self) -> str:
        """The working directory of steps that name none."""
        return self._defaults.get("working-directory", "")

    @property
    def runs_on_windows(self) -> bool:
        """Whether the runner is a Windows machine."""
        return self._windows

    @cached_property
    def _windows(self) -> bool:
        return any("windows" in label.lower() for label in self.runs_on)

    def activities_of(self, step: Step) -> Sequence[Activity]:
        """Return what one of the job's steps does here."""
        return self._activities_by_step.get(step.index, _NO_ACTIVITIES)

    # -- what it amounts to

    @cached_property
    def _activities_by_step(self) -> dict[int, tuple[Activity, ...]]:
        return {} if self.is_disabled else settle(self.steps, self._circumstances)

    @cached_property
    def _circumstances(self) -> Circumstances:
        marks = frozenset(marks_of_job(self.services, self.runs_on))
        return Circumstances({**self.workflow.env, **self.env}, marks)

    def settled(self, step: Step, found: Sequence[Classification]) -> list[Classification | None]:
        """Return what each of the things `step` calls in another file is for in this job, else None."""
        return list(settle_called(step, found, self.steps, self._circumstances))

    @cached_property
    def activities(self) -> list[Activity]:
        """What the steps do, in order."""
        return [found for step in self.steps for found in self.activities_of(step)]

    @cached_property
    def call(self) -> Classification | None:
        """What the called workflow is for, judged by its name."""
        if self.uses is None or self.is_disabled:
            return None
        return classify_action(self.uses.text, self.inputs)

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles of the job's activities, and of the workflow it calls."""
        known = self._known
        if known.roles is None:
            found = roles_of(activity.classification for activity in self.activities)
            known.roles = found | self.call.roles if self.call is not None else found
        return known.roles

    @property
    def is_alone(self) -> bool:
        """Whether no other file tells what it does."""
        known = self._known
        if known.is_alone is None:
            known.is_alone = self.uses is None and not any(step.calls_others for step in self.steps)
        return known.is_alone

    @property
    def calls_locally(self) -> bool:
        """Whether it names a workflow or an action of its own repository, or a workflow of any."""
        known = self._known
        if known.calls_locally is None:
            steps = any(step.uses_text.startswith((".", "$/")) for step in self.steps)
            known.calls_locally = self.uses is not None or steps
        return known.calls_locally

    @cached_property
    def _known(self) -> Known:
        frame = self.frame
        # What is read of a damaged job does not follow from its text.
        if frame is None or not self.is_whole:
            return Known()
        return known_of(self.file.slice(self), self.file.told(frame.tell))

    @property
    def deploys(self) -> bool:
        """Whether the job changes a running environment, as far as this file tells."""
        return Role.DEPLOY in self.roles

    @property
    def deploys_certainly(self) -> bool:
        """Whether it deploys by a command or action, not only by the name of what it calls."""
        return self.deploys and any(
            Role.DEPLOY in activity and not activity.classification.probable for activity in self.activities
        )

    @property
    def migrates(self) -> bool:
        """Whether the job migrates a database that outlives it."""
        return Role.MIGRATE in self.roles

    @property
    def publishes(self) -> bool:
        """Whether the job puts an artifact somewhere."""
        return Role.PUBLISH in self.roles

    @property
    def tests(self) -> bool:
        """Whether the job is a gate: it tests before any deployment, or is named as a gate."""
        known = self._known
        if known.tests is None:
            known.tests = is_gate(self)
        return known.tests

    @cached_property
    def verifies(self) -> bool:
        """Whether what the job deploys is checked in the job: by itself, a check or a test after."""
        return is_verified(self.activities)

    @cached_property
    def rolls_back(self) -> bool:
        """Whether the job undoes a deployment, or its deployment undoes itself when it fails."""
        if Role.ROLLBACK in self.roles or (self.deploys and self.repairs):
            return True
        return any(
            found.classification.self_rolling_back
            or (Role.DEPLOY in found and found.step.if_ is not None and found.step.if_.after_failure)
            for found in self.activities
        )

    @property
    def repairs(self) -> bool:
        """Whether the whole job is there to undo what failed."""
        if self.if_ is not None and self.if_.after_failure:
            return True
        return Role.ROLLBACK in (role_of_name(self.id), role_of_name(self.name))

    # -- among the other jobs

    @cached_property
    def needs_closure(self) -> "tuple[Job, ...]":
        """The jobs that ran before this one, by `needs` and theirs in turn, nearest first."""
        return self.workflow.reached(self, Job.needed)

    @cached_property
    def dependants(self) -> "tuple[Job, ...]":
        """The jobs that wait for this one, directly or not, nearest first."""
        return self.workflow.reached(self, Job.waiting)

    def needed(self) -> "list[Job]":
        """Return the jobs in `needs` that exist."""
        return self._needed

    @cached_property
    def _needed(self) -> "list[Job]":
        jobs = (self.workflow.job(need.id) for need in self.needs)
        return [job for job in jobs if job is not None]

    def waiting(self) -> "list[Job]":
        """Return the jobs that name this one in their `needs`."""
        return self.workflow.waiting_for(self.id)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The ways its workflow can be started that may reach the job."""
        return self.workflow.runs_by_job.get(self.id.lower(), ())

    @cached_property
    def production(self) -> Production:
        """Where the job deploys to, with the signs it was judged by."""
        return production_of(self)

    @cached_property
    def indirection(self) -> Indirection | None:
        """The workflow the job calls."""
        return None if self.uses is None else used(self.uses, self.root)
