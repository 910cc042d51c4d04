"""What Rails' schema methods send to PostgreSQL."""

from itertools import groupby
from typing import Final

from rollsafe.artefacts.migrations.code import rails_columns as columns
from rollsafe.artefacts.migrations.code import rails_comments, rails_keys, rails_references, rails_tables
from rollsafe.artefacts.migrations.code.definitions import Gathered, joined
from rollsafe.artefacts.migrations.code.rails_columns import is_false, is_true, word
from rollsafe.artefacts.migrations.code.rails_writer import Rails, Write, table_of
from rollsafe.artefacts.migrations.code.script import Part, Written, literal, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Items, Literal, Name, Pairs, Text


def write(rails: Rails, call: Call) -> None:
    """Write what a call does to the database; nothing for one nobody knows."""
    operation = _OPERATIONS.get(call.name) if call.on is None or call.name == "execute" else None
    if operation is not None:
        operation(rails, call)
    elif call.name in ("update_all", "delete_all"):
        _rows(rails, call)


def _add_column(rails: Rails, call: Call) -> None:
    table, column = table_of(call.at(0)), rails_tables.column_in(rails, call.at(1), word(call.at(2)), call)
    if table is not None and column is not None and call.at(2) is not None:
        words = "IF NOT EXISTS " if is_true(call.get("if_not_exists")) else ""
        rails.tables.add_column(table, column, call, words=words)
        rails_comments.comment_on_column(rails, call, table, call.at(1), call.get("comment"))


def _add_columns(rails: Rails, call: Call) -> None:
    table, kind = table_of(call.at(0)), word(call.get("type"))
    for one in call.arguments[1:]:
        column = columns.column_of(one, kind, call)
        if table is not None and column is not None:
            rails.tables.add_column(table, column, call)


def _remove_column(rails: Rails, call: Call) -> None:
    table, column = table_of(call.at(0)), name(call.at(1))
    if table is not None and column is not None:
        words = "IF EXISTS " if is_true(call.get("if_exists")) else ""
        rails.tables.drop_column(table, column, call, words=words)


def _remove_columns(rails: Rails, call: Call) -> None:
    table = table_of(call.at(0))
    for one in call.arguments[1:]:
        column = name(one)
        if table is not None and column is not None:
            rails.tables.drop_column(table, column, call)


def _rename_column(rails: Rails, call: Call) -> None:
    table, column, new = table_of(call.at(0)), name(call.at(1)), name(call.at(2))
    if table is not None and column is not None and new is not None:
        rails.tables.rename_column(table, column, new, call)


def _change_column(rails: Rails, call: Call) -> None:
    table, column, kind = table_of(call.at(0)), name(call.at(1)), word(call.at(2))
    if table is None or column is None or not kind:
        return
    using = word(call.get("using"))
    actions: list[list[Part]] = [
        [f"TYPE {columns.type_of(kind, call)}{f' USING {using}' if using else ''}"],
        _default(call.get("default")),
        _null(call.get("null")),
    ]
    written: list[list[Part]] = [["ALTER COLUMN ", column, " ", *one] for one in actions if one]
    if rails.version >= (5, 2):
        rails.tables.alter(table, joined(written), call)
    else:
        for action in written:
            if "SET NOT NULL" in action:
                _fill(rails, call, table, column, call.get("default"))
            rails.tables.alter(table, action, call)
    rails_comments.comment_on_column(rails, call, table, call.at(1), call.get("comment"))


def _fill(rails: Rails, call: Call, table: Part, column: Part, code: Code | None) -> None:
    """Write the value that takes the place of NULL."""
    value = columns.default_of(code)
    if value is not None:
        rails.script.statement(
            ["UPDATE ", table, " SET ", column, " = ", value, " WHERE ", column, " IS NULL"], call
        )


def _default(new: Code | None) -> list[Part]:
    if isinstance(new, Literal) and new.value is None:
        return ["DROP DEFAULT"]
    value = columns.default_of(new)
    return ["SET DEFAULT ", value] if value is not None else []


def _null(null: Code | None) -> list[Part]:
    if not is_false(null) and not is_true(null):
        return []
    return ["SET NOT NULL" if is_false(null) else "DROP NOT NULL"]


def _alter_column(rails: Rails, call: Call, table: Part, column: Part, action: list[Part]) -> None:
    if action:
        rails.tables.alter_column(table, column, action, call)


def _change_column_null(rails: Rails, call: Call) -> None:
    table, column, null = table_of(call.at(0)), name(call.at(1)), call.at(2)
    if table is None or column is None:
        return
    if is_false(null):
        _fill(rails, call, table, column, call.at(3))
    _alter_column(rails, call, table, column, _null(null))


def _change_column_default(rails: Rails, call: Call) -> None:
    table, column = table_of(call.at(0)), name(call.at(1))
    new = call.get("to") if call.get("to") is not None else call.at(2)
    if table is not None and column is not None:
        _alter_column(rails, call, table, column, _default(new))


