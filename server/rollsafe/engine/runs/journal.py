"""The journal: runs and their entries in an SQLite file that is only ever added to.

Every entry is on disk before the call that writes it returns (write-ahead log, synced in full), so a process
that is killed loses nothing it has reported. Each entry carries a digest over itself and the one before it:
an entry that was altered or taken out later does not go unnoticed.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from typing import Final

from rollsafe.engine.runs.refusals import JournalError, Refusal, RunError
from rollsafe.plans.run_report import Event
from rollsafe.text.records import record

_BUSY_MS: Final = 10_000
"""How long one process waits for another that writes."""
_LARGEST: Final = 2**63 - 1
"""The largest number that SQLite takes."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    root TEXT NOT NULL,
    environment TEXT NOT NULL,
    title TEXT NOT NULL,
    plan TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS entries (
    run INTEGER NOT NULL REFERENCES runs (id),
    number INTEGER NOT NULL,
    event TEXT NOT NULL,
    step TEXT NOT NULL,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    command TEXT NOT NULL,
    note TEXT NOT NULL,
    back TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS runs_stay BEFORE UPDATE ON runs
    BEGIN SELECT RAISE(ABORT, 'runs are not changed'); END;
CREATE TRIGGER IF NOT EXISTS runs_last BEFORE DELETE ON runs
    BEGIN SELECT RAISE(ABORT, 'runs are not deleted'); END;
CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE UPDATE ON entries
    BEGIN SELECT RAISE(ABORT, 'entries are not changed'); END;
CREATE TRIGGER IF NOT EXISTS entries_last BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'entries are not deleted'); END;
"""


@record
class Entry:
    """One line of the journal.

    `step` is a step's number, or the name of a rollback step for `undone`; `at` a UTC time to the second, as
    in `2026-03-01T03:12:44Z`; `command` the one the plan gives; `back` the rollback steps that lead back from
    here, as the plan's decision table has them.
    """

    event: Event
    at: str
    who: str
    step: str = ""
    command: str = ""
    note: str = ""
    back: str = ""

    def digest(self, run: int, number: int, before: str) -> str:
        """Return what seals this entry as the `number`-th of a run, after one with the digest `before`."""
        fields = [run, number, self.event, self.step, self.at, self.who, self.command, self.note, self.back]
        return hashlib.sha256(json.dumps([before, *fields]).encode()).hexdigest()


@record
class StoredRun:
    """A run as it is kept: the project's directory, what the plan was for, and the plan as JSON."""

    id: int
    root: str
    environment: str
    title: str
    plan: str
    entries: tuple[Entry, ...]
    is_sealed: bool
    """Whether every digest fits: nothing was altered since it was written."""


class Journal:
    """The journal in one file; it is made when the first run starts."""

    def __init__(self, file: str) -> None:
        self.file = file

    def start(
        self,
        root: str,
        environment: str,
        title: str,
        plan: str,
        entry: Entry,
        check: Callable[[list[StoredRun]], None],
    ) -> int:
        """Write down a new run with its first entry; return its number.

        `check` is given the project's runs; what it raises keeps the new one from being written. Nobody else
        writes in between.

        Raises:
            JournalError: the file cannot be written.
        """
        try:
            os.makedirs(os.path.dirname(self.file), mode=0o700, exist_ok=True)
        except OSError as error:
            raise JournalError(f"{self.file}: {error.strerror}") from None
        with self._writing() as connection:
            connection.executescript(_SCHEMA)
            connection.execute("BEGIN IMMEDIATE")
            check(_runs_of(connection, root))
            cursor = connection.execute(
                "INSERT INTO runs (root, environment, title, plan) VALUES (?, ?, ?, ?)",
                (root, environment, title, plan),
            )
            run = cursor.lastrowid or 0
            _insert(connection, run, 1, entry, _seal(root, environment, title, plan))
            connection.execute("COMMIT")
        return run

    def append(self, run: StoredRun, *entries: Entry) -> None:
        """Add entries to a run as it was read.

        Raises:
            RunError: somebody else has added to it meanwhile.
            JournalError: the file cannot be written.
        """
        with self._writing() as connection:
            connection.execute("BEGIN IMMEDIATE")
            count, before = _last(connection, run.id)
            if count != len(run.entries):
                raise RunError(f"run {run.id} has gone on meanwhile: look at it again", Refusal.MEANWHILE)
            for number, entry in enumerate(entries, count + 1):
                before = _insert(connection, run.id, number, entry, before)
            connection.execute("COMMIT")

    def runs(self, root: str) -> list[StoredRun]:
        """Return the runs of a project in the order they started.

        Raises:
            JournalError: the file cannot be read.
        """
        if not os.path.exists(self.file):
            return []
        with self._writing() as connection:
            return _runs_of(connection, root)

    def run(self, number: int) -> StoredRun | None:
        """Return the run of that number, whatever its project; None where there is none.

        Raises:
            JournalError: the file cannot be read.
        """
        if number > _LARGEST or not os.path.exists(self.file):
            return None
        with self._writing() as connection:
            row = connection.execute(f"{_SELECT} WHERE id = ?", (number,)).fetchone()
            return _stored(connection, *row) if row is not None else None

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.file, isolation_level=None)) as connection:
                connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
                yield connection
        except sqlite3.Error as error:
            raise JournalError(f"{self.file}: {error}") from None


_SELECT: Final = "SELECT id, root, environment, title, plan FROM runs"


def _runs_of(connection: sqlite3.Connection, root: str) -> list[StoredRun]:
    rows = connection.execute(f"{_SELECT} ORDER BY id").fetchall()
    return [_stored(connection, *row) for row in rows if os.path.normcase(row[1]) == os.path.normcase(root)]


def _seal(root: str, environment: str, title: str, plan: str) -> str:
    """Return the digest that stands before the first entry: it covers what the run began with."""
    return hashlib.sha256(json.dumps([root, environment, title, plan]).encode()).hexdigest()


def _insert(connection: sqlite3.Connection, run: int, number: int, entry: Entry, before: str) -> str:
    digest = entry.digest(run, number, before)
    connection.execute(
        "INSERT INTO entries (run, number, event, step, at, who, command, note, back, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(run, number, entry.event.value, entry.step, entry.at, entry.who),
            *(entry.command, entry.note, entry.back, digest),
        ),
    )
    return digest


def _last(connection: sqlite3.Connection, run: int) -> tuple[int, str]:
    """Return how many entries a run has, and the digest of the last."""
    row = connection.execute(
        "SELECT number, digest FROM entries WHERE run = ? ORDER BY number DESC LIMIT 1", (run,)
    ).fetchone()
    return (int(row[0]), str(row[1])) if row is not None else (0, "")


def _stored(
    connection: sqlite3.Connection, run: int, root: str, environment: str, title: str, plan: str
) -> StoredRun:
    rows = connection.execute(
        "SELECT number, event, at, who, step, command, note, back, digest FROM entries"
        " WHERE run = ? ORDER BY number",
        (run,),
    )
    entries: list[Entry] = []
    before, sealed = _seal(root, environment, title, plan), True
    for count, (number, event, at, who, step, command, note, back, digest) in enumerate(rows, 1):
        entry = Entry(_event(event, run), at, who, step, command, note, back)
        sealed = sealed and number == count and entry.digest(run, number, before) == digest
        before = digest
        entries.append(entry)
    return StoredRun(run, root, environment, title, plan, tuple(entries), sealed)


def _event(name: str, run: int) -> Event:
    try:
        return Event(name)
    except ValueError:
        raise JournalError(f"run {run} holds an entry `{name}`, which this version does not know") from None
