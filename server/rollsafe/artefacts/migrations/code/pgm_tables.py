"""node-pg-migrate's columns, constraints and indexes as SQL."""

from collections.abc import Iterator, Mapping
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import (
    Column,
    Index,
    Key,
    Reference,
    separated,
)
from rollsafe.artefacts.migrations.code.javascript import (
    is_false,
    is_true,
    number_of,
    text_of,
    value_of,
)
from rollsafe.artefacts.migrations.code.pgm_names import (
    bare,
    key_of,
    name_of,
    raw_sql,
    schemalized,
    sequence_options,
    several,
    value,
)
from rollsafe.artefacts.migrations.code.script import Part, Written
from rollsafe.artefacts.migrations.code.script import name as plain_name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Argument, Code, Items, Literal, Pairs, Text
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple

_ADAPTED: Final = {
    "int": "integer",
    "string": "text",
    "float": "real",
    "double": "double precision",
    "datetime": "timestamp",
    "bool": "boolean",
}
_MAX_SHORTHANDS: Final = 10

Shorthands = Mapping[str, Code]
"""Types of a project's own, by name."""


class Described(NamedTuple):
    """A column as an entry of an object describes it."""

    column: Column
    place: Span
    comment: Code | None


def columns_of(code: Code | None, shorthands: Shorthands) -> Iterator[Described]:
    """Yield the columns an object describes; those whose name or type is computed are left out."""
    for one in code.entries if isinstance(code, Pairs) else ():
        found = _described(one, shorthands)
        if found is not None:
            yield found


def _described(entry: Argument, shorthands: Shorthands) -> Described | None:
    options = _spelled_out(entry.value, shorthands)
    typed = type_of(options.get("type")) if options is not None else None
    if not entry.name or typed is None or options is None:
        return None
    named = Written(quoted(entry.name), entry.name_at)
    array, collation = options.get("array"), text_of(options.get("collation"))
    words = [" ARRAY"] if is_true(array) else [f" ARRAY[{size}]"] if (size := number_of(array)) else []
    words += [f" COLLATE {collation}"] if collation else []
    parts = _typed(typed, "".join(words))
    default = options.get("default")
    column = Column(
        named,
        parts,
        required=is_true(options.get("notNull")) or None,
        default=value(default) if default is not None else None,
        is_primary=is_true(options.get("primaryKey")),
        is_unique=is_true(options.get("unique")),
        suffix=tuple(_suffix(options)),
    )
    return Described(column, Span(entry.start, entry.end), options.get("comment"))


def _typed(typed: Part, words: str) -> Part:
    if not words:
        return typed
    return Written(typed.text + words, typed.place) if isinstance(typed, Written) else typed + words


def _spelled_out(code: Code, shorthands: Shorthands) -> Pairs | None:
    """Return a column's options with those of the type it is short for; its own come first."""
    rows: list[Argument] = []
    current: Code | None = code
    for _ in range(_MAX_SHORTHANDS):
        options = current if isinstance(current, Pairs) else None
        if options is not None:
            rows += options.entries
            current = options.get("type")
        if not isinstance(current, Text):
            break
        short = shorthands.get(current.value)
        if short is None:
            rows.append(Argument(current.start, current.end, "type", Span.of(current), current))
            break
        rows = [one for one in rows if one.name != "type"]
        current = short
    return Pairs(code.start, code.end, _with_id(rows))


def _with_id(rows: list[Argument]) -> tuple[Argument, ...]:
    """Return options, `id` being short for a serial primary key."""
    typed = next((one for one in rows if one.name == "type"), None)
    if typed is None or text_of(typed.value) != "id" or not isinstance(typed.value, Text):
        return tuple(rows)
    place = typed.value
    serial = Text(place.start, place.end, "serial", place.inner, is_verbatim=False)
    rest = [one for one in rows if one.name != "type"]
    key = Literal(place.start, place.end, value=True)
    made = (("type", serial), ("primaryKey", key))
    return (*rest, *(Argument(typed.start, typed.end, word, typed.name_at, one) for word, one in made))


def type_of(code: Code | None) -> Part | None:
    """Return a type; None if it is computed."""
    if isinstance(code, Pairs) and code.get("type") is not None:
        code = code.get("type")
    if isinstance(code, Pairs) or raw_sql(code) is not None:
        return name_of(code)
    if not isinstance(code, Text) or code.is_partial or not code.value:
        return None
    words = _ADAPTED.get(code.value, code.value)
    return Written(words, code.inner, is_verbatim=words == code.value and code.is_verbatim)


