"""The last look at a body before it leaves; what is found here stops the call."""

from collections.abc import Callable, Iterator
from typing import TypeAlias, cast

import msgspec

from rollsafe.text import LineIndex, Span
from rollsafe.text.secrets import secrets_in_config, secrets_in_prose

Detector: TypeAlias = Callable[[str], list[Span]]

_DEEPEST = 40


class _Message(msgspec.Struct):
    content: str


class _Body(msgspec.Struct):
    messages: tuple[_Message]


def objection_to_body(body: bytes, key: str) -> str | None:
    """Say why `body` may not leave, or None when it may.

    A body that cannot be read as the JSON of a review may not: it cannot be vouched for.
    """
    try:
        question = msgspec.json.decode(body, type=_Body).messages[0].content
        msgspec.json.decode(question, type=dict[str, object])
        strings = list(_strings(msgspec.json.decode(body, type=dict[str, object])))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, _UnreadableError):
        return "the request could not be checked for secrets"
    if any(key and key in text for text, _ in strings):
        return "the request held the key of the service"
    if any(detect(text) for text, detect in strings):
        return "the request still held a secret"
    return None


class _UnreadableError(Exception):
    """The body has a part this module does not know how to look into."""


def _lines(text: str) -> Iterator[str]:
    index = LineIndex(text)
    yield from (index.line_text(row) for row in range(len(index)))


def _strings(body: object) -> Iterator[tuple[str, Detector]]:
    """Yield every line of text in a body with the detector that fits what it was written for.

    The body's own texts hold JSON of their own, an object to a line; that is looked into as well.
    """
    for text, _ in _leaves(body):
        for line in _lines(text):
            yield from _leaves(_object(line)) if line.startswith("{") else [(line, secrets_in_prose)]


def _object(line: str) -> object:
    """Return what a line of JSON holds, or the line when it is none."""
    try:
        return msgspec.json.decode(line)
    except msgspec.DecodeError:
        return line


def _leaves(value: object, depth: int = 0) -> Iterator[tuple[str, Detector]]:
    if depth > _DEEPEST:
        raise _UnreadableError
    match value:
        case str():
            yield from ((line, secrets_in_prose) for line in _lines(value))
        case dict():
            yield from _leaves_of_object(cast("dict[object, object]", value), depth)
        case list():
            for item in cast("list[object]", value):
                yield from _leaves(item, depth + 1)
        case _:
            return


def _leaves_of_object(value: dict[object, object], depth: int) -> Iterator[tuple[str, Detector]]:
    line = value.get("text")
    if isinstance(line, str) and "number" in value:
        yield line, secrets_in_config
    for pair in value.items():
        for item in pair:
            yield from _leaves(item, depth + 1)
