"""Django's model fields as PostgreSQL columns."""

from collections.abc import Callable
from typing import Final, TypeAlias

from rollsafe.artefacts.migrations.code.definitions import text_of
from rollsafe.artefacts.migrations.code.script import Part, Written, literal
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Argument, Call, Code, Items, Literal, Name, Pairs, Text, walk
from rollsafe.text.records import record, replace

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
_MANY: Final = "ManyToManyField"
"""How the names of such fields end: of Django's own, and of those others make of it."""
_NO_COLUMN: Final = ("GenericForeignKey", "GenericRelation", "TaggableManager")
_POSITIVE: Final = frozenset({"PositiveBigIntegerField", "PositiveIntegerField", "PositiveSmallIntegerField"})
_INDEXED_BY_NATURE: Final = frozenset({"SlugField"})
AUTO: Final = frozenset({"AutoField", "BigAutoField", "SmallAutoField"})
_NOT_OF_THE_DATABASE: Final = frozenset(
    {
        "blank",
        "choices",
        "db_column",
        "editable",
        "error_messages",
        "help_text",
        "limit_choices_to",
        "on_delete",
        "related_name",
        "related_query_name",
        "validators",
        "verbose_name",
    }
)
"""What may differ in a field without Django touching the database."""

Key: TypeAlias = tuple[str, str]
"""A model: its app, and its name in lower case."""

UNKNOWN_TYPE: Final = "computed_type"
"""Stands for the type of a column that refers to a model nobody has told of."""


@record
class Join:
    """What a many-to-many field says of its table: its name if given, and whether a model has it."""

    table: str
    has_model: bool


@record
class Field:
    """What a field is in the database, as far as a migration says it.

    `type` is empty for a relation, which has the type of what it points at: the model `target`, by its
    field `to_field` or else its key. Of a kind that is not known, which a project may have made itself,
    nobody knows whether it takes NULL. `default` is what the model fills in while the column is made,
    `db_default` what the database keeps. `is_indexed` tells of a plain index of its own. `told` is all that
    Django compares to find out whether anything changed. A field with a `join` has a table in the place of
    a column.
    """

    name: str
    kind: str
    column: str
    type: str
    is_known: bool
    is_null: bool = False
    is_primary: bool = False
    is_unique: bool = False
    is_indexed: bool = False
    is_constrained: bool = False
    default: str | None = None
    db_default: str | None = None
    target: Key | None = None
    to_field: str = ""
    suffix: tuple[str, ...] = ()
    told: tuple[object, ...] = ()
    join: Join | None = None

    @property
    def is_relation(self) -> bool:
        """Whether the column refers to another model."""
        return not self.type and self.join is None


@record
class Said:
    """A field, and the parts of it with their places in the file that says it now."""

    field: Field
    name: Part
    default: Part | None = None
    db_default: Part | None = None

    @classmethod
    def plainly(cls, field: Field) -> "Said":
        """Return a field that another file said."""
        return cls(field, quoted(field.column), field.default, field.db_default)


def is_true(code: Code | None) -> bool:
    """Say whether a value is literally `True`."""
    return isinstance(code, Literal) and code.value is True


def is_false(code: Code | None) -> bool:
    """Say whether a value is literally `False`."""
    return isinstance(code, Literal) and code.value is False


def word(code: Code | None) -> str:
    """Return the characters of a string that is not computed; else nothing."""
    return code.value if isinstance(code, Text) and not code.is_partial else ""


Target: TypeAlias = Callable[[Code | None], "Key | None"]
"""Returns the model that a relation names; None where that is not known."""