def _add_timestamps(rails: Rails, call: Call) -> None:
    table = table_of(call.at(0))
    for column in rails_tables.columns_of_times(rails, call) if table is not None else ():
        rails.tables.add_column(table or "", column, call)


def _remove_timestamps(rails: Rails, call: Call) -> None:
    table = table_of(call.at(0))
    for one in ("updated_at", "created_at") if table is not None else ():
        rails.tables.drop_column(table or "", one, call)


def _execute(rails: Rails, call: Call) -> None:
    code = call.at(0)
    while isinstance(code, Call) and code.on is not None:
        code = code.on
    if isinstance(code, Text):
        rails.script.sql(code, call)
    else:
        rails.script.opaque(call)


def _rows(rails: Rails, call: Call) -> None:
    """Write what a model does to many rows at once."""
    on, has_where = call.on, False
    while isinstance(on, Call):
        has_where = has_where or on.name in ("where", "not", "in_batches", "find_each", "find_in_batches")
        on = on.on
    if not isinstance(on, Name) or not on.path[:1].isupper():
        return
    table = quoted(columns.table_of_model(on.path))
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
    if named and call.name == "enable_extension":
        rails.script.statement([f"CREATE EXTENSION IF NOT EXISTS {quoted(named)}"], call)
    elif named:
        cascades = rails.version < (7, 1) or word(call.get("force")) == "cascade"
        rails.script.statement(
            [f"DROP EXTENSION IF EXISTS {quoted(named)}{' CASCADE' if cascades else ''}"], call
        )


def _enum(rails: Rails, call: Call) -> None:
    named, values = table_of(call.at(0)), call.at(1)
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


def _schema(rails: Rails, call: Call) -> None:
    named, new = word(call.at(0)), word(call.at(1))
    if not named:
        return
    if call.name == "drop_schema":
        words = "IF EXISTS " if is_true(call.get("if_exists")) else ""
        rails.script.statement([f"DROP SCHEMA {words}{quoted(named)} CASCADE"], call)
    elif call.name == "rename_schema" and new:
        rails.script.statement([f"ALTER SCHEMA {quoted(named)} RENAME TO {quoted(new)}"], call)
    elif call.name == "create_schema":
        if call.get("force") is not None and not is_false(call.get("force")):
            rails.script.statement([f"DROP SCHEMA IF EXISTS {quoted(named)} CASCADE"], call)
        words = "IF NOT EXISTS " if is_true(call.get("if_not_exists")) else ""
        rails.script.statement([f"CREATE SCHEMA {words}{quoted(named)}"], call)


def _change_table(rails: Rails, call: Call) -> None:
    body = [one for one in (call.block.body if call.block is not None else ()) if isinstance(one, Call)]
    table, made = (
        table_of(call.at(0)),
        [sub for one in body for sub in rails_tables.in_table(one, call.at(0))],
    )
    if table is None or not is_true(call.get("bulk")):
        for one in made:
            write(rails, one)
        return
    for are_joined, several in groupby(made, key=lambda one: one.name in _JOINED):
        if are_joined:
            _at_once(rails, list(several), table, call)
        else:
            for one in several:
                write(rails, one)


def _at_once(rails: Rails, calls: list[Call], table: Part, place: Call) -> None:
    """Write one ALTER TABLE with what several calls do."""
    gathered, tables = Gathered(rails.script), rails.tables
    rails.tables = gathered
    for one in calls:
        write(rails, one)
    rails.tables = tables
    if gathered.actions:
        rails.tables.alter(table, joined(gathered.actions), place)


_JOINED: Final = frozenset(
    {
        "add_column",
        "add_timestamps",
        "change_column",
        "change_column_default",
        "change_column_null",
        "remove_column",
        "remove_columns",
        "remove_timestamps",
    }
)
"""What a `change_table` with `bulk: true` sends as one statement."""

_OPERATIONS: Final[dict[str, Write]] = {
    **rails_tables.OPERATIONS,
    **rails_references.OPERATIONS,
    **rails_keys.OPERATIONS,
    **rails_comments.OPERATIONS,
    "change_table": _change_table,
    "add_column": _add_column,
    "add_columns": _add_columns,
    "add_enum_value": _enum,
    "add_timestamps": _add_timestamps,
    "change_column": _change_column,
    "change_column_default": _change_column_default,
    "change_column_null": _change_column_null,
    "create_enum": _enum,
    "create_schema": _schema,
    "disable_extension": _extension,
    "drop_enum": _enum,
    "drop_schema": _schema,
    "enable_extension": _extension,
    "execute": _execute,
    "remove_column": _remove_column,
    "remove_columns": _remove_columns,
    "remove_timestamps": _remove_timestamps,
    "rename_column": _rename_column,
    "rename_schema": _schema,
}
