"""JavaScript and TypeScript source into a program, by tree-sitter; nothing of it is run.

One grammar reads both: TypeScript's. Types say nothing here and are left out, and `await`, `as T` and `!`
are what they are about. The grammar goes on after what does not parse, so that a half-typed file gives a
smaller program.
"""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from rollsafe.formats.code.grammar import Source, first_error, parse
from rollsafe.formats.code.javascript_expressions import MAX_DEPTH, Expressions, inside
from rollsafe.formats.code.nodes import (
    Assign,
    Block,
    Call,
    Class,
    Code,
    Name,
    Program,
    Remark,
    Text,
)
from rollsafe.formats.problems import Problem
from rollsafe.text import Span

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Query, Tree

_FLOW: Final = {
    "catch_clause": "try",
    "do_statement": "while",
    "else_clause": "if",
    "finally_clause": "try",
    "for_in_statement": "for",
    "for_statement": "for",
    "if_statement": "if",
    "labeled_statement": "block",
    "statement_block": "block",
    "switch_body": "if",
    "switch_case": "if",
    "switch_default": "if",
    "switch_statement": "if",
    "throw_statement": "throw",
    "try_statement": "try",
    "while_statement": "while",
}
_SILENT: Final = frozenset(
    {
        *("comment", "empty_statement", "hash_bang_line", "import_statement", "interface_declaration"),
        *("type_alias_declaration", "ambient_declaration", "break_statement", "continue_statement"),
    }
)


@lru_cache(maxsize=1)
def read_javascript(text: str) -> Program:
    """Read a file, of which several frameworks ask; never raises.

    Of one that is too large, deep or ambiguous only a problem is given.
    """
    source = Source(text)
    tree = parse(source, _language())
    if isinstance(tree, Problem):
        return Program(problems=(tree,))
    reader = _Reader(source)
    wrong = first_error(tree)
    problems = (Problem(*source.span(wrong), "does not parse"),) if wrong is not None else ()
    body = tuple(reader.statements(tree.root_node.named_children, 0))
    return Program(body, tuple(_comments(tree, source)), reader.imports, problems)


@cache
def _language() -> "Language":
    # Loaded by the first file there is.
    import tree_sitter
    import tree_sitter_typescript

    return tree_sitter.Language(tree_sitter_typescript.language_typescript())


@cache
def _comment_query() -> "Query":
    import tree_sitter

    return tree_sitter.Query(_language(), "(comment) @comment")


def _comments(tree: "Tree", source: Source) -> Iterator[Remark]:
    if "//" not in source.text and "/*" not in source.text:
        return
    from tree_sitter import QueryCursor

    found = QueryCursor(_comment_query()).captures(tree.root_node)
    for node in found.get("comment", ()):
        words = source.words(node)
        body = words[2:] if words.startswith("//") else words[2:].removesuffix("*/")
        yield Remark(*source.span(node), body.lstrip("*/").strip())


