"""Whether a JSONata expression can be read: tokens and precedence as in its reference implementation."""

import re
from typing import Final

from rollsafe.text.tuples import NamedTuple

_DEEPEST: Final = 80
_LONGEST: Final = 20_000
_MOST_TOKENS: Final = 5_000

_POWERS: Final = {
    ".": 75, "[": 80, "{": 70, "(": 80, "@": 80, "#": 80, "?": 20, "+": 50, "-": 50, "*": 60, "/": 60,
    "%": 60,    "=": 40, "<": 40, ">": 40, "^": 40,
    ":=": 10, "!=": 40, "<=": 40, ">=": 40, "~>": 40, "?:": 40,
    "??": 40, "and": 30, "or": 25, "in": 40, "&": 50,
}  # fmt: skip
_SKIPPED = re.compile(r"(?:\s+|/\*.*?\*/)+", re.S)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', re.S)
_ESCAPE = re.compile(r"\\(?:u(?![0-9a-fA-F]{4})|[^\"\\/bfnrtu'])")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_REGEX = re.compile(r"/((?:[^/\\\n]|\\.)+)/[im]*")
_DOUBLE = ("**", "..", ":=", "!=", "<=", ">=", "~>", "?:", "??")
_SINGLE: Final = frozenset(".[]{}(),@#;:?+-*/%|=<>^&!~")
_WORD = re.compile(r"[^\s.\[\]{}(),@#;:?+\-*/%|=<>^&!~\"'`]+")
_QUOTED_NAME = re.compile(r"`[^`]*`")
_BEFORE_VALUE: Final = frozenset({"", ")", "]", "}"})


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


class _TooDeepError(Exception):
    """Nobody looks further down."""


