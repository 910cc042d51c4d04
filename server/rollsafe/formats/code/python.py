"""Python source into a program, by the standard library's parser; nothing of it is run.

A half-typed file gives what stands before the statement that does not parse.
"""

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.formats.code.nesting import too_deep
from rollsafe.formats.code.nodes import (
    Argument,
    Assign,
    Block,
    Call,
    Class,
    Code,
    Function,
    Items,
    Literal,
    Name,
    Opaque,
    Pairs,
    Program,
    Remark,
    Text,
)
from rollsafe.formats.problems import Problem
from rollsafe.text import Span

MAX_CHARS: Final = 200_000
_LINE_END = re.compile(r"\r\n|\n|\r")
_MAX_ROUNDS: Final = 6
_MAX_DEPTH: Final = 60


def read_python(text: str) -> Program:
    """Read a Python file; never raises. Of one that is too large or too deep only a problem is given."""
    if len(text) > MAX_CHARS:
        return Program(problems=(Problem(0, 0, f"larger than {MAX_CHARS} characters", fatal=True),))
    deep = too_deep(text)
    if deep:
        return Program(problems=(Problem(0, 0, deep, fatal=True),))
    reader = _Reader(text)
    tree, problems = _parsed(text, reader)
    body = tuple(one for node in tree.body if (one := reader.statement(node)) is not None) if tree else ()
    return Program(body, tuple(_comments(text, reader)), reader.imports, problems)


def _parsed(text: str, places: "_Reader") -> tuple[ast.Module | None, tuple[Problem, ...]]:
    """Parse a text; of one that does not parse, what is left without the lines that are in the way."""
    problems: tuple[Problem, ...] = ()
    rows = text.removeprefix("\ufeff").splitlines(keepends=True)
    for _ in range(_MAX_ROUNDS):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse("".join(rows)), problems
        except SyntaxError as error:
            line = min(max(error.lineno or 1, 1), max(len(rows), 1))
            if not problems:
                at = places.line_start(line)
                problems = (Problem(at, at + 1, (error.msg or "does not parse").partition("\n")[0]),)
            rows = _masked(rows, line)
        except (ValueError, RecursionError, MemoryError):
            break
    return None, problems or (Problem(0, 0, "cannot be parsed", fatal=True),)


def _masked(rows: list[str], line: int) -> list[str]:
    """Return the lines with 1-based `line` made to do nothing; if it does already, up to the one before."""
    row = rows[line - 1] if rows else ""
    indent = row[: len(row) - len(row.lstrip())]
    if row.strip() in ("", "pass"):
        return _before(rows, line)
    return [*rows[: line - 1], f"{indent.rstrip(chr(10))}pass\n", *rows[line:]]


def _before(rows: list[str], line: int) -> list[str]:
    """Return the top-level statements that end before 1-based `line`."""
    kept = rows[: line - 1]
    while kept and (kept[-1][:1].isspace() or not kept[-1].strip()):
        kept.pop()
    # The last line at the margin begins the statement that is broken, or is its neighbour.
    return kept[:-1]


def _comments(text: str, places: "_Reader") -> Iterator[Remark]:
    if "#" not in text:
        return
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                start = places.line_start(token.start[0]) + token.start[1]
                yield Remark(start, start + len(token.string), token.string.lstrip("#").strip())
    except (tokenize.TokenError, SyntaxError):
        return


