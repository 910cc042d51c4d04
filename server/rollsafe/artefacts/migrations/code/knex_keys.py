"""Knex's keys, indexes and everything else about a table that is a statement of its own."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rollsafe.artefacts.migrations.code import knex_columns as columns
from rollsafe.artefacts.migrations.code.definitions import (
    Index,
    Key,
    Reference,
    joined,
    placed,
    separated,
    text_of,
)
from rollsafe.artefacts.migrations.code.javascript import Chain, dotted_name, is_false, is_true
from rollsafe.artefacts.migrations.code.javascript import text_of as told
from rollsafe.artefacts.migrations.code.knex_columns import names_of
from rollsafe.artefacts.migrations.code.script import Part, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Items, Pairs
from rollsafe.text.tuples import NamedTuple


class Site(NamedTuple):
    """A table: `name` as SQL, `raw` as the program has it, the `call` that is about it."""

    name: Part
    raw: str
    schema: str
    call: Call

    def alter(self, action: Sequence[Part]) -> list[Part]:
        """Return an ALTER TABLE."""
        return ["ALTER TABLE ", self.name, " ", *action]

    def derived(self, kind: str, keys: tuple[Part, ...]) -> str:
        """Return the name Knex gives an index or constraint: the table, the columns, what it is."""
        table = self.raw.replace(".", "_").replace("-", "_")
        words = "_".join((table, *(text_of(one).strip('"') for one in keys), kind))
        return quoted(words.lower())


class Asked(NamedTuple):
    """What a call asks for: by which method, of which columns, with which arguments after those."""

    method: str
    columns: Code | None
    rest: tuple[Code, ...]

    @classmethod
    def of(cls, call: Call) -> "Asked":
        """Return what a method of the table asks for."""
        return cls(call.name, call.at(0), call.arguments[1:])

    def option(self, position: int) -> Code | None:
        """Return the argument at `position` after the columns."""
        return self.rest[position] if position < len(self.rest) else None

    @property
    def several(self) -> tuple[Code, ...]:
        """All arguments, or what the first one lists."""
        if isinstance(self.columns, Items):
            return self.columns.items
        return (self.columns, *self.rest) if self.columns is not None else ()


Statements = Callable[[Site, Asked], Iterator[list[Part]]]
"""Yields the statements a call comes to."""


def primary_key(site: Site, asked: Asked) -> Key | None:
    """Return the primary key a call asks for."""
    keys, named, suffix = names_of(asked.columns), asked.option(0), ""
    if isinstance(named, Pairs):
        suffix = _deferrable(named.get("deferrable"))
        named = named.get("constraintName")
    own = name(named) or quoted(f"{site.raw}_pkey")
    return Key("PRIMARY KEY", own, tuple(separated(keys)), suffix=suffix) if keys is not None else None


def _primary(site: Site, asked: Asked) -> Iterator[list[Part]]:
    key = primary_key(site, asked)
    if key is not None:
        yield site.alter(["ADD ", *key.parts()])


def _unique(site: Site, asked: Asked) -> Iterator[list[Part]]:
    """Yield a unique constraint, or the unique index it is with a predicate."""
    keys, named = names_of(asked.columns), asked.option(0)
    if keys is None:
        return
    suffix, predicate, plain = "", None, True
    if isinstance(options := named, Pairs):
        named, predicate = options.get("indexName"), options.get("predicate")
        suffix = _deferrable(options.get("deferrable"))
        plain = not is_false(options.get("useConstraint")) and (bool(suffix) or predicate is None)
    own = name(named) or site.derived("unique", keys)
    if plain:
        yield site.alter(["ADD ", *Key("UNIQUE", own, tuple(separated(keys)), suffix=suffix).parts()])
    else:
        yield Index(own, site.name, keys, is_unique=True, where=predicate_of(predicate)).parts()


def _index(site: Site, asked: Asked) -> Iterator[list[Part]]:
    keys, options = names_of(asked.columns), asked.option(1)
    if keys is None:
        return
    method, where, unique = told(options), None, False
    if isinstance(options, Pairs):
        method = told(options.get("storageEngineIndexType"))
        where = predicate_of(options.get("predicate"))
        unique = told(options.get("indexType")).lower() == "unique"
    own = name(asked.option(0)) or site.derived("index", keys)
    yield Index(own, site.name, keys, is_unique=unique, method=method, where=where).parts()


def _deferrable(code: Code | None) -> str:
    how = told(code)
    return f"DEFERRABLE INITIALLY {how.upper()}" if how else ""


def predicate_of(code: Code | None) -> Part | None:
    """Return the condition of a partial index; None without one."""
    if code is None:
        return None
    links = Chain.of(code).links if isinstance(code, Call) else ()
    found = [_condition(one) for one in links]
    known = [one for one in found if one is not None]
    return (
        " AND ".join(text_of(one) for one in known) if known and None not in found else "computed_condition()"
    )


def _condition(link: Call) -> Part | None:
    column = name(link.at(0))
    match link.name:
        case "whereNull" | "andWhereNull" if column is not None:
            return f"{text_of(column)} IS NULL"
        case "whereNotNull" | "andWhereNotNull" if column is not None:
            return f"{text_of(column)} IS NOT NULL"
        case "whereRaw" | "andWhereRaw":
            return columns.condition(link.at(0))
        case _:
            return None


def foreign_key(site: Site, chain: Chain, column: Code | None) -> list[Part] | None:
    """Return the foreign key a chain describes; None where it is not complete, or computed."""
    keys, target, points = names_of(column), chain.link("inTable", "on"), chain.link("references")
    pointed = points.at(0) if points is not None else None
    if keys is None or pointed is None:
        return None
    table, named = dotted_name(target.at(0)) if target is not None else None, names_of(pointed)
    if target is None and told(pointed).count(".") == 1:
        first, _, last = told(pointed).partition(".")
        table, named = quoted(first), (quoted(last),)
    if table is None or named is None:
        return None
    whole = chain.link("foreign")
    given = chain.link("withKeyName")
    own = name(given.at(0)) if given is not None else name(whole.at(1)) if whole is not None else None
    reference = Reference(table, named, _actions(chain))
    key = Key("FOREIGN KEY", own or site.derived("foreign", keys), tuple(separated(keys)), reference)
    return site.alter(["ADD ", *key.parts()])


def _actions(chain: Chain) -> str:
    found: list[str] = []
    for method, words in (("onUpdate", "ON UPDATE"), ("onDelete", "ON DELETE")):
        link = chain.link(method)
        if link is not None and told(link.at(0)):
            found.append(f"{words} {told(link.at(0)).upper()}")
    link = chain.link("deferrable")
    if link is not None and told(link.at(0)):
        found.append(_deferrable(link.at(0)))
    return " ".join(found)


def _drop_columns(site: Site, asked: Asked) -> Iterator[list[Part]]:
    """Yield one statement for all columns that go."""
    named = [(one, part) for one in asked.several if (part := name(one)) is not None]
    parts = [placed(["DROP COLUMN ", part], one) for one, part in named]
    if parts:
        yield site.alter(joined(parts))


def _drop_timestamps(site: Site, asked: Asked) -> Iterator[list[Part]]:
    both = ("createdAt", "updatedAt") if is_true(asked.columns) else ("created_at", "updated_at")
    yield site.alter(joined([[f"DROP COLUMN {quoted(one)}"] for one in both]))


def _rename_column(site: Site, asked: Asked) -> Iterator[list[Part]]:
    old, new = name(asked.columns), name(asked.option(0))
    if old is not None and new is not None:
        yield site.alter(["RENAME COLUMN ", old, " TO ", new])


def _set_nullable(site: Site, asked: Asked) -> Iterator[list[Part]]:
    column = name(asked.columns)
    words = " DROP NOT NULL" if asked.method == "setNullable" else " SET NOT NULL"
    if column is not None:
        yield site.alter(["ALTER COLUMN ", column, words])


_KINDS: Final = {"dropForeign": "foreign", "dropUnique": "unique"}


def _drop_key(site: Site, asked: Asked) -> Iterator[list[Part]]:
    kind, keys = _KINDS[asked.method.removesuffix("IfExists")], names_of(asked.columns)
    own = name(asked.option(0)) or (site.derived(kind, keys) if keys is not None else None)
    if own is not None:
        yield _without(site, asked, own)


def _drop_primary(site: Site, asked: Asked) -> Iterator[list[Part]]:
    own = name(asked.columns) if asked.columns is not None else quoted(f"{site.raw}_pkey")
    if own is not None:
        yield _without(site, asked, own)


def _without(site: Site, asked: Asked, own: Part) -> list[Part]:
    words = "IF EXISTS " if asked.method.endswith("IfExists") else ""
    return site.alter([f"DROP CONSTRAINT {words}", own])


def _drop_index(site: Site, asked: Asked) -> Iterator[list[Part]]:
    keys = names_of(asked.columns)
    own = name(asked.option(0)) or (site.derived("index", keys) if keys is not None else None)
    if own is not None:
        schema = [f"{quoted(site.schema)}."] if site.schema else []
        yield ["DROP INDEX ", *schema, own]


def table_check(asked: Asked) -> Key:
    """Return the check of a table a call asks for."""
    return Key("CHECK", name(asked.option(1)), (columns.condition(asked.columns),))


def _check(site: Site, asked: Asked) -> Iterator[list[Part]]:
    yield site.alter(["ADD ", *table_check(asked).parts()])


def _drop_checks(site: Site, asked: Asked) -> Iterator[list[Part]]:
    # Of several names that are no list Knex takes the first.
    rows = asked.several if isinstance(asked.columns, Items) else asked.several[:1]
    parts = [["DROP CONSTRAINT ", part] for one in rows if (part := name(one)) is not None]
    if parts:
        yield site.alter(joined(parts))


STATEMENTS: Final[dict[str, Statements]] = {
    "check": _check,
    "dropChecks": _drop_checks,
    "dropColumn": _drop_columns,
    "dropColumns": _drop_columns,
    "dropForeign": _drop_key,
    "dropForeignIfExists": _drop_key,
    "dropIndex": _drop_index,
    "dropNullable": _set_nullable,
    "dropPrimary": _drop_primary,
    "dropPrimaryIfExists": _drop_primary,
    "dropTimestamps": _drop_timestamps,
    "dropUnique": _drop_key,
    "dropUniqueIfExists": _drop_key,
    "index": _index,
    "primary": _primary,
    "renameColumn": _rename_column,
    "setNullable": _set_nullable,
    "unique": _unique,
}
"""What the methods of a table come to, by name."""
