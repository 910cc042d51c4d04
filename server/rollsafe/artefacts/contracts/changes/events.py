"""Channels, messages and operations of two AsyncAPI documents."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts.changes.brokers import (
    BREAKING,
    compare_field,
    compare_needs,
    compare_servers,
)
from rollsafe.artefacts.contracts.changes.comparison import Comparison, Frame, Scope
from rollsafe.artefacts.contracts.changes.documents import At, Revision
from rollsafe.artefacts.contracts.changes.model import Direction, Hazard
from rollsafe.artefacts.contracts.changes.schemas import compare_schemas
from rollsafe.artefacts.contracts.changes.values import shown
from rollsafe.text.tuples import NamedTuple

_SENDS: Final = frozenset({"send", "subscribe"})
"""Words for operations in which the described application writes: version 2 speaks for the other side."""
_RECEIVES: Final = frozenset({"receive", "publish"})


class _Message(NamedTuple):
    """A message: where it is listed, and what it stands for."""

    listed: At
    meant: At


def compare_events(comparison: Comparison) -> None:
    """Tell what breaks those who send to the channels of an application or read from them."""
    before, after = comparison.before, comparison.after
    _compare_document(comparison)
    compare_servers(comparison)
    _compare_operations(comparison)
    old, new = before.root.get("channels"), after.root.get("channels")
    operations = before.root.get("operations"), after.root.get("operations")
    is_same = comparison.sameness.holds(*operations)
    since, actions = dict(after.pairs(new)), _actions(after)
    for name, channel in before.pairs(old):
        other, comparison.channel = since.get(name), channel.text("address") or name
        if other is not None and not (is_same and comparison.sameness.holds(channel, other)):
            _compare_channel(comparison, name, channel, other, actions.get(name, set[str]()))
        elif other is None and not channel.flag("x-internal"):
            message = f"the channel `{name}` is gone"
            comparison.tell(Hazard.REMOVED_CHANNEL, message, new or after.root, channel, BREAKING)
    comparison.channel = ""


def _compare_operations(comparison: Comparison) -> None:
    """Tell operations that are gone; in version 2 they stand in their channels."""
    before, after = comparison.before, comparison.after
    old, new = before.root.get("operations"), after.root.get("operations")
    since = dict(after.pairs(new))
    for name, operation in before.pairs(old):
        other, comparison.channel = since.get(name), _address_of(before, operation)
        if other is None:
            message = f"the operation `{name}` is gone"
            comparison.tell(Hazard.REMOVED_CHANNEL, message, new or after.root, operation, BREAKING)
        else:
            _compare_operation(comparison, f"the operation `{name}`", operation, other)
    comparison.channel = ""


def _address_of(revision: Revision, operation: At) -> str:
    """Return the address of the channel an operation is on."""
    channel = revision.get(operation, "channel")
    held = operation.get("channel")
    name = held.text("$ref").rpartition("/")[2].replace("~1", "/") if held is not None else ""
    return (channel.text("address") if channel is not None else "") or name


def _compare_document(comparison: Comparison) -> None:
    before, after = comparison.before, comparison.after
    compare_field(comparison, "the document", (before.root, after.root), "defaultContentType")
    old, new = before.get(before.root, "info"), after.get(after.root, "info")
    then, since = (
        (old.text("version"), new.text("version")) if old is not None and new is not None else ("", "")
    )
    if new is not None and then and since and then != since:
        message = f"the version is {shown(since)}, and was {shown(then)}"
        there = new.get("version") or new
        comparison.tell(Hazard.CHANGED_VERSION, message, there, old, BREAKING, is_sure=False)


def _compare_operation(comparison: Comparison, what: str, was: At, now: At) -> None:
    compare_field(comparison, what, (was, now), "action")
    old, new = was.get("channel"), now.get("channel")
    if old is not None and new is not None and old.text("$ref") != new.text("$ref"):
        message = f"{what} is on another channel than it was"
        comparison.tell(Hazard.CHANGED_DELIVERY, message, new, old, BREAKING)
    compare_needs(comparison, what, was, now)
    _compare_listed(comparison, what, was, now)
    reply = was.get("reply")
    if reply is not None and now.get("reply") is None:
        message = f"{what} has no reply any more"
        comparison.tell(Hazard.REMOVED_CHANNEL, message, now, reply, BREAKING)
    address = comparison.before.get(comparison.before.get(was, "reply"), "address")
    other = comparison.after.get(comparison.after.get(now, "reply"), "address")
    if address is not None and other is not None:
        compare_field(comparison, f"the reply of {what}", (address, other), "location")


def _compare_listed(comparison: Comparison, what: str, was: At, now: At) -> None:
    """Tell messages that an operation no longer takes or sends, though their channel has them still."""
    old, new = was.get("messages"), now.get("messages")
    if old is None or new is None:
        return
    kept = {item.text("$ref") for item in new.items()}
    for item in old.items():
        ref = item.text("$ref")
        if ref and ref not in kept and comparison.after.follow(item) is not None:
            message = f"{what} has no message {shown(ref.rpartition('/')[2])} any more"
            comparison.tell(Hazard.REMOVED_CHANNEL, message, new, item, BREAKING)


def _compare_channel(comparison: Comparison, name: str, was: At, now: At, actions: set[str]) -> None:
    compare_field(comparison, f"the channel `{name}`", (was, now), "address")
    for word in ("publish", "subscribe"):
        old, new = was.get(word), now.get(word)
        if old is not None and new is None:
            message = f"the channel `{name}` has no `{word}` any more"
            comparison.tell(Hazard.REMOVED_CHANNEL, message, now, old, BREAKING)
        elif old is not None and new is not None:
            direction = Direction.RESPONSE if word in _SENDS else Direction.REQUEST
            then_messages = dict(_listed(comparison.before, old.get("message")))
            since_messages = dict(_listed(comparison.after, new.get("message")))
            _compare_messages(comparison, name, (then_messages, since_messages, new), (direction,))
    messages = (
        dict(_named(comparison.before, was)),
        dict(_named(comparison.after, now)),
        now.get("messages") or now,
    )
    _compare_messages(comparison, name, messages, _directions(actions))
    _compare_parameters(comparison, name, was, now)


def _actions(revision: Revision) -> dict[str, set[str]]:
    """Return what operations of version 3 do on each channel."""
    found: dict[str, set[str]] = {}
    for _, operation in revision.pairs(revision.root.get("operations")):
        channel = operation.get("channel")
        if channel is not None:
            name = channel.text("$ref").rpartition("/")[2].replace("~1", "/")
            found.setdefault(name, set()).add(operation.text("action"))
    return found


def _directions(actions: set[str]) -> tuple[Direction, ...]:
    """Return who writes to a channel; the application itself where no operation says so."""
    sides = ((Direction.RESPONSE, _SENDS), (Direction.REQUEST, _RECEIVES))
    return tuple(side for side, words in sides if actions & words) or (Direction.RESPONSE,)


def _named(revision: Revision, channel: At) -> Iterator[tuple[str, _Message]]:
    held = channel.get("messages")
    for name, at in held.pairs() if held is not None else ():
        meant = revision.follow(at)
        if meant is not None:
            yield name, _Message(at, meant)


def _listed(revision: Revision, at: At | None) -> Iterator[tuple[str, _Message]]:
    """Yield the messages of an operation of version 2; one alone has no name unless it says so."""
    if at is None:
        return
    several = at.get("oneOf")
    parts = list(several.items()) if several is not None else [at]
    for part in parts:
        meant = revision.follow(part)
        if meant is not None:
            name = meant.text("messageId") or meant.text("name") or part.text("$ref").rpartition("/")[2]
            yield (name if len(parts) > 1 else ""), _Message(part, meant)


def _compare_messages(
    comparison: Comparison,
    channel: str,
    messages: "tuple[dict[str, _Message], dict[str, _Message], At]",
    directions: tuple[Direction, ...],
) -> None:
    then, since, place = messages
    for name, one in then.items():
        other = since.get(name)
        what = f"the message `{name}` of `{channel}`" if name else f"the message of `{channel}`"
        if other is None:
            comparison.tell(Hazard.REMOVED_CHANNEL, f"{what} is gone", place, one.listed, BREAKING)
            continue
        _compare_message(comparison, what, one, other)
        for direction in directions:
            frame = Frame(direction, Scope.EVENT, what)
            _compare_payload(comparison, frame, one.meant, other.meant)


def _compare_message(comparison: Comparison, what: str, was: _Message, now: _Message) -> None:
    for key in ("payload", "headers"):
        one, other = was.meant.get(key), now.meant.get(key)
        if one is not None and other is None:
            _tell_at(comparison, f"{what} has no `{key}` any more", now, was, key)
    for key in ("contentType", "schemaFormat"):
        then, since = _form(comparison.before, was, key), _form(comparison.after, now, key)
        is_own = bool(was.meant.text(key) or now.meant.text(key))
        if is_own and then != since and (then or not _is_second(comparison)):
            message = f"{what} has the `{key}` {shown(since or 'none')} instead of {shown(then or 'none')}"
            _tell_at(comparison, message, now, was, key)
    old, new = was.meant.get("correlationId"), now.meant.get("correlationId")
    if old is not None and new is None:
        _tell_at(comparison, f"{what} has no `correlationId` any more", now, was, "correlationId")
    elif old is not None and new is not None:
        then_id, since_id = comparison.before.follow(old), comparison.after.follow(new)
        if (
            then_id is not None
            and since_id is not None
            and then_id.text("location") != since_id.text("location")
        ):
            message = (
                f"{what} has its `correlationId` at {shown(since_id.text('location') or 'no place')} now"
            )
            _tell_at(comparison, message, now, was, "correlationId")


def _form(revision: Revision, message: _Message, key: str) -> str:
    """Return in which form a message is, as it says itself or the document says for all."""
    own = message.meant.text(key)
    return own or revision.root.text("defaultContentType") if key == "contentType" else own


def _is_second(comparison: Comparison) -> bool:
    """Say whether the document is in version 2, in which a message without a form has none."""
    return comparison.after.root.text("asyncapi").startswith("2")


def _tell_at(comparison: Comparison, message: str, now: _Message, was: _Message, key: str) -> None:
    """Tell a change of a message where its channel lists it; what is behind a reference is told with it."""
    comparison.tell(Hazard.CHANGED_DELIVERY, message, now.listed, was.meant.get(key) or was.listed, BREAKING)


def _compare_payload(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    for key, words in (("payload", ""), ("headers", "the headers of ")):
        inner = frame._replace(what=f"{words}{frame.what}")
        (then, old), (since, new) = _schema(was, key), _schema(now, key)
        if _is_avro(then) and _is_avro(since):
            from rollsafe.artefacts.contracts.changes.avro_payloads import compare_avro

            compare_avro(comparison, inner, old, new)
        elif _is_plain(then) and _is_plain(since):
            compare_schemas(comparison, inner, old, new)


def _schema(message: At, key: str) -> tuple[str, At | None]:
    """Return a schema and its language, empty where none is named; version 3 wraps both together."""
    at = message.get(key)
    if at is None or at.get("schemaFormat") is None:
        return message.text("schemaFormat") if key == "payload" else "", at
    return at.text("schemaFormat"), at.get("schema")


def _is_plain(form: str) -> bool:
    return not form or "json" in form or "asyncapi" in form


def _is_avro(form: str) -> bool:
    return "avro" in form


def _compare_parameters(comparison: Comparison, name: str, was: At, now: At) -> None:
    old, new = was.get("parameters"), now.get("parameters")
    then, since = dict(comparison.before.pairs(old)), dict(comparison.after.pairs(new))
    for key, one in since.items():
        if key not in then:
            message = f"the channel `{name}` has a new parameter `{key}`"
            comparison.tell(Hazard.CHANGED_DELIVERY, message, one, old, BREAKING)
        else:
            what = f"the parameter `{key}` of `{name}`"
            compare_field(comparison, what, (then[key], one), "location")
    for key in then.keys() - since.keys():
        message = f"the channel `{name}` has no parameter `{key}` any more"
        peers = BREAKING if _is_second(comparison) else ()
        comparison.tell(Hazard.CHANGED_DELIVERY, message, new or now, then[key], peers)
