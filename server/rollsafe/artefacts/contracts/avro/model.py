"""What an Avro schema says, with the places where it says so."""

from enum import StrEnum
from typing import Final

from rollsafe.formats.nodes import Node
from rollsafe.text.tuples import NamedTuple

PRIMITIVES: Final = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
NAMED: Final = frozenset({"record", "error", "enum", "fixed"})
COMPLEX: Final = (*sorted(NAMED), "array", "map")


_SHOWN: Final = 80


def quoted(text: str) -> str:
    """Return a name as a message shows it: in backticks, cut short."""
    plain = " ".join(text.replace("`", "'").split())
    return f"`{plain[:_SHOWN]}…`" if len(plain) > _SHOWN else f"`{plain}`"


class AvroField(NamedTuple):
    """A field of a record. `mark` is its name where it is written, `default` None where it has none."""

    name: str
    aliases: tuple[str, ...]
    schema: "AvroSchema"
    default: Node | None
    node: Node
    mark: Node


class AvroSchema:
    """A type: a primitive, a named one, an array, a map, a union, or the name of one (`reference`).

    `kind` is empty for what is no type at all. `name` is the full name of a named type or of what is referred
    to; `space` is the namespace in which that is looked for. `inside` are the branches of a union, or what an
    array or map holds. `form` is the logical type with what belongs to it, such as `decimal(9, 2)`.
    """

    __slots__ = (
        "aliases", "default", "fields", "form", "inside", "kind", "mark", "name", "node", "size", "space",
        "symbols",
    )  # fmt: skip

    def __init__(self, kind: str, node: Node, mark: Node, name: str = "", space: str = "") -> None:
        self.kind = kind
        self.node = node
        self.mark = mark
        self.name = name
        self.space = space
        self.aliases: tuple[str, ...] = ()
        self.fields: tuple[AvroField, ...] = ()
        self.inside: tuple[AvroSchema, ...] = ()
        self.symbols: tuple[str, ...] = ()
        self.default = ""
        """The symbol that stands for those a reader does not know; empty for none."""
        self.size = 0
        self.form = ""

    @property
    def simple(self) -> str:
        """The name without its namespace, by which schemas are held against each other."""
        return self.name.rpartition(".")[2]

    @property
    def shown(self) -> str:
        """How a message calls the type."""
        if self.kind == "union":
            return "[" + ", ".join(one.shown for one in self.inside[:6]) + "]"
        if self.kind in ("array", "map") and self.inside:
            return f"{self.kind} of {self.inside[0].shown}"
        return self.form or self.simple or self.kind


class FlawKind(StrEnum):
    """What is wrong with a schema."""

    NAME = "name"
    MISSING = "missing"
    VALUE = "value"
    DUPLICATE = "duplicate"
    UNION = "union"
    DEFAULT = "default"
    LATE_DEFAULT = "late default"
    """The default is of a branch that is not the first, which Avro takes from version 1.12 on."""


class AvroFlaw(NamedTuple):
    """What makes a schema one that no tool takes: where, in words, and the type it is about."""

    kind: FlawKind
    where: Node
    message: str
    field: AvroField | None = None


class AvroText(NamedTuple):
    """The schemas of a text: the whole, what it names, the names it refers to, and what is wrong with it."""

    root: AvroSchema
    named: dict[str, AvroSchema]
    references: tuple[AvroSchema, ...]
    flaws: tuple[AvroFlaw, ...]


def find(named: dict[str, AvroSchema], reference: AvroSchema) -> AvroSchema | None:
    """Return the type a name stands for: in its namespace, else in none."""
    return named.get(reference.name) or named.get(reference.simple)