def field_of(named: Code | None, described: Code | None, target: Target) -> Said | None:
    """Return the field `named` that a call such as `models.CharField(…)` describes; None without one."""
    if not isinstance(named, Text) or named.is_partial or not isinstance(described, Call):
        return None
    kind = described.name
    if kind.endswith(_NO_COLUMN):
        return None
    if kind.endswith(_MANY):
        points = target(described.at(0, "to"))
        join = Join(word(described.get("db_table")), described.get("through") is not None)
        told = _told(described, points)
        field = Field(named.value, kind, "", "", is_known=True, target=points, told=told, join=join)
        return Said(field, quoted(named.value))
    relation = kind in _RELATIONS or "to" in {one.name for one in described.named}
    column = word(described.get("db_column")) or (f"{named.value}_id" if relation else named.value)
    database_default = expression(described.get("db_default"))
    default = None if database_default is not None else _default(kind, described)
    place = Written(quoted(column), named.inner, quoted(column) == named.value)
    field = _field(named.value, column, described, target if relation else None)
    filled = None if default is None else text_of(default)
    kept = None if database_default is None else text_of(database_default)
    return Said(replace(field, default=filled, db_default=kept), place, default, database_default)


def _field(name: str, column: str, call: Call, target: Target | None) -> Field:
    kind = call.name
    is_primary = is_true(call.get("primary_key"))
    unique = is_true(call.get("unique")) or kind == "OneToOneField"
    indexed = target is not None or kind in _INDEXED_BY_NATURE or is_true(call.get("db_index"))
    points = target(call.at(0, "to")) if target is not None else None
    return Field(
        name,
        kind,
        column,
        "" if target is not None else _type(kind, call),
        is_known=kind in _TYPES or target is not None,
        is_null=is_true(call.get("null")) or kind == "NullBooleanField",
        is_primary=is_primary,
        is_unique=unique and not is_primary,
        is_indexed=indexed and not unique and not is_false(call.get("db_index")) and not is_primary,
        is_constrained=target is not None and not is_false(call.get("db_constraint")),
        target=points,
        to_field=word(call.get("to_field")),
        suffix=tuple(_suffix(kind, call, column)),
        told=_told(call, points),
    )


def _told(call: Call, target: Key | None) -> tuple[object, ...]:
    """Return what of a field Django compares, order aside; a model that is known counts by itself."""
    rows = (one for one in call.named if one.name not in _NOT_OF_THE_DATABASE)
    named = sorted((one.name, _said(one.value)) for one in rows if target is None or one.name != "to")
    plain = call.arguments[:1] if target is None else ()
    return (call.name, tuple(_said(one) for one in plain), tuple(named))


def _said(code: Code) -> str:
    match code:
        case Text():
            return repr(code.value)
        case Literal():
            return repr(code.value)
        case Name():
            return code.path
        case Call():
            named = [f"{one.name}={_said(one.value)}" for one in code.named]
            return f"{code.name}({', '.join([*map(_said, code.arguments), *named])})"
        case Items():
            return f"[{', '.join(map(_said, code.items))}]"
        case _:
            return type(code).__name__


def _suffix(kind: str, call: Call, column: str) -> list[str]:
    if kind in AUTO:
        return ["GENERATED BY DEFAULT AS IDENTITY"]
    if kind == "GeneratedField":
        stored = "VIRTUAL" if is_false(call.get("db_persist")) else "STORED"
        return [f"GENERATED ALWAYS AS (computed_expression()) {stored}"]
    if kind in _POSITIVE:
        return [f"CHECK ({quoted(column)} >= 0)"]
    return []


def _type(kind: str, call: Call) -> str:
    if kind == "ArrayField":
        inner = call.at(0, "base_field")
        return f"{_type(inner.name, inner)}[]" if isinstance(inner, Call) else "text[]"
    if kind == "GeneratedField":
        inner = call.get("output_field")
        return _type(inner.name, inner) if isinstance(inner, Call) else "text"
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
    if isinstance(given, Name) and given.path in _EMPTY and kind == "JSONField":
        return f"'{_EMPTY[given.path]}'::jsonb"
    return expression(given) or "'computed'"


_EMPTY: Final = {"dict": "{}", "list": "[]"}
"""What the types make that are used as defaults."""


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


def entries(code: Code | None) -> dict[str, Argument]:
    """Return the entries of a dict by name."""
    return {one.name: one for one in code.entries} if isinstance(code, Pairs) else {}


def texts(code: Code | None) -> list[str]:
    """Return the strings in a list, also in lists within it."""
    return [one.value for one in walk(code) if isinstance(one, Text)] if code is not None else []
