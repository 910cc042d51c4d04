"""The syntax tree of an expression. Every node has `start` and `end`, offsets into its text."""

from collections.abc import Iterator
from typing import TypeAlias

from rollsafe.formats.problems import Problem
from rollsafe.text.records import record


@record
class Literal:
    """A number, a string, a boolean or null."""

    start: int
    end: int
    value: str | float | bool | None


@record
class Name:
    """A context at the root of an access: `github`, `needs`, `inputs`."""

    start: int
    end: int
    name: str


@record
class Property:
    """`base.name`; `name_start` is where the name begins."""

    start: int
    end: int
    base: "Expr"
    name: str
    name_start: int


@record
class Index:
    """`base[index]`."""

    start: int
    end: int
    base: "Expr"
    index: "Expr"


@record
class Star:
    """`base.*` or `base[*]`."""

    start: int
    end: int
    base: "Expr"


@record
class Call:
    """`name(arguments)`; the name keeps its case, functions ignore it."""

    start: int
    end: int
    name: str
    arguments: "tuple[Expr, ...]"


@record
class Not:
    """`!operand`."""

    start: int
    end: int
    operand: "Expr"


@record
class Comparison:
    """`left operator right` with one of `==`, `!=`, `<`, `<=`, `>`, `>=`."""

    start: int
    end: int
    operator: str
    left: "Expr"
    right: "Expr"


@record
class Logical:
    """A chain of operands joined by the same operator, `&&` or `||`."""

    start: int
    end: int
    operator: str
    operands: "tuple[Expr, ...]"


@record
class Broken:
    """What could not be read."""

    start: int
    end: int


Expr: TypeAlias = Literal | Name | Property | Index | Star | Call | Not | Comparison | Logical | Broken


@record
class Expression:
    """One expression in a text.

    `start` and `end` include `${{` and `}}` where they are written; `inner_start` and `inner_end` do
    not.
    """

    start: int
    end: int
    inner_start: int
    inner_end: int
    root: Expr
    problems: tuple[Problem, ...] = ()


def children(node: Expr) -> tuple[Expr, ...]:
    """Return the nodes right below `node`, in source order."""
    match node:
        case Property() | Star():
            return (node.base,)
        case Index():
            return (node.base, node.index)
        case Call():
            return node.arguments
        case Not():
            return (node.operand,)
        case Comparison():
            return (node.left, node.right)
        case Logical():
            return node.operands
        case _:
            return ()


def walk(node: Expr) -> Iterator[Expr]:
    """Yield `node` and everything below it in source order."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(children(node))


def calls(node: Expr) -> frozenset[str]:
    """Return the lower-case names of the functions called anywhere in `node`."""
    return frozenset(found.name.lower() for found in walk(node) if isinstance(found, Call))


def context_path(node: Expr) -> tuple[str, ...] | None:
    """Return the path `node` reads, such as `("github", "event", "issue", "title")`, lower-cased.

    Indexes by a string count as names, others and `*` as `"*"`. None when the root is no context.
    """
    path: list[str] = []
    while not isinstance(node, Name):
        if isinstance(node, Property):
            path.append(node.name.lower())
        elif isinstance(node, Index) and isinstance(node.index, Literal):
            path.append(str(node.index.value).lower())
        elif isinstance(node, Index | Star):
            path.append("*")
        else:
            return None
        node = node.base
    path.append(node.name.lower())
    return tuple(reversed(path))


def context_paths(node: Expr) -> Iterator[tuple[tuple[str, ...], Expr]]:
    """Yield every longest context path in `node` with the node that reads it, in source order."""
    stack = [node]
    while stack:
        node = stack.pop()
        path = context_path(node)
        if path is None:
            stack += reversed(children(node))
            continue
        yield path, node
        indexes: list[Expr] = []
        while isinstance(node, Property | Index | Star):
            if isinstance(node, Index):
                indexes.append(node.index)
            node = node.base
        stack += indexes
