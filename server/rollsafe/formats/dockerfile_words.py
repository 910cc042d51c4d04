"""Words of a Dockerfile instruction: splitting, quotes and escapes, the JSON form.

Works on the *body* of an instruction: its source with every line continuation, and every comment or
blank line inside one, replaced by as many `FILLER` characters. A body is therefore one logical line
whose offsets are those of the source. Filler joins what it stands between, as the builder does.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.text.patterns import lazily

FILLER: Final = "\ue000"
MAX_WORDS: Final = 5_000
MAX_BODY: Final = 65_535
"""The builder refuses longer lines; words are looked for in this much of an instruction."""

_QUOTED: Final = r""""(?:[^"{escape}]|{escape}.)*+"?|'[^']*+'?"""
_PARTS: Final = (
    r"""
    (?: [^\s"'<{escape}{filler}]++      # plain characters
      | {escape}(?:.|\Z)
      | {filler}++(?=[^\s{filler}])     # a continuation in the middle of a word
      | """
    f"{_QUOTED}"
    r"""
      | <<[ \t]*+ | <                   # a here-document's delimiter may stand apart
    )++"""
)
_HEREDOC: Final = r"(?P<descriptor>\d*)<<(?P<chomp>-?)[ \t]*(?P<name>[^<]+)\Z"


def _compile(pattern: str, escape: str) -> re.Pattern[str]:
    text = pattern.replace("{escape}", re.escape(escape)).replace("{filler}", FILLER)
    return lazily(text, re.X | re.S)


_WORD: Final = {escape: _compile(_PARTS, escape) for escape in "\\`"}
_GAP = lazily(rf"[\s{FILLER}]*")
_MARKER = lazily(_HEREDOC, re.S)
_QUOTES = lazily(r"""["'\\`]""")
_UNQUOTE: Final = {
    escape: _compile(r"""(?P<quoted>""" f"{_QUOTED}" r""") | {escape}(?P<escaped>.)""", escape)
    for escape in "\\`"
}
_IN_QUOTES: Final = {escape: _compile(r"""{escape}(["${escape}])""", escape) for escape in "\\`"}
_ITEM = lazily(rf'[\s{FILLER}]*+("(?:[^"\\]|\\.)*+")[\s{FILLER}]*+', re.S)
_OPENING = lazily(rf"[\s{FILLER}]*+\[")


class Word:
    """A word of an instruction; `text` without quotes and escapes, the span with them."""

    __slots__ = ("end", "start", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"Word({self.text!r})"


def raw_words(body: str, at: int, escape: str) -> Iterator[tuple[int, int]]:
    """Yield where the words of `body` from `at` on begin and end, at most `MAX_WORDS` of them."""
    match_word, match_gap = _WORD[escape].match, _GAP.match
    for _ in range(MAX_WORDS):
        gap = match_gap(body, at, MAX_BODY)
        start = gap.end() if gap is not None else at
        word = match_word(body, start, MAX_BODY)
        if word is None:
            return
        at = word.end()
        yield start, at


def word_at(body: str, start: int, end: int, base: int, escape: str) -> Word:
    """Return `body[start:end]` as a word; `base` is the offset of the body in the file."""
    return Word(unquote(body[start:end], escape), base + start, base + end)


def unquote(raw: str, escape: str) -> str:
    """Return what a word stands for: filler, quotes and escapes removed, variables left alone."""
    if FILLER in raw:
        raw = raw.replace(FILLER, "")
    if _QUOTES.search(raw) is None:
        return raw
    return _UNQUOTE[escape].sub(lambda match: _unquoted(match, escape), raw)


def _unquoted(match: re.Match[str], escape: str) -> str:
    quoted = match["quoted"]
    if quoted is None:
        # An escaped `$` keeps its escape, so that it is not taken for a variable afterwards.
        return match[0] if match["escaped"] == "$" else match["escaped"]
    closed = len(quoted) > 1 and quoted[-1] == quoted[0]
    inner = quoted[1:-1] if closed else quoted[1:]
    if quoted[0] == "'":
        return inner
    return _IN_QUOTES[escape].sub(lambda found: found[0] if found[1] == "$" else found[1], inner)


def heredoc_marker(raw: str) -> re.Match[str] | None:
    """Match a word that opens a here-document: groups `descriptor`, `chomp` and `name` (quoted)."""
    return _MARKER.match(raw)


def json_words(body: str, at: int, base: int) -> tuple[Word, ...] | None:
    """Return the items of the JSON array of strings that is all of `body` from `at` on; else None.

    None is also what the builder makes of a broken array: it reads the instruction as shell text.
    """
    opening = _OPENING.match(body, at)
    if opening is None or len(body) > MAX_BODY:
        return None
    at = opening.end()
    items: list[Word] = []
    empty = _GAP.match(body, at)
    if empty is not None and body.startswith("]", empty.end()):
        return () if _is_gap(body, empty.end() + 1) else None
    while len(items) < MAX_WORDS:
        match = _ITEM.match(body, at)
        text = _decoded(match[1]) if match is not None else None
        if match is None or text is None:
            return None
        items.append(Word(text, base + match.start(1), base + match.end(1)))
        at = match.end() + 1
        if body.startswith("]", at - 1):
            return tuple(items) if _is_gap(body, at) else None
        if not body.startswith(",", at - 1):
            return None
    return None


def _is_gap(body: str, at: int) -> bool:
    gap = _GAP.match(body, at)
    return gap is not None and gap.end() == len(body)


def _decoded(literal: str) -> str | None:
    literal = literal.replace(FILLER, "")
    if "\\" not in literal and literal.find('"', 1) == len(literal) - 1:
        return literal[1:-1]
    from json import loads  # few files need it

    try:
        text = loads(literal, strict=False)
    except ValueError:
        return None
    return text if isinstance(text, str) else None
