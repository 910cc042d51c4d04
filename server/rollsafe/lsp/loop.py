"""The event loop: takes messages as they arrive and ends with the connection."""

import asyncio
import os
from typing import Final

from rollsafe.lsp.beside import Beside
from rollsafe.lsp.connection import Connection
from rollsafe.lsp.transport import Inbox

_HEARTBEAT_S: Final = 2.0


def run(inbox: Inbox, connection: Connection) -> None:
    """Serve until the connection is over."""

    async def serve() -> None:
        await _Loop(inbox, connection).run()

    asyncio.run(serve())


class _Loop:
    """The loop of one connection."""

    def __init__(self, inbox: Inbox, connection: Connection) -> None:
        self._inbox = inbox
        self._connection = connection
        self._beside: Beside | None = None
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Serve until the client says goodbye, closes its end, or is gone."""
        loop = asyncio.get_running_loop()
        parent = os.getppid()

        def arrived() -> None:
            loop.call_soon_threadsafe(self._receive)

        self._inbox.wake(arrived)
        while not self._ended.is_set() and os.getppid() == parent:
            try:
                await asyncio.wait_for(self._ended.wait(), _HEARTBEAT_S)
            except TimeoutError:
                continue
        if self._beside is not None:
            self._beside.stop()

    def _receive(self) -> None:
        connection = self._connection
        if self._beside is not None:
            self._beside.hurry()
        connection.receive(self._inbox.drain())
        if connection.exit_code is not None:
            self._ended.set()
        elif connection.is_running:
            if self._beside is None:
                self._beside = Beside(connection)
            self._beside.catch_up()