def _suffix(options: Pairs) -> Iterator[Part]:
    check = options.get("check")
    if check is not None:
        yield from ("CHECK (", _raw(check), ")")
    reference = reference_of(options)
    if reference is not None:
        if reference.name is not None:
            yield from ("CONSTRAINT", reference.name)
        yield from reference.parts()
    if is_true(options.get("deferrable")):
        yield deferrable(options)
    sequence, expression = options.get("sequenceGenerated"), options.get("expressionGenerated")
    if isinstance(sequence, Pairs):
        yield identity(sequence)
    if expression is not None and not is_false(expression):
        yield from ("GENERATED ALWAYS AS (", _raw(expression), ") STORED")


def identity(options: Pairs) -> str:
    """Return the clause of a column that numbers rows."""
    said = " ".join(sequence_options(options))
    words = f"GENERATED {text_of(options.get('precedence')) or 'ALWAYS'} AS IDENTITY"
    return f"{words} ({said})" if said else words


def deferrable(options: Pairs) -> str:
    """Return when a constraint that may wait is checked."""
    return f"DEFERRABLE INITIALLY {'DEFERRED' if is_true(options.get('deferred')) else 'IMMEDIATE'}"


def _raw(code: Code) -> Part:
    """Return SQL that is given as a string; a computed condition where it is not."""
    if isinstance(code, Text) and not code.is_partial:
        return Written(code.value, code.inner, code.is_verbatim)
    return "computed_condition()"


def reference_of(options: Pairs) -> Reference | None:
    """Return what a column or constraint points at."""
    given = options.get("references")
    if given is None:
        return None
    said = text_of(given)
    is_sql = said.startswith('"') or said.endswith(")")
    table = _raw(given) if is_sql else name_of(given)
    if table is None:
        return None
    words = (("match", "MATCH"), ("onDelete", "ON DELETE"), ("onUpdate", "ON UPDATE"))
    actions = [f"{word} {text_of(options.get(one))}" for one, word in words if text_of(options.get(one))]
    own = plain_name(options.get("referencesConstraintName"))
    return Reference(table, actions=" ".join(actions), name=own)


def constraints_of(table: Code | None, options: Pairs, own: Part | None) -> Iterator[list[Part]]:
    """Yield the constraints that options describe, each as ADD takes it; computed ones are left out."""
    later = f" {deferrable(options)}" if is_true(options.get("deferrable")) else ""
    for parts in _constraints(bare(table), options, own):
        yield [*parts, later] if later else parts


def _constraints(table: str, options: Pairs, own: Part | None) -> Iterator[list[Part]]:
    checks = options.get("check")
    for number, one in enumerate(several(checks), 1):
        ending = "chck" if one is checks else f"chck_{number}"
        yield Key("CHECK", own or quoted(f"{table}_{ending}"), (_raw(one),)).parts()
    for columns in _unique_sets(options.get("unique")):
        found = _names(columns)
        if found is not None:
            derived = quoted(f"{table}_uniq_{'_'.join(text_of(one) for one in several(columns))}")
            yield Key("UNIQUE", own or derived, found).parts()
    primary = _names(options.get("primaryKey"))
    if primary is not None:
        yield Key("PRIMARY KEY", own or quoted(f"{table}_pkey"), primary).parts()
    for one in several(options.get("foreignKeys")):
        yield from _foreign_key(table, one, own)
    exclude = options.get("exclude")
    if exclude is not None:
        yield ["CONSTRAINT ", own or quoted(f"{table}_excl"), " EXCLUDE ", _raw(exclude)]


def _unique_sets(code: Code | None) -> tuple[Code, ...]:
    listed = several(code)
    if any(isinstance(one, Items) for one in listed):
        return listed
    return (code,) if code is not None else ()


def _names(code: Code | None) -> tuple[Part, ...] | None:
    """Return columns with commas between them; None if there are none, or one is computed."""
    found = [name_of(one) for one in several(code)]
    known = [one for one in found if one is not None]
    return tuple(separated(known)) if known and len(known) == len(found) else None


def _foreign_key(table: str, code: Code, own: Part | None) -> Iterator[list[Part]]:
    if not isinstance(code, Pairs):
        return
    columns, reference = _names(code.get("columns")), reference_of(code)
    if columns is None or reference is None:
        return
    derived = quoted(f"{table}_fk_{'_'.join(text_of(one) for one in several(code.get('columns')))}")
    yield Key("FOREIGN KEY", reference.name or own or derived, columns, reference).parts()


