"""What Rails' schema methods send to PostgreSQL."""

from collections.abc import Callable
from typing import Final

from rollsafe.artefacts.migrations.code import rails_columns as columns
from rollsafe.artefacts.migrations.code.definitions import Column, Index, Key, Tables, separated
from rollsafe.artefacts.migrations.code.rails_columns import is_false, is_true, word
from rollsafe.artefacts.migrations.code.script import Part, Script, Written, literal, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Items, Literal, Name, Pairs, Text


class Rails:
    """Writes statements of one migration; `version` is that of `Migration[7.1]`."""

    def __init__(self, script: Script, version: tuple[int, ...]) -> None:
        self.script = script
        self.version = version
        self.tables = Tables(script)

    @property
    def key_type(self) -> str:
        """The type of primary and foreign keys."""
        return "bigint" if self.version >= (5, 1) else "integer"

    @property
    def indexes_references(self) -> bool:
        """Whether a reference gets an index unless told otherwise."""
        return self.version >= (5, 0)


Write = Callable[[Rails, Call], None]


def write(rails: Rails, call: Call) -> None:
    """Write what a call does to the database; nothing for one nobody knows."""
    operation = _OPERATIONS.get(call.name) if call.on is None or call.name == "execute" else None
    if operation is not None:
        operation(rails, call)
    elif call.name in ("update_all", "delete_all"):
        _rows(rails, call)


def _table(code: Code | None) -> Part | None:
    if not isinstance(code, Text) or code.is_partial or not code.value:
        return None
    return Written(
        columns.quoted_table(code.value), code.inner, columns.quoted_table(code.value) == code.value
    )


# Tables


def _create_table(rails: Rails, call: Call) -> None:
    table = _table(call.at(0))
    if table is None:
        return
    if call.get("force") is not None and not is_false(call.get("force")):
        rails.tables.drop(table, call, cascade=word(call.get("force")) == "cascade", if_exists=True)
    rows = [*_key_column(rails, call)]
    body = call.block.body if call.block is not None else ()
    inside = [one for one in body if isinstance(one, Call)]
    for one in inside:
        rows += [column.parts() for column in _defined(rails, one)]
        rows += [key.parts() for key in _keys(one, word(call.at(0)))]
    words = "TABLE IF NOT EXISTS" if is_true(call.get("if_not_exists")) else "TABLE"
    rails.tables.create(table, rows, call, words=words)
    for one in inside:
        _indexes(rails, one, table, word(call.at(0)))


def _key_column(rails: Rails, call: Call) -> list[list[Part]]:
    kind = call.get("id")
    if is_false(kind) or isinstance(call.get("primary_key"), Items):
        return []
    named = word(call.get("primary_key")) or "id"
    serial = "bigserial" if rails.key_type == "bigint" else "serial"
    typed = {"": serial, "integer": "serial", "bigint": "bigserial"}.get(word(kind))
    default = "gen_random_uuid()" if word(kind) == "uuid" else None
    column = Column(
        quoted(named), typed or columns.TYPES.get(word(kind), "bigint"), default=default, is_primary=True
    )
    return [column.parts()]


def _defined(rails: Rails, call: Call) -> list[Column]:
    """Return the columns a call in a table's block defines."""
    if call.name == "timestamps":
        required = (
            True if rails.version >= (5, 0) and call.get("null") is None else is_false(call.get("null"))
        )
        return [Column(one, "timestamp", required=required or None) for one in ("created_at", "updated_at")]
    if call.name in ("references", "belongs_to"):
        return [column for one in call.arguments for column in _reference_columns(rails, one, call)]
    if call.name == "column":
        found = columns.column_of(call.at(0), word(call.at(1)), call)
        return [found] if found is not None else []
    if call.name in columns.TYPES or call.name in ("enum", "primary_key"):
        kind = "bigserial" if call.name == "primary_key" else call.name
        made = (columns.column_of(one, kind, call) for one in call.arguments)
        return [one for one in made if one is not None]
    return []


def _keys(call: Call, table: str) -> list[Key]:
    if call.name == "foreign_key":
        key = _foreign_key_of(call, table, call.at(0))
        return [key] if key is not None else []
    if call.name in ("references", "belongs_to"):
        found = (_reference_key(one, call, table) for one in call.arguments)
        return [one for one in found if one is not None]
    if call.name == "check_constraint" and (key := _check_of(call, table, call.at(0))) is not None:
        return [key]
    if call.name == "unique_constraint" and (body := columns.columns_of(call.at(0))):
        return [
            Key("UNIQUE", name(call.get("name")), tuple(separated([columns.key_of(one) for one in body])))
        ]
    return []


