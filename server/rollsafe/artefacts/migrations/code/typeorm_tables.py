"""TypeORM's tables, keys and indexes, with the names TypeORM makes up for them."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from rollsafe.artefacts.migrations.code.definitions import (
    Column,
    Index,
    Key,
    Reference,
    joined,
    placed,
    separated,
    text_of,
)
from rollsafe.artefacts.migrations.code.javascript import dotted_name, is_true
from rollsafe.artefacts.migrations.code.javascript import text_of as told
from rollsafe.artefacts.migrations.code.script import Part, Written, literal, name
from rollsafe.artefacts.migrations.code.typeorm_columns import (
    column_of,
    default_of,
    enum_of,
    options_of,
    values_of,
)
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Code, Items, Pairs, Text
from rollsafe.text import Located
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

Row: TypeAlias = tuple[list[Part], Located]
"""A statement and its place."""


class Site(NamedTuple):
    """A table: `name` as SQL, `raw` as the program has it."""

    name: Part
    raw: str

    def alter(self, action: Iterable[Part]) -> list[Part]:
        """Return an ALTER TABLE."""
        return ["ALTER TABLE ", self.name, " ", *action]


def hashed(kind: str, table: str, columns: Iterable[Part], extra: str = "") -> str:
    """Return a name as TypeORM makes one up: what it is, and a digest of the table and the columns."""
    names = sorted(text_of(one).strip('"') for one in columns)
    key = "_".join(
        (table.rpartition(".")[2], *(["_".join(names)] if names else []), *([extra] if extra else []))
    )
    from hashlib import sha1  # loads OpenSSL, and most runs name nothing

    digest = sha1(_escaped(key).encode(), usedforsecurity=False).hexdigest()
    return quoted(f"{kind}_{digest[: 26 if kind in ('IDX', 'CHK', 'XCL') else 27]}")


def _escaped(key: str) -> str:
    """Return characters as TypeORM digests them: as in an address on the web."""
    return _UNSAFE.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")), key
    )


_PRECISE: Final = lazily(r"^((?:numeric|decimal|timestamp|time|interval)\b[^(]*?) ?\([\d, ]*\)")
_UNSAFE: Final = lazily(r"[^A-Za-z0-9\-_.!~*'()]")


def columns_of(rows: Iterable[Code]) -> tuple[Part, ...]:
    """Return the columns that a list names, also by objects; nothing if one is computed."""
    found = [name(one if (options := options_of(one)) is None else options.get("name")) for one in rows]
    return tuple(one for one in found if one is not None) if None not in found else ()


def _listed(options: Pairs, key: str) -> tuple[Part, ...]:
    code = options.get(key)
    return columns_of(code.items) if isinstance(code, Items) else ()


def create(site: Site, options: Pairs, place: Located, *, keys: bool, indexes: bool) -> list[Row]:
    """Return the statements that make a table; `keys` and `indexes` say whether it gets its own."""
    given = [one for one in map(options_of, _objects(options, "columns")) if one is not None]
    rows: list[Row] = list(_enums(site, given))
    table = list(_table_rows(site, options, given))
    if keys:
        table += _constraints(site, options, "foreignKeys")
    table += _primary_key(site, given)
    rows.append((["CREATE TABLE ", site.name, " (", *joined(table), ")"], place))
    rows += _column_comments(site, given)
    for one in _objects(options, "indices") if indexes else ():
        described = options_of(one)
        parts = index(site, described) if described is not None else None
        rows += [(parts, one)] if parts is not None else []
    if told(options.get("comment")):
        said = f" IS {literal(told(options.get('comment')))}"
        rows.append((["COMMENT ON TABLE ", site.name, said], place))
    return rows


def _objects(options: Pairs, key: str) -> tuple[Code, ...]:
    code = options.get(key)
    return code.items if isinstance(code, Items) else ()


def _enums(site: Site, columns: Iterable[Pairs]) -> Iterator[Row]:
    made: set[str] = set()
    for one in columns:
        enum = enum_of(site.raw, one)
        if enum is not None and enum not in made:
            made.add(enum)
            yield ([f"CREATE TYPE {enum} AS ENUM ({values_of(one)})"], one)


def _table_rows(site: Site, options: Pairs, columns: list[Pairs]) -> Iterator[list[Part]]:
    """Yield the columns of a table, and the constraints that come before its foreign keys."""
    for one in columns:
        column = column_of(site.raw, one)
        if column is not None:
            yield placed(column.parts(), one)
    told_uniques = list(_uniques(site, options))
    yield from (parts for _, parts in told_uniques)
    known = [keys for keys, _ in told_uniques]
    for one in columns:
        keys = columns_of((one,))
        if is_true(one.get("isUnique")) and keys and [text_of(keys[0])] not in known:
            yield placed(_unique(site, None, keys).parts(), one)
    yield from _constraints(site, options, "checks")
    yield from _constraints(site, options, "exclusions")


def _uniques(site: Site, options: Pairs) -> Iterator[tuple[list[str], list[Part]]]:
    for one in _objects(options, "uniques"):
        given = options_of(one)
        keys = _listed(given, "columnNames") if given is not None else ()
        if given is not None and keys:
            key = _unique(site, given, keys)
            yield [text_of(each) for each in keys], placed(key.parts(), one)


def _unique(site: Site, options: Pairs | None, keys: tuple[Part, ...]) -> Key:
    own = name(options.get("name")) if options is not None else None
    suffix = f"DEFERRABLE {how}" if options is not None and (how := told(options.get("deferrable"))) else ""
    return Key("UNIQUE", own or hashed("UQ", site.raw, keys), tuple(separated(keys)), suffix=suffix)


def _constraints(site: Site, options: Pairs, key: str) -> list[list[Part]]:
    make = {"checks": _check_key, "exclusions": _exclusion_key, "foreignKeys": _foreign_key}[key]
    found: list[list[Part]] = []
    for one in _objects(options, key):
        given = options_of(one)
        made = make(site, given) if given is not None else None
        found += [placed(made, one)] if made is not None else []
    return found


def _primary_key(site: Site, columns: Iterable[Pairs]) -> list[list[Part]]:
    primary = [one for one in columns if is_true(one.get("isPrimary"))]
    keys = columns_of(primary)
    if not keys:
        return []
    own = name(primary[0].get("primaryKeyConstraintName")) or hashed("PK", site.raw, keys)
    return [placed(Key("PRIMARY KEY", own, tuple(separated(keys))).parts(), primary[0])]


def _column_comments(site: Site, columns: Iterable[Pairs]) -> Iterator[Row]:
    for one in columns:
        column = name(one.get("name"))
        if told(one.get("comment")) and column is not None:
            said = f" IS {literal(told(one.get('comment')))}"
            yield (["COMMENT ON COLUMN ", site.name, ".", column, said], one)


def add_column(site: Site, options: Pairs, place: Located) -> list[Row]:
    """Return the statements that add a column, with the key it asks for."""
    column = column_of(site.raw, options)
    if column is None:
        return []
    keys = (column.name,)
    rows: list[Row] = [*_enums(site, (options,)), (site.alter(["ADD COLUMN ", *column.parts()]), place)]
    rows += [(site.alter(["ADD ", *parts]), place) for parts in _primary_key(site, (options,))]
    if is_true(options.get("isUnique")):
        rows.append((site.alter(["ADD ", *_unique(site, None, keys).parts()]), place))
    return [*rows, *_column_comments(site, (options,))]


def change_column(site: Site, old: Pairs, new: Pairs, place: Located) -> list[Row]:
    """Return what changes one column into another; one of another type is made anew, without its values."""
    before, after = column_of(site.raw, old), column_of(site.raw, new)
    if before is None or after is None:
        return []
    types = text_of(before.type), text_of(after.type)
    is_precision = _without_precision(types[0]) == _without_precision(types[1])
    if not is_precision or before.suffix != after.suffix:
        return [(site.alter(["DROP COLUMN ", before.name]), place), *add_column(site, new, place)]
    rows: list[Row] = []
    if text_of(before.name) != text_of(after.name):
        rows.append((site.alter(["RENAME COLUMN ", before.name, " TO ", after.name]), place))
    if types[0] != types[1]:
        rows.append((site.alter(["ALTER COLUMN ", after.name, " TYPE ", after.type]), place))
    if before.required != after.required:
        words = " SET NOT NULL" if after.required else " DROP NOT NULL"
        rows.append((site.alter(["ALTER COLUMN ", after.name, words]), place))
    if is_true(old.get("isUnique")) != is_true(new.get("isUnique")):
        rows += _changed_unique(site, after, place, added=is_true(new.get("isUnique")))
    return [*rows, *_changed_default(site, old, new, after, place)]


def _without_precision(typed: str) -> str:
    """Return a type without the numbers that TypeORM changes in place."""
    return _PRECISE.sub(r"\1", typed)


def _changed_unique(site: Site, column: Column, place: Located, *, added: bool) -> list[Row]:
    key = _unique(site, None, (column.name,))
    own = key.name if key.name is not None else ""
    return [(site.alter(["ADD ", *key.parts()] if added else ["DROP CONSTRAINT ", own]), place)]


def _changed_default(site: Site, old: Pairs, new: Pairs, column: Column, place: Located) -> list[Row]:
    before, after = default_of(old.get("default")), default_of(new.get("default"))
    if (text_of(before) if before is not None else None) == (text_of(after) if after is not None else None):
        return []
    words: list[Part] = [" SET DEFAULT ", after] if after is not None else [" DROP DEFAULT"]
    return [(site.alter(["ALTER COLUMN ", column.name, *words]), place)]


def restated(site: Site, column: Column, place: Located) -> list[Row]:
    """Return all that stating a column may change."""
    head: list[Part] = ["ALTER COLUMN ", column.name]
    nullable = " SET NOT NULL" if column.required else " DROP NOT NULL"
    return [
        (site.alter([*head, " TYPE ", column.type]), place),
        (site.alter([*head, nullable]), place),
    ]


def unique(site: Site, options: Pairs) -> list[Part] | None:
    """Return the statement that adds a unique constraint."""
    keys = _listed(options, "columnNames")
    return site.alter(["ADD ", *_unique(site, options, keys).parts()]) if keys else None


def _check_key(site: Site, options: Pairs) -> list[Part] | None:
    rule = options.get("expression")
    if not isinstance(rule, Text) or rule.is_partial:
        return None
    own = name(options.get("name")) or hashed("CHK", site.raw, (), rule.value)
    return Key("CHECK", own, (Written(rule.value, rule.inner, rule.is_verbatim),)).parts()


def check(site: Site, options: Pairs) -> list[Part] | None:
    """Return the statement that adds a check."""
    parts = _check_key(site, options)
    return site.alter(["ADD ", *parts]) if parts is not None else None


def _exclusion_key(site: Site, options: Pairs) -> list[Part] | None:
    rule = options.get("expression")
    if not isinstance(rule, Text) or rule.is_partial:
        return None
    own = name(options.get("name")) or hashed("XCL", site.raw, (), rule.value)
    return ["CONSTRAINT ", own, " EXCLUDE ", Written(rule.value, rule.inner, rule.is_verbatim)]


def exclusion(site: Site, options: Pairs) -> list[Part] | None:
    """Return the statement that adds an exclusion constraint."""
    parts = _exclusion_key(site, options)
    return site.alter(["ADD ", *parts]) if parts is not None else None


def _foreign_key(site: Site, options: Pairs) -> list[Part] | None:
    keys, points = _listed(options, "columnNames"), _listed(options, "referencedColumnNames")
    table = dotted_name(options.get("referencedTableName"), told(options.get("referencedSchema")))
    if not keys or table is None:
        return None
    words = (("onDelete", "ON DELETE"), ("onUpdate", "ON UPDATE"), ("deferrable", "DEFERRABLE"))
    actions = " ".join(f"{word} {told(options.get(key))}" for key, word in words if told(options.get(key)))
    own = name(options.get("name")) or hashed("FK", site.raw, keys)
    reference = Reference(table, points, actions)
    return Key("FOREIGN KEY", own, tuple(separated(keys)), reference).parts()


def foreign_key(site: Site, options: Pairs) -> list[Part] | None:
    """Return the statement that adds a foreign key."""
    parts = _foreign_key(site, options)
    return site.alter(["ADD ", *parts]) if parts is not None else None


def index(site: Site, options: Pairs) -> list[Part] | None:
    """Return the statement that builds an index."""
    keys, where = _listed(options, "columnNames"), options.get("where")
    if not keys:
        return None
    condition = Written(where.value, where.inner, where.is_verbatim) if isinstance(where, Text) else None
    own = name(options.get("name")) or hashed("IDX", site.raw, keys, told(where))
    return Index(
        own,
        site.name,
        keys,
        is_unique=is_true(options.get("isUnique")),
        concurrently=is_true(options.get("isConcurrent")),
        method="gist" if is_true(options.get("isSpatial")) else "",
        where=condition if condition is not None and condition.text else None,
    ).parts()


def drop_index(site: Site, code: Code) -> list[Part] | None:
    """Return the statement that drops an index, which is given by its name or as an object."""
    options = options_of(code)
    own = name(options.get("name")) if options is not None else name(code)
    if own is None and options is not None and (keys := _listed(options, "columnNames")):
        own = hashed("IDX", site.raw, keys, told(options.get("where")))
    schema, _, _ = site.raw.rpartition(".")
    inside = [f"{quoted(schema)}."] if schema else []
    concurrent = options is not None and is_true(options.get("isConcurrent"))
    return [f"DROP INDEX {'CONCURRENTLY ' if concurrent else ''}", *inside, own] if own is not None else None
