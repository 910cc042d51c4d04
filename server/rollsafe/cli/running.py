"""`plan run`: a deployment plan carried out by a person, step by step, and written down while it happens.

rollsafe runs none of the commands. What is reported goes to the journal at once.
"""

import getpass
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from rollsafe.cli.arguments import Arguments, Command, Option
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError
from rollsafe.cli.planning import deployment_plan
from rollsafe.engine.runs.journal import Entry, Journal, JournalError, StoredRun
from rollsafe.engine.runs.report import report, written
from rollsafe.engine.runs.run import Run, RunError, State, open_runs
from rollsafe.plans.model import RollbackStep, Step, Verdict
from rollsafe.plans.run_report import Event
from rollsafe.text.secrets import without_secrets
from rollsafe.workspace.disk import find_root
from rollsafe.workspace.user_directories import state_directory

ACTIONS: Final = ("start", "status", "done", "failed", "skipped", "abort", "undone", "report", "list")
GRAMMAR: Final = Command(
    "plan",
    "Carry out a deployment plan step by step and write down what happened; runs no command itself",
    "run [" + "|".join(ACTIONS) + "] [STEP]",
    3,
    (
        Option("--env", "The environment the plan is for (production)", "NAME"),
        Option("--base", "Revision that is deployed at present (the merge base with main)", "REF"),
        Option("--path", "A path in the project (.)", "PATH"),
        Option("--run", "The number of the run (the open one)", "N"),
        Option("--note", "What to remember of it: numbers seen, reasons", "TEXT"),
        Option("--who", "Who did it (you)", "NAME"),
        Option("--anyway", "Start although the plan is blocked or another run is open"),
        Option("--format", "Form of `status`, `report` and `list`", choices=("markdown", "json")),
        Option("--journal", "Where runs are kept", "FILE"),
        Option("--output", "Write the report to a file", "FILE", short="-o"),
    ),
)
"""`plan run`, after the word `plan`."""


def run(arguments: Arguments, console: Console) -> int:
    """Carry out one action on the journal.

    Raises:
        CommandError: the action does not fit how the run stands, or the journal cannot be used.
    """
    try:
        _Session(arguments, console).act()
    except (RunError, JournalError) as error:
        raise CommandError(str(error)) from None
    return 0


def default_journal() -> str:
    """Return the file runs are kept in: in the user's directory for state, never in the project."""
    return os.path.join(state_directory(), _FILE)


_FILE: Final = "runs.sqlite3"