def _indexes(rails: Rails, call: Call, table: Part, plain: str) -> None:
    """Write the indexes a call in a table's block asks for."""
    if call.name == "index":
        _index(rails, call, table, plain, call.at(0))
    elif call.name in ("references", "belongs_to"):
        for one in call.arguments:
            _reference_index(rails, call, table, plain, one)
    elif call.get("index") is not None and not is_false(call.get("index")):
        for one in call.arguments:
            _index(rails, call, table, plain, one, call.get("index"))


def _drop_table(rails: Rails, call: Call) -> None:
    for one in call.arguments:
        table = _table(one)
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
    rows = [Column(quoted(f"{one}_id"), rails.key_type, required=True).parts() for one in keys]
    rails.tables.create(quoted(table), rows, call)
    for one in call.block.body if call.block is not None else ():
        if isinstance(one, Call):
            _indexes(rails, one, quoted(table), table)


def _drop_join_table(rails: Rails, call: Call) -> None:
    if _join_tables(call):
        rails.tables.drop(quoted(_join_tables(call)), call)


def _rename_table(rails: Rails, call: Call) -> None:
    table, new = _table(call.at(0)), _table(call.at(1))
    if table is not None and new is not None:
        rails.tables.rename(table, new, call)


def _change_table(rails: Rails, call: Call) -> None:
    for one in call.block.body if call.block is not None else ():
        if isinstance(one, Call):
            for made in in_table(one, call.at(0)):
                write(rails, made)


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


# Columns


def _add_column(rails: Rails, call: Call) -> None:
    table, column = _table(call.at(0)), columns.column_of(call.at(1), word(call.at(2)), call)
    if table is not None and column is not None and call.at(2) is not None:
        words = "IF NOT EXISTS " if is_true(call.get("if_not_exists")) else ""
        rails.tables.add_column(table, column, call, words=words)


def _add_columns(rails: Rails, call: Call) -> None:
    table, kind = _table(call.at(0)), word(call.get("type"))
    for one in call.arguments[1:]:
        column = columns.column_of(one, kind, call)
        if table is not None and column is not None:
            rails.tables.add_column(table, column, call)


def _remove_column(rails: Rails, call: Call) -> None:
    table, column = _table(call.at(0)), name(call.at(1))
    if table is not None and column is not None:
        words = "IF EXISTS " if is_true(call.get("if_exists")) else ""
        rails.tables.drop_column(table, column, call, words=words)


def _remove_columns(rails: Rails, call: Call) -> None:
    table = _table(call.at(0))
    for one in call.arguments[1:]:
        column = name(one)
        if table is not None and column is not None:
            rails.tables.drop_column(table, column, call)


def _rename_column(rails: Rails, call: Call) -> None:
    table, column, new = _table(call.at(0)), name(call.at(1)), name(call.at(2))
    if table is not None and column is not None and new is not None:
        rails.tables.rename_column(table, column, new, call)


def _change_column(rails: Rails, call: Call) -> None:
    table, column, kind = _table(call.at(0)), name(call.at(1)), word(call.at(2))
    if table is None or column is None or not kind:
        return
    using = word(call.get("using"))
    rails.tables.alter_column(
        table, column, [f"TYPE {columns.type_of(kind, call)}{f' USING {using}' if using else ''}"], call
    )
    default = columns.default_of(call.get("default"))
    if default is not None:
        rails.tables.alter_column(table, column, ["SET DEFAULT ", default], call)
    if call.get("null") is not None:
        _set_null(rails, call, table, column, call.get("null"))


def _set_null(rails: Rails, call: Call, table: Part, column: Part, null: Code | None) -> None:
    if is_false(null) or is_true(null):
        words = "SET NOT NULL" if is_false(null) else "DROP NOT NULL"
        rails.tables.alter_column(table, column, [words], call)


def _change_column_null(rails: Rails, call: Call) -> None:
    table, column, null = _table(call.at(0)), name(call.at(1)), call.at(2)
    if table is None or column is None:
        return
    value = columns.default_of(call.at(3))
    if value is not None and is_false(null):
        rails.script.statement(
            ["UPDATE ", table, " SET ", column, " = ", value, " WHERE ", column, " IS NULL"], call
        )
    _set_null(rails, call, table, column, null)


