"""Text made harmless: what is invisible is spelled out, what could be followed is taken out.

A model's sentences end up in terminals and editors. They carry no links, no markup, no control
characters and nothing that reorders or hides text, whatever the model was talked into.
"""

import re
from unicodedata import category

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Cn"})
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)|.)?")
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\](?:\([^()]{0,1000}\)|\[[^\[\]]{0,500}\])")
_AUTOLINK = re.compile(r"(?<!<)<[A-Za-z][A-Za-z0-9+.-]{0,30}:[^<>\s]{0,1000}>(?!>)")
_TAG = re.compile(r"(?<!<)</?[A-Za-z!?][^<>]{0,1000}>(?!>)")
_URL = re.compile(
    r"(?i)(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.|\b(?:mailto|javascript|vbscript|command|vscode):"
    r"|\bdata:[\w/+.-]{1,60}[;,])\S{1,2000}"
)
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_FENCE = re.compile(r"`{3,}|~{3,}")
_LONGEST = 8_000
_PASSES = 5


def spelled_out(text: str) -> str:
    """Return `text` with characters nobody can see written as `<U+202E>`; tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"<U+{ord(char):04X}>" if _is_hidden(char) else char for char in text)


def plain(text: str, limit: int) -> str:
    """Return one line of plain text, at most `limit` characters long.

    Links keep their words and lose their target; addresses become `(link removed)`. Text that still
    changes after several passes is built to slip through, and nothing of it is returned.
    """
    text = _ESCAPE.sub("", text[:_LONGEST])
    text = "".join(_visible(char) for char in text)
    for _ in range(_PASSES):
        before, text = text, _without_markup(text)
        if text == before:
            text = text.replace("](", "] (").replace("][", "] [")
            return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
    return ""


def escaped(text: str) -> str:
    """Return plain text as Markdown that shows it as it is."""
    return _MARKUP.sub(r"\\\1", text)


def _is_hidden(char: str) -> bool:
    return char != "\t" and category(char) in _HIDDEN


def _visible(char: str) -> str:
    """Return the character, a space for one that breaks or spaces lines, or nothing."""
    if char in "\t\r\n\v\f\x85\u2028\u2029":
        return "\n"
    return "" if category(char) in _HIDDEN else char


def _without_markup(text: str) -> str:
    for _ in range(_PASSES):
        text = _LINK.sub(r"\1", text)
    text = _TAG.sub("", _AUTOLINK.sub("(link removed)", text))
    text = _FENCE.sub("", _URL.sub("(link removed)", text))
    return " ".join(text.split())
