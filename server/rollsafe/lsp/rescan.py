"""Looks at the disk itself, for clients that cannot watch files."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from rollsafe.lsp.background import in_background
from rollsafe.lsp.from_lsp import FileEvent
from rollsafe.lsp.indexing import Stamp
from rollsafe.lsp.reader import Reader
from rollsafe.lsp.session import Session
from rollsafe.lsp.watching import differences
from rollsafe.workspace.settings import Settings

_PAUSE_S: Final = 1.0


class Rescan:
    """Compares projects with the disk when the user did something, at most once in a while."""

    def __init__(self, session: Session, reader: Reader, take_in: Callable[[list[FileEvent]], None]) -> None:
        self._session = session
        self._reader = reader
        self._take_in = take_in
        self._wake = asyncio.Event()

    def soon(self) -> None:
        """Compare soon, unless the client tells what changes."""
        if not self._session.client.watched_files:
            self._wake.set()

    async def run(self) -> None:
        """Compare when asked to, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._reader.all_read()
            for root in list(self._session.territory.roots.values()):
                stamps = self._reader.stamps.get(root.path)
                if root.project is not None and stamps is not None:
                    await self._compare(root.path, root.snapshot.settings, stamps)
            await asyncio.sleep(_PAUSE_S)

    async def _compare(self, root: str, settings: Settings, stamps: dict[str, Stamp]) -> None:
        found = await in_background(partial(differences, root, settings, dict(stamps)))
        for difference in found:
            if difference.stamp is None:
                stamps.pop(difference.path, None)
            else:
                stamps[difference.path] = difference.stamp
        if found:
            self._take_in([difference.event for difference in found])
