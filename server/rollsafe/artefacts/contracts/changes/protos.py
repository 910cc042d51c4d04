"""What breaks between two revisions of a `.proto` file: on the wire, and in the code made of it."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts.proto import ProtoCall, ProtoField, ProtoPart
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple

_ALIKE: Final = (
    frozenset({"int32", "uint32", "int64", "uint64", "bool"}),
    frozenset({"sint32", "sint64"}),
    frozenset({"string", "bytes"}),
    frozenset({"fixed32", "sfixed32"}),
    frozenset({"fixed64", "sfixed64"}),
)
"""Types whose values are read as each other's, up to their range."""


class ProtoChange(NamedTuple):
    """A change: `is_gone` tells what is no longer there from what means something else.

    `name` is the full name of a message, enum or service that is gone as a whole, `number` that of a field or
    value that is gone and may be given to another. `owner` is the message, enum or service it is about, and
    `is_value` says that it is about a value of an enum.
    """

    message: str
    place: Span
    was: Span
    peers: tuple[str, ...]
    is_gone: bool
    is_sure: bool
    name: str = ""
    number: int | None = None
    owner: str = ""
    is_value: bool = False


def proto_changes(before: tuple[ProtoPart, ...], after: tuple[ProtoPart, ...]) -> Iterator[ProtoChange]:
    """Yield what breaks those who were built with the old revision, in the order of the old one."""
    since = {(part.kind, part.name): part for part in after}
    places = {part.name: part.place for part in after}
    for part in before:
        for change in _part(part, since.get((part.kind, part.name)), places):
            yield change._replace(owner=part.name, is_value=part.kind == "enum")


def _part(part: ProtoPart, other: ProtoPart | None, places: dict[str, Span]) -> Iterator[ProtoChange]:
    if other is None:
        outer = part.name.rpartition(".")[0]
        if not outer or outer in places:
            message = f"the {part.kind} `{part.name}` is gone"
            around = places.get(outer, Span(0, 0))
            peers = (f"buf:{part.kind.upper()}_NO_DELETE",)
            yield ProtoChange(message, around, part.place, peers, True, True, part.name)
    elif part.kind == "service":
        yield from _calls(part, other)
    else:
        yield from _fields(part, other)


def _calls(was: ProtoPart, now: ProtoPart) -> Iterator[ProtoChange]:
    since = {call.name: call for call in now.calls}
    for call in was.calls:
        other = since.get(call.name)
        if other is None:
            message = f"the call `{was.name}.{call.name}` is gone"
            yield ProtoChange(message, now.place, call.place, ("buf:RPC_NO_DELETE",), True, True)
        else:
            yield from _call(was.name, call, other)


def _call(service: str, was: ProtoCall, now: ProtoCall) -> Iterator[ProtoChange]:
    what = f"the call `{service}.{was.name}`"
    if _simple(was.request) != _simple(now.request):
        words, peers = f"takes `{now.request}` instead of `{was.request}`", "buf:RPC_SAME_REQUEST_TYPE"
        yield ProtoChange(f"{what} {words}", now.place, was.place, (peers,), False, True)
    if _simple(was.response) != _simple(now.response):
        words, peers = f"answers `{now.response}` instead of `{was.response}`", "buf:RPC_SAME_RESPONSE_TYPE"
        yield ProtoChange(f"{what} {words}", now.place, was.place, (peers,), False, True)
    for side, word, peer in ((0, "takes", "CLIENT"), (1, "answers", "SERVER")):
        if was.streams[side] != now.streams[side]:
            form = "a stream" if now.streams[side] else "one message"
            peers = f"buf:RPC_SAME_{peer}_STREAMING"
            yield ProtoChange(f"{what} {word} {form} now", now.place, was.place, (peers,), False, True)


def _fields(was: ProtoPart, now: ProtoPart) -> Iterator[ProtoChange]:
    since: dict[int, list[ProtoField]] = {}
    for field in now.fields:
        since.setdefault(field.number, []).append(field)
    is_enum = was.kind == "enum"
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
        if not is_enum:
            yield from _field(was.name, field, other)


def _renamed(was: ProtoPart, field: ProtoField, other: ProtoField) -> ProtoChange:
    what, kind = _kind(was)
    words = f"is `{other.name}` instead of `{field.name}`"
    message = f"the {what} {field.number} of `{was.name}` {words}"
    return ProtoChange(message, other.place, field.place, (f"buf:{kind}_SAME_NAME",), False, False)


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
    peers = (f"buf:{kind}_NO_DELETE", f"buf:{kind}_NO_DELETE_UNLESS_NUMBER_RESERVED")
    return ProtoChange(message, place, field.place, peers, moved is None, True, number=number)


def _kind(part: ProtoPart) -> tuple[str, str]:
    return ("value", "ENUM_VALUE") if part.kind == "enum" else ("field", "FIELD")


def _field(owner: str, was: ProtoField, now: ProtoField) -> Iterator[ProtoChange]:
    what = f"the field `{owner}.{now.name}`"
    if was.is_repeated != now.is_repeated:
        form = "a list" if now.is_repeated else "one value"
        peers: tuple[str, ...] = ("buf:FIELD_SAME_CARDINALITY", "buf:FIELD_SAME_LABEL")
        yield ProtoChange(f"{what} is {form} now", now.place, was.place, peers, False, True)
    if _simple(was.type) != _simple(now.type):
        message = f"{what} is `{now.type}` instead of `{was.type}`"
        is_alike = any(was.type in alike and now.type in alike for alike in _ALIKE)
        wire: tuple[str, ...] = () if is_alike else ("buf:FIELD_WIRE_COMPATIBLE_TYPE",)
        peers = ("buf:FIELD_SAME_TYPE", *wire)
        yield ProtoChange(message, now.place, was.place, peers, False, not is_alike)
    if was.oneof != now.oneof:
        form = f"one of `{now.oneof}` now" if now.oneof else f"no longer one of `{was.oneof}`"
        peers = ("buf:FIELD_SAME_ONEOF",)
        yield ProtoChange(f"{what} is {form}", now.place, was.place, peers, False, False)


def _simple(name: str) -> str:
    """Return a type without its package, which says where it is and not what it is."""
    return name if name.startswith("map<") else name.rpartition(".")[2]
