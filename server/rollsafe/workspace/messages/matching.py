"""Which description a message has: found by its name, or by the channel it goes over."""

import re
from collections.abc import Iterable

from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.messages.model import Message

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_VERSION = re.compile(r"v\d+\Z|\d+\Z")
_PLAIN = frozenset({"event", "message", "schema", "payload"})


class Match(NamedTuple):
    """The descriptions that fit; exactly one is an answer, several are a question."""

    found: tuple[Message, ...]

    @property
    def one(self) -> Message | None:
        """The description, if there is only one."""
        return self.found[0] if len(self.found) == 1 else None


def _words(name: str) -> tuple[str, ...]:
    """Return a name word by word, without version and without what every message is called."""
    words = [one.lower() for one in _WORD.findall(name[:200])]
    while len(words) > 1 and (words[-1] in _PLAIN or _VERSION.match(words[-1]) or words[-1] == "v"):
        words.pop()
    return tuple(words)


def same_name(one: str, other: str) -> bool:
    """Say whether two names mean the same: `OrderPlaced`, `order.placed.v1` and `order_placed_event` do."""
    words = _words(one)
    return bool(words) and words == _words(other)


def named(messages: Iterable[Message], name: str) -> Match:
    """Return the descriptions of messages that are called so.

    One that says who sends or takes the message stands for bare schemas of the same name, and the newest of
    several versions for the older ones.
    """
    found = [one for one in messages if any(same_name(name, each) for each in (one.name, *one.aliases))]
    exact = [one for one in found if name in (one.name, *one.aliases)]
    return Match(tuple(_preferred(exact or found)))


def sent_on(messages: Iterable[Message], channel: str) -> Match:
    """Return the descriptions of what goes over a channel, by its address or the last part of it."""
    last = _last(channel)
    found = [one for one in messages if last and any(_last(each) == last for each in one.channels)]
    return Match(tuple(_preferred(found)))


def _last(address: str) -> str:
    parts = [part for part in re.split(r"[/:]", address.strip()) if part]
    return parts[-1].removesuffix(".fifo") if parts else ""


def _preferred(found: list[Message]) -> list[Message]:
    kept = [one for one in found if one.uses] or found
    names = {_words(one.name) for one in kept}
    if len(kept) > 1 and len(names) == 1 and len({one.version for one in kept}) == len(kept):
        return [max(kept, key=lambda one: [int(part) for part in re.findall(r"\d+", one.version)[:4]])]
    return kept
