"""How Rails undoes the calls of a `change` method."""

from collections.abc import Callable
from typing import Final

from rollsafe.artefacts.migrations.code.rails_columns import is_true
from rollsafe.artefacts.migrations.code.rails_tables import in_table
from rollsafe.formats.code import Argument, Call, Code, Literal, Text

Inverse = Callable[[Call], tuple[Call, ...] | None]


def inverse_of(call: Call) -> tuple[Call, ...] | None:
    """Return the calls that undo one, in the order they are carried out; None if Rails refuses to.

    A call nobody knows is none of Rails' own: it says nothing about the way back.
    """
    inverse = _INVERSES.get(call.name)
    return inverse(call) if inverse is not None else ()


def _as(
    call: Call, name: str, arguments: tuple[Code, ...] | None = None, named: tuple[str, ...] = ()
) -> Call:
    """Return the call of another method with the same arguments; of the named ones only `named`, if any."""
    kept = tuple(one for one in call.named if not named or one.name in named)
    given = call.arguments if arguments is None else arguments
    return Call(call.start, call.end, None, name, call.name_at, given, kept, call.block)


def _plain(name: str) -> Inverse:
    return lambda call: (_as(call, name),)


def _refused(call: Call) -> None:
    return None


def _remove_column(call: Call) -> tuple[Call, ...] | None:
    return (_as(call, "add_column"),) if call.at(2) is not None else None


def _remove_columns(call: Call) -> tuple[Call, ...] | None:
    return (_as(call, "add_columns"),) if call.get("type") is not None else None


def _drop_table(call: Call) -> tuple[Call, ...] | None:
    return (_as(call, "create_table"),) if call.block is not None and len(call.arguments) == 1 else None


def _swapped(name: str, first: int) -> Inverse:
    """Return the inverse that exchanges the two arguments from position `first` on."""

    def inverse(call: Call) -> tuple[Call, ...] | None:
        given = call.arguments
        if len(given) < first + 2:
            return None
        return (_as(call, name, (*given[:first], given[first + 1], given[first], *given[first + 2 :])),)

    return inverse


def _change_default(call: Call) -> tuple[Call, ...] | None:
    entries = {one.name: one for one in call.named}
    if "from" not in entries or "to" not in entries:
        return None
    old, new = entries["from"], entries["to"]
    exchanged = (
        Argument(new.start, new.end, "to", new.name_at, old.value),
        Argument(old.start, old.end, "from", old.name_at, new.value),
    )
    return (Call(call.start, call.end, None, call.name, call.name_at, call.arguments, exchanged),)


def _change_null(call: Call) -> tuple[Call, ...] | None:
    null = call.at(2)
    if not isinstance(null, Literal):
        return None
    other = Literal(null.start, null.end, not is_true(null))
    return (_as(call, "change_column_null", (*call.arguments[:2], other)),)


def _remove_index(call: Call) -> tuple[Call, ...] | None:
    return (_as(call, "add_index"),) if call.at(1, "column") is not None else None


def _remove_foreign_key(call: Call) -> tuple[Call, ...] | None:
    to = call.at(1, "to_table")
    return (_as(call, "add_foreign_key", (*call.arguments[:1], to)),) if to is not None else None


def _remove_check(call: Call) -> tuple[Call, ...] | None:
    return (_as(call, "add_check_constraint"),) if isinstance(call.at(1), Text) else None


def _change_table(call: Call) -> tuple[Call, ...] | None:
    found: list[Call] = []
    for one in call.block.body if call.block is not None else ():
        for made in in_table(one, call.at(0)) if isinstance(one, Call) else ():
            undone = inverse_of(made)
            if undone is None:
                return None
            found = [*undone, *found]
    return tuple(found)


_INVERSES: Final[dict[str, Inverse]] = {
    "add_belongs_to": _plain("remove_reference"),
    "add_check_constraint": _plain("remove_check_constraint"),
    "add_column": _plain("remove_column"),
    "add_columns": _plain("remove_columns"),
    "add_exclusion_constraint": _plain("remove_exclusion_constraint"),
    "add_foreign_key": _plain("remove_foreign_key"),
    "add_index": _plain("remove_index"),
    "add_reference": _plain("remove_reference"),
    "add_timestamps": _plain("remove_timestamps"),
    "add_unique_constraint": _plain("remove_unique_constraint"),
    "change_column": _refused,
    "change_column_comment": _change_default,
    "change_column_default": _change_default,
    "change_column_null": _change_null,
    "change_table": _change_table,
    "change_table_comment": _change_default,
    "create_enum": _plain("drop_enum"),
    "create_schema": _plain("drop_schema"),
    "create_join_table": _plain("drop_join_table"),
    "create_table": _plain("drop_table"),
    "disable_extension": _plain("enable_extension"),
    "drop_schema": _plain("create_schema"),
    "drop_join_table": _plain("create_join_table"),
    "drop_table": _drop_table,
    "enable_extension": _plain("disable_extension"),
    "execute": _refused,
    "raise": _refused,
    "remove_check_constraint": _remove_check,
    "remove_column": _remove_column,
    "remove_columns": _remove_columns,
    "remove_exclusion_constraint": _refused,
    "remove_foreign_key": _remove_foreign_key,
    "remove_index": _remove_index,
    "remove_reference": _plain("add_reference"),
    "remove_timestamps": _plain("add_timestamps"),
    "rename_column": _swapped("rename_column", 1),
    "rename_index": _swapped("rename_index", 1),
    "rename_table": _swapped("rename_table", 0),
    "validate_check_constraint": lambda call: (),
    "validate_constraint": lambda call: (),
    "validate_foreign_key": lambda call: (),
}
