"""Work-done progress: shown by clients that can, cancelled by users who want."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from rollsafe.lsp.log import note
from rollsafe.lsp.protocol import FeatureServer

Token = int | str


class Progress:
    """One piece of work on the client's screen; `on_cancel` is called when the user cancels it."""

    def __init__(self, server: FeatureServer, token: Token | None, title: str) -> None:
        """Use the client's `token`, or one of our own if the client can show that."""
        self._progress = server.work_done_progress
        self._can_create = server.client_capabilities.window is not None and bool(
            server.client_capabilities.window.work_done_progress
        )
        self._token = token
        self._title = title
        self._loop = asyncio.get_running_loop()
        self.on_cancel: Callable[[], None] = _nothing

    async def __aenter__(self) -> "Progress":
        if self._token is None and self._can_create:
            await self._create()
        if self._token is None:
            note(f"{self._title} …")
            return self
        self._progress.begin(
            self._token, types.WorkDoneProgressBegin(title=self._title, cancellable=True, percentage=0)
        )
        self._progress.tokens[self._token].add_done_callback(lambda _: self.on_cancel())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.on_cancel = _nothing
        if self._token is None:
            note(f"{self._title}: done")
            return
        self._progress.end(self._token, types.WorkDoneProgressEnd())
        self._progress.tokens.pop(self._token, None)

    def report(self, what: str, percentage: int) -> None:
        """Say what is being done."""
        if self._token is not None and self._token in self._progress.tokens:
            step = types.WorkDoneProgressReport(message=what, percentage=percentage)
            self._progress.report(self._token, step)

    def report_from_thread(self, what: str, percentage: int) -> None:
        """Say from another thread what is being done."""
        self._loop.call_soon_threadsafe(self.report, what, percentage)

    async def _create(self) -> None:
        token = f"rollsafe-{uuid4()}"
        try:
            await self._progress.create_async(token)
            self._token = token
        except JsonRpcException as error:
            note(f"the client shows no progress: {error}")


def _nothing() -> None:
    """Stand in until somebody wants to know."""
