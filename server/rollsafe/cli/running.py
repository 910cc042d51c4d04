"""`plan run`: a deployment plan carried out by a person, step by step, and written down while it happens.

rollsafe runs none of the commands. What is reported goes to the journal at once.
"""

import os
from collections.abc import Iterator
from typing import Final

from rollsafe.cli.arguments import Arguments, Command, Option
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError
from rollsafe.cli.planning import deployment_plan
from rollsafe.engine.runs.recorder import Action, Recorder, Told, Which, action_named
from rollsafe.engine.runs.refusals import Refusal, RunError
from rollsafe.engine.runs.report import report, written
from rollsafe.engine.runs.run import Run
from rollsafe.engine.runs.status import status
from rollsafe.plans.model import RollbackStep, Step
from rollsafe.plans.run_status import State

GRAMMAR: Final = Command(
    "plan",
    "Carry out a deployment plan step by step and write down what happened; runs no command itself",
    "run [" + "|".join(Action) + "] [STEP]",
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

_WAYS_OUT: Final = {
    Refusal.RUN_OPEN: ": finish or abort it first (`rollsafe plan run status`), or start with --anyway",
    Refusal.PLAN_BLOCKED: ": settle it, or start with --anyway",
    Refusal.SEVERAL_RUNS: ": say which with --run",
    Refusal.NO_RUN: ": `rollsafe plan run start` begins one",
    Refusal.UNKNOWN_RUN: ": `rollsafe plan run list` shows those there are",
    Refusal.NO_REASON: ": give it with --note",
}
"""What can be done on the command line about a refusal."""


def run(arguments: Arguments, console: Console) -> int:
    """Carry out one action on the journal.

    Raises:
        CommandError: the action does not fit how the run stands, or the journal cannot be used.
    """
    try:
        _act(arguments, console)
    except RunError as error:
        raise CommandError(f"{error}{_WAYS_OUT.get(error.refusal, '')}") from None
    return 0


def _act(arguments: Arguments, console: Console) -> None:
    operands = arguments.operands[1:]
    step = operands[1] if len(operands) > 1 else ""
    action = action_named(operands[0] if operands else "status", step)
    path = arguments.one("--path") or "."
    if not os.path.lexists(path):
        raise CommandError(f"{path}: no such file or directory")
    recorder = Recorder(path, arguments.one("--journal"))
    told = Told(step, arguments.one("--note") or "", arguments.one("--who") or "")
    which = _which(arguments)
    match action:
        case Action.START:
            plan = deployment_plan(recorder.root, arguments)
            _show(recorder.start(plan, told, anyway=arguments.flag("--anyway")), arguments, console)
        case Action.LIST:
            _list(recorder.runs(), arguments, console)
        case Action.REPORT:
            _report(_found(recorder, which), arguments, console)
        case Action.STATUS:
            _show(_found(recorder, which), arguments, console)
        case _:
            _show(recorder.record(action, which, told), arguments, console)


def _which(arguments: Arguments) -> Which:
    named = arguments.one("--run")
    if named is not None and not (named.isascii() and named.isdecimal()):
        raise CommandError(f"--run: `{named}` is no number")
    return Which(int(named[:30]) if named is not None else None, arguments.one("--env"))


def _found(recorder: Recorder, which: Which) -> Run:
    found = recorder.find(which)
    if found is None:
        raise RunError("no run is open", Refusal.NO_RUN)
    return found


def _list(runs: list[Run], arguments: Arguments, console: Console) -> None:
    if arguments.one("--format") == "json":
        rows = ",\n".join(report(one).model_dump_json(by_alias=True) for one in runs)
        console.write_document(f"[{rows}]\n".encode())
        return
    lines = [_listed(one) for one in runs] or ["No run yet."]
    console.write("\n".join(lines) + "\n")


def _show(run: Run, arguments: Arguments, console: Console) -> None:
    if arguments.one("--format") == "json":
        console.write_document(status(run).model_dump_json(indent=2, by_alias=True).encode() + b"\n")
    else:
        console.write("\n".join(_status(run)) + "\n")


def _report(run: Run, arguments: Arguments, console: Console) -> None:
    if arguments.one("--format") == "json":
        data = report(run).model_dump_json(indent=2, by_alias=True).encode() + b"\n"
    else:
        data = written(run).encode("utf-8", "backslashreplace")
    file = arguments.one("--output")
    if file is None:
        console.write_document(data)
    else:
        from rollsafe.cli.writing import write_file

        write_file(os.path.abspath(file), data, file)


def _listed(run: Run) -> str:
    began = run.stored.entries[0].at if run.stored.entries else "–"
    return f"{run.stored.id:>4}  {began}  {run.state:<11}  {run.stored.title}"


# What the person at the keyboard sees ------------------------------------------------------------


def _status(run: Run) -> Iterator[str]:
    yield f"Run {run.stored.id}: {run.stored.title}: {run.state}"
    if not run.stored.is_sealed:
        yield "The journal of this run was altered after it was written."
    if run.state is State.UNREADABLE:
        yield "Its plan was made by another version of rollsafe and cannot be read."
    elif run.next_back is not None:
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
