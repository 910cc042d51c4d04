"""JSON patches (RFC 6902): lists of operations on one object."""

from typing import Final

from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.built.strategic import UnknownError
from rollsafe.workspace.built.tree import MAX_VALUES, Member, Place, Row, Table, Value, exceeds

_MOST: Final = 1_000
_DEEPEST: Final = 60
_LONGEST_INDEX: Final = 6


class Operation(NamedTuple):
    """One operation; `value` is there for `add`, `replace` and `test`, `source` for `move` and `copy`."""

    verb: str
    path: tuple[str, ...]
    source: tuple[str, ...]
    value: Value | None
    place: Place


def operations_of(patch: Row) -> list[Operation]:
    """Return the operations of a patch; raise `UnknownError` where one is none."""
    if len(patch.items) > _MOST:
        raise UnknownError
    return [_operation(item) for item in patch.items]


def _operation(item: Value) -> Operation:
    verb = item.text("op") if isinstance(item, Table) else None
    path = _steps(item.text("path")) if isinstance(item, Table) else None
    if not isinstance(item, Table) or verb is None or not path:
        raise UnknownError
    source = _steps(item.text("from")) or ()
    return Operation(verb, path, source, item.at("value"), item.place)


def _steps(pointer: str | None) -> tuple[str, ...] | None:
    """Return the steps of a JSON pointer; None for one that is none or too long."""
    if pointer is None or not pointer.startswith("/") or pointer.count("/") > _DEEPEST:
        return None
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))


def applied(target: Table, operation: Operation) -> Table:
    """Return an object after one operation; raise `UnknownError` where kustomize stops, too."""
    verb, path = operation.verb, operation.path
    if verb == "test":
        return target
    value = operation.value
    if verb in ("move", "copy"):
        value = _found(target, operation.source)
        if verb == "copy" and exceeds(value, MAX_VALUES // 8):
            raise UnknownError
        if verb == "move":
            target = _table(_changed(target, operation.source, None, is_added=False))
    elif verb == "remove":
        return _table(_changed(target, path, None, is_added=False))
    elif verb not in ("add", "replace"):
        raise UnknownError
    if value is None:
        raise UnknownError
    return _table(_changed(target, path, value, is_added=verb != "replace"))


def _table(value: Value) -> Table:
    if not isinstance(value, Table):
        raise UnknownError
    return value


def _found(value: Value, path: tuple[str, ...]) -> Value:
    for step in path:
        if isinstance(value, Table) and step in value.members:
            value = value.members[step].value
        elif isinstance(value, Row):
            value = value.items[_index(step, len(value.items) - 1)]
        else:
            raise UnknownError
    return value


def _changed(value: Value, path: tuple[str, ...], new: Value | None, *, is_added: bool) -> Value:
    """Return `value` with `new` at `path`; without what is there for None."""
    step, rest = path[0], path[1:]
    if isinstance(value, Table):
        return _in_table(value, step, rest, new, is_added=is_added)
    if isinstance(value, Row):
        return _in_row(value, step, rest, new, is_added=is_added)
    raise UnknownError


def _in_table(table: Table, step: str, rest: tuple[str, ...], new: Value | None, *, is_added: bool) -> Value:
    known = table.members.get(step)
    if rest:
        if known is None:
            raise UnknownError
        below = _changed(known.value, rest, new, is_added=is_added)
        return Table(table.place, {**table.members, step: Member(known.key, below)})
    if new is None:
        if known is None:
            raise UnknownError
        return table.without(step)
    # What replaces something that is not there is an error of the standard; kustomize puts it there.
    return table.holding(step, new)


def _in_row(row: Row, step: str, rest: tuple[str, ...], new: Value | None, *, is_added: bool) -> Value:
    items = list(row.items)
    if rest:
        at = _index(step, len(items) - 1)
        items[at] = _changed(items[at], rest, new, is_added=is_added)
    elif new is None:
        del items[_index(step, len(items) - 1)]
    elif not is_added:
        items[_index(step, len(items) - 1)] = new
    elif step == "-":
        items.append(new)
    else:
        items.insert(_index(step, len(items)), new)
    return Row(row.place, tuple(items))


def _index(step: str, last: int) -> int:
    if not (step.isascii() and step.isdigit() and len(step) <= _LONGEST_INDEX) or int(step) > last:
        raise UnknownError
    return int(step)