def _change_column_default(rails: Rails, call: Call) -> None:
    table, column = _table(call.at(0)), name(call.at(1))
    new = call.get("to") if call.get("to") is not None else call.at(2)
    if table is None or column is None or new is None:
        return
    value = columns.default_of(new)
    if isinstance(new, Literal) and new.value is None:
        rails.tables.alter_column(table, column, ["DROP DEFAULT"], call)
    elif value is not None:
        rails.tables.alter_column(table, column, ["SET DEFAULT ", value], call)


def _add_timestamps(rails: Rails, call: Call) -> None:
    table = _table(call.at(0))
    required = True if rails.version >= (5, 0) and call.get("null") is None else is_false(call.get("null"))
    for one in ("created_at", "updated_at") if table is not None else ():
        default = columns.default_of(call.get("default"))
        rails.tables.add_column(
            table or "", Column(one, "timestamp", required=required or None, default=default), call
        )


def _remove_timestamps(rails: Rails, call: Call) -> None:
    table = _table(call.at(0))
    for one in ("updated_at", "created_at") if table is not None else ():
        rails.tables.drop_column(table or "", one, call)


# References


def _reference_columns(rails: Rails, code: Code, call: Call) -> list[Column]:
    named = word(code)
    if not named:
        return []
    column = Written(quoted(f"{named}_id"), code.inner) if isinstance(code, Text) else quoted(f"{named}_id")
    kind = word(call.get("type"))
    required = True if is_false(call.get("null")) else None
    typed = columns.TYPES.get(kind, rails.key_type)
    found = [Column(column, typed, required=required)]
    if call.get("polymorphic") is not None and not is_false(call.get("polymorphic")):
        found.insert(0, Column(quoted(f"{named}_type"), "varchar", required=required))
    return found


def _reference_key(code: Code, call: Call, table: str) -> Key | None:
    asked, named = call.get("foreign_key"), word(code)
    if asked is None or is_false(asked) or not named:
        return None
    options = asked if isinstance(asked, Pairs) else None
    target = word(options.get("to_table")) if options is not None else ""
    column = f"{named}_id"
    return Key(
        "FOREIGN KEY",
        _told_name(options, columns.foreign_key_name(table, column)),
        (quoted(column),),
        columns.reference_of(target or columns.plural(named), options),
        "NOT VALID" if options is not None and is_false(options.get("validate")) else "",
    )


def _told_name(options: Pairs | Call | None, otherwise: str) -> Part:
    told = name(options.get("name")) if options is not None else None
    return told if told is not None else quoted(otherwise)


def _reference_index(rails: Rails, call: Call, table: Part, plain: str, code: Code) -> None:
    asked, named = call.get("index"), word(code)
    if not named or is_false(asked) or (asked is None and not rails.indexes_references):
        return
    keys = [f"{named}_id"]
    if call.get("polymorphic") is not None and not is_false(call.get("polymorphic")):
        keys.insert(0, f"{named}_type")
    options = asked if isinstance(asked, Pairs) else None
    _built(rails, call, table, f"index_{plain}_on_{named}", tuple(quoted(one) for one in keys), options)


def _add_reference(rails: Rails, call: Call) -> None:
    table, code = _table(call.at(0)), call.at(1)
    if table is None or code is None:
        return
    for column in _reference_columns(rails, code, call):
        rails.tables.add_column(table, column, call)
    _reference_index(rails, call, table, word(call.at(0)), code)
    key = _reference_key(code, call, word(call.at(0)))
    if key is not None:
        rails.tables.add(table, key, call)


def _remove_reference(rails: Rails, call: Call) -> None:
    table, named = _table(call.at(0)), word(call.at(1))
    if table is not None and named:
        if call.get("polymorphic") is not None and not is_false(call.get("polymorphic")):
            rails.tables.drop_column(table, quoted(f"{named}_type"), call)
        rails.tables.drop_column(table, quoted(f"{named}_id"), call)


# Indexes and constraints


def _add_index(rails: Rails, call: Call) -> None:
    table = _table(call.at(0))
    if table is not None:
        _index(rails, call, table, word(call.at(0)), call.at(1, "column"))


def _index(
    rails: Rails, call: Call, table: Part, plain: str, code: Code | None, options: Code | None = None
) -> None:
    found = columns.columns_of(code)
    if found:
        keys = tuple(columns.key_of(one) for one in found)
        asked = options if isinstance(options, Pairs) else None if options is not None else call
        _built(rails, call, table, columns.index_name(plain, found), keys, asked)


