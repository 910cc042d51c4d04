"""Channels, messages and operations of two AsyncAPI documents."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import Comparison, Frame, Scope
from rollsafe.artefacts.contracts.changes.documents import At, Revision
from rollsafe.artefacts.contracts.changes.model import Direction, Hazard
from rollsafe.artefacts.contracts.changes.schemas import compare_schemas
from rollsafe.artefacts.contracts.changes.values import shown, value_of
from rollsafe.text.tuples import NamedTuple

BREAKING: Final = ("asyncapi-diff:breaking",)
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
    _compare_servers(comparison)
    _compare_operations(comparison)
    old, new = before.root.get("channels"), after.root.get("channels")
    since = dict(after.pairs(new))
    for name, channel in before.pairs(old):
        other = since.get(name)
        if other is not None and not _is_same(comparison, channel, other):
            _compare_channel(comparison, name, channel, other)
        elif other is None and not channel.flag("x-internal"):
            message = f"the channel `{name}` is gone"
            comparison.tell(Hazard.REMOVED_CHANNEL, message, new or after.root, channel, BREAKING)


def _is_same(comparison: Comparison, was: At, now: At) -> bool:
    """Say whether a channel and all that speaks of it are what they were."""
    before, after = comparison.before.root, comparison.after.root
    operations = comparison.sameness.holds(before.get("operations"), after.get("operations"))
    return operations and comparison.sameness.holds(was, now)


def _compare_operations(comparison: Comparison) -> None:
    """Tell operations that are gone; in version 2 they stand in their channels."""
    before, after = comparison.before, comparison.after
    old, new = before.root.get("operations"), after.root.get("operations")
    since = dict(after.pairs(new))
    for name, operation in before.pairs(old):
        other = since.get(name)
        if other is None:
            message = f"the operation `{name}` is gone"
            comparison.tell(Hazard.REMOVED_CHANNEL, message, new or after.root, operation, BREAKING)
        elif operation.text("action") != other.text("action"):
            since_action, then_action = shown(other.text("action")), shown(operation.text("action"))
            message = f"the operation `{name}` is {since_action} instead of {then_action}"
            there = other.get("action") or other
            comparison.tell(Hazard.CHANGED_DELIVERY, message, there, operation.get("action"), BREAKING)


def _compare_channel(comparison: Comparison, name: str, was: At, now: At) -> None:
    then, since = was.text("address"), now.text("address")
    if then != since:
        message = f"the channel `{name}` is at {shown(since or 'none')} instead of {shown(then or 'none')}"
        there = now.get("address") or now
        comparison.tell(Hazard.CHANGED_DELIVERY, message, there, was.get("address"), BREAKING)
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
    _compare_messages(comparison, name, messages, _directions(comparison, name))
    _compare_parameters(comparison, name, was, now)


def _directions(comparison: Comparison, name: str) -> tuple[Direction, ...]:
    """Return who writes to a channel of version 3, as its operations say; both sides where none does."""
    found: set[str] = set()
    for _, operation in comparison.after.pairs(comparison.after.root.get("operations")):
        channel = operation.get("channel")
        if channel is not None and channel.text("$ref").rpartition("/")[2].replace("~1", "/") == name:
            found.add(operation.text("action"))
    sides = [
        side
        for side, words in ((Direction.RESPONSE, _SENDS), (Direction.REQUEST, _RECEIVES))
        if found & words
    ]
    return tuple(sides) or (Direction.RESPONSE,)


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
    for key in ("contentType", "schemaFormat"):
        then, since = was.meant.text(key), now.meant.text(key)
        if then != since:
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


def _tell_at(comparison: Comparison, message: str, now: _Message, was: _Message, key: str) -> None:
    """Tell a change of a message where its channel lists it; what is behind a reference is told with it."""
    comparison.tell(Hazard.CHANGED_DELIVERY, message, now.listed, was.meant.get(key) or was.listed, BREAKING)


def _compare_payload(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    for key, words in (("payload", ""), ("headers", "the headers of ")):
        inner = frame._replace(what=f"{words}{frame.what}")
        compare_schemas(comparison, inner, _schema(was.get(key)), _schema(now.get(key)))


def _schema(at: At | None) -> At | None:
    """Return a schema; version 3 may wrap it together with the name of its language."""
    if at is None or at.get("schemaFormat") is None:
        return at
    form = at.text("schemaFormat")
    return at.get("schema") if "json" in form or "asyncapi" in form else None


def _compare_parameters(comparison: Comparison, name: str, was: At, now: At) -> None:
    old, new = was.get("parameters"), now.get("parameters")
    then = {key for key, _ in old.pairs()} if old is not None else set[str]()
    for key, one in new.pairs() if new is not None else ():
        if key not in then:
            message = f"the channel `{name}` has a new parameter `{key}`"
            comparison.tell(Hazard.CHANGED_DELIVERY, message, one, old, BREAKING)


def _compare_servers(comparison: Comparison) -> None:
    before, after = comparison.before, comparison.after
    old, new = before.root.get("servers"), after.root.get("servers")
    since = dict(after.pairs(new))
    for name, server in before.pairs(old):
        other = since.get(name)
        if other is None:
            message = f"the server `{name}` is gone"
            comparison.tell(Hazard.REMOVED_CHANNEL, message, new or after.root, server, BREAKING)
            continue
        for key in ("url", "host", "pathname", "protocol", "protocolVersion"):
            then, now = server.text(key), other.text(key)
            if then != now:
                words = f"{shown(now or 'none')} instead of {shown(then or 'none')}"
                message = f"the server `{name}` has the `{key}` {words}"
                there = other.get(key) or other
                comparison.tell(Hazard.CHANGED_DELIVERY, message, there, server.get(key), BREAKING)
        _compare_security(comparison, name, server, other)


def _compare_security(comparison: Comparison, name: str, was: At, now: At) -> None:
    old, new = was.get("security"), now.get("security")
    if old is not None and new is None:
        message = f"the server `{name}` asks for no credentials any more"
        comparison.tell(Hazard.LOOSENED_SECURITY, message, now, old, BREAKING)
    elif new is not None and (old is None or value_of(old.node) != value_of(new.node)):
        words = (
            "asks for other credentials than it did"
            if old is not None
            else "asks for credentials, and asked for none before"
        )
        comparison.tell(Hazard.TIGHTENED_SECURITY, f"the server `{name}` {words}", new, old, BREAKING)