class _UnreadableError(Exception):
    """The expression ends or goes on where it must not."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def expression_fault(text: str) -> str | None:
    """Return why an expression, without its `{% %}`, cannot be read; None where it can."""
    if len(text) > _LONGEST:
        return None
    try:
        tokens = _tokens(text)
        if len(tokens) <= _MOST_TOKENS:
            _Parser(tokens).whole()
    except _UnreadableError as unreadable:
        return unreadable.said
    except _TooDeepError:
        return None
    return None


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        skipped = _SKIPPED.match(text, at)
        if skipped is not None:
            at = skipped.end()
            continue
        token = _token(text, at, found[-1] if found else None)
        found.append(token)
        at = token.at + len(token.text)
    found.append(_Token("end", "", len(text)))
    return found


def _token(text: str, at: int, before: _Token | None) -> _Token:
    letter = text[at]
    if letter == "/" and (before is None or (before.kind == "operator" and before.text not in _BEFORE_VALUE)):
        regex = _REGEX.match(text, at)
        if regex is None:
            raise _UnreadableError("a regular expression has no end")
        return _Token("value", regex[0], at)
    double = text[at : at + 2]
    if double in _DOUBLE:
        return _Token("operator", double, at)
    if letter in _SINGLE:
        return _Token("operator", letter, at)
    for kind, pattern in (("value", _STRING), ("value", _NUMBER), ("name", _QUOTED_NAME), ("word", _WORD)):
        found = pattern.match(text, at)
        if found is not None:
            _check_escapes(found[0])
            return _Token(_kind_of(found[0]) if kind == "word" else kind, found[0], at)
    raise _UnreadableError("a quoted text has no end")


def _check_escapes(text: str) -> None:
    if text[0] in "\"'" and _ESCAPE.search(text):
        raise _UnreadableError("a text has an escape that JSONata does not know")


def _kind_of(word: str) -> str:
    if word in ("and", "or", "in"):
        return "operator"
    return "value" if word in ("true", "false", "null") else "variable" if word[0] == "$" else "name"


class _Parser:
    """Top-down operator precedence, as in the reference implementation; keeps no tree."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> None:
        self._expression(0)
        if self._token.kind != "end":
            raise self._unexpected()

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _is(self, text: str) -> bool:
        return self._token.kind == "operator" and self._token.text == text

    def _advance(self, expected: str | None = None) -> _Token:
        token = self._token
        if expected is not None and not self._is(expected):
            raise self._unexpected(f" where `{expected}` is due")
        if token.kind == "end":
            raise self._unexpected()
        self._next += 1
        return token

    def _unexpected(self, where: str = "") -> _UnreadableError:
        token = self._token
        what = "it ends" if token.kind == "end" else f"`{token.text[:30]}` stands"
        return _UnreadableError(
            f"{what}{where or (' too early' if token.kind == 'end' else ' where it may not')}"
        )

    def _expression(self, power: int) -> str:
        """Read an expression; return the kind of its last part, or the text of a word."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _TooDeepError
        left = self._prefix(self._advance())
        while self._token.kind == "operator" and power < _POWERS.get(self._token.text, 0):
            left = self._infix(left, self._advance())
        self._depth -= 1
        return left

    def _prefix(self, token: _Token) -> str:
        if token.kind != "operator":
            return "function" if token.text in ("function", "λ") else token.kind
        text = token.text
        if text in ("and", "or", "in", "*", "**", "%"):
            return "name"
        if text == "-":
            self._expression(70)
        elif text == "(":
            self._until(")", ";")
        elif text == "[":
            self._until("]", ",")
        elif text == "{":
            self._pairs()
        elif text == "|":
            self._transform()
        else:
            self._next -= 1
            raise self._unexpected()
        return "group"

    def _until(self, end: str, separator: str) -> None:
        while not self._is(end):
            self._expression(0)
            if end == "]" and self._is(".."):
                self._advance()
                self._expression(0)
            if not self._is(separator):
                break
            self._advance()
            if end == "]" and self._is(end):
                raise self._unexpected()
        self._advance(end)

    def _pairs(self) -> None:
        while not self._is("}"):
            self._expression(0)
            self._advance(":")
            self._expression(0)
            if not self._is(","):
                break
            self._advance()
        self._advance("}")

    def _transform(self) -> None:
        self._expression(0)
        self._advance("|")
        self._expression(0)
        if self._is(","):
            self._advance()
            self._expression(0)
        self._advance("|")

    def _infix(self, left: str, token: _Token) -> str:
        text = token.text
        if text == "(":
            self._call(left)
        elif text == "[":
            if not self._is("]"):
                self._expression(0)
            self._advance("]")
        elif text == "{":
            self._pairs()
        elif text == "^":
            self._order()
        elif text == "?":
            self._expression(0)
            if self._is(":"):
                self._advance()
                self._expression(0)
        else:
            self._binary(left, text)
        return "group"

    def _binary(self, left: str, text: str) -> None:
        if text == ":=" and left != "variable":
            raise _UnreadableError("`:=` has no variable before it")
        right = self._expression(9 if text == ":=" else _POWERS[text])
        if text in "@#" and right != "variable":
            raise _UnreadableError(f"`{text}` has no variable behind it")

    def _call(self, left: str) -> None:
        while not self._is(")"):
            if self._is("?"):
                self._advance()
            elif left == "function" and self._token.kind != "variable":
                raise _UnreadableError("a parameter of a function is no variable")
            else:
                self._expression(0)
            if not self._is(","):
                break
            self._advance()
        self._advance(")")
        if left == "function":
            self._body()

    def _body(self) -> None:
        if self._is("<"):
            open_ = 0
            while not self._is("{"):
                open_ += self._is("<") - self._is(">")
                self._advance()
            if open_ != 0:
                raise _UnreadableError("the signature of a function has no end")
        self._advance("{")
        self._expression(0)
        self._advance("}")

    def _order(self) -> None:
        self._advance("(")
        while True:
            if self._is("<") or self._is(">"):
                self._advance()
            self._expression(0)
            if not self._is(","):
                break
            self._advance()
        self._advance(")")
