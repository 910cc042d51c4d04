"""What node-pg-migrate sends for tables as a whole and for everything that is no table."""

from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import Column, separated
from rollsafe.artefacts.migrations.code.javascript import is_false, is_true, number_of, text_of
from rollsafe.artefacts.migrations.code.pgm_names import (
    name_of,
    option_words,
    sequence_options,
    several,
    value,
)
from rollsafe.artefacts.migrations.code.pgm_tables import Shorthands, type_of
from rollsafe.artefacts.migrations.code.script import Part, Written
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Items, Pairs, Text
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple


class Row(NamedTuple):
    """A statement and its place in the program."""

    parts: list[Part]
    place: Located


class Asked(NamedTuple):
    """A call of the builder's, its arguments resolved, and the types a project calls its own."""

    call: Call
    arguments: tuple[Code, ...]
    shorthands: Shorthands

    def at(self, position: int) -> Code | None:
        """Return an argument."""
        return self.arguments[position] if position < len(self.arguments) else None

    def name(self, position: int) -> Part | None:
        """Return a name that is given as an argument."""
        return name_of(self.at(position))

    def options(self, position: int) -> Pairs | None:
        """Return an argument that is an object."""
        found = self.at(position)
        return found if isinstance(found, Pairs) else None


Make = Callable[[Asked], Iterator[Row]]


def without_key(column: Column) -> Column:
    """Return a column without its part of the primary key."""
    return Column(
        column.name,
        column.type,
        column.required,
        column.default,
        is_unique=column.is_unique,
        suffix=column.suffix,
    )


def like(options: Pairs | None) -> Iterator[list[Part]]:
    """Yield the table that another is made like."""
    given = options.get("like") if options is not None else None
    table = given.get("table") if isinstance(given, Pairs) and given.get("table") is not None else given
    own, chosen = name_of(table), given.get("options") if isinstance(given, Pairs) else None
    if own is None:
        return
    words = "".join(
        f" {key.upper()} {text_of(one)}"
        for key in ("including", "excluding")
        for one in several(chosen.get(key) if isinstance(chosen, Pairs) else None)
        if text_of(one)
    )
    yield ["LIKE ", own, words]


def table_suffix(options: Pairs | None) -> list[Part]:
    """Return what follows the columns of a table."""
    if options is None:
        return []
    above, partition = name_of(options.get("inherits")), options.get("partition")
    found: list[Part] = [" INHERITS (", above, ")"] if above is not None else []
    if isinstance(partition, Pairs):
        keys = [
            one for each in several(partition.get("columns")) if (one := _partition_key(each)) is not None
        ]
        found += [f" PARTITION BY {text_of(partition.get('strategy'))} (", *separated(keys), ")"]
    return found


def _partition_key(code: Code) -> Part | None:
    if not isinstance(code, Pairs):
        return name_of(code)
    own = name_of(code.get("name"))
    words = f" COLLATE {text_of(code.get('collate'))}" if text_of(code.get("collate")) else ""
    words += f" {text_of(code.get('opclass'))}" if text_of(code.get("opclass")) else ""
    text = own.text if isinstance(own, Written) else own
    return f"{text}{words}" if text is not None else None


def _drop(kind: str, options_at: int = 1) -> Make:
    """Return what drops something of a name."""

    def make(asked: Asked) -> Iterator[Row]:
        words = option_words(asked.options(options_at), "ifExists", "cascade")
        for one in several(asked.at(0)) if kind == "EXTENSION" else (asked.at(0),):
            own = name_of(one)
            if own is not None:
                head = f"DROP {kind} IF EXISTS " if words["ifExists"] else f"DROP {kind} "
                yield Row([head, own, " CASCADE" if words["cascade"] else ""], asked.call)

    return make


def _rename(kind: str, *, back: bool = False) -> Make:
    """Return what renames something; `back` undoes that."""

    def make(asked: Asked) -> Iterator[Row]:
        old, new = asked.name(0), asked.name(1)
        if old is not None and new is not None:
            before, after = (new, old) if back else (old, new)
            yield Row([f"ALTER {kind} ", before, " RENAME TO ", after], asked.call)

    return make


def _rename_in(words: str, named: Callable[[Code | None], Part | None], *, back: bool = False) -> Make:
    """Return what renames a part of something."""
    kind, _, part = words.partition(" ")

    def make(asked: Asked) -> Iterator[Row]:
        owner, old, new = asked.name(0), named(asked.at(1)), named(asked.at(2))
        if owner is not None and old is not None and new is not None:
            before, after = (new, old) if back else (old, new)
            yield Row([f"ALTER {kind} ", owner, f" RENAME {part} ", before, " TO ", after], asked.call)

    return make


