"""Fields of messages and values of enums in two revisions."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts.changes.model import Effect
from rollsafe.artefacts.contracts.changes.proto_model import ProtoChange
from rollsafe.artefacts.contracts.proto import ProtoField, ProtoPart

_BINARY: Final = (
    frozenset({"int32", "uint32", "int64", "uint64", "bool", "enum"}),
    frozenset({"sint32", "sint64"}),
    frozenset({"fixed32", "sfixed32"}),
    frozenset({"fixed64", "sfixed64"}),
)
"""Types whose values are read as each other's, up to their range."""
_TEXT: Final = frozenset({"string", "bytes"})
_JSON: Final = (
    frozenset({"int32", "uint32"}),
    frozenset({"int64", "uint64"}),
    frozenset({"fixed32", "sfixed32"}),
    frozenset({"fixed64", "sfixed64"}),
)
_BASIC: Final = frozenset(
    {
        *("double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32"),
        *("fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes"),
    }
)


def field_changes(was: ProtoPart, now: ProtoPart, enums: frozenset[str]) -> Iterator[ProtoChange]:
    """Yield what became of the fields or values of a part; `enums` are names of enums, for their types."""
    since: dict[int, list[ProtoField]] = {}
    for field in now.fields:
        since.setdefault(field.number, []).append(field)
    for field in was.fields:
        others = since.get(field.number)
        if others is None:
            if not now.keeps(field.number):
                yield _gone(was, now, field)
            continue
        other = next((one for one in others if one.name == field.name), None)
        if other is None:
            yield _renamed(was, field, others[0])
            other = others[0]
        if was.kind != "enum":
            yield from _field(was.name, field, other, enums)
        if field.oneof and field.oneof != other.oneof:
            yield _out_of_group(was, now, field, other)
    if was.kind == "message":
        yield from _required(was, now)
    yield from _unreserved(was, now)


def _renamed(was: ProtoPart, field: ProtoField, other: ProtoField) -> ProtoChange:
    what, kind = _kind(was)
    words = f"is `{other.name}` instead of `{field.name}`"
    message = f"the {what} {field.number} of `{was.name}` {words}"
    peers: tuple[str, ...] = (f"buf:{kind}_SAME_NAME",)
    if kind == "FIELD" and field.json != other.json:
        peers = (*peers, "buf:FIELD_SAME_JSON_NAME")
    return ProtoChange(message, other.place, field.place, peers, False, False)


def _gone(was: ProtoPart, now: ProtoPart, field: ProtoField) -> ProtoChange:
    what, kind = _kind(was)
    moved = next((one for one in now.fields if one.name == field.name), None)
    if moved is not None:
        words = f"has the number {moved.number} instead of {field.number}"
    else:
        words = f"is gone, and its number {field.number} is not reserved"
    message = f"the {what} `{field.name}` of `{was.name}` {words}"
    place = moved.place if moved is not None else now.place
    number = field.number if moved is None else None
    peers: tuple[str, ...] = (f"buf:{kind}_NO_DELETE", f"buf:{kind}_NO_DELETE_UNLESS_NUMBER_RESERVED")
    if field.name not in now.reserved_names:
        peers = (*peers, f"buf:{kind}_NO_DELETE_UNLESS_NAME_RESERVED")
    return ProtoChange(message, place, field.place, peers, moved is None, True, number=number)


def _kind(part: ProtoPart) -> tuple[str, str]:
    return ("value", "ENUM_VALUE") if part.kind == "enum" else ("field", "FIELD")


def _field(owner: str, was: ProtoField, now: ProtoField, enums: frozenset[str]) -> Iterator[ProtoChange]:
    what = f"the field `{owner}.{now.name}`"
    if _holds_many(was) != _holds_many(now):
        form = "a list" if now.is_repeated else "a map" if now.type.startswith("map<") else "one value"
        yield ProtoChange(f"{what} is {form} now", now.place, was.place, _MANY, False, True)
    if simple(was.type) != simple(now.type):
        yield _type(what, was, now, enums)
    if now.oneof and not was.oneof:
        message, own = f"{what} is one of `{now.oneof}` now", ("buf:FIELD_SAME_ONEOF",)
        yield ProtoChange(message, now.place, was.place, own, False, False)
    if was.name == now.name and was.json != now.json:
        message = f"{what} is called `{now.json}` in JSON instead of `{was.json}`"
        peers = ("buf:FIELD_SAME_JSON_NAME",)
        yield ProtoChange(message, now.place, was.place, peers, False, False)
    if was.default != now.default:
        message = f"{what} is {_default(now)} where it is not sent, instead of {_default(was)}"
        peers = ("buf:FIELD_SAME_DEFAULT",)
        yield ProtoChange(message, now.place, was.place, peers, False, False)


