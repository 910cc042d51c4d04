"""TypeORM's `TableColumn` as PostgreSQL's column."""

from typing import Final

from rollsafe.artefacts.migrations.code.definitions import Column, text_of
from rollsafe.artefacts.migrations.code.javascript import is_true, number_of, value_of
from rollsafe.artefacts.migrations.code.javascript import text_of as told
from rollsafe.artefacts.migrations.code.script import Part, Written, literal, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Items, Literal, Pairs, Text

_SERIALS: Final = {
    "bigint": "bigserial",
    "int": "serial",
    "int2": "smallserial",
    "int4": "serial",
    "int8": "bigserial",
    "integer": "serial",
    "smallint": "smallserial",
}
_TIMES: Final = {
    "time with time zone": ("time", " with time zone"),
    "time without time zone": ("time", ""),
    "timestamp with time zone": ("timestamp", " with time zone"),
    "timestamp without time zone": ("timestamp", ""),
}
_TEXTS: Final = {"simple-array": "text", "simple-json": "text"}
_ENUMS: Final = ("enum", "simple-enum")


def options_of(code: Code | None) -> Pairs | None:
    """Return what an object such as `new TableColumn({…})` is made of, or the options themselves."""
    if isinstance(code, Call) and code.name.startswith(("Table", "View")):
        code = code.at(0)
    return code if isinstance(code, Pairs) else None


def column_of(table: str, options: Pairs) -> Column | None:
    """Return the column that options describe; None where its name or type is computed."""
    named, kind = name(options.get("name")), told(options.get("type"))
    if named is None:
        return None
    generated = is_true(options.get("isGenerated"))
    strategy = told(options.get("generationStrategy"))
    suffix: tuple[Part, ...] = ()
    typed: Part = _type(table, options, kind)
    if generated and strategy == "identity":
        typed = kind
        suffix = (f"GENERATED {told(options.get('generatedIdentity')) or 'BY DEFAULT'} AS IDENTITY",)
    elif generated and strategy != "uuid":
        typed = _SERIALS.get(kind, typed)
    stored = options.get("asExpression")
    if told(options.get("generatedType")) == "STORED" and isinstance(stored, Text):
        suffix = (*suffix, f"GENERATED ALWAYS AS ({stored.value}) STORED")
    default = default_of(options.get("default"))
    if default is None and generated and strategy == "uuid":
        default = "uuid_generate_v4()"
    collation = told(options.get("collation"))
    return Column(
        named,
        f"{text_of(typed)} COLLATE {quoted(collation)}" if collation else typed,
        required=True if not is_true(options.get("isNullable")) else None,
        default=default,
        suffix=suffix,
    )


def _type(table: str, options: Pairs, kind: str) -> str:
    enum = enum_of(table, options)
    if enum is not None:
        return enum + _array(options)
    length = value_of(options.get("length"))
    precision, scale = number_of(options.get("precision")), number_of(options.get("scale"))
    sizes = [str(one) for one in (precision, scale) if one is not None] if not length else [str(length)]
    size = f"({', '.join(sizes)})" if sizes and (precision is not None or length) else ""
    if kind in _TIMES:
        first, last = _TIMES[kind]
        return f"{first}{size}{last}{_array(options)}"
    return f"{_TEXTS.get(kind, kind) or 'computed_type'}{size}{_array(options)}"


def _array(options: Pairs) -> str:
    return "[]" if is_true(options.get("isArray")) else ""


def enum_of(table: str, options: Pairs) -> str | None:
    """Return the name of the enum type of a column; None for a column of another type."""
    if told(options.get("type")) not in _ENUMS:
        return None
    schema, _, plain = table.rpartition(".")
    own = told(options.get("enumName")) or f"{plain}_{told(options.get('name')).lower()}_enum"
    return ".".join(quoted(one) for one in (schema, own) if one)


def values_of(options: Pairs) -> str:
    """Return the values of an enum, as a list in SQL."""
    listed = options.get("enum")
    rows = listed.items if isinstance(listed, Items) else ()
    values = [value for one in rows if isinstance(value := value_of(one), str)]
    return ", ".join(map(literal, values)) or "'computed'"


def default_of(code: Code | None) -> Part | None:
    """Return a default, which is SQL as it stands; None for none."""
    match code:
        case Text(is_partial=False):
            return Written(code.value, code.inner, code.is_verbatim)
        case Literal(value=None) | None:
            return None
        case Literal():
            return str(code.value).lower()
        case _:
            return "'computed'"
