"""Expressions of JavaScript and TypeScript as nodes of a program."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.formats.code.grammar import Source
from rollsafe.formats.code.javascript_values import Constants, decoded, joined, number, unescaped
from rollsafe.formats.code.nodes import (
    Argument,
    Assign,
    Call,
    Class,
    Code,
    Function,
    Items,
    Name,
    Opaque,
    Pairs,
    Text,
)
from rollsafe.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_DEPTH: Final = 60
_WRAPPERS: Final = frozenset(
    {
        *("await_expression", "parenthesized_expression", "as_expression", "satisfies_expression"),
        *("non_null_expression", "type_assertion", "yield_expression"),
    }
)
"""Expressions that stand for their first part, or their last for a type in front."""
_FUNCTIONS: Final = frozenset(
    {
        *("arrow_function", "function_expression", "function_declaration", "method_definition"),
        *("generator_function", "generator_function_declaration"),
    }
)
_CLASSES: Final = frozenset({"class_declaration", "abstract_class_declaration", "class"})


class Expressions(ABC):
    """Turns expressions of the grammar into ours; keeps what constants stand for."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._constants = Constants()

    @abstractmethod
    def statements(self, nodes: "Iterable[Node]", depth: int) -> Iterator[Code]:
        """Yield statements; those that say nothing here are left out."""

    @abstractmethod
    def _class(self, node: "Node", depth: int) -> Class:
        """Return a class."""

    def _place(self, node: "Node") -> Span:
        return Span(*self._source.span(node))

    def _bound(self, node: "Node") -> Iterator[str]:
        """Yield the names a pattern binds."""
        if node.type in ("identifier", "shorthand_property_identifier_pattern"):
            yield self._source.words(node)
            return
        for child in inside(node):
            key = node.child_by_field_name("key")
            if child.type not in ("type_annotation", "decorator") and (key is None or child.id != key.id):
                yield from self._bound(child)

    def expression(self, node: "Node", depth: int = 0) -> Code:
        """Return an expression."""
        node = unwrapped(node)
        span = self._source.span(node)
        if depth > MAX_DEPTH:
            return Opaque(*span)
        kind = node.type
        if kind == "call_expression":
            return self._calls(node, depth)
        if kind in ("identifier", "member_expression", "this", "shorthand_property_identifier"):
            return self._name(node, depth)
        if kind in ("string", "template_string"):
            return self._string(node) if kind == "string" else self._template(node, depth)
        if kind in _FUNCTIONS:
            return self._function(node, depth)
        if kind in _CLASSES:
            return self._class(node, depth)
        return self._compound(node, depth)

    def _compound(self, node: "Node", depth: int) -> Code:
        span = self._source.span(node)
        match node.type:
            case "number" | "true" | "false" | "null" | "undefined" | "unary_expression":
                found = number(self._source.words(node))
                return found(*span) if found is not None else Opaque(*span, self._parts(node, depth))
            case "array":
                return Items(*span, tuple(self._items(node, depth)))
            case "object":
                return Pairs(*span, tuple(self._entries(node, depth)))
            case "assignment_expression":
                return self._assignment(node, depth)
            case "binary_expression":
                return self._sum(node, depth)
            case "new_expression":
                return self._new(node, depth)
            case _:
                return Opaque(*span, self._parts(node, depth))

    def _parts(self, node: "Node", depth: int) -> tuple[Code, ...]:
        return tuple(self.expression(one, depth + 1) for one in inside(node) if one.type != "comment")

    def _name(self, node: "Node", depth: int) -> Code:
        span = self._source.span(node)
        path = self._dotted(node)
        if path is None:
            return Opaque(*span, self._parts(node, depth))
        return self._constants.get(path, Span(*span)) or Name(*span, path)

    def _dotted(self, node: "Node") -> str | None:
        parts: list[str] = []
        node = unwrapped(node)
        while node.type == "member_expression":
            name, on = node.child_by_field_name("property"), node.child_by_field_name("object")
            if name is None or on is None:
                return None
            parts.append(self._source.words(name))
            node = unwrapped(on)
        if node.type not in ("identifier", "this", "shorthand_property_identifier"):
            return None
        return ".".join((self._source.words(node), *reversed(parts)))

    def _calls(self, node: "Node", depth: int) -> Code:
        """Return a call, and what it is made on: chains of calls may be long."""
        chain: list[tuple[Node, Node]] = []
        on: Node | None = node
        while on is not None and on.type == "call_expression":
            called = unwrapped(on.child_by_field_name("function") or on)
            if called.type != "member_expression":
                break
            chain.append((on, called))
            inner = called.child_by_field_name("object")
            on = unwrapped(inner) if inner is not None else None
        first = self._plain_call(on, depth) if on is not None and on.type == "call_expression" else None
        made = first or self.expression(on or node, depth + 1)
        for call, called in reversed(chain):
            made = self._call_on(call, made, called.child_by_field_name("property") or called, depth)
        return made

    def _call_on(self, node: "Node", on: Code, name: "Node", depth: int) -> Code:
        start, end = self._source.span(node)
        word, arguments = self._source.words(name), self._arguments(node, depth)
        folded = joined(on, word, arguments, Span(start, end))
        return folded or Call(start, end, on, word, self._place(name), arguments, ())

    def _plain_call(self, node: "Node", depth: int) -> Code:
        span = self._source.span(node)
        called = unwrapped(node.child_by_field_name("function") or node)
        if called.type in ("identifier", "super", "import"):
            at = self._place(called)
            return Call(*span, None, self._source.words(called), at, self._arguments(node, depth), ())
        inner = () if called.id == node.id else (self.expression(called, depth + 1),)
        return Opaque(*span, (*inner, *self._arguments(node, depth)))

    def _new(self, node: "Node", depth: int) -> Code:
        made = node.child_by_field_name("constructor")
        path = self._dotted(made) if made is not None else None
        if made is None or path is None:
            return Opaque(*self._source.span(node), self._parts(node, depth))
        on, _, name = path.rpartition(".")
        start, end = self._source.span(made)
        owner = Name(start, end - len(name) - 1, on) if on else None
        at, arguments = Span(end - len(name), end), self._arguments(node, depth)
        return Call(*self._source.span(node), owner, name, at, arguments, ())

    def _arguments(self, node: "Node", depth: int) -> tuple[Code, ...]:
        given = node.child_by_field_name("arguments")
        if given is None:
            return ()
        rows = [given] if given.type == "template_string" else inside(given)
        return tuple(self.expression(one, depth + 1) for one in rows if one.type != "comment")

    def _items(self, node: "Node", depth: int) -> Iterator[Code]:
        for one in inside(node):
            if one.type == "comment":
                continue
            inner = self.expression(inside(one)[0], depth + 1) if one.type == "spread_element" else None
            if isinstance(inner, Items):
                yield from inner.items
            else:
                yield self.expression(one, depth + 1)

    def _entries(self, node: "Node", depth: int) -> Iterator[Argument]:
        for one in inside(node):
            start, end = self._source.span(one)
            key, value = one.child_by_field_name("key"), one.child_by_field_name("value")
            if one.type == "pair" and key is not None and value is not None:
                held = self.expression(value, depth + 1)
                yield Argument(start, end, self._key(key), self._place(key), held)
            elif one.type == "shorthand_property_identifier":
                name = self._source.words(one)
                yield Argument(start, end, name, Span(start, end), self._name(one, depth))
            elif one.type == "method_definition":
                made = self._function(one, depth)
                yield Argument(start, end, made.name, Span(start, start), made)
            elif one.type == "spread_element":
                held = self._parts(one, depth)[0]
                spread = held.entries if isinstance(held, Pairs) else ()
                yield from spread or (Argument(start, end, "", Span(start, start), held),)

    def _key(self, node: "Node") -> str:
        """Return the name of an entry; empty for one that is computed."""
        if node.type == "string":
            return self._string(node).value
        return self._source.words(node) if node.type in ("property_identifier", "number") else ""

    def _assignment(self, node: "Node", depth: int) -> Code:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        path = self._dotted(left) if left is not None else None
        if left is None or right is None or path is None:
            return Opaque(*self._source.span(node), self._parts(node, depth))
        value = self.expression(right, depth + 1)
        return Assign(*self._source.span(node), path, self._place(left), value)

    def _sum(self, node: "Node", depth: int) -> Code:
        """Return strings put together by `+`, which may be many; anything else is opaque."""
        span = self._source.span(node)
        rows: list[Node] = []
        while node.type == "binary_expression" and (operator := node.child_by_field_name("operator")):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if operator.type != "+" or left is None or right is None:
                break
            rows.append(right)
            node = unwrapped(left)
        if not rows:
            return Opaque(*span, self._parts(node, depth))
        parts = [self.expression(one, depth + 1) for one in (node, *reversed(rows))]
        if not any(isinstance(one, Text) for one in parts):
            return Opaque(*span, tuple(parts))
        return decoded(parts, Span(*span), Span(*span))

    def _string(self, node: "Node") -> Text:
        start, end = self._source.span(node)
        inner = Span(start + 1, max(end - 1, start + 1))
        rows = [one for one in node.children if one.type in ("string_fragment", "escape_sequence")]
        if len(rows) == 1 and rows[0].type == "string_fragment":
            return Text(start, end, self._source.words(rows[0]), inner, is_verbatim=True)
        return decoded([self._fragment(one) for one in rows], Span(start, end), inner)

    def _fragment(self, node: "Node") -> Text:
        start, end = self._source.span(node)
        words = self._source.words(node)
        if node.type == "string_fragment":
            return Text(start, end, words, Span(start, end), is_verbatim=True)
        return Text(start, end, unescaped(words), Span(start, end), is_verbatim=False)

    def _template(self, node: "Node", depth: int) -> Text:
        start, end = self._source.span(node)
        inner = Span(start + 1, max(end - 1, start + 1))
        rows: list[Code] = []
        for one in inside(node):
            if one.type == "template_substitution":
                rows += self._parts(one, depth) or (Opaque(*self._source.span(one)),)
            else:
                rows.append(self._fragment(one))
        if len(rows) == 1 and isinstance(rows[0], Text) and rows[0].is_verbatim:
            return Text(start, end, rows[0].value, inner, is_verbatim=True)
        return decoded(rows, Span(start, end), inner)

    def _function(self, node: "Node", depth: int) -> Function:
        named = node.child_by_field_name("name")
        given = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
        body = node.child_by_field_name("body")
        with self._constants.scope():
            rows = [] if given is None else [given] if given.type == "identifier" else inside(given)
            names = tuple(" ".join(self._bound(one)) for one in rows if one.type != "comment")
            self._constants.hide(one for name in names for one in name.split())
            if body is None:
                held: tuple[Code, ...] = ()
            elif body.type == "statement_block":
                held = tuple(self.statements(body.named_children, depth + 1))
            else:
                held = (self.expression(body, depth + 1),)
        name = self._key(named) or self._source.words(named) if named is not None else ""
        return Function(*self._source.span(node), name, names, held)


def inside(node: "Node") -> "list[Node]":
    """Return the nodes below one that are more than signs."""
    return node.named_children


def unwrapped(node: "Node") -> "Node":
    """Return what an expression is about: without `await`, parentheses, types."""
    while node.type in _WRAPPERS:
        rows = [one for one in node.named_children if one.type != "comment"]
        if not rows:
            return node
        node = rows[-1 if node.type == "type_assertion" else 0]
    return node
