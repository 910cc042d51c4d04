"""Sequelize's indexes and constraints, with the names Sequelize makes up for them."""

from typing import Final

from rollsafe.artefacts.migrations.code.definitions import Index, Key, Reference, separated, text_of
from rollsafe.artefacts.migrations.code.javascript import is_true, underscored
from rollsafe.artefacts.migrations.code.javascript import text_of as told
from rollsafe.artefacts.migrations.code.script import Part, name
from rollsafe.artefacts.migrations.code.sequelize_columns import condition, deferrable_of, keys_of, table_of
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Code, Items, Pairs

_SUFFIXES: Final = {"CHECK": "ck", "FOREIGN KEY": "fk", "PRIMARY KEY": "pk", "UNIQUE": "uk"}


def index_of(table: Code | None, fields: Code | None, options: Pairs | None) -> Index | None:
    """Return the index of a table's fields; None where one of them is computed."""
    on, keys = table_of(table, dots=True), keys_of(fields)
    if on is None or keys is None:
        return None
    if options is None:
        return Index(index_name(table, fields), on, keys)
    named = options.get("name", "indexName")
    unique = is_true(options.get("unique")) or told(options.get("type", "indicesType")).lower() == "unique"
    return Index(
        name(named) if named is not None else index_name(table, fields),
        on,
        keys,
        is_unique=unique,
        concurrently=is_true(options.get("concurrently")),
        method=told(options.get("using")),
        where=condition(options.get("where")),
    )


def index_name(table: Code | None, fields: Code | None) -> str | None:
    """Return the name Sequelize gives an index: the table and the fields."""
    rows = fields.items if isinstance(fields, Items) else ()
    names = [told(one.get("name", "attribute") if isinstance(one, Pairs) else one) for one in rows]
    first = told(table.get("tableName")) if isinstance(table, Pairs) else told(table).replace(".", "_")
    return quoted(underscored("_".join((first, *names)))) if all(names) else None


def constraint_of(table: Part, fields: Code | None, options: Pairs) -> Key | None:
    """Return the constraint that options describe; None where it is not complete, or computed."""
    keys, kind = keys_of(fields), told(options.get("type")).upper()
    if keys is None or kind not in _SUFFIXES:
        return None
    words = [_plain(table), *map(_plain, keys)]
    reference = _reference(options) if kind == "FOREIGN KEY" else None
    if reference is not None:
        words.append(_plain(reference.table))
    elif kind == "FOREIGN KEY":
        return None
    own = name(options.get("name")) or quoted("_".join((*words, _SUFFIXES[kind])))
    if kind == "CHECK":
        return Key(kind, own, (condition(options.get("where")) or "computed_condition()",))
    suffix = deferrable_of(options.get("deferrable"))
    return Key(kind, own, tuple(separated(keys)), reference, suffix)


def _plain(part: Part) -> str:
    return text_of(part).replace('"', "")


def _reference(options: Pairs) -> Reference | None:
    target = options.get("references")
    if not isinstance(target, Pairs):
        return None
    table, listed, single = (target.get(one) for one in ("table", "fields", "field"))
    points = keys_of(listed)
    if (field := name(single)) is not None:
        points = (field,)
    words = (("onUpdate", "ON UPDATE"), ("onDelete", "ON DELETE"))
    actions = [f"{word} {told(options.get(one)).upper()}" for one, word in words if told(options.get(one))]
    pointed = table_of(table)
    return Reference(pointed, points, " ".join(actions)) if pointed is not None and points else None