class _Session:
    """One call of `plan run`."""

    def __init__(self, arguments: Arguments, console: Console) -> None:
        self._arguments = arguments
        self._console = console
        operands = arguments.operands[1:]
        self._action = operands[0] if operands else "status"
        self._step = operands[1] if len(operands) > 1 else ""
        self._root = _root(arguments.one("--path") or ".")
        self._journal = Journal(os.path.abspath(arguments.one("--journal") or default_journal()))
        self._at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._who = without_secrets(arguments.one("--who") or getpass.getuser())
        self._note = without_secrets(arguments.one("--note") or "")

    def act(self) -> None:
        """Carry out the action."""
        if self._action not in ACTIONS:
            raise RunError(f"no action `{self._action}`: {', '.join(ACTIONS)}")
        if self._step and self._action not in ("done", "failed", "skipped", "undone"):
            raise RunError(f"`{self._action}` takes no step")
        match self._action:
            case "start":
                self._start()
            case "list":
                self._list()
            case "status":
                self._show(self._chosen())
            case "report":
                self._report(self._chosen(over=True))
            case _:
                self._write_down(self._chosen())

    def _start(self) -> None:
        plan = deployment_plan(self._root, self._arguments)
        forced = self._arguments.flag("--anyway")
        still = next(open_runs(self._journal.runs(self._root), plan.environment), None)
        if still is not None and not forced:
            raise RunError(
                f"run {still.stored.id} of {plan.environment} is {still.state}: finish or abort it first"
                f" (`rollsafe plan run status`), or start with --anyway"
            )
        if not plan.steps:
            raise RunError(f"there is nothing to carry out: {plan.verdict} {plan.verdict_reason}")
        if plan.verdict is Verdict.BLOCKED and not forced:
            raise RunError(f"the plan is BLOCKED {plan.verdict_reason}: settle it, or start with --anyway")
        entry = Entry(Event.STARTED, self._at, self._who, note=self._note)
        text = plan.to_json().decode()
        number = self._journal.start(self._root, plan.environment, plan.title, text, entry)
        self._show(self._read(number))

    def _write_down(self, run: Run) -> None:
        told = (self._at, self._who, self._note)
        match self._action:
            case "done":
                entries = run.step_done(self._step, *told)
            case "failed":
                entries = run.step_failed(self._step, *told)
            case "skipped":
                entries = run.step_skipped(self._step, *told)
            case "undone":
                entries = run.undone(self._step, *told)
            case _:
                entries = run.aborted(*told)
        self._journal.append(run.stored, *entries)
        self._show(self._read(run.stored.id))

    def _chosen(self, *, over: bool = False) -> Run:
        """Return the run that is meant: the one named, else the open one, else with `over` the last one."""
        named = self._arguments.one("--run")
        if named is not None:
            if not named.isdecimal():
                raise RunError(f"--run: `{named}` is no number")
            return self._read(int(named))
        runs = self._journal.runs(self._root)
        still = list(open_runs(runs, self._arguments.one("--env")))
        if len(still) > 1:
            listed = ", ".join(str(one.stored.id) for one in still)
            raise RunError(f"several runs are open ({listed}): say which with --run")
        if still:
            return still[0]
        if over and runs:
            return Run(runs[-1])
        raise RunError("no run is open: `rollsafe plan run start` begins one")

    def _read(self, number: int) -> Run:
        found = next((one for one in self._journal.runs() if one.id == number), None)
        if found is None:
            raise RunError(f"there is no run {number}: `rollsafe plan run list` shows those there are")
        return Run(found)

    def _list(self) -> None:
        runs = self._journal.runs(self._root)
        if self._arguments.one("--format") == "json":
            rows = ",\n".join(report(Run(one)).model_dump_json(by_alias=True) for one in runs)
            self._console.write_document(f"[{rows}]\n".encode())
            return
        lines = [_listed(one) for one in runs] or ["No run yet."]
        self._console.write("\n".join(lines) + "\n")

    def _show(self, run: Run) -> None:
        if self._arguments.one("--format") == "json":
            self._report(run)
        else:
            self._console.write("\n".join(_status(run)) + "\n")

    def _report(self, run: Run) -> None:
        if self._arguments.one("--format") == "json":
            data = report(run).model_dump_json(indent=2, by_alias=True).encode() + b"\n"
        else:
            data = written(run).encode("utf-8", "backslashreplace")
        file = self._arguments.one("--output")
        if file is None:
            self._console.write_document(data)
        else:
            from rollsafe.cli.writing import write_file

            write_file(os.path.abspath(file), data, file)


def _root(path: str) -> str:
    if not os.path.lexists(path):
        raise RunError(f"{path}: no such file or directory")
    return find_root(os.path.abspath(path))


def _listed(stored: StoredRun) -> str:
    run = Run(stored)
    began = stored.entries[0].at if stored.entries else "–"
    return f"{stored.id:>4}  {began}  {run.state:<11}  {stored.title}"


# What the person at the keyboard sees ------------------------------------------------------------


def _status(run: Run) -> Iterator[str]:
    yield f"Run {run.stored.id}: {run.stored.title}: {run.state}"
    if not run.stored.is_sealed:
        yield "The journal of this run was altered after it was written."
    if run.next_back is not None:
        yield from _back(run, run.next_back)
    elif run.state.is_over:
        yield "Nothing is left to do. `rollsafe plan run report` tells what happened."
    elif run.next_step is not None:
        yield from _forward(run, run.next_step)


def _forward(run: Run, step: Step) -> Iterator[str]:
    yield ""
    if run.state is State.FAILED:
        yield f"Step {step.number} failed: {step.on_failure}"
        yield "Try it again and report `done`, leave it out with `skipped --note …`, or `abort`."
        yield ""
    if step.is_point_of_no_return:
        yield "POINT OF NO RETURN: after this step only a backup brings the data back."
    yield f"Step {step.number} of {len(run.plan.steps)}: {step.title}"
    if step.command:
        yield f"    {step.command}"
    yield f"in: {step.context} · needs: {step.access}"
    gate = f"{step.gate.command} → " if step.gate.command else ""
    yield f"good when: {gate}{step.gate.expected}"
    yield f"if it fails: {step.on_failure}"
    yield ""
    yield "Then: `rollsafe plan run done`, `failed`, or `abort`"


def _back(run: Run, step: RollbackStep) -> Iterator[str]:
    total = len(run.way_back)
    place = next(n for n, one in enumerate(run.way_back, 1) if one.name == step.name)
    yield ""
    yield f"Going back, {place} of {total}: {step.name} {step.title}"
    if step.advice == "restore":
        yield "Only the backup brings the data back."
    if step.command:
        yield f"    {step.command}"
    if step.data_loss:
        yield f"data lost: {step.data_loss}"
    for one in run.left_alone:
        yield f"leave alone: {one.name} {one.title}"
    yield ""
    yield "Then: `rollsafe plan run undone`, or `failed --note …`"
