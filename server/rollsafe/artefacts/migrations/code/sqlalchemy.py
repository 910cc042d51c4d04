"""SQLAlchemy's columns, types and constraints as PostgreSQL has them."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import ACTIONS, Column, Key, Reference, separated
from rollsafe.artefacts.migrations.code.script import Part, Written, literal, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Function, Items, Literal, Name, Program, Text, walk
from rollsafe.text.patterns import lazily

_TYPES: Final = {
    "AUTOSTRING": "varchar",
    "BIGINT": "bigint",
    "BIGINTEGER": "bigint",
    "BIT": "bit",
    "BLOB": "bytea",
    "BOOLEAN": "boolean",
    "BYTEA": "bytea",
    "CHAR": "char",
    "CIDR": "cidr",
    "CITEXT": "citext",
    "CLOB": "text",
    "DATE": "date",
    "DATERANGE": "daterange",
    "DATETIME": "timestamp",
    "DECIMAL": "numeric",
    "DOUBLE": "double precision",
    "DOUBLE_PRECISION": "double precision",
    "FLOAT": "double precision",
    "HSTORE": "hstore",
    "INET": "inet",
    "INT": "integer",
    "INT4RANGE": "int4range",
    "INT8RANGE": "int8range",
    "INTEGER": "integer",
    "INTERVAL": "interval",
    "JSON": "json",
    "JSONB": "jsonb",
    "LARGEBINARY": "bytea",
    "MACADDR": "macaddr",
    "MONEY": "money",
    "NUMERIC": "numeric",
    "NUMRANGE": "numrange",
    "OID": "oid",
    "PICKLETYPE": "bytea",
    "REAL": "real",
    "SMALLINT": "smallint",
    "SMALLINTEGER": "smallint",
    "STRING": "varchar",
    "TEXT": "text",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TSRANGE": "tsrange",
    "TSTZRANGE": "tstzrange",
    "TSVECTOR": "tsvector",
    "UNICODE": "varchar",
    "UNICODETEXT": "text",
    "UUID": "uuid",
    "VARCHAR": "varchar",
}
_SERIALS: Final = {"integer": "serial", "bigint": "bigserial", "smallint": "smallserial"}
_SIZED: Final = frozenset({"varchar", "char", "bit", "numeric"})
_ZONED: Final = frozenset({"time", "timestamp"})
_UNKNOWN: Final = "unknown_type"
_QUOTED: Final = lazily(r"'[^']*'")


def type_of(code: Code | None) -> str:
    """Return the PostgreSQL type of a type object; one nobody knows is a type of the user's own."""
    path = code.path if isinstance(code, Call | Name) else ""
    word = path.rpartition(".")[2]
    if not isinstance(code, Call):
        return _TYPES.get(word.upper(), quoted(word.lower()) if word else _UNKNOWN)
    if word == "with_variant":
        return type_of(_variant(code))
    if word.upper() == "ARRAY":
        return f"{type_of(code.at(0, 'item_type'))}[]"
    if word.upper() == "ENUM":
        return _enum(code)
    known = _TYPES.get(word.upper())
    if known is None:
        return quoted(word.lower())
    return known + _modifiers(known, code)


def _variant(code: Call) -> Code | None:
    """Return the one of a type's variants that PostgreSQL gets."""
    wanted = any(isinstance(one, Text) and one.value == "postgresql" for one in code.arguments[1:])
    return code.at(0) if wanted else code.on


_OWN: Final = ("sqlalchemy.", "geoalchemy2.", "pgvector.")


def is_told(code: Code | None, program: Program) -> bool:
    """Say whether a type object tells what PostgreSQL gets: it is SQLAlchemy's own, and for that database."""
    while isinstance(code, Call) and code.name == "with_variant":
        code = _variant(code)
    path = code.path if isinstance(code, Call | Name) else ""
    full, word = program.full_name(path), path.rpartition(".")[2].upper()
    if ".dialects." in full and ".postgresql" not in full:
        return False
    return word in _TYPES or word in ("ARRAY", "ENUM") or full.startswith(_OWN)


def told_type(code: Code | None, program: Program) -> str:
    """Return the PostgreSQL type of a type object that tells it, else an empty string."""
    return type_of(code) if is_told(code, program) else ""


def _modifiers(known: str, code: Call) -> str:
    if known in _ZONED:
        return " with time zone" if _is_true(code.at(0, "timezone")) else ""
    if known not in _SIZED:
        return ""
    numbers = (code.at(0, "length", "precision"), code.at(1, "scale"))
    sizes = [str(one.value) for one in numbers if isinstance(one, Literal) and isinstance(one.value, int)]
    return f"({', '.join(sizes)})" if sizes else ""


def _enum(code: Call) -> str:
    """Return the name of an enum; one without a name, or without a type of its own, is text."""
    named = code.get("name")
    native = code.get("native_enum")
    if isinstance(native, Literal) and native.value is False:
        return "varchar"
    return quoted(named.value.lower()) if isinstance(named, Text) and named.value else _UNKNOWN


