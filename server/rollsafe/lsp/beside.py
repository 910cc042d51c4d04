"""What goes on beside the messages: reading projects, loading the features, telling of other files."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from importlib import import_module
from typing import Final

from rollsafe.lsp.background import in_background
from rollsafe.lsp.connection import Connection
from rollsafe.lsp.from_lsp import FileEvent
from rollsafe.lsp.log import note_failure
from rollsafe.lsp.memory import collect_now, collect_rarely, collect_while_loading
from rollsafe.lsp.reader import Reader
from rollsafe.lsp.rescan import Rescan
from rollsafe.lsp.roots import Root
from rollsafe.lsp.status import StatusLine
from rollsafe.lsp.watching import is_journal, take_in

_SLICE_S: Final = 0.004
"""How long publishing other files may keep an edit waiting."""
_PAUSE_S: Final = 0.3
"""How long nothing must have happened before something is begun that would be felt while typing."""


class Beside:
    """Everything that a session does on its own; `stop` ends it."""

    def __init__(self, connection: Connection) -> None:
        session = connection.session
        self._connection = connection
        self._session = session
        self._tasks: set[asyncio.Task[None]] = set()
        self._needed = asyncio.Event()
        self._is_publishing = False
        self._is_searching = False
        self._pause: asyncio.TimerHandle | None = None
        self._reader = Reader(session, self.catch_up)
        self._status = StatusLine(session, self._reader)
        self._rescan = Rescan(session, self._reader, self._happened)
        connection.on_events = self._take_in
        connection.on_moment = self._rescan.soon
        connection.on_settings = self.settings_changed
        for work in (self._reader.run(), self._rescan.run(), self._load_features()):
            self._spawn(work)

    def hurry(self) -> None:
        """Let readings pause: a message is being handled."""
        self._reader.calm.clear()

    def catch_up(self) -> None:
        """Tell the client what has changed since it was told last."""
        if self._session.is_outdated:
            self._session.is_outdated = False
            self._reader.want_all()
        self._reader.want_new()
        if self._connection.waiting:
            self._needed.set()
        if not self._is_publishing:
            self._is_publishing = True
            self._publish()
        self._wait_for_a_pause()
        self._reader.calm.set()

    def stop(self) -> None:
        """End all of it; threads that still read are left to the end of the process."""
        for task in self._tasks:
            task.cancel()
        if self._connection.features is not None:
            self._connection.features.close()

    def settings_changed(self) -> None:
        """Judge everything by the newest settings."""
        self._session.flush()
        self._reader.want_all()
        self.catch_up()

    def _wait_for_a_pause(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
        self._pause = asyncio.get_running_loop().call_later(_PAUSE_S, self._use_the_pause)

    def _use_the_pause(self) -> None:
        """Do what would keep a keystroke waiting: nothing has happened for a while."""
        collect_now(everything=self._reader.has_replaced)
        self._reader.has_replaced = False
        if not self._reader.is_reading:
            self._needed.set()
            for root in self._session.territory.roots.values():
                self._take_time(root)
                self._practise(root)
                if root.project is not None and root.engine.wants_search and not self._is_searching:
                    self._is_searching = True
                    self._spawn(self._search(root))

    def _take_time(self, root: Root) -> None:
        """Have done what an edit put off, and tell what comes of it."""
        if root.project is not None and root.engine.wants_time:
            root.engine.take_time()
            root.is_stale = True
            self._session.flush()
            self.catch_up()

    def _practise(self, root: Root) -> None:
        """Have done before the first edits what each of them would pay a part of."""
        if root.project is not None and root.practise():
            self._session.flush()
            self.catch_up()

    async def _search(self, root: Root) -> None:
        """Look for what rules want to know of the code, and tell what comes of it."""
        engine = root.engine
        try:
            found = await in_background(engine.uses_wanted(root.snapshot, self._reader.pause))
        finally:
            self._is_searching = False
        engine.take_uses(found)
        root.is_stale = True
        self._session.flush()
        self.catch_up()

    def _publish(self) -> None:
        """Publish a slice, and come back for the rest when messages have had their turn."""
        try:
            is_more = self._session.work_off(_SLICE_S)
        except Exception:
            note_failure("publishing failed")
            is_more = False
        if is_more:
            asyncio.get_running_loop().call_soon(self._publish)
        else:
            self._is_publishing = False
            self._status.send()

    def _take_in(self, events: list[FileEvent]) -> None:
        if any(is_journal(event) for event in events):
            self._session.outbox.send({"jsonrpc": "2.0", "method": "rollsafe/runsChanged", "params": {}})
        for top in take_in(self._session.territory, events):
            self._reader.want(top)

    def _happened(self, events: list[FileEvent]) -> None:
        self._take_in(events)
        self._session.flush()
        self.catch_up()

    async def _load_features(self) -> None:
        """Load the features when something was asked of them, else in the first pause."""
        await self._needed.wait()
        collect_while_loading()
        try:
            features = await in_background(partial(import_module, "rollsafe.lsp.features"))
            load = partial(features.load, self._session, self._reader, self.settings_changed)
            loaded = await in_background(partial(load, self._connection.initialize_params))
        except Exception:
            self._connection.do_without_features()
            raise
        finally:
            collect_rarely()
        self._connection.attach(loaded)
        await loaded.introduce()

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
