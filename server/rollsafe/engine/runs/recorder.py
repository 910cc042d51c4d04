"""What a person does with the runs of a project: begin one, write down what happened, look at it.

Frontends find out what is meant and show what comes of it; everything between is here. What a person types is
masked before it is kept, since a note is where a secret ends up in the heat of the moment.
"""

import getpass
import os
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Final

from rollsafe.engine.runs.journal import Entry, Journal, StoredRun
from rollsafe.engine.runs.refusals import Refusal, RunError
from rollsafe.engine.runs.run import Run
from rollsafe.plans.model import DeploymentPlan, PlanDocument, Verdict
from rollsafe.plans.run_report import Event
from rollsafe.text.secrets import without_secrets
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.disk import find_root
from rollsafe.workspace.user_directories import runs_journal

_LONGEST: Final = 2_000
"""Characters of a note that are kept."""


class Action(StrEnum):
    """What can be done with runs."""

    START = "start"
    STATUS = "status"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    ABORT = "abort"
    UNDONE = "undone"
    REPORT = "report"
    LIST = "list"

    @property
    def takes_step(self) -> bool:
        """Whether it is about one step."""
        return self in (Action.DONE, Action.FAILED, Action.SKIPPED, Action.UNDONE)

    @property
    def writes(self) -> bool:
        """Whether it adds to the journal."""
        return self not in (Action.STATUS, Action.REPORT, Action.LIST)


class Which(NamedTuple):
    """Which run is meant: the one of that number, else the open one, of that environment if one is named."""

    number: int | None = None
    environment: str | None = None


class Told(NamedTuple):
    """What a person says. An empty `step` is the next one; an empty `who` the user of this machine."""

    step: str = ""
    note: str = ""
    who: str = ""


def action_named(name: str, step: str = "") -> Action:
    """Return the action of that name, with which a step was named or not.

    Raises:
        RunError: there is none, or it is not about a step.
    """
    if name not in set(Action):
        raise RunError(f"no action `{name}`: {', '.join(Action)}", Refusal.UNKNOWN_ACTION)
    action = Action(name)
    if step and not action.takes_step:
        raise RunError(f"`{action}` takes no step", Refusal.TAKES_NO_STEP)
    return action


class Recorder:
    """The runs of the project that holds a path. The journal is made when the first run starts.

    However a directory is reached, its runs are found: `root` has no symbolic links.
    """

    def __init__(self, path: str, journal: str | None = None) -> None:
        self.root = find_root(os.path.realpath(path))
        self._key = _storable(self.root)
        self._journal = Journal(os.path.abspath(journal or runs_journal()))

    def start(self, plan: PlanDocument, told: Told, *, anyway: bool) -> Run:
        """Begin to carry out a plan; return the run.

        Raises:
            RunError: nothing is to be done; or, unless it is wanted `anyway`, the plan is blocked or another
                run of the environment is open.
        """
        if not isinstance(plan, DeploymentPlan) or not plan.steps:
            said = f"{plan.verdict} {plan.verdict_reason}"
            raise RunError(f"there is nothing to carry out: {said}", Refusal.PLAN_EMPTY)
        if plan.verdict is Verdict.BLOCKED and not anyway:
            raise RunError(f"the plan is BLOCKED {plan.verdict_reason}", Refusal.PLAN_BLOCKED)
        environment = _storable(plan.environment)
        check: Callable[[list[StoredRun]], None] = partial(_check_none_is_open, environment)
        number = self._journal.start(
            self._key,
            environment,
            _storable(plan.title),
            plan.to_json().decode(),
            Entry(Event.STARTED, _now(), _author(told), note=_kept(told.note)),
            _accept if anyway else check,
        )
        return self._numbered(number)

    def record(self, action: Action, which: Which, told: Told) -> Run:
        """Write down what became of a step, or that the run is aborted; return the run as it is then.

        Raises:
            RunError: it does not fit how the run stands, or which run is meant is not clear.
        """
        run = self._numbered(which.number) if which.number is not None else self._open(which.environment)
        step, said = told.step, (_now(), _author(told), _kept(told.note))
        match action:
            case Action.DONE:
                entries = run.step_done(step, *said)
            case Action.FAILED:
                entries = run.step_failed(step, *said)
            case Action.SKIPPED:
                entries = run.step_skipped(step, *said)
            case Action.UNDONE:
                entries = run.undone(step, *said)
            case _:
                entries = run.aborted(*said)
        self._journal.append(run.stored, *entries)
        return self._numbered(run.stored.id)

    def find(self, which: Which) -> Run | None:
        """Return the run that is meant, or the last one when none is open; None before the first.

        Raises:
            RunError: there is no such run, or several are open.
        """
        if which.number is not None:
            return self._numbered(which.number)
        runs = [run for run in self.runs() if which.environment in (None, run.stored.environment)]
        return _only_open(runs) or next(reversed(runs), None)

    def runs(self) -> list[Run]:
        """Return the runs of the project in the order they started."""
        return [Run(stored) for stored in self._journal.runs(self._key)]

    def _open(self, environment: str | None) -> Run:
        runs = [run for run in self.runs() if environment in (None, run.stored.environment)]
        found = _only_open(runs)
        if found is None:
            of = f" of {environment}" if environment else ""
            raise RunError(f"no run{of} is open", Refusal.NO_RUN)
        return found

    def _numbered(self, number: int) -> Run:
        stored = self._journal.run(number)
        if stored is None:
            raise RunError(f"there is no run {number}", Refusal.UNKNOWN_RUN)
        return Run(stored)


def _only_open(runs: list[Run]) -> Run | None:
    still = [run for run in runs if not run.state.is_over]
    if len(still) > 1:
        listed = ", ".join(str(run.stored.id) for run in still)
        raise RunError(f"several runs are open ({listed})", Refusal.SEVERAL_RUNS)
    return next(iter(still), None)


def _check_none_is_open(environment: str, stored: list[StoredRun]) -> None:
    for run in map(Run, stored):
        if run.stored.environment == environment and not run.state.is_over:
            raise RunError(f"run {run.stored.id} of {environment} is {run.stance}", Refusal.RUN_OPEN)


def _accept(_runs: list[StoredRun]) -> None:
    """Let the new run begin beside whatever is open."""


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _author(told: Told) -> str:
    try:
        return _kept(told.who or getpass.getuser())
    except (
        OSError,
        KeyError,
    ):  # a container without users; Python 3.13 has the first, earlier ones the second
        return "unknown"


def _kept(text: str) -> str:
    masked = without_secrets(text)
    return masked if len(masked) <= _LONGEST else f"{masked[: _LONGEST - 1]}…"


def _storable(text: str) -> str:
    """Return a text that came from a file name or a client as one that is UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
