"""Keeps whole projects read: one after the other, beside the event loop, again when that is needed."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import Final

from rollsafe.lsp.background import in_background
from rollsafe.lsp.indexing import LONGEST_PAUSE_S, Indexed, Reading, Stamp
from rollsafe.lsp.log import note_failure
from rollsafe.lsp.memory import settle_project, stop_collecting
from rollsafe.lsp.session import Session

_TICK_S: Final = 0.2


class Reader:
    """Reads the projects that are wanted and hands them to the session."""

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        """`changed` is called whenever there is something to tell: progress, or a project was read."""
        self._session = session
        self._changed = changed
        self._wanted: dict[str, None] = {}
        self._asked: set[str] = set()
        self._read_before: set[str] = set()
        self._reading: Reading | None = None
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._off: dict[str, list[str]] = {}
        self.has_replaced = False
        """Whether a project was read once more, so that what was known of it before is garbage."""
        self.calm = Event()
        """Set while nobody waits for an answer; readings pause otherwise."""
        self.calm.set()
        self.stamps: dict[str, dict[str, Stamp]] = {}
        """Per project root, which state of its files was read."""

    def pause(self) -> None:
        """Wait, in another thread, while a message is being handled."""
        self.calm.wait(LONGEST_PAUSE_S)

    @property
    def is_reading(self) -> bool:
        """Whether some project has not been read completely."""
        return self._reading is not None or bool(self._wanted)

    @property
    def files(self) -> int:
        """How many files the running reading has seen."""
        return self._reading.files if self._reading is not None else 0

    @property
    def off(self) -> list[str]:
        """What did not work while reading, one line each."""
        return [line for lines in self._off.values() for line in lines]

    def want(self, top: str) -> None:
        """Read the project at `top`, once more if it has been read."""
        self._asked.add(top)
        self._wanted[top] = None
        self._idle.clear()
        self._wake.set()

    def want_new(self) -> None:
        """Read every project that nobody has asked for yet."""
        tops = {root.top for root in self._session.territory.roots.values()}
        self._asked &= tops
        for top in tops - self._asked:
            self.want(top)

    def want_all(self) -> None:
        """Read every project once more."""
        for top in {root.top for root in self._session.territory.roots.values()}:
            self.want(top)

    async def all_read(self) -> None:
        """Wait until nothing is left to read."""
        if self.is_reading:
            await self._idle.wait()

    async def run(self) -> None:
        """Read what is wanted, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._wanted:
                top = next(iter(self._wanted))
                del self._wanted[top]
                await self._read(top)
            self._idle.set()
            self._changed()

    async def _read(self, top: str) -> None:
        session = self._session
        self._reading = Reading(top, session.configuration, session.territory.today, calm=self.calm)
        is_collecting = gc.isenabled()
        stop_collecting()
        try:
            indexed = await self._progressing(self._reading)
            self._off[top] = self._reading.off
            self._take_in(top, indexed)
        except Exception as error:
            note_failure("reading a project failed")
            self._off[top] = [f"Findings across files: reading the project failed: {type(error).__name__}"]
        finally:
            self._reading = None
            settle_project()
            self.has_replaced = self.has_replaced or top in self._read_before
            self._read_before.add(top)
            if is_collecting:
                gc.enable()
        self._changed()

    async def _progressing(self, reading: Reading) -> list[Indexed]:
        future = in_background(reading.run)
        while not future.done():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(future), _TICK_S)
            self._changed()
        return future.result()

    def _take_in(self, top: str, indexed: list[Indexed]) -> None:
        self._session.adopt(top, indexed)
        self.stamps.update((one.project.snapshot.root, one.stamps) for one in indexed)
        self._session.flush()