def _built(
    rails: Rails, call: Call, table: Part, named: str, keys: tuple[Part, ...], options: Call | Pairs | None
) -> None:
    where = options.get("where") if options is not None else None
    condition = (
        Written(where.value, where.inner, where.is_verbatim)
        if isinstance(where, Text) and not where.is_partial
        else None
    )
    index = Index(
        _told_name(options, named),
        table,
        keys,
        is_unique=options is not None and is_true(options.get("unique")),
        concurrently=options is not None and word(options.get("algorithm")) == "concurrently",
        method=word(options.get("using")) if options is not None else "",
        where=condition,
        if_not_exists=options is not None and is_true(options.get("if_not_exists")),
    )
    rails.tables.index(index, call)


def _remove_index(rails: Rails, call: Call) -> None:
    table, found = word(call.at(0)), columns.columns_of(call.at(1, "column"))
    told = name(call.get("name"))
    index = told if told is not None else quoted(columns.index_name(table, found)) if found else None
    if index is not None and table:
        words = "CONCURRENTLY " if word(call.get("algorithm")) == "concurrently" else ""
        words += "IF EXISTS " if is_true(call.get("if_exists")) else ""
        rails.tables.drop_index(index, call, words=words)


def _rename_index(rails: Rails, call: Call) -> None:
    old, new = name(call.at(1)), name(call.at(2))
    if old is not None and new is not None:
        rails.script.statement(["ALTER INDEX ", old, " RENAME TO ", new], call)


def _foreign_key_of(call: Call, table: str, target: Code | None) -> Key | None:
    to = word(target)
    if not to:
        return None
    column = word(call.get("column")) or f"{columns.singular(to.rpartition('.')[2])}_id"
    return Key(
        "FOREIGN KEY",
        _told_name(call, columns.foreign_key_name(table, column)),
        (quoted(column),),
        columns.reference_of(to, call),
        "NOT VALID" if is_false(call.get("validate")) else "",
    )


def _add_foreign_key(rails: Rails, call: Call) -> None:
    table, key = _table(call.at(0)), _foreign_key_of(call, word(call.at(0)), call.at(1))
    if table is not None and key is not None:
        rails.tables.add(table, key, call)


def foreign_key_of(call: Call) -> str:
    """Return the name of the foreign key that a call removes or validates; empty if it cannot be told."""
    told, column = word(call.get("name")), word(call.get("column"))
    to = word(call.at(1, "to_table"))
    if told or not (column or to):
        return told
    return columns.foreign_key_name(word(call.at(0)), column or f"{columns.singular(to)}_id")


def _remove_foreign_key(rails: Rails, call: Call) -> None:
    table, named = _table(call.at(0)), foreign_key_of(call)
    if table is not None and named:
        rails.tables.drop_constraint(table, quoted(named), call)


def _validate(rails: Rails, call: Call) -> None:
    table = _table(call.at(0))
    named = (
        foreign_key_of(call) if call.name == "validate_foreign_key" else word(call.get("name") or call.at(1))
    )
    if table is not None and named:
        rails.tables.alter(table, ["VALIDATE CONSTRAINT ", quoted(named)], call)


def _check_of(call: Call, table: str, code: Code | None) -> Key | None:
    if not isinstance(code, Text) or code.is_partial:
        return None
    named = _told_name(call, columns.check_name(table, code.value))
    invalid = "NOT VALID" if is_false(call.get("validate")) else ""
    return Key("CHECK", named, (Written(code.value, code.inner, code.is_verbatim),), suffix=invalid)


def _add_check(rails: Rails, call: Call) -> None:
    table, key = _table(call.at(0)), _check_of(call, word(call.at(0)), call.at(1))
    if table is not None and key is not None:
        rails.tables.add(table, key, call)


def _remove_constraint(rails: Rails, call: Call) -> None:
    table, expression = _table(call.at(0)), word(call.at(1))
    named = word(call.get("name")) or (columns.check_name(word(call.at(0)), expression) if expression else "")
    if table is not None and named:
        rails.tables.drop_constraint(table, quoted(named), call)


def _add_unique(rails: Rails, call: Call) -> None:
    table, found = _table(call.at(0)), columns.columns_of(call.at(1))
    using = word(call.get("using_index"))
    if table is None:
        return
    if using:
        named = _told_name(call, using)
        rails.tables.alter(table, ["ADD CONSTRAINT ", named, f" UNIQUE USING INDEX {quoted(using)}"], call)
    elif found:
        body = tuple(separated([columns.key_of(one) for one in found]))
        rails.tables.add(table, Key("UNIQUE", name(call.get("name")), body), call)


