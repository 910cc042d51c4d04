"""Go templates as Helm charts use them: text, actions and blocks, each with the place it is written at.

What cannot be read becomes `Broken`, which prints nothing that is known; blocks left open end with the text.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.formats.go_template_nodes import (
    Block,
    Body,
    Branch,
    Broken,
    Chain,
    Field,
    Function,
    GoTemplate,
    Insert,
    Item,
    Literal,
    Pipe,
    Print,
    Tag,
    Term,
    Text,
    Variable,
)
from rollsafe.text.patterns import lazily
from rollsafe.text.records import field, state
from rollsafe.text.tuples import NamedTuple

_MOST: Final = 20_000
"""Tags up to which a template is read."""
_DEEPEST: Final = 100
_MARGIN: Final = 200
"""How far around a tag is looked for what else is on its line."""
_STOP = lazily(r"\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`|\}\}")
_LEADING = lazily(r"\w+")
_SPACE: Final = " \t\r\n"
_TOKEN = lazily(
    r"(?P<space>\s+)|(?P<string>\"(?:[^\"\\\n]|\\.)*\")|(?P<raw>`[^`]*`)|(?P<char>'(?:[^'\\\n]|\\.)+')"
    r"|(?P<number>[+-]?\d[\w]*(?:\.\d+)?)|(?P<variable>\$\w*(?:\.\w+)*)|(?P<field>\.(?:\w+(?:\.\w+)*)?)"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<sign>:=|[=|(),])"
)
_ESCAPE = lazily(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r"}
_CONSTANTS: Final = {"true": True, "false": False, "nil": None}


@state
class _Open:
    """A block that is being read; `word` is `define` or empty for the template itself, too."""

    word: str
    tag: Tag
    name: str = ""
    pipe: Pipe | None = None
    items: list[Item] = field(default_factory=list[Item])
    branches: list[Branch] = field(default_factory=list[Branch])

    def close_branch(self, pipe: Pipe | None) -> None:
        self.branches.append(Branch(self.pipe, tuple(self.items)))
        self.items, self.pipe = [], pipe


class _UnreadableError(Exception):
    pass


class _Found(NamedTuple):
    start: int
    end: int
    code: str
    trims_before: bool
    trims_after: bool
    is_comment: bool


def _tags(text: str) -> Iterator[_Found]:
    """Yield the tags of a text; it ends where one is left open."""
    at = 0
    while (start := text.find("{{", at)) >= 0:
        inner = start + 2
        trims_before = text[inner : inner + 1] == "-" and text[inner + 1 : inner + 2] in tuple(_SPACE)
        inner += trims_before
        body = inner + len(text[inner : inner + 200]) - len(text[inner : inner + 200].lstrip(_SPACE))
        is_comment = text.startswith("/*", body)
        close = text.find("*/", body + 2) + 2 if is_comment else body
        end = _end_of(text, close) if close > 1 else None
        if end is None:
            return
        trims_after = text[end - 3] == "-" and text[end - 4] in _SPACE
        code = text[body : end - 2 - trims_after].strip(_SPACE)
        at = end
        yield _Found(start, end, code, trims_before, trims_after, is_comment)


def _end_of(text: str, at: int) -> int | None:
    for match in _STOP.finditer(text, at):
        if match[0] == "}}":
            return match.end()
    return None


def read_go_template(text: str) -> GoTemplate:
    """Return a template; never raises."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.stack = [_Open("", Tag("", 1, 0, 0, is_alone=False))]
        self.defined: dict[str, Body] = {}
        self.sources: dict[str, str] = {}
        self.line = 1
        self.at = 0

    def read(self) -> GoTemplate:
        is_trimmed = False
        for number, tag in enumerate(_tags(self.text)):
            if number == _MOST:
                break
            self._text(tag.start, trims_start=is_trimmed, trims_end=tag.trims_before)
            line = self.line + self.text.count("\n", self.at, tag.start)
            source = self.text[tag.start : tag.end]
            if not tag.is_comment:
                alone = self._is_alone(tag.start, tag.end)
                self._tag(tag.code, Tag(" ".join(source.split()), line, tag.start, tag.end, alone))
            self.line = line + source.count("\n")
            self.at = tag.end
            is_trimmed = tag.trims_after
        self._text(len(self.text), trims_start=is_trimmed, trims_end=False)
        while len(self.stack) > 1:
            self._end(len(self.text))
        return GoTemplate(tuple(self.stack[0].items), self.defined, self.sources)

    def _is_alone(self, start: int, end: int) -> bool:
        before = self.text[max(0, start - _MARGIN) : start].rpartition("\n")[2]
        after = self.text[end : end + _MARGIN].partition("\n")[0]
        return not before.strip() and not after.strip()

    def _text(self, end: int, *, trims_start: bool, trims_end: bool) -> None:
        text, line, start = self.text[self.at : end], self.line, self.at
        if trims_start:
            kept = text.lstrip(_SPACE)
            line += text.count("\n", 0, len(text) - len(kept))
            start += len(text) - len(kept)
            text = kept
        if trims_end:
            text = text.rstrip(_SPACE)
        if text:
            self.stack[-1].items.append(Text(text, line, start))

    def _tag(self, code: str, tag: Tag) -> None:
        leading = _LEADING.match(code)
        word = leading[0] if leading is not None else ""
        rest = code[len(word) :].strip()
        try:
            if word in ("if", "with", "range", "define", "block"):
                self._begin(word, rest, tag)
            elif word == "end":
                self._end(tag.start)
            elif word == "else":
                self._else(rest)
            elif word == "template":
                name, pipe = _named(rest)
                self.stack[-1].items.append(Insert(name, pipe, tag))
            elif word not in ("break", "continue"):
                self.stack[-1].items.append(Print(_pipe_of(code), tag))
        except _UnreadableError:
            self.stack[-1].items.append(Broken(tag))

    def _begin(self, word: str, rest: str, tag: Tag) -> None:
        if len(self.stack) > _DEEPEST:
            raise _UnreadableError
        opened = _Open(word, tag)
        self.stack.append(opened)
        if word in ("define", "block"):
            name, opened.pipe = _named(rest)
            opened.name = str(name.value) if isinstance(name, Literal) else ""
        else:
            opened.pipe = _pipe_of(rest)

    def _else(self, rest: str) -> None:
        opened = self.stack[-1]
        if opened.word not in ("if", "with", "range"):
            raise _UnreadableError
        leading = _LEADING.match(rest)
        word = leading[0] if leading is not None else ""
        opened.close_branch(_pipe_of(rest[len(word) :]) if word in ("if", "with") else None)

    def _end(self, at: int) -> None:
        if len(self.stack) == 1:
            raise _UnreadableError
        opened = self.stack.pop()
        if opened.word in ("define", "block"):
            self.defined[opened.name] = tuple(opened.items)
            self.sources[opened.name] = self.text[opened.tag.start : at]
            if opened.word == "block":
                self.stack[-1].items.append(Insert(Literal(opened.name), opened.pipe, opened.tag))
        else:
            opened.close_branch(None)
            block = Block(opened.word, tuple(opened.branches), opened.tag)
            self.stack[-1].items.append(block)


