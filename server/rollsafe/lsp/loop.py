"""The event loop: messages as they arrive, and everything that goes on beside them."""

import asyncio
import gc
import os
from collections.abc import Coroutine
from functools import partial
from typing import Final

from rollsafe.lsp.background import in_background
from rollsafe.lsp.connection import Connection, Features
from rollsafe.lsp.from_lsp import FileEvent
from rollsafe.lsp.log import note_failure
from rollsafe.lsp.reader import Reader
from rollsafe.lsp.rescan import Rescan
from rollsafe.lsp.status import StatusLine
from rollsafe.lsp.transport import Inbox
from rollsafe.lsp.watching import take_in

_SLICE_S: Final = 0.004
"""How long publishing other files may keep an edit waiting."""
_HEARTBEAT_S: Final = 5.0


def run(inbox: Inbox, connection: Connection) -> None:
    """Serve until the connection is over."""

    async def serve() -> None:
        await _Loop(inbox, connection).run()

    asyncio.run(serve())


class _Loop:
    """What one connection keeps going."""

    def __init__(self, inbox: Inbox, connection: Connection) -> None:
        self._inbox = inbox
        self._connection = connection
        self._ended = asyncio.Event()
        self._is_publishing = False
        self._started = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until the connection is over."""
        loop = asyncio.get_running_loop()
        parent = os.getppid()
        self._inbox.wake(partial(loop.call_soon_threadsafe, self._receive))
        while not self._ended.is_set():
            try:
                await asyncio.wait_for(self._ended.wait(), _HEARTBEAT_S)
            except TimeoutError:
                if os.getppid() != parent:  # whoever started this server is gone
                    return
        for task in self._tasks:
            task.cancel()

    def _receive(self) -> None:
        connection = self._connection
        connection.receive(self._inbox.drain())
        if connection.exit_code is not None:
            self._ended.set()
        elif connection.is_running:
            self._start()
            self._publish_others()

    def _start(self) -> None:
        """Begin what needs a session."""
        if self._started:
            return
        self._started = True
        session = self._connection.session
        self._reader = Reader(session, self._publish_others)
        self._status = StatusLine(session, self._reader)
        self._rescan = Rescan(session, self._reader, self._take_in)
        self._connection.on_events = self._take_in
        self._connection.on_moment = self._rescan.soon
        self._connection.on_settings = self._settings_changed
        self._connection.on_folders = self._reader.want_unread
        self._reader.want_unread()
        self._spawn(self._reader.run())
        self._spawn(self._load_features())

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            try:
                raise error
            except Exception:
                note_failure("work in the background failed")
