"""The command `rollsafe.run`: a deployment plan carried out by a person and checked off in the editor.

What is written down goes to the journal that `rollsafe plan run` uses, so a run that began in one place goes
on in the other. rollsafe runs none of the plan's commands. Features load this module when it is first needed:
it brings the models of plans along.
"""

import asyncio
import os
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from rollsafe.engine.runs.checklist import checklist
from rollsafe.engine.runs.recorder import Action, Recorder, Told, Which, action_named
from rollsafe.engine.runs.refusals import Refusal, RunError
from rollsafe.engine.runs.report import listed, report, written
from rollsafe.engine.runs.run import Run
from rollsafe.engine.runs.status import status
from rollsafe.lsp.asking import FAILED, Asking
from rollsafe.lsp.background import in_background
from rollsafe.lsp.commands import Commands, text_of
from rollsafe.lsp.from_lsp import BadParamsError, JsonObject, at
from rollsafe.lsp.progress import Token
from rollsafe.lsp.session import Session
from rollsafe.lsp.shapes import RunAnswer
from rollsafe.lsp.uris import path_of, uri_of
from rollsafe.plans.run_report import RunReport
from rollsafe.plans.run_status import RunStatus
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.user_directories import runs_journal

T = TypeVar("T")

_MISTAKES: Final = (Refusal.UNKNOWN_ACTION, Refusal.TAKES_NO_STEP)
"""What is wrong with the request itself."""


class _Asked(NamedTuple):
    """One request, as the command line would have it."""

    action: Action
    which: Which
    told: Told
    anyway: bool


class Running:
    """Carries out the command for one session."""

    def __init__(self, session: Session, asking: Asking, commands: Commands) -> None:
        self._session = session
        self._asking = asking
        self._commands = commands
        self._watching: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        """What one client asks for is carried out in the order it asks."""

    async def run(self, arguments: JsonObject, token: Token | None) -> RunAnswer:
        """Carry out one action on the runs of a project; the answer has the same shape for all of them.

        `arguments`: `action` (`status`), and as the command line has them `step`, `note`, `who`, `run` (a
        number), `environment`, `base`, `anyway`; `uri` is a file or folder of the project.

        Raises:
            JsonRpcException: the action does not fit how the run stands; `data.reason` says why as a
                `Refusal`.
        """
        asked = _refusing(partial(_asked, arguments))
        if asked.action.writes and not self._session.configuration.trusted:
            raise _told(RunError("runs are recorded in trusted workspaces only", Refusal.UNTRUSTED))
        async with self._turn:
            if asked.action is Action.START:
                answer = await self._start(asked, arguments, token)
            else:
                recorder = Recorder(self._path(arguments.get("uri")))
                answer = await in_background(partial(_refusing, partial(_answer, recorder, asked)))
        self._watch()
        await self._show(asked.action, answer)
        return answer

    async def _start(self, asked: _Asked, arguments: JsonObject, token: Token | None) -> RunAnswer:
        plan, root = await self._commands.deployment_plan(arguments, token)
        recorder = Recorder(root)
        begin = partial(recorder.start, plan, asked.told, anyway=asked.anyway)
        return await in_background(partial(_refusing, lambda: _of_run(begin())))

    async def _show(self, action: Action, answer: RunAnswer) -> None:
        """Let a client that is not ours see what came of it; ours shows what it is answered."""
        if self._session.client.shows_documents:
            return
        if action.takes_step or action is Action.ABORT:
            self._asking.tell(f"Run {at(answer['status'], 'run')}: {at(answer['status'], 'headline')}")
        else:
            await self._commands.open({"title": answer["title"], "markdown": answer["markdown"]})

    def _path(self, uri: object) -> str:
        """Return a path in the project that is meant; without one, the first workspace folder."""
        path = path_of(uri) if isinstance(uri, str) else None
        territory = self._session.territory
        found = path or next(iter((*territory.folders, *territory.roots)), None)
        if found is None:
            raise JsonRpcException("there is no project whose runs could be looked at", code=FAILED)
        return found

    def _watch(self) -> None:
        """Have the client tell when somebody else writes to the journal, once there is a place for one."""
        directory, name = os.path.split(runs_journal())
        if self._watching is None and self._session.client.relative_patterns and os.path.isdir(directory):
            pattern: JsonObject = {"baseUri": uri_of(directory), "pattern": name}
            options: JsonObject = {"watchers": [{"globPattern": pattern}]}
            register = self._asking.register(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options, "runs")
            self._watching = asyncio.get_running_loop().create_task(register)


def _asked(arguments: JsonObject) -> _Asked:
    step, number = arguments.get("step"), arguments.get("run")
    named = str(step) if type(step) is int else text_of(arguments, "step", "")
    if number is not None and type(number) is not int:
        raise BadParamsError("no number at `run`")
    return _Asked(
        action=action_named(text_of(arguments, "action", "status"), named),
        which=Which(number, text_of(arguments, "environment", "") or None),
        told=Told(named, text_of(arguments, "note", ""), text_of(arguments, "who", "")),
        anyway=arguments.get("anyway") is True,
    )


def _answer(recorder: Recorder, asked: _Asked) -> RunAnswer:
    if asked.action is Action.LIST:
        return _of_runs(recorder, recorder.runs())
    if asked.action.writes:
        return _of_run(recorder.record(asked.action, asked.which, asked.told))
    found = recorder.find(asked.which)
    if found is None:
        return _of_runs(recorder, [])
    if asked.action is Action.REPORT:
        return {
            "title": f"Report of run {found.stored.id}",
            "markdown": written(found),
            "root": uri_of(found.stored.root),
            "status": _json(status(found)) if found.is_readable else None,
            "runs": [_json(report(found))],
        }
    return _of_run(found)


def _of_run(run: Run) -> RunAnswer:
    now = status(run)
    return {
        "title": f"Run {now.run}",
        "markdown": checklist(now),
        "root": uri_of(run.stored.root),
        "status": _json(now),
        "runs": [],
    }


def _of_runs(recorder: Recorder, runs: list[Run]) -> RunAnswer:
    return {
        "title": "Runs",
        "markdown": listed(runs),
        "root": uri_of(recorder.root),
        "status": None,
        "runs": [_json(report(run)) for run in runs],
    }


def _json(model: RunStatus | RunReport) -> JsonObject:
    return cast("JsonObject", model.model_dump(mode="json", by_alias=True))


def _refusing(work: Callable[[], T]) -> T:
    try:
        return work()
    except RunError as error:
        raise _told(error) from None


def _told(error: RunError) -> JsonRpcException:
    code = JsonRpcInvalidParams.CODE if error.refusal in _MISTAKES else FAILED
    return JsonRpcException(str(error), code, {"reason": error.refusal.value})
