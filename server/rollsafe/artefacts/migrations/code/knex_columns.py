"""Knex's column builders as PostgreSQL's columns."""

import json
from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import Column
from rollsafe.artefacts.migrations.code.javascript import (
    Chain,
    is_false,
    is_true,
    number_of,
    text_of,
    value_of,
)
from rollsafe.artefacts.migrations.code.knex_raw import inlined
from rollsafe.artefacts.migrations.code.script import Part, Written, literal, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Items, Literal, Name, Pairs, Text
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple

_PLAIN: Final = {
    "bigint": "bigint",
    "biginteger": "bigint",
    "bigincrements": "bigserial",
    "binary": "bytea",
    "bool": "boolean",
    "boolean": "boolean",
    "date": "date",
    "double": "double precision",
    "float": "real",
    "geography": "geography",
    "geometry": "geometry",
    "increments": "serial",
    "int": "integer",
    "integer": "integer",
    "json": "json",
    "jsonb": "jsonb",
    "mediumint": "integer",
    "point": "point",
    "smallint": "smallint",
    "text": "text",
    "time": "time",
    "tinyint": "smallint",
    "uuid": "uuid",
}
_MADE: Final = frozenset(
    {
        *("bit", "datetime", "decimal", "enu", "enum", "specifictype", "string", "timestamp", "varchar"),
        *("char", "real", "smallserial", "serial", "bigserial"),
    }
)
_BOOLEAN: Final = frozenset({"bool", "boolean"})
UNKNOWN: Final = "'computed'"
"""A value that is computed by the program; it reaches the database as a literal."""


def timestamp(call: Call, named: str, *, has_default: bool) -> Chain:
    """Return one of the columns of `timestamps()` as calls that are made at the same place."""
    start, end = call.start, call.end
    text = Text(start, end, named, Span(start, end), is_verbatim=False)
    links = [Call(start, end, call.on, "timestamp", call.name_at, (text,), ())]
    if has_default:
        now = Call(start, end, Name(start, end, "knex.fn"), "now", call.name_at, (), ())
        links.append(Call(start, end, links[-1], "notNullable", call.name_at, (), ()))
        links.append(Call(start, end, links[-1], "defaultTo", call.name_at, (now,), ()))
    return Chain("", tuple(links))


class Enum(NamedTuple):
    """A type that is made along with a column."""

    name: str
    values: tuple[str, ...]


def is_column(call: Call) -> bool:
    """Say whether a call of a table builder begins a column."""
    return call.name.lower() in _PLAIN or call.name.lower() in _MADE


def column_of(chain: Chain, *, keyed: bool) -> Column | None:
    """Return the column a builder describes; `keyed` tells that the table names its primary key elsewhere.

    None where its name is computed.
    """
    first = chain.links[0]
    kind = first.name.lower()
    counts = kind.endswith("increments")
    named = name(first.at(0)) if first.arguments or not counts else "id"
    typed = _type(first)
    if named is None or typed is None:
        return None
    options = first.at(1)
    asked = not is_false(options.get("primaryKey")) if isinstance(options, Pairs) else True
    asks_key = (counts and asked) or (
        kind == "uuid" and isinstance(options, Pairs) and is_true(options.get("primaryKey"))
    )
    given = chain.link("defaultTo", "defaultsTo", "default")
    suffix = () if counts else tuple(_checks(chain, named))
    return Column(
        named,
        typed,
        required=None if counts else _required(chain),
        default=default_of(given.at(0), kind) if given is not None and not counts else None,
        is_primary=asks_key and not keyed,
        suffix=(*_enum_check(first, named), *suffix),
    )


def _required(chain: Chain) -> bool | None:
    told = chain.link("nullable", "notNullable", "notNull")
    if told is None:
        return None
    return told.name != "nullable" or is_false(told.at(0))


def _type(call: Call) -> Part | None:
    kind = call.name.lower()
    if kind in _PLAIN:
        return _PLAIN[kind]
    match kind:
        case "string" | "varchar":
            return f"varchar({number_of(call.at(1), 255)})"
        case "decimal":
            if isinstance(call.at(1), Literal) and value_of(call.at(1)) is None:
                return "decimal"
            return f"decimal({number_of(call.at(1), 8)}, {number_of(call.at(2), 2)})"
        case "bit":
            length = number_of(call.at(1))
            return f"bit({length})" if length is not None else "bit"
        case "datetime" | "timestamp":
            return _time(call)
        case "enum" | "enu":
            enum = enum_of(call)
            return enum.name if enum is not None else "text"
        case "specifictype":
            sql = call.at(1)
            return (
                Written(sql.value, sql.inner, sql.is_verbatim) if isinstance(sql, Text) else "computed_type"
            )
        case _:
            return kind


def _time(call: Call) -> str:
    options, precision = call.at(1), number_of(call.at(2))
    without = is_true(options)
    if isinstance(options, Pairs):
        without, precision = is_false(options.get("useTz")), number_of(options.get("precision"))
    size = f"({precision})" if precision is not None else ""
    return f"{'timestamp' if without else 'timestamptz'}{size}"


def enum_of(call: Call) -> Enum | None:
    """Return the enum type a column has; None for one that is text with a check. Its values may be known."""
    options = call.at(2)
    if not isinstance(options, Pairs) or not is_true(options.get("useNative")):
        return None
    named, schema = text_of(options.get("enumName")), text_of(options.get("schemaName"))
    values = () if is_true(options.get("existingType")) else tuple(_values(call.at(1)))
    return Enum(".".join(quoted(one) for one in (schema, named or "computed_type") if one), values)


