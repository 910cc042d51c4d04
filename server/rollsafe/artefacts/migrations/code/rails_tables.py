"""Rails' tables and what their blocks define."""

from typing import Final

from rollsafe.artefacts.migrations.code import rails_columns as columns
from rollsafe.artefacts.migrations.code.definitions import Column, Key, separated
from rollsafe.artefacts.migrations.code.rails_columns import is_false, is_true, word
from rollsafe.artefacts.migrations.code.rails_comments import comments_of_table
from rollsafe.artefacts.migrations.code.rails_keys import check_of, index, new_foreign_key
from rollsafe.artefacts.migrations.code.rails_references import (
    reference_columns,
    reference_index,
    reference_key,
)
from rollsafe.artefacts.migrations.code.rails_writer import Rails, Write, table_of
from rollsafe.artefacts.migrations.code.script import Part, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Items, Pairs, Text


def _create_table(rails: Rails, call: Call) -> None:
    table = table_of(call.at(0))
    if table is None:
        return
    _drop_first(rails, call, table)
    rows = [*_key_column(rails, call)]
    body = call.block.body if call.block is not None else ()
    inside = [one for one in body if isinstance(one, Call)]
    rows += [column.parts() for one in inside for column in _defined(rails, one)]
    keys = [key for one in inside for key in _keys(one, word(call.at(0)))]
    rows += [key.parts() for key in (*_keys_of_several(call), *sorted(keys, key=_is_check))]
    words = "TABLE IF NOT EXISTS" if is_true(call.get("if_not_exists")) else "TABLE"
    rails.tables.create(table, rows, call, words=words)
    for one in inside:
        _indexes(rails, one, table, word(call.at(0)))
    comments_of_table(rails, call, table, inside)


def _is_check(key: Key) -> bool:
    return key.kind == "CHECK"


def _keys_of_several(call: Call) -> list[Key]:
    """Return the primary key of several columns, if the table has one."""
    told = call.get("primary_key")
    found = columns.columns_of(told) if isinstance(told, Items) and not is_false(call.get("id")) else ()
    named = tuple(separated([columns.key_of(one) for one in found]))
    return [Key("PRIMARY KEY", None, named)] if named else []


def _drop_first(rails: Rails, call: Call, table: Part) -> None:
    """Write the DROP of a table that is to replace one of its name."""
    force = call.get("force")
    if force is not None and not is_false(force):
        rails.tables.drop(table, call, cascade=word(force) == "cascade", if_exists=True)


def _key_column(rails: Rails, call: Call) -> list[list[Part]]:
    kind = call.get("id")
    if is_false(kind) or isinstance(call.get("primary_key"), Items):
        return []
    named = word(call.get("primary_key")) or "id"
    serial = "bigserial" if rails.key_type == "bigint" else "serial"
    typed = {"": serial, "integer": "serial", "bigint": "bigserial"}.get(word(kind))
    default = columns.default_of(call.get("default"))
    if default is None and word(kind) == "uuid" and call.get("default") is None:
        default = "gen_random_uuid()" if rails.version >= (5, 1) else "uuid_generate_v4()"
    column = Column(
        quoted(named),
        typed or columns.TYPES.get(word(kind), "bigint"),
        required=bool(word(kind)) or rails.version < (5, 1) or None,
        default=default,
        is_primary=True,
    )
    return [column.parts()]


def columns_of_times(rails: Rails, call: Call) -> list[Column]:
    """Return the columns that `timestamps` defines."""
    required = True if rails.version >= (5, 0) and call.get("null") is None else is_false(call.get("null"))
    exact = columns.number(call.get("precision"))
    if call.get("precision") is None and rails.version >= (6, 0):
        exact = 6
    kind = "timestamp" if exact is None else f"timestamp({exact})"
    default = columns.default_of(call.get("default"))
    return [
        Column(one, kind, required=required or None, default=default) for one in ("created_at", "updated_at")
    ]


def column_in(rails: Rails, named: Code | None, kind: str, call: Call) -> Column | None:
    """Return a column as the version of the migration has it; None if its name is computed."""
    found = columns.column_of(named, kind, call)
    if found is None or kind != "primary_key" or rails.version >= (5, 1):
        return found
    return Column(found.name, "serial", required=True, is_primary=True)


def _defined(rails: Rails, call: Call) -> list[Column]:
    """Return the columns a call in a table's block defines."""
    if call.name == "timestamps":
        return columns_of_times(rails, call)
    if call.name in ("references", "belongs_to"):
        return [column for one in call.arguments for column in reference_columns(rails, one, call)]
    if call.name == "column":
        found = column_in(rails, call.at(0), word(call.at(1)), call)
        return [found] if found is not None else []
    if call.name in columns.TYPES or call.name == "enum":
        made = (column_in(rails, one, call.name, call) for one in call.arguments)
        return [one for one in made if one is not None]
    return []


