"""Parts of operations that have a place of their own: types, defaults, constraints, columns."""

import re
from enum import StrEnum
from typing import Final, TypeVar, cast, get_args, get_type_hints

from rollsafe.artefacts.migrations.names import TableName
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.records import record


@record
class Piece:
    """Something with a place: `[start, end)` in code points."""

    start: int
    end: int


class Volatility(StrEnum):
    """When PostgreSQL can evaluate a default: once for all rows, or for every row anew."""

    CONSTANT = "constant"
    STABLE = "stable"
    VOLATILE = "volatile"
    UNKNOWN = "unknown"


class ConstraintKind(StrEnum):
    """What a constraint demands."""

    CHECK = "check"
    FOREIGN = "foreign key"
    UNIQUE = "unique"
    PRIMARY = "primary key"
    EXCLUDE = "exclude"
    NOT_NULL = "not null"


class Generated(StrEnum):
    """How a generated column keeps its value."""

    STORED = "stored"
    VIRTUAL = "virtual"


_SERIAL: Final = frozenset({"serial", "bigserial", "smallserial"})
_BUILT_IN = lazily(
    r"""
    bigint | bigserial | bit | bit\ varying | boolean | box | bytea | char | cidr | circle | date |
    daterange | datemultirange | double\ precision | inet | int4multirange | int4range | int8multirange |
    int8range | integer | interval | json | jsonb | jsonpath | line | lseg | macaddr | macaddr8 | money |
    name | nummultirange | numeric | numrange | oid | path | pg_lsn | point | polygon | real | reg\w+ |
    serial | smallint | smallserial | text | time | timestamp | timestamptz | timetz | tsmultirange |
    tsquery | tsrange | tstzmultirange | tstzrange | tsvector | uuid | varchar | xid | xid8 | xml
    """,
    re.X,
)


@record
class TypeRef(Piece):
    """A type: `name` in its canonical SQL spelling (`integer` for `int4`), `text` as written.

    `modifiers` are the numbers in parentheses, `schema` is None for built-in types.
    """

    name: str
    schema: str | None
    modifiers: tuple[int, ...]
    is_array: bool
    text: str

    @property
    def is_built_in(self) -> bool:
        """Whether PostgreSQL brings the type along; any other may be a domain."""
        return self.schema is None and _BUILT_IN.fullmatch(self.name) is not None

    @property
    def is_serial(self) -> bool:
        """Whether it is one of the pseudo-types that create a sequence."""
        return self.name in _SERIAL and not self.is_array

    def __str__(self) -> str:
        numbers = f"({', '.join(map(str, self.modifiers))})" if self.modifiers else ""
        prefix = f"{self.schema}." if self.schema else ""
        return f"{prefix}{self.name}{numbers}{'[]' if self.is_array else ''}"


@record
class Default(Piece):
    """The expression of a default; `is_null` for a plain NULL."""

    text: str
    volatility: Volatility
    is_null: bool


@record
class Constraint(Piece):
    """A constraint of a column or a table, `text` as written with its name.

    `references` is the table a foreign key points at, `referenced` the columns there if it names them,
    `using_index` the index a unique or primary key is made of. `deletes` is a foreign key's action such as
    `cascade`, empty for none.
    """

    kind: ConstraintKind
    name: str | None
    columns: tuple[str, ...]
    references: TableName | None
    not_valid: bool
    using_index: str | None
    deletes: str
    text: str
    referenced: tuple[str, ...] = ()


@record
class Column(Piece):
    """A column's definition; `name_at` is the place of its name."""

    name: str
    name_at: Span
    type: TypeRef | None
    not_null: bool
    default: Default | None
    generated: Generated | None
    is_identity: bool
    constraints: tuple[Constraint, ...]
    text: str

    @property
    def is_serial(self) -> bool:
        """Whether the column is fed from a sequence of its own: serial or identity."""
        return self.is_identity or (self.type is not None and self.type.is_serial)

    @property
    def has_value(self) -> bool:
        """Whether rows that do not mention the column get a value that is not NULL."""
        given = self.default is not None and not self.default.is_null
        return given or self.is_serial or self.generated is not None

    def constraint(self, kind: ConstraintKind) -> Constraint | None:
        """Return the column's first constraint of `kind`, else None."""
        for one in self.constraints:
            if one.kind is kind:
                return one
        return None


P = TypeVar("P", bound=Piece)
_SHAPES: Final[dict[type[Piece], tuple[tuple[str, ...], tuple[str, ...]]]] = {}


def moved(piece: P, by: int) -> P:
    """Return a copy of `piece` and of everything located in it, `by` characters further on."""
    kind: type[Piece] = piece.__class__
    copy = object.__new__(piece.__class__)
    put = object.__setattr__
    plain, placed = _shape(kind)
    for name in plain:
        put(copy, name, getattr(piece, name))
    put(copy, "start", piece.start + by)
    put(copy, "end", piece.end + by)
    for name in placed:
        put(copy, name, _moved_value(getattr(piece, name), by))
    return copy


def _moved_value(value: object, by: int) -> object:
    if isinstance(value, Piece):
        return moved(value, by)
    if isinstance(value, Span):
        return Span(value.start + by, value.end + by)
    if isinstance(value, tuple):
        return tuple(_moved_value(one, by) for one in cast("tuple[object, ...]", value))
    return value


def _shape(kind: type[Piece]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the fields of `kind` without and with places, `start` and `end` left out."""
    shape = _SHAPES.get(kind)
    if shape is None:
        hints = get_type_hints(kind)
        names = [name for name in kind.__match_args__ if name not in ("start", "end")]
        placed = tuple(name for name in names if _holds_places(hints[name]))
        shape = _SHAPES[kind] = tuple(name for name in names if name not in placed), placed
    return shape


def _holds_places(hint: object) -> bool:
    if isinstance(hint, type):
        return hint is Span or issubclass(hint, Piece)
    return any(map(_holds_places, get_args(hint)))
