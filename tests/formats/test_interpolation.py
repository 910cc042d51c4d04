"""References to variables inside a text, and what becomes of them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.formats.interpolation import (
    MAX_EXPANDED,
    MAX_REFERENCES,
    DollarEscape,
    expand,
    read_references,
)

DOUBLED, BACKSLASH = DollarEscape.DOUBLED, DollarEscape.BACKSLASH


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$A-${B}", [("A", "", "", 0), ("B", "", "", 0)]),
        ("${A:-x}${B-}", [("A", ":-", "x", 0), ("B", "-", "", 0)]),
        ("${A:?not set}${B?}", [("A", ":?", "not set", 0), ("B", "?", "", 0)]),
        ("${A:+x}${B+y}", [("A", ":+", "x", 0), ("B", "+", "y", 0)]),
        ("${A:-${B:-$C}}", [("A", ":-", "${B:-$C}", 0), ("B", ":-", "$C", 1), ("C", "", "", 2)]),
        ('${A:-{"a": {}}}', [("A", ":-", '{"a": {}}', 0)]),
        ("$$A $${B} ${C:-$$d}", [("C", ":-", "$$d", 0)]),
        ("${A:-a\nb}", [("A", ":-", "a\nb", 0)]),
        ("no reference }{", []),
    ],
)
def test_references(text: str, found: list[tuple[str, str, str, int]]) -> None:
    read = read_references(text, DOUBLED)
    assert [(one.name, one.operator, one.operand, one.depth) for one in read.found] == found
    assert read.malformed == ()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a $", ["$"]),
        ("pa$1", ["$"]),
        ("${}", ["${}"]),
        ("${A b}", ["${A b}"]),
        ("${A", ["${"]),
        ("$(x)", ["$"]),
    ],
)
def test_malformed_references(text: str, places: list[str]) -> None:
    read = read_references(text, DOUBLED)
    assert [text[span.start : span.end] for span in read.malformed] == places


def test_a_shell_takes_a_lone_dollar_as_it_is() -> None:
    read = read_references(r"a $ $(x) \$A ${B%%:*} $C", BACKSLASH)
    assert [one.name for one in read.found] == ["B", "C"]
    assert read.malformed == ()


def test_positions_in_a_part_of_a_text() -> None:
    text = "😋 ${A:-x} $B ${C}"
    read = read_references(text, DOUBLED, 2, 14)
    assert [text[one.start : one.end] for one in read.found] == ["${A:-x}", "$B"]
    assert [text[slice(*one.name_span)] for one in read.found] == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", "x"),
        ("$A/${A}", "1/1"),
        ("${EMPTY:-d}${EMPTY-d}", "d"),
        ("${NONE:-${A}2}", "12"),
        ("${A:+s}${EMPTY:+s}${EMPTY+t}${NONE+u}", "st"),
        ("${A:?m}", "1"),
        ("$NONE", None),
        ("${NONE:?m}", None),
        ("$$A", "$A"),
        ("a$", None),
    ],
)
def test_expansion(text: str, expected: str | None) -> None:
    assert expand(text, DOUBLED, {"A": "1", "EMPTY": ""}.get) == expected


def test_expansion_keeps_what_a_backslash_escapes() -> None:
    assert expand(r"\$A $A", BACKSLASH, {"A": "1"}.get) == r"\$A 1"


def test_expansion_has_a_limit() -> None:
    assert expand("$A$A", DOUBLED, lambda name: "x" * MAX_EXPANDED) is None


@pytest.mark.parametrize(
    "bomb",
    [
        "${" * 500_000,
        "${A:-" * 200_000,
        "$A" * 500_000,
        "{}" * 500_000,
        "${A" + "{" * 1_000_000,
        "$" * 1_000_000,
    ],
)
def test_bombs_cost_little(bomb: str) -> None:
    started = time.process_time()
    assert len(read_references(bomb, DOUBLED).found) <= MAX_REFERENCES
    expand(bomb, DOUBLED, lambda name: "")
    assert time.process_time() - started < 5


ODD = st.text(alphabet="${}:-+?AB{}\\ \n😋\0", max_size=40)


@given(ODD, st.sampled_from(DollarEscape))
def test_every_reference_is_where_it_says(text: str, escape: DollarEscape) -> None:
    read = read_references(text, escape)
    for one in read.found:
        assert text[slice(*one.name_span)] == one.name
        assert text[one.start] == "$"
        assert text[one.start : one.end].removesuffix("}").endswith(one.operator + one.operand)
    assert [one.start for one in read.found] == sorted(one.start for one in read.found)
    assert all(0 <= span.start < span.end <= len(text) for span in read.malformed)


@given(ODD)
def test_expansion_leaves_no_reference(text: str) -> None:
    expanded = expand(text, DOUBLED, lambda name: "v")
    if expanded is not None and "$$" not in text:
        assert "$" not in expanded