def _keys(call: Call, table: str) -> list[Key]:
    if call.name == "foreign_key":
        key = new_foreign_key(call, table, call.at(0))
        return [key] if key is not None else []
    if call.name in ("references", "belongs_to"):
        found = (reference_key(one, call, table) for one in call.arguments)
        return [one for one in found if one is not None]
    if call.name == "check_constraint" and (key := check_of(call, table, call.at(0))) is not None:
        return [key]
    if call.name == "unique_constraint" and (body := columns.columns_of(call.at(0))):
        return [
            Key("UNIQUE", name(call.get("name")), tuple(separated([columns.key_of(one) for one in body])))
        ]
    return []


def _indexes(rails: Rails, call: Call, table: Part, plain: str) -> None:
    """Write the indexes a call in a table's block asks for."""
    if call.name == "index":
        index(rails, call, table, plain, call.at(0))
    elif call.name in ("references", "belongs_to"):
        for one in call.arguments:
            reference_index(rails, call, table, plain, one)
    elif call.get("index") is not None and not is_false(call.get("index")):
        for one in call.arguments:
            index(rails, call, table, plain, one, call.get("index"))


def _drop_table(rails: Rails, call: Call) -> None:
    for one in call.arguments:
        table = table_of(one)
        if table is not None:
            cascade = word(call.get("force")) == "cascade"
            rails.tables.drop(table, call, cascade=cascade, if_exists=is_true(call.get("if_exists")))


def _join_tables(call: Call) -> str:
    """Return the name of a join table: told, or both names in order with what they share said once."""
    told = word(call.get("table_name"))
    if told or len(call.arguments) < 2:
        return told
    return "_".join(sorted(word(one) for one in call.arguments[:2]))


def _create_join_table(rails: Rails, call: Call) -> None:
    table = _join_tables(call)
    keys = [columns.singular(word(one)) for one in call.arguments[:2]]
    if not table or not all(keys):
        return
    _drop_first(rails, call, quoted(table))
    asked = call.get("column_options")
    options = asked if isinstance(asked, Pairs) else None
    required = None if options is not None and is_true(options.get("null")) else True
    kind = columns.TYPES.get(word(options.get("type")), rails.key_type) if options else rails.key_type
    rows = [Column(quoted(f"{one}_id"), kind, required=required).parts() for one in keys]
    rails.tables.create(quoted(table), rows, call)
    for one in call.block.body if call.block is not None else ():
        if isinstance(one, Call):
            _indexes(rails, one, quoted(table), table)


def _drop_join_table(rails: Rails, call: Call) -> None:
    if _join_tables(call):
        rails.tables.drop(quoted(_join_tables(call)), call)


def _rename_table(rails: Rails, call: Call) -> None:
    table, new = table_of(call.at(0)), table_of(call.at(1))
    if table is not None and new is not None:
        rails.tables.rename(table, new, call)


_PREFIXED: Final = {
    "change": "change_column",
    "change_default": "change_column_default",
    "change_null": "change_column_null",
    "check_constraint": "add_check_constraint",
    "column": "add_column",
    "foreign_key": "add_foreign_key",
    "index": "add_index",
    "remove": "remove_columns",
    "remove_check_constraint": "remove_check_constraint",
    "remove_foreign_key": "remove_foreign_key",
    "remove_index": "remove_index",
    "remove_timestamps": "remove_timestamps",
    "rename": "rename_column",
    "rename_index": "rename_index",
    "timestamps": "add_timestamps",
}
"""Methods of a block that are those of a migration with the table left out."""


def in_table(call: Call, table: Code | None) -> list[Call]:
    """Return a call in a `change_table` block as calls that name the table."""
    if table is None:
        return []
    if call.name in _PREFIXED:
        return [_renamed(call, _PREFIXED[call.name], (table, *call.arguments))]
    if call.name in ("references", "belongs_to", "remove_references", "remove_belongs_to"):
        named = "remove_reference" if call.name.startswith("remove") else "add_reference"
        return [_renamed(call, named, (table, one)) for one in call.arguments]
    if call.name in columns.TYPES or call.name == "enum":
        kind = Text(call.name_at.start, call.name_at.end, call.name, call.name_at, is_verbatim=True)
        return [_renamed(call, "add_column", (table, one, kind)) for one in call.arguments]
    return []


def _renamed(call: Call, new: str, arguments: tuple[Code, ...]) -> Call:
    return Call(call.start, call.end, None, new, call.name_at, arguments, call.named, call.block)


OPERATIONS: Final[dict[str, Write]] = {
    "create_join_table": _create_join_table,
    "create_table": _create_table,
    "drop_join_table": _drop_join_table,
    "drop_table": _drop_table,
    "rename_table": _rename_table,
}