def _out_of_group(was: ProtoPart, now: ProtoPart, field: ProtoField, other: ProtoField) -> ProtoChange:
    """Return that a field is in another group than it was, of which one field is set, or in none."""
    form = f"one of `{other.oneof}` now" if other.oneof else f"no longer one of `{field.oneof}`"
    peers: tuple[str, ...] = ("buf:FIELD_SAME_ONEOF",)
    first = next(one for one in was.fields if one.oneof == field.oneof)
    if first is field and all(one.oneof != field.oneof for one in now.fields):
        peers = (*peers, "buf:ONEOF_NO_DELETE")
    message = f"the field `{was.name}.{other.name}` is {form}"
    return ProtoChange(message, other.place, field.place, peers, False, False)


_MANY: Final = (
    "buf:FIELD_SAME_CARDINALITY",
    "buf:FIELD_SAME_LABEL",
    "buf:FIELD_WIRE_COMPATIBLE_CARDINALITY",
    "buf:FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
)


def _holds_many(field: ProtoField) -> bool:
    return field.is_repeated or field.type.startswith("map<")


def _default(field: ProtoField) -> str:
    return f"`{field.default}`" if field.default else "empty"


def _type(what: str, was: ProtoField, now: ProtoField, enums: frozenset[str]) -> ProtoChange:
    message = f"{what} is `{now.type}` instead of `{was.type}`"
    pair = frozenset({_type_of(was.type, enums), _type_of(now.type, enums)})
    is_alike = any(pair <= alike for alike in _BINARY) or pair == _TEXT
    is_wire = is_alike and was.type != "bytes"
    wire = () if is_wire else ("buf:FIELD_WIRE_COMPATIBLE_TYPE",)
    json = () if any(pair <= alike for alike in _JSON) else ("buf:FIELD_WIRE_JSON_COMPATIBLE_TYPE",)
    return ProtoChange(
        message, now.place, was.place, ("buf:FIELD_SAME_TYPE", *wire, *json), False, not is_alike
    )


def _type_of(name: str, enums: frozenset[str]) -> str:
    return "enum" if name not in _BASIC and simple(name) in enums else name


def simple(name: str) -> str:
    """Return a type without its package, which says where it is and not what it is."""
    return name if name.startswith("map<") else name.rpartition(".")[2]


# Messages ----------------------------------------------------------------------------------------


def _required(was: ProtoPart, now: ProtoPart) -> Iterator[ProtoChange]:
    """Tell fields without which a message is refused, and which the other side does not send."""
    then = {field.number: field for field in was.fields}
    since = {field.number: field for field in now.fields}
    for number in sorted(then.keys() | since.keys()):
        old, new = then.get(number), since.get(number)
        needed = (old is not None and old.label == "required", new is not None and new.label == "required")
        if needed[0] == needed[1]:
            continue
        peers: tuple[str, ...] = ("buf:MESSAGE_SAME_REQUIRED_FIELDS",)
        if old is not None and new is not None:
            peers = (*peers, *_MANY)
        if new is not None and needed[1]:
            message = f"the field `{was.name}.{new.name}` is required now, and was not"
            there = old.place if old is not None else was.place
            yield ProtoChange(message, new.place, there, peers, False, True, effect=Effect.NARROWS)
        elif old is not None:
            message = f"the field `{was.name}.{old.name}` is required no longer, and old readers need it"
            there = new.place if new is not None else now.place
            yield ProtoChange(message, there, old.place, peers, False, True, effect=Effect.WIDENS)


def _unreserved(was: ProtoPart, now: ProtoPart) -> Iterator[ProtoChange]:
    """Tell numbers and names that nobody was to use again, and ranges for extensions."""
    peer = f"buf:RESERVED_{was.kind.upper()}_NO_DELETE"
    for low, high in was.reserved:
        taken = next((one for one in now.fields if low <= one.number <= high), None)
        shown = f"{low}" if low == high else f"{low} to {high}"
        if taken is not None:
            message = f"`{taken.name}` of `{was.name}` takes the number {taken.number}, which was reserved"
            yield ProtoChange(message, taken.place, was.place, (peer,), False, True)
        elif not any(one <= low and high <= other for one, other in now.reserved):
            message = f"`{was.name}` no longer reserves {shown}"
            yield ProtoChange(message, now.place, was.place, (peer,), True, False)
    for name in was.reserved_names:
        if name not in now.reserved_names:
            message = f"`{was.name}` no longer reserves the name `{name}`"
            yield ProtoChange(message, now.place, was.place, (peer,), True, False)
    for low, high in was.extensions:
        if not any(one <= low and high <= other for one, other in now.extensions):
            shown = f"{low}" if low == high else f"{low} to {high}"
            message = f"`{was.name}` takes no extensions with the numbers {shown} any more"
            peers = ("buf:EXTENSION_MESSAGE_NO_DELETE",)
            yield ProtoChange(message, now.place, was.place, peers, True, True, effect=Effect.NARROWS)