def enums_of(code: Code | None) -> Iterator[tuple[str, Call]]:
    """Yield the enum a type object makes when it is first used: its name, and the call that describes it."""
    if isinstance(code, Call) and code.name.upper() == "ENUM":
        creates = code.get("create_type")
        if _enum(code) not in ("varchar", _UNKNOWN) and not (
            isinstance(creates, Literal) and creates.value is False
        ):
            yield _enum(code), code


def _default(code: Code | None) -> Part | None:
    """Return what a column's default is; one that is computed is a default as well."""
    return expression(code) if code is None else expression(code) or "computed_default()"


def _is_true(code: Code | None) -> bool:
    return isinstance(code, Literal) and code.value is True


def _is_false(code: Code | None) -> bool:
    return isinstance(code, Literal) and code.value is False


def expression(code: Code | None, *, is_text: bool = False) -> Part | None:
    """Return an SQL expression: a string as a literal, or as SQL if `is_text`; `text("…")` as SQL."""
    match code:
        case Call(name="text" | "literal_column" | "sql" | "raw") if code.arguments:
            return expression(code.arguments[0], is_text=True)
        case Text() if is_text:
            return _sql(code)
        case Text():
            return Written(literal(code.value), code.inner)
        case Literal(value=bool() as value):
            return "true" if value else "false"
        case Literal(value=None):
            return "NULL"
        case Literal():
            return str(code.value)
        case Call() if code.name in ("now", "current_timestamp", "utcnow"):
            return "now()" if code.name != "utcnow" else "timezone('utc', now())"
        case Call() if isinstance(code.on, Name) and code.on.path.rpartition(".")[2] == "func":
            return f"{code.name}()"
        case Call():
            # `sa.false()` and the like are values.
            return code.name if code.name in ("false", "true", "null") else "computed_default()"
        case _:
            return None


def exclusion_of(pairs: Iterable[Code]) -> tuple[Part, ...]:
    """Return the body of an exclusion constraint: what is compared, and by which operator."""
    rows = (one for one in pairs if isinstance(one, Items) and len(one.items) == 2)
    body: list[Part] = []
    for row in rows:
        keys, operator = names_of(Items(row.start, row.end, row.items[:1])), row.items[1]
        if keys and isinstance(operator, Text):
            body += [", "] if body else []
            body += [keys[0], f" WITH {operator.value}"]
    return tuple(body)


def _sql(code: Text) -> Part | None:
    """Return a string as SQL; one with computed parts only in quotes: it is a value whatever is in it."""
    known = not code.is_partial or _QUOTED.fullmatch(code.value) is not None
    return Written(code.value, code.inner, code.is_verbatim) if known else None


def column_of(code: Code) -> Column | None:
    """Return what a `Column(…)` describes; None for anything else, or a computed name."""
    if not isinstance(code, Call) or code.name != "Column" or not code.arguments:
        return None
    named = name(code.arguments[0])
    if named is None:
        return None
    rest = code.arguments[1:]
    is_primary = _is_true(code.get("primary_key"))
    typed = type_of(code.get("type_") or next((one for one in rest if not _is_item(one)), None))
    suffix = tuple(_suffixes(rest))
    if is_primary and not suffix and not _is_false(code.get("autoincrement")) and not _foreign(rest):
        typed = _SERIALS.get(typed, typed)
    default = code.get("server_default")
    nullable = code.get("nullable")
    generated = _generated(default)
    return Column(
        named,
        typed,
        required=None if is_primary else _is_false(nullable) or None,
        default=_default(default) if generated is None else None,
        is_primary=is_primary,
        is_unique=_is_true(code.get("unique")),
        references=_foreign(rest),
        suffix=suffix if generated is None else (generated,),
    )


_ITEMS: Final = frozenset(
    {"ForeignKey", "Identity", "Computed", "CheckConstraint", "Sequence", "FetchedValue"}
)


def _is_item(code: Code) -> bool:
    return isinstance(code, Call) and code.name in _ITEMS


def _generated(code: Code | None) -> str | None:
    return next(iter(_suffixes((code,))), None) if code is not None else None


def _suffixes(codes: Iterable[Code]) -> Iterator[str]:
    for one in codes:
        if not isinstance(one, Call):
            continue
        if one.name == "Identity":
            yield f"GENERATED {'ALWAYS' if _is_true(one.get('always')) else 'BY DEFAULT'} AS IDENTITY"
        elif one.name == "Computed" and isinstance(sql := one.at(0, "sqltext"), Text) and not sql.is_partial:
            kind = "VIRTUAL" if _is_false(one.get("persisted")) else "STORED"
            yield f"GENERATED ALWAYS AS ({sql.value}) {kind}"
        elif one.name == "CheckConstraint" and isinstance(sql := one.at(0, "sqltext"), Text):
            yield f"CHECK ({sql.value})"


