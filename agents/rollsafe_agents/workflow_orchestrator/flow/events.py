"""Events as a workflow's file names them, with what other files say: schema, consumers, order."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from rollsafe.plans.contribution import PlanContext, derived, fact, unknown
from rollsafe.plans.model import Claim, Evidence
from rollsafe.text.records import field, open_record
from rollsafe.workspace.cloud import Messaging
from rollsafe.workspace.messages import Language, Match, Message, MessageField, messages_of, named, sent_on
from rollsafe.workspace.system.facts import Place
from rollsafe_agents.workflow_orchestrator.flow.model import Event, FieldSchema

_MOST_FIELDS: Final = 100
_MOST_NAMED: Final = 4


@open_record
class Sent:
    """An event before it is looked up.

    `channel` is its name in words, `address` as the file writes it, `channel_id` its id in a template and
    `consumer_id` that of who takes it. `is_named`: the name is the event's own, not one made up for it.
    `body` are the names of the fields that are sent, None where that is not known; `key` and `identity` what
    the sender sets to order events and to tell them apart. `own` are fields the file itself describes.
    `needs_schema`: somebody has to know its fields, which is not so of a clock.
    """

    name: str
    direction: Literal["in", "out"]
    channel: str
    producer: str
    consumer: str
    claim: Claim
    is_named: bool = True
    address: str = ""
    channel_id: str = ""
    consumer_id: str = ""
    body: tuple[str, ...] | None = None
    key: Claim | None = None
    identity: Claim | None = None
    own: tuple[FieldSchema, ...] = ()
    needs_schema: bool = True


@open_record
class Described:
    """An event as the plan has it; `flaws` are what does not fit, questions where they are UNKNOWN."""

    event: Event
    flaws: tuple[Claim, ...] = field(default=())


def describe(sent: Iterable[Sent], messaging: Messaging, context: PlanContext) -> list[Described]:
    """Return the events with what the project's files say about them."""
    listed = list(sent)
    if not any(one.needs_schema for one in listed):
        return [_described(one, Match(()), messaging, ()) for one in listed]
    messages = messages_of(context.after)
    before = messages_of(context.before) if context.before is not None else ()
    matched = [(one, _match(one, messages)) for one in listed]
    return [
        _described(one, match, messaging, tuple(_compared(match.one, before, context)))
        for one, match in matched
    ]


def place(where: Place) -> Evidence:
    """Return a place of the workspace as evidence."""
    return Evidence(path=where.path, line=where.line)


def _match(one: Sent, messages: tuple[Message, ...]) -> Match:
    if not one.needs_schema:
        return Match(())
    by_name = named(messages, one.name) if one.is_named else Match(())
    by_channel = sent_on(messages, one.channel_id or one.address)
    if len(by_name.found) > 1:
        both = tuple(each for each in by_name.found if each in by_channel.found)
        return Match(both or by_name.found)
    return by_name if by_name.found else by_channel


def _described(one: Sent, match: Match, messaging: Messaging, compared: tuple[Claim, ...]) -> Described:
    message = match.one
    fields = tuple(_field(each) for each in (message.fields or ())[:_MOST_FIELDS]) if message else ()
    where = one.claim.evidence
    event = Event(
        name=message.name if message is not None and not one.is_named else one.name,
        version=message.version if message is not None else "",
        direction=one.direction,
        channel=one.channel,
        producers=tuple(_producers(one, message)),
        consumers=tuple(_consumers(one, message, messaging)),
        key=one.key or (_order(one, message, messaging, where) if one.needs_schema else None),
        identity=one.identity or (_identity(one, message, messaging, where) if one.needs_schema else None),
        description=_schema(one, match, where) if one.needs_schema or one.own else None,
        fields=fields or one.own or tuple(_bare(name, where[0]) for name in one.body or ()),
        schema_known=not one.needs_schema
        or bool(one.own)
        or (message is not None and message.fields is not None),
        compatibility=compared,
        claim=one.claim,
    )
    return Described(event, tuple(_misfits(one, message)))


def _bare(name: str, where: Evidence) -> FieldSchema:
    return FieldSchema(name=name, type=None, required=None, format="", place=where)


def _field(one: MessageField) -> FieldSchema:
    kind = one.type or None
    return FieldSchema(
        name=one.name, type=kind, required=one.required, format=one.format, place=place(one.place)
    )


def _schema(one: Sent, match: Match, where: tuple[Evidence, ...]) -> Claim:
    message = match.one
    if message is not None:
        text = f"`{message.name}` of {message.language.value}"
        if message.fields is None:
            return unknown(
                f"what `{one.name}` holds: {text} gives no fields that are read", place(message.place)
            )
        return fact(text, place(message.place))
    if match.found:
        names = ", ".join(f"`{each.name}`" for each in match.found[:_MOST_NAMED])
        text = f"which of {len(match.found)} descriptions `{one.name}` has: {names}"
        return unknown(text, *(place(each.place) for each in match.found[:_MOST_NAMED]))
    if one.own:
        return fact("its fields are in the workflow's file", *where)
    return unknown(f"what `{one.name}` holds: no file describes it", *where)