def _add_exclusion(rails: Rails, call: Call) -> None:
    table, code = _table(call.at(0)), call.at(1)
    if table is not None and isinstance(code, Text) and not code.is_partial:
        kind = f"EXCLUDE USING {word(call.get('using')) or 'gist'}"
        body = Written(code.value, code.inner, code.is_verbatim)
        rails.tables.add(table, Key(kind, name(call.get("name")), (body,)), call)


# Everything else


def _execute(rails: Rails, call: Call) -> None:
    code = call.at(0)
    while isinstance(code, Call) and code.on is not None:
        code = code.on
    if isinstance(code, Text):
        rails.script.sql(code, call)


def _rows(rails: Rails, call: Call) -> None:
    """Write what a model does to many rows at once."""
    on, has_where = call.on, False
    while isinstance(on, Call):
        has_where = has_where or on.name in ("where", "not", "in_batches", "find_each", "find_in_batches")
        on = on.on
    if not isinstance(on, Name) or not on.path[:1].isupper():
        return
    table = quoted(columns.plural(columns.underscored(on.path)))
    where = " WHERE computed_condition()" if has_where else ""
    if call.name == "delete_all":
        rails.script.statement([f"DELETE FROM {table}{where}"], call)
        return
    told = call.at(0)
    if isinstance(told, Text) and not told.is_partial:
        sets: list[Part] = [Written(told.value, told.inner, told.is_verbatim)]
    else:
        named = [one.name for one in (*call.named, *(told.entries if isinstance(told, Pairs) else ()))]
        sets = [", ".join(f"{quoted(one)} = computed_value()" for one in named if one)]
    if sets != [""]:
        rails.script.statement([f"UPDATE {table} SET ", *sets, where], call)


def _extension(rails: Rails, call: Call) -> None:
    named = word(call.at(0))
    verb = "CREATE EXTENSION IF NOT EXISTS" if call.name.startswith("enable") else "DROP EXTENSION IF EXISTS"
    if named:
        rails.script.statement([f"{verb} {quoted(named)}"], call)


def _enum(rails: Rails, call: Call) -> None:
    named, values = _table(call.at(0)), call.at(1)
    if named is None:
        return
    if call.name == "drop_enum":
        rails.script.statement(["DROP TYPE ", named], call)
    elif call.name == "add_enum_value" and isinstance(values, Text):
        places = [
            f" {one.upper()} {literal(word(call.get(one)))}" for one in ("before", "after") if call.get(one)
        ]
        rails.script.statement(["ALTER TYPE ", named, f" ADD VALUE {literal(values.value)}", *places], call)
    elif isinstance(values, Items):
        listed = ", ".join(literal(word(one)) for one in values.items)
        rails.script.statement(["CREATE TYPE ", named, f" AS ENUM ({listed})"], call)


_OPERATIONS: Final[dict[str, Write]] = {
    "add_belongs_to": _add_reference,
    "add_check_constraint": _add_check,
    "add_column": _add_column,
    "add_columns": _add_columns,
    "add_enum_value": _enum,
    "add_exclusion_constraint": _add_exclusion,
    "add_foreign_key": _add_foreign_key,
    "add_index": _add_index,
    "add_reference": _add_reference,
    "add_timestamps": _add_timestamps,
    "add_unique_constraint": _add_unique,
    "change_column": _change_column,
    "change_column_default": _change_column_default,
    "change_column_null": _change_column_null,
    "change_table": _change_table,
    "create_enum": _enum,
    "create_join_table": _create_join_table,
    "create_table": _create_table,
    "disable_extension": _extension,
    "drop_enum": _enum,
    "drop_join_table": _drop_join_table,
    "drop_table": _drop_table,
    "enable_extension": _extension,
    "execute": _execute,
    "remove_belongs_to": _remove_reference,
    "remove_check_constraint": _remove_constraint,
    "remove_column": _remove_column,
    "remove_columns": _remove_columns,
    "remove_exclusion_constraint": _remove_constraint,
    "remove_foreign_key": _remove_foreign_key,
    "remove_index": _remove_index,
    "remove_reference": _remove_reference,
    "remove_timestamps": _remove_timestamps,
    "remove_unique_constraint": _remove_constraint,
    "rename_column": _rename_column,
    "rename_index": _rename_index,
    "rename_table": _rename_table,
    "validate_check_constraint": _validate,
    "validate_constraint": _validate,
    "validate_foreign_key": _validate,
}
