"""Liquibase's names, types, values and columns as PostgreSQL's."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import Column, Reference, text_of
from rollsafe.artefacts.migrations.code.liquibase_items import Item
from rollsafe.artefacts.migrations.code.script import Part, Written, literal
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.xml import Words
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple

_TYPES: Final = {
    "bit": "boolean",
    "blob": "bytea",
    "clob": "text",
    "currency": "numeric",
    "datetime": "timestamp without time zone",
    "double": "double precision",
    "java.sql.types.bigint": "bigint",
    "java.sql.types.boolean": "boolean",
    "java.sql.types.integer": "integer",
    "java.sql.types.timestamp": "timestamp without time zone",
    "java.sql.types.varchar": "varchar",
    "longblob": "bytea",
    "longtext": "text",
    "longvarbinary": "bytea",
    "mediumtext": "text",
    "nclob": "text",
    "number": "numeric",
    "nvarchar": "varchar",
    "nvarchar2": "varchar",
    "tinyint": "smallint",
    "varbinary": "bytea",
    "varchar2": "varchar",
}
_TYPE = re.compile(r"(?P<word>[A-Za-z_][\w. ]*?)\s*(?P<size>\([\d, ]*\))?(?P<rest>\W.*)?\Z", re.S)
_UNSIZED: Final = frozenset({"bytea", "text", "boolean", "smallint", "bigint", "integer", "double precision"})
_FUNCTION = re.compile(r"(?:now\(\)|current_\w+|[\w.]+\(.*\))\Z", re.I | re.S)


class Row(NamedTuple):
    """A statement and its place in the change log."""

    parts: list[Part]
    place: Located


Change = Callable[[Item], Iterator[Row]]


def sql_of(words: Words) -> Part:
    """Return SQL that is given as it is."""
    return Written(words.text, words.place, words.is_verbatim)


def name_of(words: Words | None) -> Part | None:
    """Return a name as Liquibase writes it: as it is, in quotes where its case is mixed."""
    if words is None or not words.text.strip():
        return None
    text = words.text.strip()
    text = text if text.isupper() and text.isidentifier() else quoted(text)
    return Written(text, words.place, is_verbatim=words.is_verbatim and text == words.text)


def table_of(item: Item, key: str = "tableName", schema: str = "schemaName") -> Part | None:
    """Return a table, or anything else in a schema."""
    own, within = name_of(item.get(key)), name_of(item.get(schema))
    if own is None or within is None:
        return own
    return Written(f"{text_of(within)}.{text_of(own)}", item.values[key].place)


def names_of(words: Words | None) -> tuple[Part, ...]:
    """Return the columns of a list with commas."""
    if words is None:
        return ()
    rows = [one.strip() for one in words.text.split(",")]
    return tuple(Written(quoted(one), words.place) for one in rows if one)


def type_of(words: Words | None) -> Part | None:
    """Return a type as PostgreSQL has it; Liquibase knows those of other databases, too."""
    if words is None or not words.text.strip():
        return None
    found = _TYPE.match(words.text.strip())
    known = _TYPES.get(found["word"].lower()) if found is not None else None
    if found is None or known is None:
        return Written(words.text.strip(), words.place, words.is_verbatim)
    size = found["size"] or ""
    return Written(known + ("" if known in _UNSIZED else size), words.place)


def default_of(item: Item) -> Part | None:
    """Return the default of a column."""
    for key in ("defaultValueComputed", "defaultValueNumeric", "defaultValueBoolean"):
        if (words := item.get(key)) is not None:
            return Written(words.text, words.place, words.is_verbatim)
    sequence = item.get("defaultValueSequenceNext")
    if sequence is not None:
        return Written(f"nextval({literal(sequence.text)})", sequence.place)
    words = item.get("defaultValueDate", "defaultValue")
    if words is None:
        return None
    is_computed = "defaultValueDate" in item.values and _FUNCTION.match(words.text)
    return Written(words.text if is_computed else literal(words.text), words.place)


def value_of(item: Item) -> Part | None:
    """Return the value of a column of `insert` and `update`."""
    for key in ("valueComputed", "valueNumeric", "valueBoolean"):
        if (words := item.get(key)) is not None:
            return Written(words.text, words.place, words.is_verbatim)
    words = item.get("valueDate", "value")
    if words is None and item.said:
        words = item.said[0]
    return Written(literal(words.text), words.place) if words is not None else None


def _reference(item: Item) -> Reference | None:
    """Return what a constraint of a column points at."""
    given, table = item.get("references"), table_of(item, "referencedTableName")
    if given is not None:
        return Reference(sql_of(given))
    return Reference(table, names_of(item.get("referencedColumnNames"))) if table is not None else None


def column_of(item: Item) -> Column | None:
    """Return a column without its part of a primary key; None where its name or type is not said."""
    own, typed, rules = name_of(item.get("name")), type_of(item.get("type")), item.child("constraints")
    if own is None or typed is None:
        return None
    suffix: tuple[Part, ...] = ()
    reference = _reference(rules) if rules is not None else None
    if rules is not None and reference is not None:
        named = name_of(rules.get("foreignKeyName"))
        suffix = ("CONSTRAINT", named, *reference.parts()) if named is not None else tuple(reference.parts())
    if item.is_true("autoIncrement"):
        suffix = ("GENERATED BY DEFAULT AS IDENTITY", *suffix)
    required = rules is not None and (rules.is_false("nullable") or rules.is_true("primaryKey"))
    unique = rules is not None and rules.is_true("unique") and not rules.is_true("primaryKey")
    return Column(own, typed, required or None, default_of(item), is_unique=unique, suffix=suffix)
