"""A model's sentences are plain text by the time anybody sees them."""

import re
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollsafe.review.plain import plain

CASES = [
    ("`web` has one replica", "`web` has one replica"),
    ("see [the docs](https://evil.example/x)", "see the docs"),
    ("see [the docs][1] and ![pixel](http://evil.example/p.png)", "see the docs and pixel"),
    ("[[a](http://x.example)](http://y.example)", "a"),
    ("run [this](command:rollsafe.apply)", "run this"),
    ("go to https://evil.example/?q=1 today", "go to (link removed) today"),
    ("<https://evil.example> or <command:x.y>", "(link removed) or (link removed)"),
    ("h\u200bttps://evil.example", "(link removed)"),
    ("mailto:a@b.example", "(link removed)"),
    ("<img src=x onerror=alert(1)>bad <b>bold</b>", "bad bold"),
    ("\x1b[31mred\x1b[0m \x1b]8;;http://e.example\x07text", "red text"),
    ("a\u202eb\u2066c\u200dd\U000e0041e\x00f", "abcdef"),
    ("two\nlines\r\nand\u2028three", "two lines and three"),
    ("```sh\nrm -rf /\n```", "sh rm -rf /"),
    ("`src/**/*.yaml` with 2 < 3", "`src/**/*.yaml` with 2 < 3"),
    ("value <<SECRET:1>> stays", "value <<SECRET:1>> stays"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_links_markup_and_invisible_characters_are_gone(text: str, expected: str) -> None:
    assert plain(text, 200) == expected


def test_long_text_is_cut() -> None:
    assert plain("word " * 100, 20) == "word word word word…"


@settings(deadline=None)
@given(st.text(st.one_of(st.characters(), st.sampled_from("[]()<>:/!`\x1b a"))))
def test_nothing_to_follow_and_nothing_hidden_survives(text: str) -> None:
    shown = plain(text, 500)
    assert "](" not in shown
    assert re.search(r"[A-Za-z][\w+.-]+://\S", shown, re.ASCII) is None
    assert not any(category(char) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} for char in shown)
    assert len(shown) <= 500
    assert plain(shown, 500) == shown
