"""Ruby source into a program, by tree-sitter; nothing of it is run.

The grammar goes on after what it cannot parse, so a half-typed file gives a smaller program.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from rollsafe.formats.code.grammar import Source, first_error, parse
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
from rollsafe.formats.code.ruby_source import tamed
from rollsafe.formats.problems import Problem
from rollsafe.text import Span

if TYPE_CHECKING:
    from tree_sitter import Language, Node

_MAX_DEPTH: Final = 60
_FLOW: Final = {
    "begin": "try",
    "begin_block": "try",
    "case": "if",
    "else": "if",
    "elsif": "if",
    "ensure": "try",
    "for": "for",
    "if": "if",
    "if_modifier": "if",
    "rescue": "try",
    "rescue_modifier": "try",
    "then": "if",
    "unless": "if",
    "unless_modifier": "if",
    "until": "while",
    "when": "if",
    "while": "while",
}
_BODIES: Final = frozenset({"body_statement", "block_body", "then", "else", "do"})


def read_ruby(text: str) -> Program:
    """Read a Ruby file; never raises. Of one that is too large, deep or ambiguous only a problem is given."""
    source = Source(text, tamed)
    tree = parse(source, _language())
    if isinstance(tree, Problem):
        return Program(problems=(tree,))
    reader = _Reader(source)
    wrong = first_error(tree)
    problems = (Problem(*source.span(wrong), "does not parse"),) if wrong is not None else ()
    return Program(tuple(reader.body(tree.root_node, 0)), tuple(reader.comments), {}, problems)


@cache
def _language() -> "Language":
    # Loaded by the first Ruby file there is.
    import tree_sitter
    import tree_sitter_ruby

    return tree_sitter.Language(tree_sitter_ruby.language())


class _Reader:
    """Turns nodes of the grammar into ours."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.comments: list[Remark] = []
        self._heredocs: list[Node] = []

    def _word(self, node: "Node | None") -> str:
        return "" if node is None else self._source.words(node)

    def body(self, node: "Node", depth: int) -> Iterator[Code]:
        """Yield the statements below a node."""
        # A heredoc's text comes after the statement that begins it.
        self._heredocs = [one for one in node.named_children if one.type == "heredoc_body"] or self._heredocs
        for child in node.named_children:
            if child.type == "comment":
                start, end = self._source.span(child)
                self.comments.append(Remark(start, end, self._source.text[start:end].lstrip("#").strip()))
            elif child.type in _BODIES:
                yield from self.body(child, depth + 1)
            elif child.type != "heredoc_body":
                yield self.code(child, depth + 1, is_statement=True)

    def code(self, node: "Node", depth: int, *, is_statement: bool = False) -> Code:
        """Return a node as ours; a bare word that stands alone is a call."""
        start, end = self._source.span(node)
        if depth > _MAX_DEPTH:
            return Opaque(start, end)
        kind = node.type
        if kind == "call":
            return self._call(node, depth)
        if kind in (
            "string",
            "simple_symbol",
            "hash_key_symbol",
            "bare_symbol",
            "bare_string",
            "chained_string",
        ):
            return self._text_of(node)
        if kind == "heredoc_beginning":
            return self._heredoc(node)
        if kind in ("identifier", "constant", "scope_resolution", "instance_variable", "self"):
            if is_statement and kind == "identifier":
                return Call(start, end, None, self._word(node), Span(start, end), (), ())
            return Name(start, end, self._word(node))
        if kind in ("integer", "float", "true", "false", "nil", "unary"):
            return self._literal(node)
        return self._compound(node, depth)

    def _compound(self, node: "Node", depth: int) -> Code:
        start, end = self._source.span(node)
        kind = node.type
        if kind in ("array", "symbol_array", "string_array"):
            return Items(start, end, tuple(self._several(node, depth)))
        if kind == "hash":
            return Pairs(start, end, tuple(self._entries(node, depth)))
        if kind in ("method", "singleton_method"):
            name = self._word(node.child_by_field_name("name"))
            return Function(start, end, name, (), tuple(self._under(node, depth, ("name", "parameters"))))
        if kind in ("class", "module"):
            return self._class(node, depth)
        if kind == "assignment":
            return self._assignment(node, depth)
        if kind in _FLOW:
            return Block(start, end, _FLOW[kind], (), (), tuple(self.body(node, depth)))
        if kind in ("parenthesized_statements", "argument_list", "begin"):
            inner = tuple(self._several(node, depth))
            return inner[0] if len(inner) == 1 else Opaque(start, end, inner)
        return Opaque(start, end, tuple(self._several(node, depth)))

    def _under(self, node: "Node", depth: int, fields: tuple[str, ...]) -> Iterator[Code]:
        heads = {one.id for field in fields if (one := node.child_by_field_name(field)) is not None}
        for child in node.named_children:
            if child.id in heads:
                continue
            if child.type in _BODIES:
                yield from self.body(child, depth + 1)
            elif child.type == "comment":
                start, end = self._source.span(child)
                self.comments.append(Remark(start, end, self._source.text[start:end].lstrip("#").strip()))
            else:
                yield self.code(child, depth + 1, is_statement=True)

    def _several(self, node: "Node", depth: int) -> Iterator[Code]:
        for child in node.named_children:
            if child.type not in ("comment", "heredoc_body"):
                yield self.code(child, depth + 1)

    def _class(self, node: "Node", depth: int) -> Class:
        start, end = self._source.span(node)
        above = node.child_by_field_name("superclass")
        base = self._word(above).lstrip("< \t") if above is not None else ""
        name = self._word(node.child_by_field_name("name"))
        body = tuple(self._under(node, depth, ("name", "superclass")))
        return Class(start, end, name, (base,) if base else (), body)

    def _assignment(self, node: "Node", depth: int) -> Code:
        start, end = self._source.span(node)
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return Opaque(start, end)
        return Assign(
            start, end, self._word(left), Span(*self._source.span(left)), self.code(right, depth + 1)
        )

    def _call(self, node: "Node", depth: int) -> Call:
        start, end = self._source.span(node)
        receiver, method = node.child_by_field_name("receiver"), node.child_by_field_name("method")
        on = self.code(receiver, depth + 1) if receiver is not None else None
        arguments: list[Code] = []
        named: list[Argument] = []
        given = node.child_by_field_name("arguments")
        for one in given.named_children if given is not None else ():
            if one.type == "pair":
                named.append(self._pair(one, depth + 1))
            elif one.type not in ("comment", "heredoc_body", "block_argument"):
                arguments.append(self.code(one, depth + 1))
        block = node.child_by_field_name("block")
        at = Span(*self._source.span(method)) if method is not None else Span(start, start)
        inner = self._block(block, depth + 1) if block is not None else None
        return Call(start, end, on, self._word(method), at, tuple(arguments), tuple(named), inner)

    def _block(self, node: "Node", depth: int) -> Function:
        start, end = self._source.span(node)
        given = node.child_by_field_name("parameters")
        names = tuple(self._word(one) for one in given.named_children) if given is not None else ()
        return Function(start, end, "", names, tuple(self._under(node, depth, ("parameters",))))

    def _entries(self, node: "Node", depth: int) -> Iterator[Argument]:
        return (self._pair(one, depth + 1) for one in node.named_children if one.type == "pair")

    def _pair(self, node: "Node", depth: int) -> Argument:
        start, end = self._source.span(node)
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        named = self.code(key, depth) if key is not None else None
        name = named.value if isinstance(named, Text) else ""
        at = Span(named.start, named.end) if named is not None else Span(start, start)
        # `name:` alone stands for the variable of that name.
        held = self.code(value, depth) if value is not None else Name(start, end, name)
        return Argument(start, end, name, at, held)

    def _literal(self, node: "Node") -> Code:
        start, end = self._source.span(node)
        word = self._word(node).replace("_", "")
        if word in ("true", "false", "nil"):
            return Literal(start, end, {"true": True, "false": False}.get(word))
        try:
            return Literal(start, end, float(word) if "." in word else int(word))
        except ValueError:
            return Opaque(start, end)

    def _text_of(self, node: "Node") -> Text:
        start, end = self._source.span(node)
        if node.type in ("simple_symbol", "hash_key_symbol", "bare_symbol"):
            value = self._word(node).lstrip(":")
            return Text(start, end, value, Span(end - len(value), end), is_verbatim=True, is_symbol=True)
        pieces = [one for one in node.named_children if one.type != "comment"]
        if not pieces:
            return Text(start, end, "", Span(start + 1, max(end - 1, start + 1)), is_verbatim=True)
        return self._joined(start, end, pieces)

    def _heredoc(self, node: "Node") -> Text:
        _, end = self._source.span(node)
        # The parser saw a shorter name, and its beginning therefore later.
        start = self._source.text.rfind("<<", 0, end)
        if not self._heredocs:
            return Text(start, end, "", Span(start, end), is_verbatim=False, is_partial=True)
        body = self._heredocs.pop(0)
        return self._joined(start, end, [one for one in body.named_children if one.type != "heredoc_end"])

    def _joined(self, start: int, end: int, pieces: "list[Node]") -> Text:
        """Return a string made of what it has literally and what is computed."""
        plain = all(one.type in ("string_content", "heredoc_content") for one in pieces)
        partial = any(one.type == "interpolation" for one in pieces)
        words = ["?" if one.type == "interpolation" else _unescaped(one, self._word(one)) for one in pieces]
        if not pieces:
            return Text(start, end, "", Span(start, end), is_verbatim=True)
        inner = Span(self._source.offset(pieces[0].start_byte), self._source.offset(pieces[-1].end_byte))
        return Text(start, end, "".join(words), inner, is_verbatim=plain, is_partial=partial)


_ESCAPES: Final = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\0": "\0", "\\s": " "}


def _unescaped(node: "Node", word: str) -> str:
    return _ESCAPES.get(word, word[1:]) if node.type == "escape_sequence" else word
