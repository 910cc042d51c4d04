"""Knex's query builder where it changes rows: inserts, updates, deletes."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import joined, placed
from rollsafe.artefacts.migrations.code.javascript import Chain, dotted_name, entries, value_of
from rollsafe.artefacts.migrations.code.knex_columns import expression
from rollsafe.artefacts.migrations.code.script import Part, Script, Written, literal
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Items, Literal, Pairs, Text

_TABLES: Final = ("from", "into", "table")
_CONDITIONS: Final = ("where", "andWhere", "orWhere")


def write(script: Script, chain: Chain) -> None:
    """Write what a query changes; one that only reads is left out."""
    table = _table(chain)
    if table is None:
        return
    last = chain.links[-1]
    for link in chain.links:
        match link.name:
            case "insert" | "batchInsert":
                _insert(script, table, link.at(1 if link.name == "batchInsert" else 0), last)
            case "update" | "increment" | "decrement":
                _update(script, chain, table, link)
            case "del" | "delete":
                script.statement(["DELETE FROM ", table, *_where(chain)], last)
            case "truncate":
                script.statement(["TRUNCATE ", table, " RESTART IDENTITY"], last)
            case _:
                continue


def _table(chain: Chain) -> Part | None:
    first = chain.links[0]
    schema = chain.link("withSchema")
    inside = str(value_of(schema.at(0)) or "") if schema is not None else ""
    named = first if first.on is None or first.name == "batchInsert" else chain.link(*_TABLES)
    return dotted_name(named.at(0), inside) if named is not None else None


def _insert(script: Script, table: Part, given: Code | None, place: Call) -> None:
    rows = given.items if isinstance(given, Items) else (given,)
    pairs = [one for one in rows if isinstance(one, Pairs)]
    names = list(dict.fromkeys(name for one in pairs for name, _ in entries(one)))
    if not pairs or len(pairs) != len(rows) or "" in names:
        script.opaque(place)
        return
    values = (_row(one, names) for one in pairs)
    columns = ", ".join(map(quoted, names))
    script.statement(["INSERT INTO ", table, f" ({columns}) VALUES ", *joined(values)], place)


def _row(pairs: Pairs, names: list[str]) -> list[Part]:
    values = [pairs.get(name) for name in names]
    parts = [["DEFAULT"] if one is None else placed([_value(one)], one) for one in values]
    return ["(", *joined(parts), ")"]


def _value(code: Code) -> Part:
    found = value_of(code)
    if isinstance(code, Text) and isinstance(found, str):
        return Written(literal(found), code.inner)
    if isinstance(code, Literal):
        return "NULL" if found is None else str(found).lower()
    return expression(code) or "$1"


def _update(script: Script, chain: Chain, table: Part, link: Call) -> None:
    changed = list(_changed(link))
    if changed:
        script.statement(["UPDATE ", table, " SET ", *joined(changed), *_where(chain)], chain.links[-1])
    else:
        script.opaque(chain.links[-1])


def _changed(link: Call) -> Iterator[list[Part]]:
    given = link.at(0)
    if isinstance(given, Text) and not given.is_partial:
        column, value = quoted(given.value), link.at(1)
        if link.name == "update":
            yield [column, " = ", _value(value) if value is not None else "$1"]
        else:
            sign = "+" if link.name == "increment" else "-"
            yield [f"{column} = {column} {sign} ", _value(value) if value is not None else "1"]
        return
    for name, value in entries(given):
        if name:
            yield [quoted(name), " = ", _value(value)]


def _where(chain: Chain) -> list[Part]:
    rows = [_condition(link) for link in chain.links if "where" in link.name.lower()]
    if not rows:
        return []
    known = [one for one in rows if one is not None]
    if len(known) < len(rows) or chain.link("orWhere") is not None:
        return [" WHERE computed_condition()"]
    found: list[Part] = []
    for row in known:
        found += [" AND ", *row] if found else row
    return [" WHERE ", *found]


def _condition(link: Call) -> list[Part] | None:
    """Return what a call asks rows for; None where that is not known."""
    first, second, third = (link.at(position) for position in range(3))
    column = dotted_name(first)
    if link.name in ("whereNull", "whereNotNull") and column is not None:
        return [column, " IS NULL" if link.name == "whereNull" else " IS NOT NULL"]
    if (
        link.name == "whereRaw"
        and isinstance(first, Text)
        and not first.is_partial
        and "?" not in first.value
    ):
        return ["(", Written(first.value, first.inner, first.is_verbatim), ")"]
    if link.name not in _CONDITIONS:
        return None
    if isinstance(first, Pairs) and all(name for name, _ in entries(first)):
        parts = [[quoted(name), " = ", _value(value)] for name, value in entries(first)]
        return [part for at, row in enumerate(parts) for part in ([" AND ", *row] if at else row)] or None
    if column is not None and second is not None and third is None:
        return [column, " = ", _value(second)]
    if (
        column is not None
        and third is not None
        and value_of(second) in ("=", "<", ">", "<=", ">=", "<>", "!=")
    ):
        return [column, f" {value_of(second)} ", _value(third)]
    return None
