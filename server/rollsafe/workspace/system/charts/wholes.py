"""Functions of charts that make and look into lists and tables."""

from typing import Final

from rollsafe.workspace.system.charts.answers import (
    Arguments,
    items_in,
    named,
    number_in,
    plain_in,
    table_in,
    text_in,
)
from rollsafe.workspace.system.charts.values import (
    NOTHING,
    Items,
    Leaf,
    Table,
    Value,
    at,
    holds,
    merged,
    text_of,
)

_MOST: Final = 2_000


@named("list", "tuple")
def _list(args: Arguments) -> Value:
    return Items(tuple(args))


@named("first")
def _first(args: Arguments) -> Value:
    found = items_in(args[0])
    return found[0] if found else NOTHING


@named("last")
def _last(args: Arguments) -> Value:
    found = items_in(args[0])
    return found[-1] if found else NOTHING


@named("rest")
def _rest(args: Arguments) -> Value:
    return Items(items_in(args[0])[1:])


@named("append")
def _append(args: Arguments) -> Value:
    return Items((*items_in(args[0]), args[1]))


@named("prepend")
def _prepend(args: Arguments) -> Value:
    return Items((args[1], *items_in(args[0])))


@named("concat")
def _concat(args: Arguments) -> Value:
    return Items(tuple(one for each in args for one in items_in(each))[:_MOST])


@named("uniq", "compact", "sortAlpha")
def _uniq(args: Arguments) -> Value:
    return Items(tuple({text_of(one): one for one in items_in(args[0]) if holds(one)}.values()))


@named("has")
def _has(args: Arguments) -> Value:
    return Leaf(any(plain_in(one) == plain_in(args[0]) for one in items_in(args[1])))


@named("index")
def _index(args: Arguments) -> Value:
    value = args[0]
    for key in args[1:]:
        if isinstance(value, Items):
            value = value.items[number_in(key)]
        else:
            value = table_in(value).entries.get(text_in(key), NOTHING)
    return value


@named("dict")
def _dict(args: Arguments) -> Value:
    return Table({text_in(key): value for key, value in zip(args[::2], args[1::2], strict=False)})


@named("get")
def _get(args: Arguments) -> Value:
    return table_in(args[0]).entries.get(text_in(args[1]), Leaf(""))


@named("dig")
def _dig(args: Arguments) -> Value:
    *steps, other, table = args
    found = at(table, tuple(map(text_in, steps)))
    return other if found == NOTHING else found


@named("hasKey")
def _has_key(args: Arguments) -> Value:
    return Leaf(text_in(args[1]) in table_in(args[0]).entries)


@named("keys")
def _keys(args: Arguments) -> Value:
    return Items(
        tuple(Leaf(key, args_.places.get(key)) for args_ in map(table_in, args) for key in args_.entries)
    )


@named("values")
def _values(args: Arguments) -> Value:
    return Items(tuple(table_in(args[0]).entries.values()))


@named("omit")
def _omit(args: Arguments) -> Value:
    table, gone = table_in(args[0]), set(map(text_in, args[1:]))
    return Table({key: one for key, one in table.entries.items() if key not in gone}, table.places)


@named("pick")
def _pick(args: Arguments) -> Value:
    table, kept = table_in(args[0]), set(map(text_in, args[1:]))
    return Table({key: one for key, one in table.entries.items() if key in kept}, table.places)


@named("merge", "mustMerge")
def _merge(args: Arguments) -> Value:
    found = Table()
    for one in args:
        found = merged(found, table_in(one))
    return found


@named("mergeOverwrite", "mustMergeOverwrite")
def _merge_overwrite(args: Arguments) -> Value:
    found = Table()
    for one in args:
        found = merged(table_in(one), found)
    return found


@named("deepCopy", "mustDeepCopy")
def _deep_copy(args: Arguments) -> Value:
    return args[0]


@named("kindIs")
def _kind_is(args: Arguments) -> Value:
    return Leaf(text_in(args[0]) == _kind(args[1]))


@named("kindOf", "typeOf")
def _kind_of(args: Arguments) -> Value:
    return Leaf(_kind(args[0]))


def _kind(value: Value) -> str:
    match value:
        case Table():
            return "map"
        case Items():
            return "slice"
        case Leaf(bool()):
            return "bool"
        case Leaf(int() | float()):
            return "float64"
        case Leaf(None):
            return "invalid"
        case _:
            return "string"