class _Reader:
    """Turns nodes of the parser into ours; keeps what names are imported."""

    def __init__(self, text: str) -> None:
        self._source = text
        self._shift = 1 if text.startswith("\ufeff") else 0
        self._starts = [0, *(one.end() for one in _LINE_END.finditer(text))]
        self._ascii = text.isascii()
        self.imports: dict[str, str] = {}

    def line_start(self, line: int) -> int:
        """Return the offset at which 1-based `line` begins."""
        return self._starts[min(max(line - 1, 0), len(self._starts) - 1)]

    def _offset(self, line: int, column: int) -> int:
        """Return the offset of a place the parser gives in bytes of UTF-8."""
        start = self.line_start(line) + (self._shift if line == 1 else 0)
        if self._ascii:
            return start + column
        row = self._source[start : start + column].encode("utf-8", "surrogatepass")[:column]
        return start + len(row.decode("utf-8", "ignore"))

    def _span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._offset(node.lineno, node.col_offset), self._offset(end_line, end_column)

    def statement(self, node: ast.stmt, depth: int = 0) -> Code | None:
        """Return a statement; None for one that says nothing here."""
        if depth > _MAX_DEPTH:
            return Opaque(*self._span(node))
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node)
                return None
            case ast.Expr():
                return self.expression(node.value, depth)
            case ast.Assign(targets=[target]) if (name := _dotted(target)) is not None:
                at = Span(*self._span(target))
                return Assign(*self._span(node), name, at, self.expression(node.value, depth))
            case ast.AnnAssign(value=ast.expr() as value) if (name := _dotted(node.target)) is not None:
                at = Span(*self._span(node.target))
                return Assign(*self._span(node), name, at, self.expression(value, depth))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                names = tuple(one.arg for one in node.args.args)
                return Function(*self._span(node), node.name, names, self._body(node.body, depth))
            case ast.ClassDef():
                bases = tuple(filter(None, map(_dotted, node.bases)))
                return Class(*self._span(node), node.name, bases, self._body(node.body, depth))
            case _:
                return self._compound(node, depth)

    def _compound(self, node: ast.stmt, depth: int) -> Code | None:
        span = self._span(node)
        match node:
            case ast.With() | ast.AsyncWith():
                head = tuple(self.expression(one.context_expr, depth) for one in node.items)
                names = tuple(_dotted(one.optional_vars) or "" for one in node.items)
                return Block(*span, "with", head, names, self._body(node.body, depth))
            case ast.If():
                head = (self.expression(node.test, depth),)
                body = (*self._body(node.body, depth), *self._part("else", node.orelse, depth))
                return Block(*span, "if", head, (), body)
            case ast.For() | ast.AsyncFor():
                head = (self.expression(node.iter, depth),)
                return Block(*span, "for", head, (), self._body([*node.body, *node.orelse], depth))
            case ast.While():
                return Block(*span, "while", (), (), self._body([*node.body, *node.orelse], depth))
            case ast.Try():
                handlers = (each for one in node.handlers for each in self._part("except", one.body, depth))
                rest = self._body([*node.orelse, *node.finalbody], depth)
                return Block(*span, "try", (), (), (*self._body(node.body, depth), *handlers, *rest))
            case ast.Return(value=ast.expr() as value):
                return self.expression(value, depth)
            case ast.Return():
                return Block(*span, "return", (), (), ())
            case ast.Pass():
                return None
            case _:
                return Opaque(*span, self._within(node, depth))

    def _part(self, kind: str, nodes: Sequence[ast.stmt], depth: int) -> Iterator[Block]:
        if nodes:
            span = self._span(nodes[0])[0], self._span(nodes[-1])[1]
            yield Block(*span, kind, (), (), self._body(nodes, depth))

    def _body(self, nodes: Sequence[ast.stmt], depth: int) -> tuple[Code, ...]:
        return tuple(one for node in nodes if (one := self.statement(node, depth + 1)) is not None)

    def _within(self, node: ast.AST, depth: int) -> tuple[Code, ...]:
        if depth > _MAX_DEPTH:
            return ()
        found = (one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr))
        return tuple(self.expression(one, depth + 1) for one in found)

    def expression(self, node: ast.expr, depth: int = 0) -> Code:
        """Return an expression."""
        span = self._span(node)
        if depth > _MAX_DEPTH:
            return Opaque(*span)
        deeper = depth + 1
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.JoinedStr():
                return self._formatted(node)
            case ast.Await() | ast.Starred():
                return self.expression(node.value, deeper)
            case ast.Call():
                return self._call(node, deeper)
            case ast.Name() | ast.Attribute() if (name := _dotted(node)) is not None:
                return Name(*span, name)
            case ast.List() | ast.Tuple() | ast.Set():
                return Items(*span, tuple(self.expression(one, deeper) for one in node.elts))
            case ast.Dict():
                return Pairs(*span, tuple(self._entries(node, deeper)))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return Literal(*span, -value)
            case _:
                return Opaque(*span, self._within(node, deeper))

    def _constant(self, node: ast.Constant) -> Code:
        start, end = self._span(node)
        if isinstance(node.value, str):
            return self._text(start, end, node.value)
        if node.value is None or isinstance(node.value, bool | int | float):
            return Literal(start, end, node.value)
        return Opaque(start, end)

    def _text(self, start: int, end: int, value: str) -> Text:
        source = self._source[start:end]
        prefix = len(source) - len(source.lstrip("rRbBuUfF"))
        quote = 3 if source[prefix : prefix + 3] in ('"""', "'''") else 1
        inner = Span(start + prefix + quote, max(end - quote, start + prefix + quote))
        return Text(start, end, value, inner, self._source[inner.start : inner.end] == value)

    def _formatted(self, node: ast.JoinedStr) -> Text:
        start, end = self._span(node)
        parts = (one.value if isinstance(one, ast.Constant) else "?" for one in node.values)
        found = self._text(start, end, "".join(str(one) for one in parts))
        return Text(start, end, found.value, found.inner, is_verbatim=False, is_partial=True)

    def _call(self, node: ast.Call, depth: int) -> Code:
        start, end = self._span(node)
        arguments = tuple(self.expression(one, depth) for one in node.args)
        named = tuple(self._keyword(one, depth) for one in node.keywords)
        match node.func:
            case ast.Attribute():
                name_end = self._span(node.func)[1]
                at = Span(name_end - len(node.func.attr), name_end)
                on = self.expression(node.func.value, depth)
                return Call(start, end, on, node.func.attr, at, arguments, named)
            case ast.Name():
                at = Span(*self._span(node.func))
                return Call(start, end, None, node.func.id, at, arguments, named)
            case _:
                return Opaque(start, end, (self.expression(node.func, depth), *arguments))

    def _keyword(self, node: ast.keyword, depth: int) -> Argument:
        start, end = self._span(node)
        name = node.arg or ""
        return Argument(start, end, name, Span(start, start + len(name)), self.expression(node.value, depth))

    def _entries(self, node: ast.Dict, depth: int) -> Iterator[Argument]:
        for key, value in zip(node.keys, node.values, strict=True):
            entry = self.expression(value, depth)
            if key is None:
                yield Argument(entry.start, entry.end, "", Span(entry.start, entry.start), entry)
                continue
            named = self.expression(key, depth)
            name = named.value if isinstance(named, Text) else ""
            yield Argument(named.start, entry.end, name, Span(named.start, named.end), entry)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        prefix = f"{'.' * node.level}{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
        for one in node.names:
            if one.asname is not None:
                self.imports[one.asname] = prefix + one.name
            elif prefix:
                self.imports[one.name] = prefix + one.name


def _dotted(node: ast.expr | None) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join((node.id, *reversed(parts)))