class _Reader(Expressions):
    """Turns statements of the grammar into ours; keeps what names are imported."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.imports: dict[str, str] = {}

    def statements(self, nodes: "Iterable[Node]", depth: int) -> Iterator[Code]:
        """Yield statements; those that say nothing here are left out."""
        for node in nodes:
            yield from self._statement(node, depth)

    def _statement(self, node: "Node", depth: int) -> Iterator[Code]:
        kind = node.type
        if kind in _SILENT or depth > MAX_DEPTH:
            if kind == "import_statement":
                self._import(node)
            return
        if kind == "return_statement" and not inside(node):
            yield Block(*self._source.span(node), "return", (), (), ())
        elif kind in ("expression_statement", "return_statement"):
            yield from (self.expression(one, depth) for one in inside(node)[:1])
        elif kind in ("lexical_declaration", "variable_declaration"):
            yield from self._declarations(node, depth)
        elif kind == "export_statement":
            yield from self._export(node, depth)
        elif kind in _FLOW:
            yield self._block(node, depth)
        else:
            yield self.expression(node, depth)

    def _block(self, node: "Node", depth: int) -> Block:
        fields = ("condition",) if node.type != "for_in_statement" else ("right",)
        heads = [one for field in fields if (one := node.child_by_field_name(field)) is not None]
        with self._constants.scope():
            left = node.child_by_field_name("left") or node.child_by_field_name("parameter")
            names = tuple(self._bound(left)) if left is not None else ()
            self._constants.hide(names)
            skipped = {one.id for one in (*heads, left) if one is not None}
            rest = [one for one in inside(node) if one.id not in skipped]
            head = tuple(self.expression(one, depth + 1) for one in heads)
            body = tuple(self.statements(rest, depth + 1))
        return Block(*self._source.span(node), _FLOW[node.type], head, names, body)

    def _declarations(self, node: "Node", depth: int) -> Iterator[Assign]:
        is_fixed = node.children[0].type == "const"
        for one in inside(node):
            left, right = one.child_by_field_name("name"), one.child_by_field_name("value")
            if one.type != "variable_declarator" or left is None:
                continue
            bound = list(self._bound(left))
            self._constants.hide(bound)
            if right is None:
                continue
            value = self.expression(right, depth + 1)
            self._require(left, value)
            if left.type == "identifier":
                if is_fixed:
                    self._constants.set(bound[0], value)
                yield Assign(*self._source.span(one), bound[0], self._place(left), value)
            else:
                yield Assign(*self._source.span(one), "", self._place(left), value)

    def _export(self, node: "Node", depth: int) -> Iterator[Code]:
        declared, value = node.child_by_field_name("declaration"), node.child_by_field_name("value")
        if declared is not None:
            yield from self._statement(declared, depth + 1)
            return
        if value is not None:
            yield self._given("default", value, depth)
            return
        for one in inside(node):
            if one.type == "export_clause" and node.child_by_field_name("source") is None:
                yield from self._exported_names(one)
            elif one.type == "identifier":
                yield self._given("module.exports", one, depth)

    def _exported_names(self, clause: "Node") -> Iterator[Assign]:
        for one in inside(clause):
            name, alias = one.child_by_field_name("name"), one.child_by_field_name("alias")
            if name is not None and alias is not None:
                value = Name(*self._source.span(name), self._source.words(name))
                start, end = self._source.span(one)
                yield Assign(start, end, self._source.words(alias), self._place(alias), value)

    def _given(self, name: str, value: "Node", depth: int) -> Assign:
        start, end = self._source.span(value)
        return Assign(start, end, name, Span(start, start), self.expression(value, depth + 1))

    def _import(self, node: "Node") -> None:
        source = node.child_by_field_name("source")
        clause = next(iter(inside(node)), None)
        if clause is None:
            return
        if clause.type == "import_require_clause":
            source = clause.child_by_field_name("source")
        module = self._string(source).value if source is not None else ""
        for one in inside(clause):
            if one.type == "named_imports":
                for each in inside(one):
                    name, alias = each.child_by_field_name("name"), each.child_by_field_name("alias")
                    if name is not None:
                        local = self._source.words(alias or name)
                        self.imports[local] = f"{module}.{self._source.words(name)}"
            elif one.type in ("identifier", "namespace_import"):
                for bound in self._bound(one):
                    self.imports[bound] = module

    def _require(self, left: "Node", value: Code) -> None:
        """Remember what `const { X: Y } = require('m')` imports."""
        if not isinstance(value, Call) or value.path != "require" or not isinstance(value.at(0), Text):
            return
        module = value.arguments[0].value if isinstance(value.arguments[0], Text) else ""
        if left.type == "identifier":
            self.imports[self._source.words(left)] = module
        for one in inside(left):
            key = one.child_by_field_name("key") or one
            for bound in self._bound(one):
                self.imports[bound] = f"{module}.{self._source.words(key)}"

    def _class(self, node: "Node", depth: int) -> Class:
        named, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        heritage = next((one for one in inside(node) if one.type == "class_heritage"), None)
        clauses = inside(heritage) if heritage is not None else []
        bases = (self._dotted(one) or self._source.words(one) for clause in clauses for one in inside(clause))
        members = inside(body) if body is not None else []
        rows = tuple(one for member in members if (one := self._member(member, depth + 1)) is not None)
        name = self._source.words(named) if named is not None else ""
        return Class(*self._source.span(node), name, tuple(bases), rows)

    def _member(self, node: "Node", depth: int) -> Code | None:
        if node.type == "method_definition":
            return self._function(node, depth)
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if node.type != "public_field_definition" or name is None or value is None:
            return None
        held = self.expression(value, depth + 1)
        return Assign(*self._source.span(node), self._source.words(name), self._place(name), held)
