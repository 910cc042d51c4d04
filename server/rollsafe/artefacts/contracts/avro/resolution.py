"""Whether what was written with one Avro schema can be read with another, and what keeps it from that.

The rules are those of the specification under "Schema Resolution". Names are compared without their
namespaces, aliases of the reader with it, as Avro's own checkers do.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.contracts.avro.model import AvroField, AvroSchema
from rollsafe.text.tuples import NamedTuple

Find = Callable[[AvroSchema], AvroSchema | None]

_PROMOTED: Final = {
    "int": frozenset({"long", "float", "double"}),
    "long": frozenset({"float", "double"}),
    "float": frozenset({"double"}),
    "string": frozenset({"bytes"}),
    "bytes": frozenset({"string"}),
}
"""What a value of a type may be read as."""
_DEPTH: Final = 60
_MOST: Final = 20_000
_MOST_TOLD: Final = 200


class Obstacle(StrEnum):
    """What keeps a reader from reading, in the words of Avro's own checker."""

    NAME = "NAME_MISMATCH"
    SIZE = "FIXED_SIZE_MISMATCH"
    SYMBOLS = "MISSING_ENUM_SYMBOLS"
    FIELD = "READER_FIELD_MISSING_DEFAULT_VALUE"
    TYPE = "TYPE_MISMATCH"
    BRANCH = "MISSING_UNION_BRANCH"
    MEANING = "LOGICAL_TYPE_MISMATCH"
    """It can be read, and means something else: Avro's checker does not look at this."""


class Mismatch(NamedTuple):
    """One reason why what was written cannot be read.

    `reader` and `writer` are the types at fault. `field` is the reader's innermost field around them, or the
    one that was not written; `owner` is its record. `is_branch` says that the writer's type is one of several
    in a union. `names` are the symbols nobody knows.
    """

    obstacle: Obstacle
    reader: AvroSchema
    writer: AvroSchema
    field: AvroField | None
    owner: str
    is_branch: bool = False
    names: tuple[str, ...] = ()


class _Around(NamedTuple):
    """What a pair of types stands in."""

    field: AvroField | None = None
    owner: str = ""
    depth: int = 0
    is_branch: bool = False


def mismatches(reader: AvroSchema, writer: AvroSchema, finders: tuple[Find, Find]) -> tuple[Mismatch, ...]:
    """Return what keeps `reader` from reading what `writer` wrote; nothing where all can be read.

    `finders` return the type behind a name, for the reader and for the writer. What nobody knows is no
    obstacle.
    """
    found = _Resolution(finders).check(reader, writer, _Around())
    return tuple(dict.fromkeys(found))[:_MOST_TOLD]


