"""Active Record's column types and options as PostgreSQL has them, and the names Rails gives things."""

import json
import re
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import ACTIONS, Column, Reference
from rollsafe.artefacts.migrations.code.script import Part, Written, literal, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Argument, Call, Code, Items, Literal, Pairs, Text
from rollsafe.text import Span

TYPES: Final = {
    "bigint": "bigint",
    "bigserial": "bigserial",
    "binary": "bytea",
    "bit": "bit",
    "bit_varying": "bit varying",
    "blob": "bytea",
    "boolean": "boolean",
    "box": "box",
    "char": "char",
    "cidr": "cidr",
    "circle": "circle",
    "citext": "citext",
    "date": "date",
    "daterange": "daterange",
    "datetime": "timestamp",
    "decimal": "numeric",
    "float": "double precision",
    "hstore": "hstore",
    "inet": "inet",
    "int4range": "int4range",
    "int8range": "int8range",
    "integer": "integer",
    "interval": "interval",
    "json": "json",
    "jsonb": "jsonb",
    "line": "line",
    "lseg": "lseg",
    "ltree": "ltree",
    "macaddr": "macaddr",
    "money": "money",
    "numeric": "numeric",
    "numrange": "numrange",
    "oid": "oid",
    "path": "path",
    "point": "point",
    "polygon": "polygon",
    "primary_key": "bigserial",
    "serial": "serial",
    "smallint": "smallint",
    "string": "varchar",
    "text": "text",
    "time": "time",
    "timestamp": "timestamp",
    "timestamptz": "timestamptz",
    "tsrange": "tsrange",
    "tstzrange": "tstzrange",
    "tsvector": "tsvector",
    "uuid": "uuid",
    "virtual": "virtual",
    "xml": "xml",
}
_TIMES: Final = frozenset({"datetime", "interval", "time", "timestamp", "timestamptz"})
_BY_BYTES: Final = {2: "smallint", 4: "integer", 8: "bigint"}


def word(code: Code | None) -> str:
    """Return the characters of a string or symbol that is not computed; else nothing."""
    return code.value if isinstance(code, Text) and not code.is_partial else ""


def is_true(code: Code | None) -> bool:
    """Say whether a value is literally `true`."""
    return isinstance(code, Literal) and code.value is True


def _is_nil(code: Code) -> bool:
    return isinstance(code, Literal) and code.value is None


def is_false(code: Code | None) -> bool:
    """Say whether a value is literally `false`."""
    return isinstance(code, Literal) and code.value is False


def number(code: Code | None) -> int | None:
    """Return a whole number; None for anything else."""
    found = code.value if isinstance(code, Literal) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def type_of(kind: str, options: Call) -> str:
    """Return the PostgreSQL type of a column type with its options; one that Rails does not know is SQL."""
    known = TYPES.get(kind, kind or quoted(kind))
    limit = number(options.get("limit"))
    if kind == "enum":
        known = quoted(word(options.get("enum_type"))) if word(options.get("enum_type")) else "unknown_type"
    elif kind == "virtual":
        known = TYPES.get(word(options.get("type")), "unknown_type")
    elif kind == "integer" and limit is not None:
        known = _BY_BYTES.get(limit, "bigint" if limit > 4 else "integer")
    elif kind in ("string", "char", "bit", "bit_varying", "float") and limit is not None:
        known = f"{'float' if kind == 'float' else known}({limit})"
    elif kind in _TIMES:
        known += _sizes(number(options.get("precision")), None)
    elif kind in ("decimal", "numeric"):
        known += _sizes(number(options.get("precision")), number(options.get("scale")))
    known = f"{known}[]" if is_true(options.get("array")) else known
    return f'{known} COLLATE "{word(options.get("collation"))}"' if word(options.get("collation")) else known


def _sizes(precision: int | None, scale: int | None) -> str:
    if precision is None:
        return ""
    return f"({precision})" if scale is None else f"({precision}, {scale})"