# Pipelines ---------------------------------------------------------------------------------------


def _named(rest: str) -> tuple[Term, Pipe | None]:
    """Return the name and the pipeline of `define`, `block` or `template`."""
    tokens = list(_tokens(rest))
    if not tokens or tokens[0].kind not in ("string", "raw"):
        raise _UnreadableError
    name = _literal(tokens[0])
    return name, _Pipes(tokens[1:]).whole() if len(tokens) > 1 else None


def _pipe_of(code: str) -> Pipe:
    return _Pipes(list(_tokens(code))).whole()


class _Token(NamedTuple):
    kind: str
    text: str
    touches: bool
    """Whether nothing stands between this token and the one before."""


def _tokens(code: str) -> Iterator[_Token]:
    at, touches = 0, False
    while at < len(code):
        match = _TOKEN.match(code, at)
        if match is None or match.lastgroup is None:
            raise _UnreadableError
        if match.lastgroup != "space":
            yield _Token(match.lastgroup, match[0], touches)
        touches = match.lastgroup != "space"
        at = match.end()


class _Pipes:
    """Reads the pipelines in a row of tokens."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def whole(self) -> Pipe:
        pipe = self._pipe(0)
        if self.at < len(self.tokens):
            raise _UnreadableError
        return pipe

    def _peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _pipe(self, depth: int) -> Pipe:
        if depth > _DEEPEST:
            raise _UnreadableError
        variables, declares = self._variables()
        commands: list[tuple[Term, ...]] = []
        while True:
            commands.append(self._command(depth))
            token = self._peek()
            if token is None or token.text != "|":
                return Pipe(variables, declares, tuple(commands))
            self.at += 1

    def _variables(self) -> tuple[tuple[str, ...], bool]:
        """Read `$a, $b :=`, if that is what comes."""
        names: list[str] = []
        at = self.at
        while at + 1 < len(self.tokens) and self.tokens[at].kind == "variable":
            names.append(self.tokens[at].text[1:])
            sign = self.tokens[at + 1].text
            if sign in (":=", "="):
                self.at = at + 2
                return tuple(names), sign == ":="
            if sign != ",":
                break
            at += 2
        return (), False

    def _command(self, depth: int) -> tuple[Term, ...]:
        terms: list[Term] = []
        while (token := self._peek()) is not None and token.text not in ("|", ")"):
            self.at += 1
            terms.append(self._term(token, depth))
        if not terms:
            raise _UnreadableError
        return tuple(terms)

    def _term(self, token: _Token, depth: int) -> Term:
        match token.kind:
            case "field":
                return Field(tuple(part for part in token.text.split(".") if part))
            case "variable":
                name, *path = token.text[1:].split(".")
                return Variable(name, tuple(path))
            case "word":
                return Literal(_CONSTANTS[token.text]) if token.text in _CONSTANTS else Function(token.text)
            case "sign" if token.text == "(":
                return self._parenthesis(depth)
            case "string" | "raw" | "char" | "number":
                return _literal(token)
            case _:
                raise _UnreadableError

    def _parenthesis(self, depth: int) -> Term:
        pipe = self._pipe(depth + 1)
        token = self._peek()
        if token is None or token.text != ")":
            raise _UnreadableError
        self.at += 1
        after = self._peek()
        if after is not None and after.kind == "field" and after.touches and len(after.text) > 1:
            self.at += 1
            return Chain(pipe, tuple(after.text[1:].split(".")))
        return pipe


def _literal(token: _Token) -> Literal:
    text = token.text
    if token.kind == "number":
        try:
            return Literal(float(text) if "." in text else int(text, 0))
        except ValueError:
            raise _UnreadableError from None
    if token.kind == "raw":
        return Literal(text[1:-1])
    return Literal(_ESCAPE.sub(_unescaped, text[1:-1]))


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPED.get(code, code)
