"""Expressions into syntax trees: a lexer by one pattern, and a parser by precedence."""

import re
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.expressions.syntax import (
    Broken,
    Call,
    Comparison,
    Expr,
    Expression,
    Index,
    Literal,
    Logical,
    Name,
    Not,
    Property,
    Star,
)
from rollsafe.formats.problems import Problem
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

MAX_TOKENS: Final = 2_000
MAX_DEPTH: Final = 50
"""GitHub's own limit of nesting; deeper expressions are refused there too."""

_CACHED: Final = 2_048
_TOKEN: Final = lazily(
    r"""[ \t\r\n]+
    |(?P<name>[A-Za-z_][\w-]*)
    |(?P<number>[+-]?(?:0x[0-9a-fA-F]+|0o[0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))
    |(?P<string>'(?:[^']|'')*+'?)
    |(?P<operator>&&|\|\||==|!=|<=|>=|[()\[\].,!<>*])
    |(?P<unknown>.)""",
    re.X | re.S,
)
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_NUMBERS: Final = {"nan": float("nan"), "infinity": float("inf")}
_COMPARING: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def read_expression(text: str, base: int = 0) -> Expression:
    """Read the text between `${{` and `}}`, or a condition without them; never raises."""
    root, problems = _cached(text, base) if len(text) <= _CACHED else _read(text, base)
    end = base + len(text)
    return Expression(base, end, base, end, root, problems)


def _read(text: str, base: int) -> tuple[Expr, tuple[Problem, ...]]:
    return _Parser(text, base).read()


_cached = lru_cache(maxsize=2_048)(_read)


class _Parser:
    """Recursive descent; `depth` bounds it, and chains of one operator are read by a loop."""

    def __init__(self, text: str, base: int) -> None:
        self._problems: list[Problem] = []
        self._base = base
        self._length = base + len(text)
        self._tokens = self._lex(text)
        self._at = 0
        self._depth = 0

    def read(self) -> tuple[Expr, tuple[Problem, ...]]:
        """Read one expression and report what is left over."""
        root = self._chain("||")
        left = self._peek()
        if left is not None and not self._problems:
            self._complain(left, f"unexpected `{left.text[:40]}`")
        return root, tuple(self._problems)

    def _lex(self, text: str) -> list[_Token]:
        tokens: list[_Token] = []
        base = self._base
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup
            if kind is None:
                continue
            start, end = match.span()
            token = _Token(kind, match.group(), base + start, base + end)
            if len(tokens) >= MAX_TOKENS:
                self._complain(token, f"more than {MAX_TOKENS} words in one expression")
                return []
            tokens.append(token)
        return tokens

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, text: str) -> _Token | None:
        token = self._peek()
        if token is None or token.text != text or token.kind == "string":
            return None
        self._at += 1
        return token

    def _complain(self, place: _Token, message: str) -> None:
        self._problems.append(Problem(place.start, place.end, message))

    def _broken(self, message: str) -> Broken:
        token = self._peek()
        start, end = (token.start, token.end) if token else (self._length, self._length)
        self._problems.append(Problem(start, end, message))
        return Broken(start, end)

    def _chain(self, operator: str) -> Expr:
        operands = [self._operand(operator)]
        while self._take(operator):
            operands.append(self._operand(operator))
        if len(operands) == 1:
            return operands[0]
        return Logical(operands[0].start, operands[-1].end, operator, tuple(operands))

    def _operand(self, operator: str) -> Expr:
        return self._chain("&&") if operator == "||" else self._comparison()

    def _comparison(self) -> Expr:
        left = self._unary()
        for _ in range(MAX_DEPTH):
            token = self._peek()
            if token is None or token.kind != "operator" or token.text not in _COMPARING:
                break
            self._at += 1
            right = self._unary()
            left = Comparison(left.start, right.end, token.text, left, right)
        return left

    def _unary(self) -> Expr:
        bang = self._take("!")
        if bang is None:
            return self._access()
        if self._depth >= MAX_DEPTH:
            return self._broken("nested too deeply")
        self._depth += 1
        operand = self._unary()
        self._depth -= 1
        return Not(bang.start, operand.end, operand)

    def _access(self) -> Expr:
        node = self._primary()
        for _ in range(MAX_DEPTH):
            if self._take("."):
                node = self._dereference(node)
            elif self._take("["):
                node = self._indexed(node)
            else:
                break
        return node

    def _dereference(self, base: Expr) -> Expr:
        token = self._peek()
        if token is not None and token.kind == "name":
            self._at += 1
            return Property(base.start, token.end, base, token.text, token.start)
        star = self._take("*")
        if star is not None:
            return Star(base.start, star.end, base)
        self._broken("expected a name after `.`")
        return Property(base.start, base.end + 1, base, "", base.end + 1)

    def _indexed(self, base: Expr) -> Expr:
        star = self._take("*")
        index = None if star else self._nested()
        close = self._take("]")
        if close is None:
            self._broken("expected `]`")
        if index is None:
            return Star(base.start, close.end if close else base.end, base)
        return Index(base.start, close.end if close else index.end, base, index)

    def _nested(self) -> Expr:
        if self._depth >= MAX_DEPTH:
            return self._broken("nested too deeply")
        self._depth += 1
        node = self._chain("||")
        self._depth -= 1
        return node

    def _primary(self) -> Expr:
        token = self._peek()
        if token is None:
            return self._broken("expected an expression")
        if token.text == "(" and token.kind == "operator":
            self._at += 1
            return self._parenthesised()
        if token.kind == "name":
            self._at += 1
            return self._named(token)
        if token.kind in ("number", "string"):
            self._at += 1
            return self._literal(token)
        return self._broken(f"unexpected `{token.text}`")

    def _parenthesised(self) -> Expr:
        node = self._nested()
        if self._take(")") is None:
            self._broken("expected `)`")
        return node

    def _named(self, token: _Token) -> Expr:
        if self._take("("):
            return self._call(token)
        folded = token.text.lower()
        if folded in _CONSTANTS:
            return Literal(token.start, token.end, _CONSTANTS[folded])
        if folded in _NUMBERS:
            return Literal(token.start, token.end, _NUMBERS[folded])
        return Name(token.start, token.end, token.text)

    def _call(self, name: _Token) -> Expr:
        arguments: list[Expr] = []
        close = self._take(")")
        while close is None:
            arguments.append(self._nested())
            close = self._take(")")
            if close is None and self._take(",") is None:
                self._broken("expected `)`")
                break
        end = close.end if close else (arguments[-1].end if arguments else name.end)
        return Call(name.start, end, name.text, tuple(arguments))

    def _literal(self, token: _Token) -> Literal:
        if token.kind == "number":
            return Literal(token.start, token.end, _number(token.text))
        closed = len(token.text) > 1 and token.text.endswith("'")
        if not closed:
            self._complain(token, "unclosed string")
        content = token.text[1:-1] if closed else token.text[1:]
        return Literal(token.start, token.end, content.replace("''", "'"))


def _number(text: str) -> float:
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-")
    if digits[:2] in ("0x", "0o"):
        return sign * float(int(digits, 0)) if len(digits) < 64 else float("inf")
    return float(text)