def _create_extension(asked: Asked) -> Iterator[Row]:
    options = asked.options(1)
    schema = name_of(options.get("schema")) if options is not None else None
    words = option_words(options, "ifNotExists")
    for one in several(asked.at(0)):
        own = name_of(one)
        if own is not None:
            head = "CREATE EXTENSION IF NOT EXISTS " if words["ifNotExists"] else "CREATE EXTENSION "
            yield Row([head, own, *([" SCHEMA ", schema] if schema is not None else [])], asked.call)


def _create_schema(asked: Asked) -> Iterator[Row]:
    own, options = asked.name(0), asked.options(1)
    words = option_words(options, "ifNotExists")
    owner = text_of(options.get("authorization")) if options is not None else ""
    if own is not None:
        head = "CREATE SCHEMA IF NOT EXISTS " if words["ifNotExists"] else "CREATE SCHEMA "
        yield Row([head, own, f" AUTHORIZATION {owner}" if owner else ""], asked.call)


def _create_type(asked: Asked) -> Iterator[Row]:
    own, given = asked.name(0), asked.at(1)
    if own is None:
        return
    if isinstance(given, Items):
        values = [value(one) for one in given.items]
        yield Row(["CREATE TYPE ", own, " AS ENUM (", *separated(values), ")"], asked.call)
    elif isinstance(given, Pairs):
        rows: list[Part] = []
        for one in given.entries:
            typed = type_of(one.value)
            if one.name and typed is not None:
                rows += [", "] if rows else []
                rows += [quoted(one.name), " ", typed]
        yield Row(["CREATE TYPE ", own, " AS (", *rows, ")"], asked.call)


def _add_value(asked: Asked) -> Iterator[Row]:
    own, given, options = asked.name(0), asked.at(1), asked.options(2)
    words = option_words(options, "ifNotExists")
    if own is None or given is None:
        return
    parts: list[Part] = ["ALTER TYPE ", own, " ADD VALUE ", "IF NOT EXISTS " if words["ifNotExists"] else ""]
    parts.append(value(given))
    for key in ("before", "after"):
        place = options.get(key) if options is not None else None
        parts += [f" {key.upper()} ", value(place)] if place is not None else []
    yield Row(parts, asked.call)


def _attribute(action: str) -> Make:
    """Return what changes an attribute of a type."""

    def make(asked: Asked) -> Iterator[Row]:
        own, attribute, typed = asked.name(0), asked.name(1), type_of(asked.at(2))
        if own is None or attribute is None or (typed is None and action != "DROP"):
            return
        after: list[Part] = [" SET DATA TYPE "] if action == "ALTER" else [" "]
        ending = [*after, typed] if typed is not None and action != "DROP" else []
        yield Row(["ALTER TYPE ", own, f" {action} ATTRIBUTE ", attribute, *ending], asked.call)

    return make


def _create_sequence(asked: Asked) -> Iterator[Row]:
    own, options = asked.name(0), asked.options(1)
    words = option_words(options, "temporary", "ifNotExists")
    said = " ".join(sequence_options(options)) if options is not None else ""
    if own is not None:
        head = f"CREATE {'TEMPORARY ' if words['temporary'] else ''}SEQUENCE "
        yield Row([head, "IF NOT EXISTS " if words["ifNotExists"] else "", own, f" {said}"], asked.call)


def _alter_sequence(asked: Asked) -> Iterator[Row]:
    own, options = asked.name(0), asked.options(1)
    if own is None or options is None:
        return
    said, restart = list(sequence_options(options)), options.get("restart")
    number = number_of(restart)
    said += ["RESTART"] if is_true(restart) else [f"RESTART WITH {number}"] if number else []
    if said:
        yield Row(["ALTER SEQUENCE ", own, f" {' '.join(said)}"], asked.call)