# Who --------------------------------------------------------------------------------------------


def _producers(one: Sent, message: Message | None) -> Iterator[Claim]:
    if one.producer:
        yield one.claim.model_copy(update={"text": one.producer})
    for use in message.uses if message is not None else ():
        if use.action == "sends" and use.application and use.application != one.producer:
            yield derived(use.application, place(use.place))
    if not one.producer and not (message and any(use.action == "sends" for use in message.uses)):
        yield unknown("who sends it: no file says", *one.claim.evidence)


def _consumers(one: Sent, message: Message | None, messaging: Messaging) -> Iterator[Claim]:
    found: dict[str, Claim] = {}
    if one.consumer:
        found[one.consumer] = one.claim.model_copy(update={"text": one.consumer})
    for use in message.uses if message is not None else ():
        if use.action == "takes" and use.application:
            found.setdefault(use.application, derived(use.application, place(use.place)))
    for feed in messaging.out_of(one.channel_id) if one.channel_id else ():
        if feed.target not in ("", one.consumer_id) and (not feed.kinds or one.name in feed.kinds):
            found.setdefault(feed.target, fact(feed.target, place(feed.place)))
    yield from found.values() or [unknown("who takes it: no file says", *one.claim.evidence)]


# Order and repetition ----------------------------------------------------------------------------


def _order(one: Sent, message: Message | None, messaging: Messaging, where: tuple[Evidence, ...]) -> Claim:
    if message is not None and message.key:
        return fact(message.key, place(message.place))
    queue = messaging.queues.get(one.channel_id)
    if queue is not None and not queue.is_fifo:
        return derived("none: a standard queue keeps no order", place(queue.place))
    return unknown("what orders it: no file says", *where)


def _identity(one: Sent, message: Message | None, messaging: Messaging, where: tuple[Evidence, ...]) -> Claim:
    if message is not None and message.identity:
        return fact(message.identity, place(message.place))
    queue = messaging.queues.get(one.channel_id)
    if queue is not None and queue.deduplicates:
        return fact("the queue leaves out equal contents for 5 minutes", place(queue.place))
    if queue is not None and not queue.is_fifo:
        return derived("none: a standard queue may deliver it twice", place(queue.place))
    return unknown("what tells two of them apart: no file says", *where)


# What fits ---------------------------------------------------------------------------------------


def _misfits(one: Sent, message: Message | None) -> Iterator[Claim]:
    """Yield what is required and not sent; what is sent and not described, as a question."""
    if message is None or message.fields is None or one.body is None or message.language is Language.PROTO:
        return
    known = {each.name: each for each in message.fields}
    if {"detail", "detail-type"} <= known.keys():
        # It describes the envelope, and only what is in there is known to be sent.
        return
    for each in message.fields:
        if each.required and each.name not in one.body:
            text = f"`{one.producer}` does not send `{each.name}`, which `{message.name}` requires"
            yield derived(text, *one.claim.evidence, place(each.place))
    for name in one.body:
        if name not in known:
            text = f"who takes `{name}`, which `{one.producer}` sends: `{message.name}` does not have it"
            yield unknown(text, *one.claim.evidence, place(message.place))


def _compared(now: Message | None, before: tuple[Message, ...], context: PlanContext) -> Iterator[Claim]:
    """Yield how a description differs from the one at the base."""
    if now is None or now.fields is None or context.before is None:
        return
    same = [one for one in before if one.name == now.name and one.language is now.language]
    old = next((one for one in same if one.place.path == now.place.path), same[0] if len(same) == 1 else None)
    if old is None or old.fields is None:
        yield derived("new since the base", place(now.place))
        return
    yield from _differences(old.fields, now.fields, context)


def _differences(
    was: tuple[MessageField, ...], now: tuple[MessageField, ...], context: PlanContext
) -> Iterator[Claim]:
    old, new = {one.name: one for one in was}, {one.name: one for one in now}
    for name, one in old.items():
        if name not in new:
            then = Evidence(path=one.place.path, line=one.place.line, commit=context.old_ref)
            yield derived(f"removed `{name}`: who still reads it breaks", then)
    for name, one in new.items():
        earlier = old.get(name)
        if earlier is None:
            breaks = "required: who still sends the old form breaks" if one.required else "optional"
            yield derived(f"added `{name}`, {breaks}", place(one.place))
        elif earlier.type != one.type:
            text = f"`{name}` was {earlier.type or 'untyped'}, is {one.type or 'untyped'}"
            yield derived(text, place(one.place))
        elif one.required and not earlier.required:
            yield derived(f"`{name}` is required now", place(one.place))
