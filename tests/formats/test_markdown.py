"""The Markdown reader: what it tells apart, where it says things are, and that it always ends."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.formats.markdown import MAX_LINES, Markdown, read_markdown


def headings(text: str) -> list[tuple[int, str]]:
    return [(heading.level, heading.text) for heading in read_markdown(text).headings]


def codes(text: str) -> list[str]:
    return [code.text for code in read_markdown(text).codes]


def links(text: str) -> list[tuple[str, str]]:
    return [(link.text, link.target) for link in read_markdown(text).links]


def blocks(text: str) -> list[tuple[bool, str]]:
    read = read_markdown(text)
    return [(block.is_item, text[block.start : block.end]) for block in read.blocks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One\n## Two ##\n", [(1, "One"), (2, "Two")]),
        ("#One\n####### seven\n", []),
        ("# C#\n", [(1, "C#")]),
        ("#\n", [(1, "")]),
        ("   # in\n    # code\n", [(1, "in")]),
        ("Title\n=====\nSub\n---\n", [(1, "Title"), (2, "Sub")]),
        ("two\nlines\n---\n", []),
        ("- item\n---\n", []),
        ("## **Bold** `code` [link](a.md)\n", [(2, "Bold code link")]),
        ("# a\r# b\r\n# c", [(1, "a"), (1, "b"), (1, "c")]),
        ("\ufeff---\na: b\n---\n# x\n", [(1, "x")]),
        ("# a\u2028# b\n", [(1, "a\u2028# b")]),
    ],
)
def test_headings(text: str, expected: list[tuple[int, str]]) -> None:
    assert headings(text) == expected


def test_a_heading_covers_its_line() -> None:
    text = "é\r\n\r\n  ## Two ##  \r\nx"
    (heading,) = read_markdown(text).headings
    assert text[heading.start : heading.end] == "  ## Two ##  "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a `b` c `` d`e `` `f", ["b", "d`e"]),
        ("`a\nb` and `c`", ["a\nb", "c"]),
        ("`a\n\nb` and `c`", ["and"]),
        (r"\`a` b`", [" b"]),
        ("- x `a`\n- y `b`\n", ["a", "b"]),
        ("| `a` | b |\n|---|---|\n| `c` | d |\n", ["a", "c"]),
        ("# `h`\n", ["h"]),
        ("```\n`no`\n```\n`yes`\n", ["yes"]),
        ("~~~ yaml\n`no`\n```\n~~~\n`yes`\n", ["yes"]),
        ("````\n```\n`no`\n````\n`yes`\n", ["yes"]),
        ("1. step\n   ```sh\n   `no`\n   ```\n   `yes`\n", ["yes"]),
        ("```\n`unfinished`\n", []),
        ("<!-- `no`\n\n`no` -->\n`yes`\n", ["yes"]),
        ("a <!-- `no` --> `yes`\n", ["yes"]),
        ("para\n\n    `no`\n\n`yes`\n", ["yes"]),
        ("- item\n\n    `yes`\n", ["yes"]),
        ("``` a `b` ```\n", ["a `b`"]),
    ],
)
def test_inline_code_is_found_where_prose_is(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](b.md)", [("a", "b.md")]),
        ("[a]( <b c.md> 'title' )", [("a", "b c.md")]),
        ("![a](b.png) [`c`](d.md#e)", [("a", "b.png"), ("`c`", "d.md#e")]),
        ("[a](b(c).md) [d](e f)", [("a", "b(c).md")]),
        ("[![a](b.svg)](c.md)", [("a", "b.svg"), ("![a](b.svg)", "c.md")]),
        ("[a]: b.md\n[^1]: note\n", [("a", "b.md")]),
        ("[a](\nb.md)", [("a", "b.md")]),
        ("[a](b.md", []),
        ("`[a](b.md)`", []),
        (r"\[a](b.md)", []),
        ("[a]()", [("a", "")]),
    ],
)
def test_links(text: str, expected: list[tuple[str, str]]) -> None:
    assert links(text) == expected


def test_blocks_are_paragraphs_and_items() -> None:
    text = "one\ntwo\n\n- three\n  four\n- five\n1. six\n\n> seven\n***\neight\n# h\nnine"
    assert blocks(text) == [
        (False, "one\ntwo"), (True, "- three\n  four"), (True, "- five"), (True, "1. six"),
        (False, "> seven"), (False, "eight"), (False, "nine"),
    ]  # fmt: skip


def test_tables() -> None:
    text = "x\n\n| a | b \\| c |\n|:--|--:|\n| 1 | 2 |\nd | e |\n\n|no|table|\n"
    (table,) = read_markdown(text).tables
    assert [cell.text for cell in table.header] == ["a", "b \\| c"]
    assert [[cell.text for cell in row] for row in table.rows] == [["1", "2"], ["d", "e"]]
    for cell in (*table.header, *table.rows[0], *table.rows[1]):
        assert text[cell.start : cell.end] == cell.text
    assert text[table.start : table.end].endswith("d | e |")


def test_fences_keep_their_body() -> None:
    text = "```yaml title=x\na: b\n```\n"
    (fence,) = read_markdown(text).fences
    assert (fence.info, text[fence.start : fence.end]) == ("yaml title=x", "a: b\n")


def test_front_matter() -> None:
    text = "---\nstatus: 'accepted'\ntags:\n  - a: b\n# c: d\n---\n# T\n"
    read = read_markdown(text)
    assert [(field.name, field.value) for field in read.fields] == [("status", "accepted"), ("tags", "")]
    assert text[read.fields[0].start : read.fields[0].end] == "'accepted'"
    assert read_markdown("---\na: b\n").fields == []
    assert read_markdown("x\n---\na: b\n---\n").fields == []


BOMBS = {
    "backticks": "`a" * 100_000,
    "backtick runs": "".join("`" * n + " " for n in range(700)),
    "open links": "[](" * 80_000,
    "half links": '[](a "' * 40_000,
    "nested parentheses": "[](" + "a(b)" * 60_000,
    "angle brackets": "[](<" * 60_000,
    "brackets in a heading": "# " + "](" * 100_000,
    "pipes": "|" * 200_000 + "\n|-|",
    "comments": "a <!--" * 40_000,
    "hashes": "#" * 200_000,
    "quotes": ">" * 200_000,
    "blanks": " " * 200_000 + "x",
    "digits": "1" * 200_000 + ". a",
    "items": "- a\n" * 4_999,
    "tables": "|a|b|\n|-|-|\n\n" * 1_600,
    "one long line": "x `a/b.yaml` [l](c.md) " * 10_000,
    "large": "x" * 5_000_000,
    "lines": "\n" * 1_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_or_read_in_time(name: str) -> None:
    began = time.process_time()
    read = read_markdown(BOMBS[name])
    assert len(read.codes) + len(read.links) <= 10_000
    assert time.process_time() - began < 5


def test_too_large_is_said() -> None:
    (problem,) = read_markdown("a\n" * (MAX_LINES + 1)).problems
    assert problem.fatal


def assert_positions(text: str, read: Markdown) -> None:
    for code in read.codes:
        assert text[code.start : code.end] == code.text
    for link in read.links:
        assert text[link.start : link.end] == link.target
    for heading in read.headings:
        assert "\n" not in text[heading.start : heading.end]
    for table in read.tables:
        assert all(text[c.start : c.end] == c.text for row in (table.header, *table.rows) for c in row)
    ends = [block.end for block in read.blocks]
    assert ends == sorted(ends)


PIECES = st.sampled_from(
    ["# ", "## x", "`", "``", "```", "~~~", "|", "|-|", "- ", "1. ", "> ", "[", "](", "](a.md)", ")", "]: ",
     "<!--", "-->", "---", "===", "***", "\n", "\n\n", "\r\n", "\r", "    ", "\t", "a", "é😋", "\\", "\0",
     "\ud800", "\u2028", "key: value", "<", ">", '"']
)  # fmt: skip


@given(st.lists(PIECES, max_size=40))
def test_positions_hold_whatever_is_typed(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert_positions(text, read_markdown(text))


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert_positions(text, read_markdown(text))