def index_of(table: Code | None, columns: Code | None, options: Pairs | None) -> Index | None:
    """Return the index that is made; None where the table, a column or the name is computed."""
    on, keys = name_of(table), [key_of(one) for one in several(columns)]
    own = index_name(table, columns, options)
    known = tuple(one for one in keys if one is not None)
    if on is None or not known or len(known) < len(keys) or own is None:
        return None
    given = options or Pairs(0, 0, ())
    where, nulls = given.get("where"), text_of(given.get("nulls"))
    condition = _raw(where) if where is not None else None
    named = given.get("name")
    return Index(
        Written(quoted(own), Span.of(named)) if named is not None else quoted(own),
        on,
        known,
        is_unique=is_true(given.get("unique")),
        concurrently=is_true(given.get("concurrently")),
        method=text_of(given.get("method")),
        where=condition,
        includes=tuple(one for each in several(given.get("include")) if (one := name_of(each)) is not None),
        if_not_exists=is_true(given.get("ifNotExists")),
        nulls=f"NULLS {nulls.upper()}" if nulls else "",
    )


def index_name(table: Code | None, columns: Code | None, options: Pairs | None) -> str | None:
    """Return the name of an index: the one that is given, or one made of the table and columns."""
    own = options.get("name") if options is not None else None
    if own is not None:
        return text_of(own) or None
    rows = [text_of(one.get("name") if isinstance(one, Pairs) else one) for one in several(columns)]
    if not bare(table) or not all(rows):
        return None
    unique = "_unique" if options is not None and is_true(options.get("unique")) else ""
    words = "_".join(schemalized(one) for one in rows)
    return f"{bare(table)}_{words}{unique}_index"


def altered(column: Part, options: Pairs) -> Iterator[list[Part]]:
    """Yield the actions on a column that options ask for."""
    head: list[Part] = ["ALTER COLUMN ", column, " "]
    for one in sorted(options.entries, key=lambda each: _ORDER.get(each.name, 0)):
        action = _action(one, options)
        if action:
            place = Span(one.start, one.end)
            yield [*head, *(part if isinstance(part, Written) else Written(part, place) for part in action)]


_ORDER: Final = {
    "type": 1,
    "notNull": 2,
    "allowNull": 3,
    "sequenceGenerated": 4,
    "expressionGenerated": 5,
}


def _action(entry: Argument, options: Pairs) -> list[Part]:
    """Return the action that an option of `alterColumn` stands for; empty for one of another's."""
    given, is_null = entry.value, value_of(entry.value) is None
    match entry.name:
        case "default":
            drops = isinstance(given, Literal) and is_null
            return ["DROP DEFAULT"] if drops else ["SET DEFAULT ", value(given)]
        case "type":
            typed, words = type_of(given), ""
            for key, word in (("collation", "COLLATE"), ("using", "USING")):
                said = text_of(options.get(key))
                words += f" {word} {said}" if said else ""
            return ["TYPE ", typed, words] if typed is not None else []
        case "notNull":
            return ["SET NOT NULL"] if is_true(given) else ["DROP NOT NULL"] if is_false(given) else []
        case "allowNull":
            return ["DROP NOT NULL"] if is_true(given) else []
        case "sequenceGenerated":
            return [f"ADD {identity(given)}"] if isinstance(given, Pairs) else ["DROP IDENTITY"]
        case "expressionGenerated":
            return ["SET EXPRESSION AS (", _raw(given), ")"] if text_of(given) else ["DROP EXPRESSION"]
        case _:
            return []


def comments(table: Part, rows: list[Described]) -> Iterator[tuple[list[Part], Span]]:
    """Yield the statements that say what columns are for, with their places."""
    for one in rows:
        if one.comment is not None:
            said = value(one.comment)
            yield ["COMMENT ON COLUMN ", table, ".", one.column.name, " IS ", said], one.place


def primary_of(rows: list[Described]) -> list[Part]:
    """Return the columns of a primary key that is made of several."""
    found = [one.column.name for one in rows if one.column.is_primary]
    return found if len(found) > 1 else []


def keyed(table: Code | None, columns: list[Part]) -> list[Part]:
    """Return the primary key of several columns."""
    return Key("PRIMARY KEY", quoted(f"{bare(table)}_pkey"), tuple(separated(columns))).parts()


def named_constraints(table: Code | None, options: Pairs | None) -> Iterator[list[Part]]:
    """Yield the constraints that come with a table."""
    given = options.get("constraints") if options is not None else None
    if isinstance(given, Pairs):
        yield from constraints_of(table, given, None)