def _create_view(kind: str) -> Make:
    """Return what makes a view; the query of one that is computed is left out."""

    def make(asked: Asked) -> Iterator[Row]:
        own, options, query = asked.name(0), asked.options(1), asked.at(2)
        if own is None:
            return
        words = option_words(options, "replace", "temporary", "recursive", "ifNotExists")
        head = "CREATE OR REPLACE " if words["replace"] else "CREATE "
        head += "TEMPORARY " if words["temporary"] else ""
        head += f"{'RECURSIVE ' if words['recursive'] else ''}{kind} "
        head += "IF NOT EXISTS " if words["ifNotExists"] else ""
        keys = [one for each in several(_in(options, "columns")) if (one := name_of(each)) is not None]
        columns: list[Part] = [" (", *separated(keys), ")"] if keys else []
        is_known = isinstance(query, Text) and not query.is_partial
        sql = query.value if is_known and isinstance(query, Text) else "SELECT computed_columns()"
        ending = " WITH NO DATA" if is_false(_in(options, "data")) else ""
        yield Row([head, own, *columns, f" AS {sql}{ending}"], asked.call)

    return make


def _in(options: Pairs | None, key: str) -> Code | None:
    return options.get(key) if options is not None else None


def _refresh(asked: Asked) -> Iterator[Row]:
    own, options = asked.name(0), asked.options(1)
    words = option_words(options, "concurrently")
    if own is not None:
        head = f"REFRESH MATERIALIZED VIEW {'CONCURRENTLY ' if words['concurrently'] else ''}"
        yield Row([head, own, " WITH NO DATA" if is_false(_in(options, "data")) else ""], asked.call)


def _drop_trigger(asked: Asked) -> Iterator[Row]:
    table, own = asked.name(0), asked.name(1)
    words = option_words(asked.options(2), "ifExists", "cascade")
    if table is not None and own is not None:
        head = "DROP TRIGGER IF EXISTS " if words["ifExists"] else "DROP TRIGGER "
        yield Row([head, own, " ON ", table, " CASCADE" if words["cascade"] else ""], asked.call)


_RENAMED: Final = {
    "renameDomain": "DOMAIN",
    "renameIndex": "INDEX",
    "renameMaterializedView": "MATERIALIZED VIEW",
    "renameSchema": "SCHEMA",
    "renameSequence": "SEQUENCE",
    "renameTable": "TABLE",
    "renameType": "TYPE",
    "renameView": "VIEW",
}
_RENAMED_IN: Final = {
    "renameColumn": ("TABLE COLUMN", name_of),
    "renameConstraint": ("TABLE CONSTRAINT", name_of),
    "renameTypeAttribute": ("TYPE ATTRIBUTE", name_of),
    "renameTypeValue": ("TYPE VALUE", value),
}

CALLS: Final[dict[str, Make]] = {
    **{key: _rename(kind) for key, kind in _RENAMED.items()},
    **{key: _rename_in(*words) for key, words in _RENAMED_IN.items()},
    "addExtension": _create_extension,
    "addType": _create_type,
    "addTypeAttribute": _attribute("ADD"),
    "addTypeValue": _add_value,
    "alterSequence": _alter_sequence,
    "createExtension": _create_extension,
    "createMaterializedView": _create_view("MATERIALIZED VIEW"),
    "createSchema": _create_schema,
    "createSequence": _create_sequence,
    "createType": _create_type,
    "createView": _create_view("VIEW"),
    "dropDomain": _drop("DOMAIN"),
    "dropExtension": _drop("EXTENSION"),
    "dropMaterializedView": _drop("MATERIALIZED VIEW"),
    "dropSchema": _drop("SCHEMA"),
    "dropSequence": _drop("SEQUENCE"),
    "dropTable": _drop("TABLE"),
    "dropTrigger": _drop_trigger,
    "dropType": _drop("TYPE"),
    "dropTypeAttribute": _attribute("DROP"),
    "dropView": _drop("VIEW"),
    "refreshMaterializedView": _refresh,
    "setTypeAttribute": _attribute("ALTER"),
}
"""What the builder's calls come to, by name; those that are not there are only said to be made."""

INVERSES: Final[dict[str, Make]] = {
    **{key: _rename(kind, back=True) for key, kind in _RENAMED.items()},
    **{key: _rename_in(*words, back=True) for key, words in _RENAMED_IN.items()},
    "addExtension": _drop("EXTENSION"),
    "addType": _drop("TYPE", 2),
    "addTypeAttribute": _attribute("DROP"),
    "createDomain": _drop("DOMAIN", 3),
    "createExtension": _drop("EXTENSION"),
    "createMaterializedView": _drop("MATERIALIZED VIEW"),
    "createSchema": _drop("SCHEMA"),
    "createSequence": _drop("SEQUENCE"),
    "createTable": _drop("TABLE", 2),
    "createType": _drop("TYPE", 2),
    "createView": _drop("VIEW"),
    "refreshMaterializedView": _refresh,
}
"""What undoes them."""
