"""Rails' indexes, foreign keys and other constraints."""

from typing import Final

from rollsafe.artefacts.migrations.code import rails_columns as columns
from rollsafe.artefacts.migrations.code.definitions import Index, Key, separated
from rollsafe.artefacts.migrations.code.rails_columns import is_false, is_true, word
from rollsafe.artefacts.migrations.code.rails_writer import Rails, Write, table_of, told_name
from rollsafe.artefacts.migrations.code.script import Part, Written, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Pairs, Text


def _add_index(rails: Rails, call: Call) -> None:
    table = table_of(call.at(0))
    if table is not None:
        index(rails, call, table, word(call.at(0)), call.at(1, "column"))


def index(
    rails: Rails, call: Call, table: Part, plain: str, code: Code | None, options: Code | None = None
) -> None:
    """Write the index of columns; `options` are those of the call unless given."""
    found = columns.columns_of(code)
    if found:
        asked = options if isinstance(options, Pairs) else None if options is not None else call
        keys = tuple(columns.key_of(one, asked) for one in found)
        built(rails, call, table, columns.index_name(plain, found), keys, asked)


def built(
    rails: Rails, call: Call, table: Part, named: str, keys: tuple[Part, ...], options: Call | Pairs | None
) -> None:
    """Write an index under the name its options tell, or else `named`."""
    where = options.get("where") if options is not None else None
    condition = (
        Written(where.value, where.inner, where.is_verbatim)
        if isinstance(where, Text) and not where.is_partial
        else None
    )
    index = Index(
        told_name(options, named),
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


def new_foreign_key(call: Call, table: str, target: Code | None) -> Key | None:
    """Return the foreign key to `target` that a call describes; None if it is computed."""
    to = word(target)
    if not to:
        return None
    column = word(call.get("column")) or f"{columns.singular(to.rpartition('.')[2])}_id"
    return Key(
        "FOREIGN KEY",
        told_name(call, columns.foreign_key_name(table, column)),
        (quoted(column),),
        columns.reference_of(to, call),
        "NOT VALID" if is_false(call.get("validate")) else "",
    )


def _add_foreign_key(rails: Rails, call: Call) -> None:
    table, key = table_of(call.at(0)), new_foreign_key(call, word(call.at(0)), call.at(1))
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
    table, named = table_of(call.at(0)), foreign_key_of(call)
    if table is not None and named:
        rails.tables.drop_constraint(table, quoted(named), call)


def _validate(rails: Rails, call: Call) -> None:
    table = table_of(call.at(0))
    named = (
        foreign_key_of(call) if call.name == "validate_foreign_key" else word(call.get("name") or call.at(1))
    )
    if table is not None and named:
        rails.tables.alter(table, ["VALIDATE CONSTRAINT ", quoted(named)], call)


def check_of(call: Call, table: str, code: Code | None) -> Key | None:
    """Return the check constraint of an expression; None if that is computed."""
    if not isinstance(code, Text) or code.is_partial:
        return None
    named = told_name(call, columns.check_name(table, code.value))
    invalid = "NOT VALID" if is_false(call.get("validate")) else ""
    return Key("CHECK", named, (Written(code.value, code.inner, code.is_verbatim),), suffix=invalid)


def _add_check(rails: Rails, call: Call) -> None:
    table, key = table_of(call.at(0)), check_of(call, word(call.at(0)), call.at(1))
    if table is not None and key is not None:
        rails.tables.add(table, key, call)


def _remove_constraint(rails: Rails, call: Call) -> None:
    table, expression = table_of(call.at(0)), word(call.at(1))
    named = word(call.get("name")) or (columns.check_name(word(call.at(0)), expression) if expression else "")
    if table is not None and named:
        rails.tables.drop_constraint(table, quoted(named), call)


def _add_unique(rails: Rails, call: Call) -> None:
    table, found = table_of(call.at(0)), columns.columns_of(call.at(1))
    using = word(call.get("using_index"))
    if table is None:
        return
    if using:
        named = told_name(call, using)
        rails.tables.alter(table, ["ADD CONSTRAINT ", named, f" UNIQUE USING INDEX {quoted(using)}"], call)
    elif found:
        body = tuple(separated([columns.key_of(one) for one in found]))
        rails.tables.add(table, Key("UNIQUE", name(call.get("name")), body), call)


def _add_exclusion(rails: Rails, call: Call) -> None:
    table, code = table_of(call.at(0)), call.at(1)
    if table is not None and isinstance(code, Text) and not code.is_partial:
        kind = f"EXCLUDE USING {word(call.get('using')) or 'gist'}"
        body = Written(code.value, code.inner, code.is_verbatim)
        rails.tables.add(table, Key(kind, name(call.get("name")), (body,)), call)


OPERATIONS: Final[dict[str, Write]] = {
    "add_check_constraint": _add_check,
    "add_exclusion_constraint": _add_exclusion,
    "add_foreign_key": _add_foreign_key,
    "add_index": _add_index,
    "add_unique_constraint": _add_unique,
    "remove_check_constraint": _remove_constraint,
    "remove_exclusion_constraint": _remove_constraint,
    "remove_foreign_key": _remove_foreign_key,
    "remove_index": _remove_index,
    "remove_unique_constraint": _remove_constraint,
    "rename_index": _rename_index,
    "validate_check_constraint": _validate,
    "validate_constraint": _validate,
    "validate_foreign_key": _validate,
}
