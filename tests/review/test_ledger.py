"""The ledger says no before a cap is passed, to two processes as to one."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from rollsafe.review.ledger import PATIENCE, REST_S, Cost, Ending, Ledger, LedgerError
from rollsafe.workspace.user_settings import ReviewBudget


def ledger(directory: Path, of_run: str = "one", **caps: int) -> Ledger:
    return Ledger(str(directory / "own" / "ledger.sqlite3"), of_run, "https://service", ReviewBudget(**caps))


def admitted(book: Ledger, most: Cost, tries: int) -> int:
    count = 0
    for _ in range(tries):
        try:
            book.enter(most)
            count += 1
        except LedgerError:
            continue
    return count


@pytest.mark.parametrize(
    ("caps", "expected"),
    [
        ({"run_calls": 7}, 3),
        ({"run_tokens": 399}, 3),
        ({"day_calls": 5}, 2),
        ({"day_tokens": 100}, 1),
        ({"day_tokens": 99}, 0),
        ({"run_calls": 0}, 0),
    ],
)
def test_no_cap_is_passed(tmp_path: Path, caps: dict[str, int], expected: int) -> None:
    assert admitted(ledger(tmp_path, "one", **caps), Cost(2, 100), 6) == expected


def test_a_run_has_its_own_cap_and_a_day_has_one_for_all_runs(tmp_path: Path) -> None:
    books = [ledger(tmp_path, run, run_calls=2, day_calls=3) for run in "abc"]
    assert [admitted(book, Cost(1, 1), 5) for book in books] == [2, 1, 0]


def test_what_a_call_did_not_cost_is_given_back(tmp_path: Path) -> None:
    book = ledger(tmp_path, run_calls=3, run_tokens=100)
    entry = book.enter(Cost(3, 100))
    assert admitted(book, Cost(1, 1), 1) == 0
    book.settle(entry, Cost(1, 40), Ending.ANSWERED)
    assert admitted(book, Cost(1, 30), 5) == 2


def test_failures_in_a_row_are_a_pause_that_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = ledger(tmp_path)
    for ending in (Ending.FAILED, Ending.FAILED, Ending.ANSWERED, Ending.STOPPED, *[Ending.FAILED] * 3):
        book.settle(book.enter(Cost(1, 1)), Cost(1, 1), ending)
    with pytest.raises(LedgerError, match=f"after {PATIENCE} failures"):
        book.enter(Cost(1, 1))
    now = time.time()
    monkeypatch.setattr("rollsafe.review.ledger.time.time", lambda: now + REST_S + 1)
    book.settle(book.enter(Cost(1, 1)), Cost(1, 1), Ending.ANSWERED)
    monkeypatch.undo()
    book.enter(Cost(1, 1))


def test_two_processes_share_one_cap(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.review.test_ledger import *;"
        "print(admitted(ledger(Path(sys.argv[1]), sys.argv[2], day_calls=25), Cost(1, 1), 40))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path), run],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for run in ("one", "two")
    ]
    assert sum(int(process.communicate()[0]) for process in started) == 25


@pytest.mark.parametrize("content", [b"no database", b""])
def test_a_ledger_that_cannot_be_used_admits_nothing(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "own" / "ledger.sqlite3"
    file.parent.mkdir()
    if content:
        file.write_bytes(content)
    else:
        file.mkdir()
    with pytest.raises(LedgerError, match="cannot be written"):
        ledger(tmp_path).enter(Cost(1, 1))
