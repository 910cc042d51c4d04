"""The reader of Ruby: heredocs, positions, half-typed files, hostile input."""

import json
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rollsafe.formats.code import Call, Text, walk
from rollsafe.formats.code.ruby import read_ruby


def texts(source: str) -> list[str]:
    """Return what strings hold that are read; a heredoc begins with the end of a line."""
    return [
        one.value.strip("\n")
        for code in read_ruby(source).body
        for one in walk(code)
        if isinstance(one, Text)
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("execute <<~SQL\n  SELECT 1\nSQL\n", ["  SELECT 1"]),
        ("execute <<SQL\nSELECT 1\nSQL\nrun 'x'\n", ["SELECT 1", "x"]),
        ("execute(<<-'END OF IT'.strip)\n  é\n  END OF IT\n", ["  é\n  "]),
        ('execute <<~"SQL", <<~NEXT\n a\nSQL\n b\nNEXT\n', [" a", " b"]),
        ("execute <<~SQL\n  SQLS\n  SQL x\n  SQL  \nrun 'x'\n", ["  SQLS\n  SQL x\n  ", "x"]),
        ("execute <<~SQL\n  0\n  S\nSQL\n", ["  0\n  S"]),
        (f"execute <<~{'SQL' * 100}\n  a\n{'SQL' * 100}\nrun 'x'\n", ["  a", "x"]),
        ("execute <<~SQL\n  SELECT 1\n", ["  SELECT 1"]),
        ("execute <<~SQL\n  SELECT 1\n  SQ", ["  SELECT 1\n  SQ"]),
        ("rows <<'x'\nrun 'y'\n", ["x", "y"]),
        ("class A\n  class <<self\n    run 'x'\n  end\nend\n", ["x"]),
        ("=begin\nrun 'x'\n=end\nrun 'y'\n", ["y"]),
    ],
)
def test_heredocs_hold_what_stands_in_them(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


def test_a_heredoc_is_where_it_is_written() -> None:
    source = "execute('é', <<~STATEMENT)\n  SELECT 1\nSTATEMENT\n"
    (call,) = read_ruby(source).body
    assert isinstance(call, Call)
    held = call.at(1)
    assert isinstance(held, Text)
    assert source[held.start : held.end] == "<<~STATEMENT"
    assert source[held.inner.start : held.inner.end].strip() == "SELECT 1"


@pytest.mark.parametrize(
    "text",
    [
        "class A\n  def change\n    run 'x'\n    add_column :a, ",
        "class A\n  def change\n    run 'x'\n    execute <<~SQL\n      SELECT",
        "class A\n  def change\n    run 'x'\n    t.index [:a",
        "class A\n  def change\n    run 'x'\n    if ",
    ],
)
def test_a_half_typed_file_keeps_what_stands_before(text: str) -> None:
    assert "x" in texts(text)


HOSTILE = {
    "deep": "f(" * 90_000,
    "deep in words": "begin " * 30_000,
    "conditions": "if a\n" * 30_000,
    "large": "a\n" * 1_700_000,
    "heredocs in a line": "<<A," * 40_000,
    "heredocs that fill what the parser keeps": "".join(f"<<~A{n}," for n in range(20_000)),
    "a heredoc with a long name": f"<<{'A' * 300},<<B\nx\n{'A' * 300}\nB\n",
    "a heredoc with a quoted long name": f"<<'{'A b' * 9_000}',<<B\nx\n",
    "heredocs in interpolations": "".join(f'"#{{<<A{n}}}\n' for n in range(9_000)),
    "strings in interpolations": '"#{' * 60_000,
    "comments without an end": "=begin\n" * 25_000,
    "comments in a string without an end": '"' + "#a\n" * 60_000,
    "regular expressions": "/[" * 90_000,
    "words in a row": "a b " * 45_000,
    "questions": "a ? " * 45_000,
    "ranges": "a.." * 45_000,
    "digits": "1" * 190_000,
    "nothing": "\0" * 150_000,
}  # fmt: skip


def test_hostile_files_neither_kill_nor_stall() -> None:
    """In a process of its own, since what a parser may do is to end it."""
    script = (
        "import sys, json; from rollsafe.formats.code.ruby import read_ruby as r\n"
        "for name, text in json.load(sys.stdin).items(): r(text); print(name, flush=True)"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, input=json.dumps(HOSTILE), text=True, capture_output=True, timeout=120, check=False
    )
    assert done.stdout.splitlines() == list(HOSTILE), done.stderr


def test_a_file_that_is_too_much_says_so() -> None:
    assert [one.message for one in read_ruby("(" * 101 + ")" * 101).problems] == ["nested more than 100 deep"]
    assert read_ruby("a\n" * 150_000).problems[0].message == "larger than 200000 characters"
    assert read_ruby("a b " * 45_000).problems[0].fatal
    chains = ("`" * 12_000, "`a` " * 4_000, '"" ' * 5_000, "''\n" * 5_000)
    assert {read_ruby(one).problems[0].message for one in chains} == {"too many strings in a row"}
    assert not read_ruby("add 'a', \"\", ' '\n" * 500).problems


@given(st.text(st.sampled_from("aéAS(){}[]<>~-_`'\"/*+=;:,.?! \n\r\\#@&|%\0\ud800"), max_size=60))
@example("<<")
@example("<<~A\nA")
@example("class <<a")
@example("<<'a'\na")
@example("=begin")
def test_any_text_is_read(text: str) -> None:
    program = read_ruby(text)
    for code in program.body:
        for one in walk(code):
            assert 0 <= one.start <= one.end <= len(text)
