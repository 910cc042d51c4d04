"""Making a statement digestible for PostgreSQL's parser without moving a single character.

Placeholders of migration tools (`${x}`, `{{ x }}`, `:x`, `%(x)s`, `{x}`) become identifiers of the same
length, template control tags and characters no parser takes become blanks. `Masked.names` turns the
identifiers back into what was written.
"""

import re
from typing import Final

from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_LONGEST_NAME: Final = 63
"""PostgreSQL cuts identifiers to this many bytes; masked ones are ASCII."""

_MARKS = lazily(r"[{:%]")
_FORBIDDEN = lazily("[\x00\ud800-\udfff]")
_CONTROL_TAG = lazily(r"\{[%#][^{}\r\n]{0,200}+\}")
_PLACEHOLDER = lazily(
    r"\$\{[^{}'\r\n]{1,200}+\}"
    r"|\{\{[^{}\r\n]{1,200}+\}\}"
    r"|\{[A-Za-z_]\w{0,80}+\}"
    r"|%\(\w{1,80}+\)s"
    r"""|(?<![:\w\]\)"']):(?:[A-Za-z_]\w{0,80}+|'[A-Za-z_]\w{0,80}+'|"[A-Za-z_]\w{0,80}+")"""
)
_LINE_BREAK = lazily(r"[ \t]*[\r\n]\s*")
_NOT_WORD = lazily(r"\W", re.A)
_WORD_BEFORE = lazily(r"[\w$]*\Z", re.A)
_WORD_AFTER = lazily(r"[\w$]*+", re.A)


class Masked(NamedTuple):
    """A text for the parser; `names` maps folded masked identifiers to what was written there."""

    text: str
    names: dict[str, str]


def mask(text: str) -> Masked:
    """Return `text` in a form the parser takes, equally long."""
    original = text
    if "\x00" in text or not text.isascii():
        text = _FORBIDDEN.sub(" ", text)
    if not _MARKS.search(text):
        return Masked(text, {})
    if "{%" in text or "{#" in text:
        text = _CONTROL_TAG.sub(lambda match: " " * len(match[0]), text)
    spans: list[tuple[int, int]] = []
    masked = _PLACEHOLDER.sub(lambda match: _identifier(match, spans), text)
    return Masked(masked, _names(original, masked, spans))


def is_placeholder(text: str) -> bool:
    """Say whether `text` is nothing but what a tool fills in."""
    if not _MARKS.search(text):
        return False
    return not _PLACEHOLDER.sub("", _CONTROL_TAG.sub("", text)).strip()


def leading_placeholders(text: str) -> int:
    """Return where `text` begins after the lines that a tool fills in; 0 if there are none."""
    at = 0
    while text[at : at + 1] in ("{", "$") and at < len(text):
        found = _PLACEHOLDER.match(text, at) or _CONTROL_TAG.match(text, at)
        line = _LINE_BREAK.match(text, found.end()) if found is not None else None
        if line is None:
            break
        at = line.end()
    return at


def _identifier(match: re.Match[str], spans: list[tuple[int, int]]) -> str:
    spans.append(match.span())
    return "_" + _NOT_WORD.sub("_", match[0][1:])


def _names(original: str, masked: str, spans: list[tuple[int, int]]) -> dict[str, str]:
    """Map every identifier that holds a placeholder, as PostgreSQL folds and cuts it."""
    names: dict[str, str] = {}
    for start, end in spans:
        before = _WORD_BEFORE.search(masked, max(0, start - _LONGEST_NAME), start)
        after = _WORD_AFTER.match(masked, end, end + _LONGEST_NAME)
        first = before.start() if before else start
        last = after.end() if after else end
        name = masked[first:last][:_LONGEST_NAME]
        names[name] = names[name.lower()] = original[first:last]
    return names
