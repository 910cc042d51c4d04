"""Django's model fields as PostgreSQL columns."""

from typing import Final

from rollsafe.artefacts.migrations.code.definitions import Column, Reference
from rollsafe.artefacts.migrations.code.script import Part, Written, literal
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Argument, Call, Code, Items, Literal, Name, Pairs, Text, walk
from rollsafe.text.records import record

_TYPES: Final = {
    "AutoField": "integer",
    "BigAutoField": "bigint",
    "BigIntegerField": "bigint",
    "BinaryField": "bytea",
    "BooleanField": "boolean",
    "CharField": "varchar",
    "CICharField": "citext",
    "CIEmailField": "citext",
    "CITextField": "citext",
    "CommaSeparatedIntegerField": "varchar",
    "DateField": "date",
    "DateRangeField": "daterange",
    "DateTimeField": "timestamp with time zone",
    "DateTimeRangeField": "tstzrange",
    "DecimalField": "numeric",
    "DecimalRangeField": "numrange",
    "DurationField": "interval",
    "EmailField": "varchar",
    "FileField": "varchar",
    "FilePathField": "varchar",
    "FloatField": "double precision",
    "GenericIPAddressField": "inet",
    "HStoreField": "hstore",
    "IPAddressField": "inet",
    "ImageField": "varchar",
    "IntegerField": "integer",
    "IntegerRangeField": "int4range",
    "BigIntegerRangeField": "int8range",
    "JSONField": "jsonb",
    "NullBooleanField": "boolean",
    "PositiveBigIntegerField": "bigint",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "smallint",
    "SearchVectorField": "tsvector",
    "SlugField": "varchar",
    "SmallAutoField": "smallint",
    "SmallIntegerField": "smallint",
    "TextField": "text",
    "TimeField": "time",
    "URLField": "varchar",
    "UUIDField": "uuid",
}
_LENGTHS: Final = {
    "EmailField": 254,
    "FileField": 100,
    "FilePathField": 100,
    "ImageField": 100,
    "SlugField": 50,
    "URLField": 200,
}
_RELATIONS: Final = frozenset({"ForeignKey", "OneToOneField", "ParentalKey", "TreeForeignKey"})
_POSITIVE: Final = frozenset({"PositiveBigIntegerField", "PositiveIntegerField", "PositiveSmallIntegerField"})
_INDEXED_BY_NATURE: Final = frozenset({"SlugField"})
_AUTO: Final = frozenset({"AutoField", "BigAutoField", "SmallAutoField"})


THE_SAME: Final = "self"
"""What a relation names that points at its own model."""


@record
class Field:
    """What a field is in the database.

    `default` is what the model fills in while the column is made, `db_default` what the database keeps.
    `target` is the table a relation points at. `is_indexed` tells of a plain index of its own.
    """

    column: Column
    name: str
    default: Part | None
    target: str | None
    is_unique: bool
    is_indexed: bool
    is_known: bool


def is_true(code: Code | None) -> bool:
    """Say whether a value is literally `True`."""
    return isinstance(code, Literal) and code.value is True


def is_false(code: Code | None) -> bool:
    """Say whether a value is literally `False`."""
    return isinstance(code, Literal) and code.value is False


def word(code: Code | None) -> str:
    """Return the characters of a string that is not computed; else nothing."""
    return code.value if isinstance(code, Text) and not code.is_partial else ""


def field_of(named: Code | None, described: Code | None, app: str) -> Field | None:
    """Return the field `named` that a call such as `models.CharField(…)` describes; None for many-to-many."""
    if not isinstance(named, Text) or named.is_partial or not isinstance(described, Call):
        return None
    kind = described.name
    if kind in ("ManyToManyField", "GenericRelation", "GenericForeignKey", "TaggableManager"):
        return None
    relation = kind in _RELATIONS or "to" in {one.name for one in described.named}
    column_name = word(described.get("db_column")) or (f"{named.value}_id" if relation else named.value)
    is_null = is_true(described.get("null")) or kind == "NullBooleanField"
    is_primary = is_true(described.get("primary_key"))
    target = _target(described, app) if relation else None
    database_default = expression(described.get("db_default"))
    constrained = relation and not is_false(described.get("db_constraint")) and target is not None
    column = Column(
        Written(quoted(column_name), named.inner, quoted(column_name) == named.value),
        _type(kind, described, is_relation=relation),
        required=None if is_null else True,
        default=database_default,
        is_primary=is_primary,
        references=Reference(target or "", ("id",), "DEFERRABLE INITIALLY DEFERRED") if constrained else None,
        suffix=tuple(_suffix(kind, described, column_name)),
    )
    unique = is_true(described.get("unique")) or kind == "OneToOneField"
    indexed = relation or kind in _INDEXED_BY_NATURE or is_true(described.get("db_index"))
    return Field(
        column,
        named.value,
        None if database_default is not None else _default(kind, described),
        target,
        is_unique=unique and not is_primary,
        is_indexed=indexed and not unique and not is_false(described.get("db_index")) and not is_primary,
        is_known=kind in _TYPES or relation,
    )


