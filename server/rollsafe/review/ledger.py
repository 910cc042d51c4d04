"""What calls have cost, in a file of the user's that all processes share; says no before a cap is passed.

A call is entered with the most it can cost before anything is sent, and corrected when it is over. One that
never ends, because its process was killed, keeps the estimate.
"""

import os
import time
from contextlib import closing
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from rollsafe.text.records import record
from rollsafe.workspace.user_settings import ReviewBudget

if TYPE_CHECKING:
    import sqlite3

PATIENCE = 3
"""Calls that fail one after the other before no more are made for a while."""

REST_S = 300
"""How long that is, in seconds."""

_KEPT_DAYS = 30
_WAIT_S = 5.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, run TEXT NOT NULL, day INTEGER NOT NULL, service TEXT NOT NULL,
    attempts INTEGER NOT NULL, tokens INTEGER NOT NULL, ended REAL, failed INTEGER NOT NULL
)
"""
_SPENT = "SELECT coalesce(sum(attempts), 0), coalesce(sum(tokens), 0) FROM calls WHERE"


class Ending(StrEnum):
    """How a call ended, as far as the next one is concerned."""

    ANSWERED = "answered"
    FAILED = "failed"
    STOPPED = "stopped"


@record
class Cost:
    """What a call costs, or can cost at most."""

    attempts: int
    tokens: int


@record
class Entry:
    """A call that may be made; `number` is its place in the ledger."""

    number: int
    most: Cost


class LedgerError(Exception):
    """No call may be made; the text says why, in words for the user."""


class Ledger:
    """The calls of one run in the ledger at `path`."""

    def __init__(self, path: str, run: str, service: str, budget: ReviewBudget) -> None:
        self._path = path
        self._run = run
        self._service = service
        self._budget = budget

    def enter(self, most: Cost) -> Entry:
        """Enter a call that costs `most` at most.

        Raises:
            LedgerError: a cap would be passed, calls have failed too often, or nothing can be entered.
        """
        import sqlite3

        try:
            with closing(self._opened()) as ledger, ledger:
                # Nobody else enters a call between the look at the sums and the entry.
                ledger.execute("BEGIN IMMEDIATE")
                ledger.execute("DELETE FROM calls WHERE day < ?", (_today() - _KEPT_DAYS,))
                self._object(ledger, most)
                entered = ledger.execute(
                    "INSERT INTO calls (run, day, service, attempts, tokens, failed)"
                    " VALUES (?, ?, ?, ?, ?, 0)",
                    (self._run, _today(), self._service, most.attempts, most.tokens),
                )
                return Entry(entered.lastrowid or 0, most)
        except (sqlite3.Error, OSError):
            raise LedgerError(f"the ledger cannot be written: {self._path}") from None

    def settle(self, entry: Entry, cost: Cost, ending: Ending) -> None:
        """Correct an entry when its call is over. Where that fails, the estimate stands."""
        import sqlite3

        ended = None if ending is Ending.STOPPED else time.time()
        values = (cost.attempts, cost.tokens, ended, ending is Ending.FAILED, entry.number)
        try:
            with closing(self._opened()) as ledger, ledger:
                ledger.execute(
                    "UPDATE calls SET attempts = ?, tokens = ?, ended = ?, failed = ? WHERE id = ?", values
                )
        except (sqlite3.Error, OSError):
            return

    def _opened(self) -> "sqlite3.Connection":
        import sqlite3

        os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
        ledger = sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None)
        try:
            ledger.execute(_SCHEMA)
        except sqlite3.Error:
            ledger.close()
            raise
        return ledger

    def _object(self, ledger: "sqlite3.Connection", most: Cost) -> None:
        if self._rests(ledger):
            raise LedgerError(f"paused for {REST_S // 60} minutes after {PATIENCE} failures in a row")
        budget = self._budget
        for what, condition, value, calls, tokens in (
            ("run", "run = ?", self._run, budget.run_calls, budget.run_tokens),
            ("day", "day = ?", _today(), budget.day_calls, budget.day_tokens),
        ):
            attempts, spent = ledger.execute(f"{_SPENT} {condition}", (value,)).fetchone()
            if attempts + most.attempts > calls:
                raise LedgerError(f"the budget of a {what}, {calls:,} calls, leaves no room for another")
            if spent + most.tokens > tokens:
                raise LedgerError(
                    f"the budget of a {what}, {tokens:,} tokens, leaves no room for another call"
                )

    def _rests(self, ledger: "sqlite3.Connection") -> bool:
        last = ledger.execute(
            "SELECT failed, ended FROM calls WHERE service = ? AND ended IS NOT NULL"
            " ORDER BY ended DESC LIMIT ?",
            (self._service, PATIENCE),
        ).fetchall()
        if len(last) < PATIENCE or not all(failed for failed, _ in last):
            return False
        ended: float = last[0][1]
        return 0 <= time.time() - ended < REST_S


def _today() -> int:
    return date.today().toordinal()
