"""Environment files into located entries."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.formats.dotenv import MAX_ENTRIES, read_dotenv


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\nB=2", {"A": "1", "B": "2"}),
        ("\ufeffA=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("A=1\rB=2\r", {"A": "1", "B": "2"}),
        ("export A=1\nexport B\n", {"A": "1", "B": None}),
        ("A = 1\nB: 2\n", {"A": "1", "B": "2"}),
        ("A=\nB\n", {"A": "", "B": None}),
        ("A=x=y:z\n", {"A": "x=y:z"}),
        ("A=a b # c\nB=a#b\nC=#c\n", {"A": "a b", "B": "a#b", "C": ""}),
        ("A='x # $Y\nmore' # c\nB=1\n", {"A": "x # $Y\nmore", "B": "1"}),
        ('A="x\\n\\"y\\" \\$Z"\n', {"A": 'x\n"y" $Z'}),
        ("# A=1\n  B=2\n", {"B": "2"}),
        ("A.b-c=1\n", {"A.b-c": "1"}),
    ],
)
def test_values(text: str, expected: dict[str, str | None]) -> None:
    tree = read_dotenv(text)
    assert {entry.name: entry.value for entry in tree.entries} == expected
    assert tree.problems == ()


def test_positions() -> None:
    text = "# 😋\r\nexport A='😋x' # c\r\n\tB=y z\r\n"
    tree = read_dotenv(text)
    assert [text[slice(*entry.name_span)] for entry in tree.entries] == ["A", "B"]
    assert [text[slice(*entry.value_span)] for entry in tree.entries] == ["😋x", "y z"]
    assert [text[entry.start : entry.end] for entry in tree.entries] == ["A='😋x'", "B=y z"]
    assert [comment.text for comment in tree.comments] == ["😋"]
    assert [entry.expands for entry in tree.entries] == [False, True]


@pytest.mark.parametrize(
    ("text", "names", "message"),
    [
        ('A="open\nB=1\n', ["A", "B"], "quote is not closed"),
        ('A="open\nB="x"\n', ["A", "B"], "quote is not closed"),
        ("A='open", ["A"], "quote is not closed"),
        ("=1\nB=2\n", ["B"], "line without a variable name"),
        ("two words\n", [], "line without a variable name"),
        ("A='1' 2\n", ["A"], "text after the value"),
    ],
)
def test_broken_lines_spoil_no_others(text: str, names: list[str], message: str) -> None:
    tree = read_dotenv(text)
    assert [entry.name for entry in tree.entries] == names
    assert [problem.message for problem in tree.problems] == [message]


def test_nothing_prints_a_value() -> None:
    tree = read_dotenv("A=s3cret\nB='s3cret'\n")
    assert "s3cret" not in repr(tree) + repr(tree.entries) + str(tree.entries[0])


def test_too_many_lines_are_said() -> None:
    tree = read_dotenv("A=1\n" * (MAX_ENTRIES + 1))
    assert len(tree.entries) == MAX_ENTRIES
    assert [problem.fatal for problem in tree.problems] == [True]


@pytest.mark.parametrize(
    "bomb",
    [
        "x" * 5_000_000, 'A="\n' * 200_000, "A='x\n" * 200_000, 'A="\\\n' * 200_000, "\n" * 1_000_000,
        "A=" + "x" * 1_000_000, "a" * 1_000_000, "#\n" * 500_000, "A" + " " * 1_000_000, "export " * 140_000,
        'A="' + "\\" * 1_000_000, "A=" + " #" * 500_000, "\0" * 1_000_000,
    ],
)  # fmt: skip
def test_bombs_cost_little(bomb: str) -> None:
    started = time.process_time()
    read_dotenv(bomb)
    assert time.process_time() - started < 5


ODD = st.text(alphabet="AB=:'\"#\\ \t\n\r$export\ufeff\0😋\ud800\u2028", max_size=60)


@given(ODD)
def test_entries_are_ordered_and_where_they_say(text: str) -> None:
    tree = read_dotenv(text)
    at = 0
    for entry in tree.entries:
        assert at <= entry.start == entry.name_span.start
        assert entry.name_span.end <= entry.value_span.start <= entry.value_span.end <= entry.end
        assert text[slice(*entry.name_span)] == entry.name
        at = entry.end
    assert at <= len(text)