def default_of(code: Code | None) -> Part | None:
    """Return a default as SQL; a lambda has SQL in it; None for no default, or one that is computed."""
    match code:
        case None | Literal(value=None):
            return None
        case Text() if not code.is_partial:
            return Written(literal(code.value), code.inner)
        case Literal(value=bool() as value):
            return "true" if value else "false"
        case Literal():
            return str(code.value)
        case Pairs(entries=()):
            return "'{}'"
        case Items(items=()):
            return "'{}'"
        case Pairs() | Items():
            written = json_of(code)
            return Written(literal(written), Span.of(code)) if written else None
        case _:
            return _in_lambda(code)


def _in_lambda(code: Code) -> Part | None:
    from rollsafe.formats.code import walk

    texts = [one for one in walk(code) if isinstance(one, Text) and not one.is_symbol]
    if len(texts) == 1 and not texts[0].is_partial:
        return Written(texts[0].value, texts[0].inner, texts[0].is_verbatim)
    return None


def json_of(code: Code) -> str:
    """Return a value as JSON; empty if a part of it is computed."""
    try:
        return json.dumps(_plain(code), separators=(",", ":"), ensure_ascii=False)
    except LookupError:
        return ""


def _plain(code: Code) -> object:
    match code:
        case Text() if not code.is_partial:
            return code.value
        case Literal():
            return code.value
        case Items():
            return [_plain(one) for one in code.items]
        case Pairs() if all(one.name for one in code.entries):
            return {one.name: _plain(one.value) for one in code.entries}
        case _:
            raise LookupError


def _listed(code: Items) -> str | None:
    """Return the items of an array as PostgreSQL writes one; None if one is computed."""
    words: list[str] = []
    for one in code.items:
        if not isinstance(one, Text | Literal) or (isinstance(one, Text) and one.is_partial):
            return None
        value = json.dumps(one.value, ensure_ascii=False) if one.value is not None else "NULL"
        is_plain = isinstance(one, Text) and re.fullmatch(r"\w+", one.value) and one.value.lower() != "null"
        words.append(str(one.value) if is_plain else value)
    return "{" + ",".join(words) + "}"


def column_of(named: Code | None, kind: str, options: Call) -> Column | None:
    """Return a column of a type with the options of a call; None if its name is computed."""
    column = name(named)
    if column is None:
        return None
    suffix: tuple[str, ...] = ()
    default = default_of(options.get("default"))
    given = options.get("default")
    if kind == "uuid" and isinstance(given, Text) and "()" in given.value and not given.is_partial:
        default = Written(given.value, given.inner, given.is_verbatim)  # Rails takes it for a call
    if is_true(options.get("array")) and isinstance(given, Items):
        listed = _listed(given)
        default = Written(literal(listed), Span.of(given)) if listed is not None else None
    if kind == "virtual":
        stored = "STORED" if is_true(options.get("stored")) else "VIRTUAL"
        suffix = (f"GENERATED ALWAYS AS ({word(options.get('as')) or 'NULL'}) {stored}",)
    # A default that only running the program tells is left out, and so is what would need it.
    is_computed = default is None and given is not None and not _is_nil(given)
    return Column(
        column,
        type_of(kind, options),
        required=True if is_false(options.get("null")) and not is_computed else None,
        default=default,
        is_primary=is_true(options.get("primary_key")) or kind == "primary_key",
        suffix=suffix,
    )


def reference_of(target: str, options: Call | Pairs | None) -> Reference:
    """Return what a foreign key points at, with the actions its options name."""
    key = word(options.get("primary_key")) if options is not None else ""
    return Reference(quoted_table(target), (quoted(key or "id"),), actions_of(options))


def actions_of(options: Call | Pairs | None) -> str:
    """Return the ON DELETE and ON UPDATE of options."""
    found: list[str] = []
    for key, words in (("on_delete", "ON DELETE"), ("on_update", "ON UPDATE")):
        value = word(options.get(key)) if options is not None else ""
        action = {"nullify": "SET NULL"}.get(value, ACTIONS.get(value.replace("_", " "), ""))
        found += [f"{words} {action}"] if action else []
    return " ".join(found)


def quoted_table(value: str) -> str:
    """Return a table name, possibly with its schema, as SQL."""
    return ".".join(quoted(part) for part in value.split("."))


