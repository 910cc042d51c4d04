"""Rails' references: a column, its index and its foreign key in one."""

from typing import Final

from rollsafe.artefacts.migrations.code import rails_columns as columns
from rollsafe.artefacts.migrations.code.definitions import Column, Key
from rollsafe.artefacts.migrations.code.rails_columns import is_false, word
from rollsafe.artefacts.migrations.code.rails_keys import built
from rollsafe.artefacts.migrations.code.rails_writer import Rails, Write, table_of, told_name
from rollsafe.artefacts.migrations.code.script import Part, Written
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Pairs, Text


def reference_columns(rails: Rails, code: Code, call: Call) -> list[Column]:
    """Return the columns of a reference: the key, and the type of a polymorphic one."""
    named = word(code)
    if not named:
        return []
    column = Written(quoted(f"{named}_id"), code.inner) if isinstance(code, Text) else quoted(f"{named}_id")
    kind = word(call.get("type"))
    required = True if is_false(call.get("null")) else None
    typed = columns.TYPES.get(kind, rails.key_type)
    found = [Column(column, typed, required=required)]
    if _is_polymorphic(call):
        found.insert(0, Column(quoted(f"{named}_type"), "varchar", required=required))
    return found


def reference_key(code: Code, call: Call, table: str) -> Key | None:
    """Return the foreign key a reference asks for; None without one."""
    asked, named = call.get("foreign_key"), word(code)
    if asked is None or is_false(asked) or not named:
        return None
    options = asked if isinstance(asked, Pairs) else None
    target = word(options.get("to_table")) if options is not None else ""
    column = f"{named}_id"
    return Key(
        "FOREIGN KEY",
        told_name(options, columns.foreign_key_name(table, column)),
        (quoted(column),),
        columns.reference_of(target or columns.plural(named), options),
        "NOT VALID" if options is not None and is_false(options.get("validate")) else "",
    )


def reference_index(rails: Rails, call: Call, table: Part, plain: str, code: Code) -> None:
    """Write the index of a reference, unless it is told to have none."""
    asked, named = call.get("index"), word(code)
    if not named or is_false(asked) or (asked is None and not rails.indexes_references):
        return
    keys = [f"{named}_id"]
    if _is_polymorphic(call):
        keys.insert(0, f"{named}_type")
    words = named if len(keys) > 1 and rails.version >= (6, 1) else "_and_".join(keys)
    options = asked if isinstance(asked, Pairs) else None
    built(rails, call, table, f"index_{plain}_on_{words}", tuple(quoted(one) for one in keys), options)


def _is_polymorphic(call: Call) -> bool:
    return call.get("polymorphic") is not None and not is_false(call.get("polymorphic"))


def _add_reference(rails: Rails, call: Call) -> None:
    table, code = table_of(call.at(0)), call.at(1)
    if table is None or code is None:
        return
    for column in reference_columns(rails, code, call):
        rails.tables.add_column(table, column, call)
    reference_index(rails, call, table, word(call.at(0)), code)
    key = reference_key(code, call, word(call.at(0)))
    if key is not None:
        rails.tables.add(table, key, call)


def _remove_reference(rails: Rails, call: Call) -> None:
    table, named = table_of(call.at(0)), word(call.at(1))
    if table is not None and named:
        key = reference_key(call.arguments[1], call, word(call.at(0)))
        if key is not None and key.name is not None:
            rails.tables.drop_constraint(table, key.name, call)
        rails.tables.drop_column(table, quoted(f"{named}_id"), call)
        if _is_polymorphic(call):
            rails.tables.drop_column(table, quoted(f"{named}_type"), call)


OPERATIONS: Final[dict[str, Write]] = {
    "add_belongs_to": _add_reference,
    "add_reference": _add_reference,
    "remove_belongs_to": _remove_reference,
    "remove_reference": _remove_reference,
}
