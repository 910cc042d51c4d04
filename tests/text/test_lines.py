"""Positions in three encodings, over texts with every kind of line end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.text import Edit, Encoding, LineIndex, Position, Span, apply_edits, nearest, overlap

TEXTS = st.text(alphabet=st.sampled_from("ab é😋\n\r\t\x0b\x0c\x85\u2028"), max_size=60)


@given(TEXTS, st.sampled_from(list(Encoding)))
def test_every_offset_comes_back_from_its_position(text: str, encoding: Encoding) -> None:
    index = LineIndex(text)
    for offset in range(len(text) + 1):
        # Between \r and \n there is no position of its own: the line ends before \r.
        if text[offset - 1 : offset + 1] == "\r\n" and offset:
            continue
        assert index.offset(index.position(offset, encoding), encoding) == offset


@given(TEXTS)
def test_columns_are_code_units_of_the_line_before(text: str) -> None:
    index = LineIndex(text)
    for offset in range(len(text) + 1):
        line, column = index.position(offset, Encoding.UTF16)
        before = text[index.line_start(line) : offset]
        assert column == len(before.encode("utf-16-le")) // 2
        assert index.position(offset, Encoding.UTF8).column == len(before.encode())


@given(TEXTS, st.sampled_from(list(Encoding)), st.data())
def test_bounds_are_the_positions_of_both_ends(text: str, encoding: Encoding, data: st.DataObject) -> None:
    index = LineIndex(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    both = (*index.position(start, encoding), *index.position(end, encoding))
    assert index.bounds(start, end, encoding) == both


def test_only_newline_and_return_end_a_line() -> None:
    assert len(LineIndex("a\u2028b\x85c\x0cd\x0be")) == 1
    assert [LineIndex("a\r\nb\rc\nd").line_start(n) for n in range(4)] == [0, 3, 5, 7]


@pytest.mark.parametrize(
    ("text", "position", "offset"),
    [
        ("abc", Position(0, 99), 3),
        ("abc\n", Position(0, 99), 3),
        ("abc", Position(5, 0), 3),
        ("a😋c", Position(0, 2), 1),
        ("", Position(0, 0), 0),
    ],
)
def test_positions_outside_of_the_text_are_clamped(text: str, position: Position, offset: int) -> None:
    assert LineIndex(text).offset(position, Encoding.UTF16) == offset


def test_edits_apply_from_offsets_of_the_original() -> None:
    edits = [Edit(Span(4, 5), "X"), Edit(Span(0, 1), "yy"), Edit(Span(2, 2), "+")]
    assert apply_edits("abcde", edits) == "yyb+cdX"


def test_overlapping_edits_are_refused() -> None:
    edits = [Edit(Span(0, 3), "x"), Edit(Span(2, 4), "y")]
    assert overlap(edits)
    with pytest.raises(ValueError, match="overlap"):
        apply_edits("abcdef", edits)


def test_nearest_name() -> None:
    assert nearest("orders-ap", {"orders-api", "billing"}) == "orders-api"
    assert nearest("Orders", {"orders"}) == "orders"
    assert nearest("zzz", {"orders", "billing"}) is None