def columns_of(code: Code | None) -> tuple[Text, ...]:
    """Return the columns of an index or a key: one, or several in an array; empty if one is computed."""
    if isinstance(code, Text):
        return () if code.is_partial else (code,)
    rows = code.items if isinstance(code, Items) else ()
    found = tuple(one for one in rows if isinstance(one, Text) and not one.is_partial)
    return found if len(found) == len(rows) else ()


def key_of(column: Text, options: Code | None = None) -> Part:
    """Return a column of an index; a string that is more than a name is an expression.

    `options` may say for all columns or for each its operator class and its order.
    """
    if not column.is_symbol and not re.fullmatch(r"\w+", column.value):
        return Written(column.value, column.inner, column.is_verbatim)
    asked = options if isinstance(options, Call | Pairs) else None
    extra = [_for_column(asked.get(one), column.value) for one in ("opclass", "order")] if asked else []
    words = "".join(f" {one}" for one in (extra[0], extra[1].upper()) if one) if extra else ""
    named = name(column) or column.value
    if not words:
        return named
    return Written(f"{named.text if isinstance(named, Written) else named}{words}", column.inner)


def _for_column(code: Code | None, column: str) -> str:
    return word(entries_of(code)[column].value) if column in entries_of(code) else word(code)


def index_name(table: str, columns: tuple[Text, ...]) -> str:
    """Return the name Rails gives an index."""
    if len(columns) == 1 and not re.fullmatch(r"\w+", columns[0].value):
        words = "_".join(re.findall(r"\w+", columns[0].value))
        return f"index_{table.replace('.', '_')}_on_{words}"
    return f"index_{table.replace('.', '_')}_on_{'_and_'.join(one.value for one in columns)}"


def foreign_key_name(table: str, column: str) -> str:
    """Return the name Rails gives a foreign key."""
    return f"fk_rails_{_digest(f'{table}_{column}_fk')}"


def check_name(table: str, expression: str) -> str:
    """Return the name Rails gives a check constraint."""
    return f"chk_rails_{_digest(f'{table}_{expression}_chk')}"


def _digest(text: str) -> str:
    from hashlib import sha256  # loads OpenSSL, and most runs name nothing

    return sha256(text.encode()).hexdigest()[:10]


_IRREGULAR: Final = {"person": "people", "child": "children", "man": "men", "mouse": "mice", "datum": "data"}
_SAME: Final = frozenset({"equipment", "information", "series", "species", "news"})


def plural(singular: str) -> str:
    """Return the table name of a model or reference, as Rails forms most plurals."""
    head, _, last = singular.rpartition("_")
    prefix = f"{head}_" if head else ""
    if last in _SAME:
        return singular
    if last in _IRREGULAR:
        return prefix + _IRREGULAR[last]
    if re.search(r"[^aeiou]y\Z", last):
        return f"{prefix}{last[:-1]}ies"
    if re.search(r"(?:s|x|z|ch|sh)\Z", last):
        return f"{prefix}{last}es"
    return f"{prefix}{last}s"


def singular(table: str) -> str:
    """Return the name a table's rows are referred to by."""
    for one, many in _IRREGULAR.items():
        if table.endswith(many):
            return table.removesuffix(many) + one
    if table.endswith("ies"):
        return f"{table[:-3]}y"
    if re.search(r"(?:ss|x|z|ch|sh)es\Z", table):
        return table[:-2]
    return table[:-1] if table.endswith("s") and not table.endswith("ss") else table


def underscored(constant: str) -> str:
    """Return the last part of a constant in snake case."""
    last = constant.rpartition("::")[2]
    return re.sub(r"(?<=[a-z0-9])([A-Z])|(?<!^)([A-Z])(?=[a-z])", r"_\1\2", last).lower()


def table_of_model(constant: str) -> str:
    """Return the table of a model; those of Rails' own engines begin with the engine's name."""
    engine, _, _ = constant.lstrip(":").rpartition("::")
    prefix = f"{underscored(engine)}_" if engine in _ENGINES else ""
    return prefix + plural(underscored(constant))


_ENGINES: Final = frozenset({"ActiveStorage", "ActionText", "ActionMailbox"})


def entries_of(code: Code | None) -> dict[str, Argument]:
    """Return the entries of a hash by name."""
    return {one.name: one for one in code.entries} if isinstance(code, Pairs) else {}