def _values(code: Code | None) -> Iterator[str]:
    for one in code.items if isinstance(code, Items) else ():
        if value_of(one) is not None:
            yield str(value_of(one))


def _enum_check(call: Call, named: Part) -> tuple[Part, ...]:
    if call.name.lower() not in ("enu", "enum") or enum_of(call) is not None:
        return ()
    values = ", ".join(map(literal, _values(call.at(1)))) or UNKNOWN
    return (f"CHECK ({_text(named)} IN ({values}))",)


def default_of(code: Code | None, kind: str) -> Part | None:
    """Return a default as Knex writes it: every value as a string, unless it is SQL."""
    match code:
        case None:
            return None
        case Call():
            return expression(code) or UNKNOWN
        case Text(is_partial=False):
            value = "0" if kind in _BOOLEAN and code.value == "false" else code.value
            return Written(literal("1" if kind in _BOOLEAN and value != "0" else value), code.inner)
        case Literal(value=None):
            return "NULL"
        case Literal():
            return _plain(code.value, kind)
        case Items() | Pairs() if kind in ("json", "jsonb"):
            return literal(json.dumps(_json(code), separators=(",", ":"), ensure_ascii=False))
        case _:
            return UNKNOWN


def _plain(value: object, kind: str) -> str:
    if kind in _BOOLEAN:
        return "'1'" if value else "'0'"
    return literal(str(value).lower() if isinstance(value, bool) else str(value))


def _json(code: Code) -> object:
    match code:
        case Items():
            return [_json(one) for one in code.items]
        case Pairs():
            return {one.name: _json(one.value) for one in code.entries}
        case _:
            return value_of(code)


def expression(code: Code | None) -> Part | None:
    """Return what `knex.raw('…')`, `knex.fn.now()` and the like are as SQL; None for anything else."""
    if not isinstance(code, Call):
        return None
    if code.name in ("raw", "literal") and isinstance(sql := code.at(0), Text) and not sql.is_partial:
        return inlined(sql, code.at(1))
    if code.path.endswith("fn.now"):
        size = number_of(code.at(0))
        return f"CURRENT_TIMESTAMP({size})" if size is not None else "CURRENT_TIMESTAMP"
    return "(gen_random_uuid())" if code.path.endswith("fn.uuid") else None


def _text(part: Part) -> str:
    return part.text if isinstance(part, Written) else part


def _checks(chain: Chain, named: Part) -> Iterator[Part]:
    for link in chain.links[1:]:
        rule = check_of(link, named)
        if rule is not None:
            told = name(link.at(_NAMED_AT.get(link.name, 0)))
            yield f"{f'CONSTRAINT {_text(told)} ' if told is not None else ''}CHECK ({_text(rule)})"


_NAMED_AT: Final = {
    "check": 2,
    "checkBetween": 1,
    "checkIn": 1,
    "checkLength": 2,
    "checkNotIn": 1,
    "checkRegex": 1,
}
"""At which position the constraint's name is given."""


def check_of(link: Call, named: Part) -> Part | None:
    """Return the condition a check of a column has; None for a call that is none."""
    column = _text(named)
    match link.name:
        case "checkPositive":
            return f"{column} > 0"
        case "checkNegative":
            return f"{column} < 0"
        case "checkIn" | "checkNotIn":
            words = "NOT IN" if link.name == "checkNotIn" else "IN"
            return f"{column} {words} ({_listed(link.at(0))})"
        case "checkBetween":
            return " OR ".join(_between(link.at(0), column)) or f"{column} = {UNKNOWN}"
        case "checkLength":
            return f"length({column}) {text_of(link.at(0)) or '='} {number_of(link.at(1), 0)}"
        case "checkRegex":
            return f"{column} ~ {_literal(link.at(0))}"
        case "check":
            return condition(link.at(0))
        case _:
            return None


def condition(code: Code | None) -> Part:
    """Return an SQL condition given as a string, or one that stands for what is computed."""
    if isinstance(code, Text) and not code.is_partial and "?" not in code.value:
        return Written(code.value, code.inner, code.is_verbatim)
    return "computed_condition()"


def _between(code: Code | None, column: str) -> Iterator[str]:
    rows = code.items if isinstance(code, Items) else ()
    pairs = rows if any(isinstance(one, Items) for one in rows) else (code,)
    for one in pairs:
        if isinstance(one, Items) and len(one.items) == 2:
            yield f"{column} BETWEEN {_literal(one.items[0])} AND {_literal(one.items[1])}"


def _listed(code: Code | None) -> str:
    return ", ".join(_literal(one) for one in (code.items if isinstance(code, Items) else ())) or UNKNOWN


def _literal(code: Code | None) -> str:
    value = value_of(code)
    if isinstance(value, bool):
        return str(value).lower()
    return UNKNOWN if value is None else literal(value) if isinstance(value, str) else str(value)


def names_of(code: Code | None) -> tuple[Part, ...] | None:
    """Return the columns a string or a list names; None if one of them is computed."""
    rows: Iterable[Code] = code.items if isinstance(code, Items) else (code,) if code is not None else ()
    found = [expression(one) if isinstance(one, Call) else name(one) for one in rows]
    return tuple(one for one in found if one is not None) if found and None not in found else None
