"""Work-done progress: shown by clients that can, cancelled by users who want."""

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import TypeVar
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from rollsafe.lsp.client import Client
from rollsafe.lsp.log import note
from rollsafe.lsp.protocol import FeatureServer

Token = int | str
T = TypeVar("T")


class Progresses:
    """The work that is on the client's screen."""

    def __init__(self, server: FeatureServer, client: Client) -> None:
        self._protocol = server.features
        self._can_create = client.progress
        self._running: dict[Token, Progress] = {}

    def begin(self, token: Token | None, title: str) -> "Progress":
        """Return a context in which work is done; `token` is the client's, if it gave one."""
        return Progress(self, token, title)

    def cancel(self, token: Token) -> None:
        """The user has cancelled some work."""
        if token in self._running:
            self._running[token].on_cancel()

    async def start(self, progress: "Progress") -> None:
        """Show a piece of work, under a token of our own if the client has not given one."""
        if progress.token is None and self._can_create:
            progress.token = await self._created()
        if progress.token is None:
            note(f"{progress.title} …")
            return
        self._running[progress.token] = progress
        begin = types.WorkDoneProgressBegin(title=progress.title, cancellable=True, percentage=0)
        self.show(progress, begin)

    def end(self, progress: "Progress") -> None:
        """Take a piece of work off the screen."""
        if progress.token is None:
            note(f"{progress.title}: done")
        elif self._running.pop(progress.token, None) is not None:
            self.show(progress, types.WorkDoneProgressEnd())

    def report(self, progress: "Progress", what: str, percentage: int) -> None:
        """Say how far a piece of work has come; nothing once it has ended."""
        if progress.token in self._running:
            self.show(progress, types.WorkDoneProgressReport(message=what, percentage=percentage))

    def show(self, progress: "Progress", value: object) -> None:
        """Send one step."""
        if progress.token is not None:
            self.part(progress.token, value)

    def part(self, token: Token, value: object) -> None:
        """Send a part of a result, or of the work on it, under a token of the client's."""
        self._protocol.notify(types.PROGRESS, types.ProgressParams(token=token, value=value))

    async def _created(self) -> Token | None:
        token = f"rollsafe-{uuid4()}"
        try:
            await self._protocol.ask(types.WINDOW_WORK_DONE_PROGRESS_CREATE, {"token": token})
        except JsonRpcException as error:
            note(f"the client shows no progress: {error}")
            return None
        return token


class Progress:
    """One piece of work; `on_cancel` is called when the user cancels it."""

    def __init__(self, all_of_it: Progresses, token: Token | None, title: str) -> None:
        self._all = all_of_it
        self._loop = asyncio.get_running_loop()
        self.token = token
        self.title = title
        self.on_cancel: Callable[[], None] = _nothing

    async def __aenter__(self) -> "Progress":
        await self._all.start(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._all.end(self)

    async def cancelling(self, work: Coroutine[None, None, T]) -> T:
        """Wait for `work`; when the user cancels, it is cancelled."""
        task = asyncio.ensure_future(work)
        self.on_cancel = lambda: _cancel(task)
        try:
            return await task
        finally:
            self.on_cancel = _nothing

    def report_from_thread(self, what: str, percentage: int) -> None:
        """Say from another thread what is being done."""
        self._loop.call_soon_threadsafe(self._all.report, self, what, percentage)

    def part_from_thread(self, token: Token, value: object) -> None:
        """Send a part of the result from another thread."""
        self._loop.call_soon_threadsafe(self._all.part, token, value)


def _cancel(task: "asyncio.Task[T]") -> None:
    task.cancel()


def _nothing() -> None:
    """Stand in until somebody wants to know."""