class _Resolution:
    """The pairs that were looked at, so that types which hold themselves come to an end."""

    def __init__(self, finders: tuple[Find, Find]) -> None:
        self._finders = finders
        self._known: dict[tuple[int, int], tuple[Mismatch, ...]] = {}

    def check(self, reader: AvroSchema, writer: AvroSchema, around: _Around) -> tuple[Mismatch, ...]:
        one, other = self._meant(reader, 0), self._meant(writer, 1)
        if one is None or other is None:
            return ()
        key = id(one), id(other)
        if key not in self._known and around.depth <= _DEPTH and len(self._known) < _MOST:
            self._known[key] = ()
            self._known[key] = self._compared(one, other, around)
        return self._known.get(key, ())

    def _meant(self, schema: AvroSchema, side: int) -> AvroSchema | None:
        """Return the type itself; None for the name of one that nobody knows, and for what is no type."""
        found = self._finders[side](schema) if schema.kind == "reference" else schema
        return found if found is not None and found.kind not in ("", "reference") else None

    def _compared(self, reader: AvroSchema, writer: AvroSchema, around: _Around) -> tuple[Mismatch, ...]:
        if writer.kind == "union":
            return self._from_union(reader, writer, around)
        if reader.kind == "union":
            return self._into_union(reader, writer, around)
        if reader.kind != writer.kind:
            is_read = reader.kind in _PROMOTED.get(writer.kind, ())
            return () if is_read else _told(Obstacle.TYPE, reader, writer, around)
        found = _meanings(reader, writer, around)
        if reader.kind in ("array", "map"):
            return (*found, *self._held(reader, writer, around))
        if reader.kind not in ("record", "enum", "fixed"):
            return found
        if reader.simple != writer.simple and writer.name not in reader.aliases:
            found = (*found, *_told(Obstacle.NAME, reader, writer, around))
        if reader.kind == "fixed" and reader.size != writer.size:
            found = (*found, *_told(Obstacle.SIZE, reader, writer, around))
        if reader.kind == "enum":
            found = (*found, *_symbols(reader, writer, around))
        return (*found, *self._fields(reader, writer, around)) if reader.kind == "record" else found

    def _held(self, reader: AvroSchema, writer: AvroSchema, around: _Around) -> tuple[Mismatch, ...]:
        if not (reader.inside and writer.inside):
            return ()
        return self.check(
            reader.inside[0], writer.inside[0], _Around(around.field, around.owner, around.depth + 1)
        )

    def _fields(self, reader: AvroSchema, writer: AvroSchema, around: _Around) -> tuple[Mismatch, ...]:
        written = {field.name: field for field in writer.fields}
        found: list[Mismatch] = []
        for field in reader.fields:
            other = next((written[name] for name in (field.name, *field.aliases) if name in written), None)
            inner = _Around(field, reader.simple, around.depth + 1)
            if other is not None:
                found += self.check(field.schema, other.schema, inner)
            elif field.default is None:
                found += _told(Obstacle.FIELD, reader, writer, inner)
        return tuple(found)

    def _from_union(self, reader: AvroSchema, writer: AvroSchema, around: _Around) -> tuple[Mismatch, ...]:
        """Every branch that may have been written has to be readable."""
        found: list[Mismatch] = []
        for branch in writer.inside:
            found += self.check(reader, branch, around._replace(depth=around.depth + 1, is_branch=True))
        return tuple(found)

    def _into_union(self, reader: AvroSchema, writer: AvroSchema, around: _Around) -> tuple[Mismatch, ...]:
        """One branch has to take it; else what keeps the branch of the same name from it is told."""
        inner = around._replace(depth=around.depth + 1)
        nearest: tuple[Mismatch, ...] = ()
        for branch in reader.inside:
            found = self.check(branch, writer, inner)
            if not found:
                return ()
            meant = self._meant(branch, 0)
            if meant is not None and meant.kind == writer.kind and meant.simple == writer.simple:
                nearest = nearest or found
        return nearest or _told(Obstacle.BRANCH, reader, writer, around)


def _told(
    obstacle: Obstacle, reader: AvroSchema, writer: AvroSchema, around: _Around, names: tuple[str, ...] = ()
) -> tuple[Mismatch, ...]:
    return (Mismatch(obstacle, reader, writer, around.field, around.owner, around.is_branch, names),)


def _symbols(reader: AvroSchema, writer: AvroSchema, around: _Around) -> tuple[Mismatch, ...]:
    missing = tuple(one for one in writer.symbols if one not in reader.symbols)
    if not missing or reader.default in reader.symbols:
        return ()
    return _told(Obstacle.SYMBOLS, reader, writer, around, missing)


def _meanings(reader: AvroSchema, writer: AvroSchema, around: _Around) -> tuple[Mismatch, ...]:
    """Tell numbers that are read and mean something else: another scale, or another unit of time."""
    both = (reader.form, writer.form)
    is_scaled = all(one.startswith("decimal(") for one in both) and _scale(reader) != _scale(writer)
    is_timed = all("-" in one and one.rpartition("-")[2] in ("millis", "micros", "nanos") for one in both)
    if not is_scaled and not (is_timed and both[0].rpartition("-")[2] != both[1].rpartition("-")[2]):
        return ()
    return _told(Obstacle.MEANING, reader, writer, around)


def _scale(schema: AvroSchema) -> str:
    return schema.form.rpartition(",")[2]