def _suffix(kind: str, call: Call, column: str) -> list[str]:
    if kind in _AUTO:
        return ["GENERATED BY DEFAULT AS IDENTITY"]
    if kind == "GeneratedField":
        stored = "VIRTUAL" if is_false(call.get("db_persist")) else "STORED"
        return [f"GENERATED ALWAYS AS (computed_expression()) {stored}"]
    if kind in _POSITIVE:
        return [f"CHECK ({quoted(column)} >= 0)"]
    return []


def _type(kind: str, call: Call, *, is_relation: bool) -> str:
    if is_relation:
        return "bigint"
    if kind == "ArrayField":
        inner = call.at(0, "base_field")
        return f"{_type(inner.name, inner, is_relation=False)}[]" if isinstance(inner, Call) else "text[]"
    if kind == "GeneratedField":
        inner = call.get("output_field")
        return _type(inner.name, inner, is_relation=False) if isinstance(inner, Call) else "text"
    known = _TYPES.get(kind)
    if known is None:
        return quoted(kind.lower())
    if known == "varchar":
        length = _number(call.get("max_length"), _LENGTHS.get(kind))
        return f"varchar({length})" if length is not None else "varchar"
    if known == "numeric":
        digits, places = _number(call.get("max_digits")), _number(call.get("decimal_places"))
        return f"numeric({digits}, {places})" if digits is not None and places is not None else "numeric"
    return known


def _number(code: Code | None, otherwise: int | None = None) -> int | None:
    found = code.value if isinstance(code, Literal) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else otherwise


def _default(kind: str, call: Call) -> Part | None:
    """Return the value rows get while the column is made; a callable is called once for all of them."""
    if is_true(call.get("auto_now")) or is_true(call.get("auto_now_add")):
        return "'2000-01-01'"
    given = call.get("default")
    if given is None:
        return "''" if _is_empty_text(kind, call) else None
    if isinstance(given, Literal) and given.value is None:
        return None
    return expression(given) or "'computed'"


def _is_empty_text(kind: str, call: Call) -> bool:
    """Say whether a missing value is the empty string: where blank is allowed and NULL is not."""
    textual = _TYPES.get(kind) in ("varchar", "text")
    return textual and is_true(call.get("blank")) and not is_true(call.get("null"))


def expression(code: Code | None) -> Part | None:
    """Return a literal value as SQL, `Now()` as now(); None for none, or for anything computed."""
    match code:
        case Text() if not code.is_partial:
            return Written(literal(code.value), code.inner)
        case Literal(value=None) | None:
            return None
        case Literal(value=bool() as value):
            return "true" if value else "false"
        case Literal():
            return str(code.value)
        case Items() | Pairs():
            return "'{}'"
        case Call() if code.name in ("Now", "now"):
            return "now()"
        case Call() if code.name in ("RandomUUID",):
            return "gen_random_uuid()"
        case Call() if code.name == "Value":
            return expression(code.at(0))
        case _:
            return None


def _target(call: Call, app: str) -> str | None:
    """Return the table a relation points at, by the default name of its model."""
    code = call.at(0, "to")
    value = code.path if isinstance(code, Name) else word(code)
    if value in ("settings.AUTH_USER_MODEL", "AUTH_USER_MODEL"):
        return "auth_user"
    if isinstance(code, Call) and code.name == "swappable_dependency":
        return "auth_user"
    if not value or isinstance(code, Name):
        return None
    if value == "self":
        return THE_SAME
    label, _, model = value.rpartition(".")
    return quoted(f"{label or app}_{model}".lower())


def entries(code: Code | None) -> dict[str, Argument]:
    """Return the entries of a dict by name."""
    return {one.name: one for one in code.entries} if isinstance(code, Pairs) else {}


def texts(code: Code | None) -> list[str]:
    """Return the strings in a list, also in lists within it."""
    return [one.value for one in walk(code) if isinstance(one, Text)] if code is not None else []
