"""Programs as data: the literals, names, calls and blocks of a source file, whatever its language.

Nothing is imported, run or evaluated. What has no counterpart here is `Opaque`.
"""

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
    children,
    walk,
)

__all__ = [
    "Argument",
    "Assign",
    "Block",
    "Call",
    "Class",
    "Code",
    "Function",
    "Items",
    "Literal",
    "Name",
    "Opaque",
    "Pairs",
    "Program",
    "Remark",
    "Text",
    "children",
    "walk",
]
