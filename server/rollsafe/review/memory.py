"""Remarks that were shown, and those a user set aside: one file of the user's for all projects.

It holds what a model said about redacted text, and where that came from. Whatever goes wrong with the file
costs memory only: remarks are shown as if nothing was known.
"""

import os
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager, suppress
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import msgspec

from rollsafe.review.anchoring import Remark

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")

_KEPT_DAYS = 90
_WAIT_S = 5.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS remarks (
    root TEXT NOT NULL, fingerprint TEXT NOT NULL, day INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (root, fingerprint)
);
CREATE TABLE IF NOT EXISTS dismissed (
    root TEXT NOT NULL, fingerprint TEXT NOT NULL, content TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (root, fingerprint, content)
);
"""


class Shown(msgspec.Struct, frozen=True):
    """A remark as it was shown last; `root` is its project, `path` the file's in it.

    `content` stands for the text it was about. `asked` is the day the model answered, or an answer of it was
    first met in the cache; `shown` the day it was last shown, both ISO. `cached` is about that last time.
    """

    fingerprint: str
    content: str
    root: str
    path: str
    line: int
    name: str
    message: str
    why: str
    severity: str
    confidence: float
    agent: str
    model: str
    request_id: str
    prompt: str
    asked: str
    shown: str
    cached: bool
    mark: str = ""
    verified: bool = False
    evidence: tuple[str, ...] = ()


class SetAside(msgspec.Struct, frozen=True):
    """A remark somebody set aside, with what tells a reader which one it was."""

    fingerprint: str
    content: str
    path: str
    name: str
    message: str
    reason: str = ""
    on: str = ""


class DismissalError(Exception):
    """What was set aside cannot be read or written down; one line for the user."""


class Memory:
    """The file at `path`; there is nothing in it before the first remark is shown."""

    def __init__(self, path: str) -> None:
        self._path = path

    def note(self, remarks: Iterable[Remark], today: date) -> None:
        """Remember remarks that are shown today."""
        rows = [shown_as(remark, today) for remark in remarks if remark.root]
        if not rows:
            return
        with suppress(DismissalError), self._opened() as memory:
            memory.execute("DELETE FROM remarks WHERE day < ?", (today.toordinal() - _KEPT_DAYS,))
            for row in rows:
                self._note(memory, row, today)

    def _note(self, memory: "sqlite3.Connection", row: Shown, today: date) -> None:
        key = (row.root, row.fingerprint)
        known = memory.execute("SELECT data FROM remarks WHERE root = ? AND fingerprint = ?", key).fetchone()
        before = _decoded(known[0], Shown) if known else None
        if before is not None and before.request_id == row.request_id:
            row = msgspec.structs.replace(row, asked=before.asked)
        memory.execute(
            "INSERT OR REPLACE INTO remarks (root, fingerprint, day, data) VALUES (?, ?, ?, ?)",
            (*key, today.toordinal(), msgspec.json.encode(row)),
        )

    def find(self, prefix: str) -> list[Shown]:
        """Return the remarks whose fingerprint begins with `prefix`, those shown last first."""
        rows = self._rows(
            "SELECT data FROM remarks WHERE substr(fingerprint, 1, ?) = ? ORDER BY day DESC, root",
            (len(prefix), prefix),
        )
        return [row for (data,) in rows if (row := _decoded(data, Shown)) is not None]

    def dismiss(self, root: str, one: SetAside) -> None:
        """Set a remark aside in a project.

        Raises:
            DismissalError: it cannot be written down.
        """
        with self._opened() as memory:
            memory.execute(
                "INSERT OR REPLACE INTO dismissed (root, fingerprint, content, data) VALUES (?, ?, ?, ?)",
                (root, one.fingerprint, one.content, msgspec.json.encode(one)),
            )

    def restore(self, root: str, fingerprint: str) -> bool:
        """Forget that a remark was set aside; say whether it was.

        Raises:
            DismissalError: it cannot be written down.
        """
        with self._opened() as memory:
            gone = memory.execute(
                "DELETE FROM dismissed WHERE root = ? AND fingerprint = ?", (root, fingerprint)
            )
            return gone.rowcount > 0

    def dismissed(self, root: str) -> list[SetAside]:
        """Return what was set aside in a project, by path and name."""
        rows = self._rows("SELECT data FROM dismissed WHERE root = ?", (root,))
        found = (row for (data,) in rows if (row := _decoded(data, SetAside)) is not None)
        return sorted(found, key=lambda one: (one.path, one.name, one.fingerprint))

    def _rows(self, query: str, values: tuple[object, ...]) -> list[tuple[bytes]]:
        if not os.path.exists(self._path):
            return []
        try:
            with self._opened() as memory:
                return list(memory.execute(query, values))
        except DismissalError:
            return []

    @contextmanager
    def _opened(self) -> "Generator[sqlite3.Connection]":
        import sqlite3

        try:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_WAIT_S)) as memory, memory:
                memory.executescript(_SCHEMA)
                yield memory
        except (sqlite3.Error, OSError):
            raise DismissalError(f"{self._path}: cannot be written") from None


def _decoded(data: bytes, form: type[T]) -> T | None:
    try:
        return msgspec.json.decode(data, type=form)
    except msgspec.DecodeError:
        return None


def shown_as(remark: Remark, today: date) -> Shown:
    """Return what is remembered of a remark that is shown today."""
    origin, day = remark.provenance, today.isoformat()
    return Shown(
        fingerprint=remark.fingerprint,
        content=remark.content,
        root=remark.root,
        path=remark.own_path,
        line=remark.line,
        name=remark.name,
        message=remark.message,
        why=remark.why,
        severity=remark.severity,
        confidence=remark.confidence,
        agent=origin.said_for,
        model=origin.model,
        request_id=origin.request_id,
        prompt=f"{origin.prompt_version} {origin.persona}",
        asked=day,
        shown=day,
        cached=origin.cached,
        mark=remark.mark,
        verified=remark.verified,
        evidence=remark.evidence,
    )
