"""What breaks between two revisions of a `.proto` file: on the wire, and in the code made of it."""

from collections.abc import Iterator

from rollsafe.artefacts.contracts.changes.proto_fields import field_changes, simple
from rollsafe.artefacts.contracts.changes.proto_model import ProtoChange
from rollsafe.artefacts.contracts.proto import ProtoCall, ProtoPart, ProtoText
from rollsafe.text import Span

__all__ = ["ProtoChange", "proto_changes"]


def proto_changes(before: ProtoText, after: ProtoText) -> Iterator[ProtoChange]:
    """Yield what breaks those who were built with the old revision, in the order of the old one."""
    yield from _file(before, after)
    since = {(part.kind, part.name): part for part in after.parts}
    places = {part.name: part.place for part in after.parts}
    for part in before.parts:
        for change in _part(part, since.get((part.kind, part.name)), places, _enums(before, after)):
            yield change._replace(owner=part.name, is_value=part.kind == "enum")


def _enums(*texts: ProtoText) -> frozenset[str]:
    return frozenset(simple(part.name) for text in texts for part in text.parts if part.kind == "enum")


def _file(before: ProtoText, after: ProtoText) -> Iterator[ProtoChange]:
    """Tell another package, under which others ask for everything, and another version of the language."""
    if not (_is_begun(before) and _is_begun(after)):
        return
    if before.package != after.package:
        message = f"the package is {_or_none(after.package)} instead of {_or_none(before.package)}"
        has_calls = any(part.kind == "service" for part in before.parts)
        peers = ("buf:FILE_SAME_PACKAGE",)
        yield ProtoChange(message, after.package_place, before.package_place, peers, False, has_calls)
    if before.syntax != after.syntax:
        message = f"the file is in `{after.syntax}` instead of `{before.syntax}`"
        peers = ("buf:FILE_SAME_SYNTAX",)
        yield ProtoChange(message, after.syntax_place, before.syntax_place, peers, False, False)


def _is_begun(text: ProtoText) -> bool:
    """Say whether a text says what it is; one that is typed at the moment may not yet."""
    return bool(text.package) or text.syntax_place.end > 0


def _or_none(package: str) -> str:
    return f"`{package}`" if package else "none"


def _part(
    part: ProtoPart, other: ProtoPart | None, places: dict[str, Span], enums: frozenset[str]
) -> Iterator[ProtoChange]:
    if other is None:
        outer = part.name.rpartition(".")[0]
        if not outer or outer in places:
            message = f"the {part.kind} `{part.name}` is gone"
            around = places.get(outer, Span(0, 0))
            kind = part.kind.upper()
            peers = (f"buf:{kind}_NO_DELETE", f"buf:PACKAGE_{kind}_NO_DELETE")
            yield ProtoChange(message, around, part.place, peers, True, True, part.name)
    elif part.kind == "service":
        yield from _calls(part, other)
    else:
        yield from field_changes(part, other, enums)


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
    if simple(was.request) != simple(now.request):
        words, peers = f"takes `{now.request}` instead of `{was.request}`", "buf:RPC_SAME_REQUEST_TYPE"
        yield ProtoChange(f"{what} {words}", now.place, was.place, (peers,), False, True)
    if simple(was.response) != simple(now.response):
        words, peers = f"answers `{now.response}` instead of `{was.response}`", "buf:RPC_SAME_RESPONSE_TYPE"
        yield ProtoChange(f"{what} {words}", now.place, was.place, (peers,), False, True)
    for side, word, peer in ((0, "takes", "CLIENT"), (1, "answers", "SERVER")):
        if was.streams[side] != now.streams[side]:
            form = "a stream" if now.streams[side] else "one message"
            peers = f"buf:RPC_SAME_{peer}_STREAMING"
            yield ProtoChange(f"{what} {word} {form} now", now.place, was.place, (peers,), False, True)