def _foreign(codes: Iterable[Code]) -> Reference | None:
    for one in codes:
        if isinstance(one, Call) and one.name == "ForeignKey" and one.arguments:
            target = one.arguments[0]
            if isinstance(target, Text) and not target.is_partial and "." in target.value:
                table, _, column = target.value.rpartition(".")
                return Reference(dotted(table), (quoted(column),), actions_of(one), given(one.get("name")))
    return None


def dotted(value: str) -> str:
    """Return a name with its schema as SQL."""
    return ".".join(quoted(part) for part in value.split("."))


def actions_of(call: Call) -> str:
    """Return what a foreign key says about rows that go or change, as SQL."""
    found: list[str] = []
    for key, words in (("ondelete", "ON DELETE"), ("onupdate", "ON UPDATE")):
        value = call.get(key)
        if isinstance(value, Text) and value.value.lower() in ACTIONS:
            found.append(f"{words} {ACTIONS[value.value.lower()]}")
    return " ".join(found)


def names_of(code: Code | None) -> tuple[Part, ...] | None:
    """Return the columns and expressions a list names; None if one of them is computed."""
    rows = code.items if isinstance(code, Items) else (code,) if isinstance(code, Text) else ()
    found = [_key(one) for one in rows]
    return tuple(one for one in found if one is not None) if found and None not in found else None


def _key(code: Code) -> Part | None:
    if isinstance(code, Call):
        inner = expression(code)
        if code.name in ("text", "literal_column"):
            # What is given as SQL stands there as it is, `code DESC` for example.
            return inner
        return f"({inner.text if isinstance(inner, Written) else inner})" if inner is not None else None
    return name(code)


def given(code: Code | None) -> Part | None:
    """Return a name like `name`, also one that no naming convention is to change: `op.f("…")`."""
    if isinstance(code, Call) and code.name == "f" and len(code.arguments) == 1:
        return name(code.arguments[0])
    return name(code)


def constraint_of(code: Code) -> Key | None:
    """Return the table constraint a call such as `UniqueConstraint(…)` describes."""
    if not isinstance(code, Call):
        return None
    named = given(code.get("name"))
    match code.name:
        case "PrimaryKeyConstraint" | "UniqueConstraint":
            columns = names_of(Items(code.start, code.end, code.arguments))
            kind = "PRIMARY KEY" if code.name.startswith("Primary") else "UNIQUE"
            return Key(kind, named, tuple(separated(columns))) if columns else None
        case "ForeignKeyConstraint":
            return _foreign_key(code, named)
        case "CheckConstraint":
            sql = expression(code.at(0, "sqltext"), is_text=True)
            return Key("CHECK", named, (sql,)) if sql is not None else None
        case _:
            return None


def _foreign_key(code: Call, named: Part | None) -> Key | None:
    columns, targets = names_of(code.at(0, "columns")), code.at(1, "refcolumns")
    if columns is None or not isinstance(targets, Items):
        return None
    texts = [one.value for one in targets.items if isinstance(one, Text)]
    if not texts or any("." not in one for one in texts):
        return None
    tables = {one.rpartition(".")[0] for one in texts}
    points = tuple(quoted(one.rpartition(".")[2]) for one in texts)
    reference = Reference(dotted(min(tables)), points, actions_of(code))
    return Key("FOREIGN KEY", named, tuple(separated(columns)), reference)


def strings_of(code: Code | None) -> tuple[str, ...]:
    """Return the strings of a list, or the only one; what is computed is left out."""
    found = code.items if isinstance(code, Items) else (code,)
    return tuple(one.value for one in found if isinstance(one, Text) and not one.is_partial)


def raises(function: Function) -> bool:
    """Say whether a function refuses to go back."""
    parts = [one for one in walk(function) if isinstance(one, Call | Name)]
    errors = (one.name if isinstance(one, Call) else one.path for one in parts)
    return any(word.endswith(("Error", "Exception", "Irreversible")) for word in errors)


def bare(column: Column) -> Column:
    """Return a column without its keys, which SQLAlchemy writes as constraints of the table."""
    required = column.required or (column.is_primary and not column.suffix)
    return Column(column.name, column.type, required or None, column.default, suffix=column.suffix)


def in_order(columns: list[Column], keys: list[Key]) -> list[Key]:
    """Return the constraints of a new table as SQLAlchemy orders them: the primary key comes first."""
    primary = [column.name for column in columns if column.is_primary]
    own = [Key("PRIMARY KEY", None, tuple(separated(primary)))] if primary else []
    own += [one for one in keys if one.kind == "PRIMARY KEY"]
    for column in columns:
        points = column.references
        own += [Key("FOREIGN KEY", points.name, (column.name,), points)] if points is not None else []
        own += [Key("UNIQUE", None, (column.name,))] if column.is_unique else []
    return [*own, *(one for one in keys if one.kind != "PRIMARY KEY")]
