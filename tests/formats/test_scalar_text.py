"""Offsets in a decoded scalar lead back to the file."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.formats.nodes import Scalar
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.formats.yaml import read_yaml

WORD = re.compile(r"\S+")


def scalar_of(source: str) -> Scalar:
    node = read_yaml(source).documents[0].at("k")
    assert isinstance(node, Scalar)
    return node


@pytest.mark.parametrize(
    "source",
    [
        "k: one two",
        'k: "one two"',
        "k: 'it one'",
        "k: one\n  two\n\n  three",
        "k: 'one\n  two'",
        "k: |\n  one two\n\n    three\n  four\n",
        "k: |-\n   one\n   two 😀 x",
        "k: |2\n    one\n  two\n",
        "k: >\n  one\n  two\n\n  three\n    four\n",
        "k: &a !!str |\n  one\n  two\n",
        "k: # why\n  |\n  one\n",
        "j:\n  k: 1\nk: &x 'one two'",
        '{"k": "one two"}',
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_words_are_found_where_they_are_written(source: str, newline: str) -> None:
    source = source.replace("\n", newline)
    scalar = scalar_of(source)
    place = script_offsets(source, scalar)
    for match in WORD.finditer(scalar.text):
        assert source[place(match.start()) : place(match.end())] == match.group()


@pytest.mark.parametrize(
    ("source", "word", "written"),
    [
        ('k: "a \\"b\\" c\\u0041d e"', "e", "e"),
        ('k: "a \\"b\\" x\\u0041y e"', "xAy", "x\\u0041y"),
        ("k: 'it''s me'", "me", "me"),
        ("k: 'it''s me'", "it's", "it''s"),
        ('k: "a\n  b \\n c"', "c", "c"),
        ('k: "a \\\n   b c"', "c", "c"),
    ],
)
def test_escapes_are_counted(source: str, word: str, written: str) -> None:
    scalar = scalar_of(source)
    place = script_offsets(source, scalar)
    at = scalar.text.index(word)
    assert source[place(at) : place(at + len(word))] == written


lines = st.lists(st.text("ab $|'\":#{}-é😀\t", max_size=12).map(str.rstrip), min_size=1, max_size=6)


@given(lines, st.sampled_from(["|", "|-", "|+"]), st.integers(1, 4), st.sampled_from(["\n", "\r\n"]))
def test_literal_blocks_are_exact(body: list[str], style: str, indent: int, newline: str) -> None:
    content = [f"x{line}" for line in body]
    source = newline.join([f"k: {style}", *(" " * indent + line for line in content), "z: 1", ""])
    scalar = scalar_of(source)
    place = script_offsets(source, scalar)
    for at, char in enumerate(scalar.text.rstrip("\n")):
        if char != "\n":
            assert source[place(at)] == char


@given(st.text("ab'\"\\\n :#|>-{}é😀 ", max_size=40), st.integers(0, 60))
def test_every_offset_stays_inside_the_scalar(source: str, offset: int) -> None:
    for document in read_yaml(f"k: {source}").documents:
        node = document.at("k")
        if isinstance(node, Scalar):
            assert node.start <= script_offsets(f"k: {source}", node)(offset) <= max(node.start, node.end)
