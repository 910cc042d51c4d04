"""The last look at a body before it leaves; what is found here stops the call."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec

from rollsafe.review.detectors import secrets_in_config, secrets_in_prose
from rollsafe.text import LineIndex, Span

Detector: TypeAlias = Callable[[str], list[Span]]

_DEEPEST = 40


def objection_to_body(body: bytes, key: str) -> str | None:
    """Say why `body` may not leave, or None when it may.

    A body that cannot be read as the JSON of a review may not: it cannot be vouched for.
    """
    try:
        strings = list(_strings_of(msgspec.json.decode(body)))
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


def _strings_of(body: object) -> Iterator[tuple[str, Detector]]:
    """Yield every string of a body with the detector that fits what it was written for."""
    match body:
        case {"messages": [{"content": str(question)}], **rest}:
            yield from _strings(msgspec.json.decode(question))
            yield from _strings(rest)
        case _:
            raise _UnreadableError


def _strings(value: object, depth: int = 0) -> Iterator[tuple[str, Detector]]:
    if depth > _DEEPEST:
        raise _UnreadableError
    match value:
        case str():
            yield from _strings_in(value, depth)
        case {"number": int(), "text": str(line)}:
            yield line, secrets_in_config
        case dict():
            for name, item in value.items():
                yield from _strings(name, depth + 1)
                yield from _strings(item, depth + 1)
        case list():
            for item in value:
                yield from _strings(item, depth + 1)
        case _:
            return


def _strings_in(text: str, depth: int) -> Iterator[tuple[str, Detector]]:
    """Yield the lines of a text; a line that is a JSON object stands for the strings in it."""
    for line in _lines(text):
        if line.startswith("{"):
            yield from _strings(msgspec.json.decode(line), depth + 1)
        else:
            yield line, secrets_in_prose
