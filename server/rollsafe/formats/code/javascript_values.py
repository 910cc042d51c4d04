"""Strings and numbers of JavaScript, and the constants a program gives names to."""

import re
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from rollsafe.formats.code.nodes import Argument, Code, Items, Literal, Pairs, Text
from rollsafe.text import Span
from rollsafe.text.patterns import lazily

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_TEXT: Final = 200_000
_MAX_ITEMS: Final = 500
"""Constants may be made of constants; what they stand for is not to grow without end."""
_ESCAPE = lazily(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.S)
_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_WORDS: Final = {"true": True, "false": False, "null": None, "undefined": None}


def number(words: str) -> "Callable[[int, int], Literal] | None":
    """Return what makes the literal that `words` are: a number, a truth value, nothing. None for others."""
    if words in _WORDS:
        return partial(Literal, value=_WORDS[words])
    if words.startswith("void "):
        return partial(Literal, value=None)
    plain = words.replace("_", "").removesuffix("n")
    try:
        value = int(plain, 0) if plain.lstrip("+-").startswith(("0x", "0o", "0b")) else float(plain)
        exact = int(plain) if re.fullmatch(r"[+-]?\d{1,18}", plain) else value
    except ValueError:
        return None
    return partial(Literal, value=exact)


def decoded(parts: Sequence[Code], place: Span, inner: Span) -> Text:
    """Return the string its parts make one after the other; what is computed is `?`."""
    words: list[str] = []
    partial_ = False
    for one in parts:
        word = _spoken(one)
        partial_ |= word is None or (isinstance(one, Text) and one.is_partial)
        words.append("?" if word is None else word)
    value = "".join(words)
    if len(value) > _MAX_TEXT:
        value, partial_ = "?", True
    return Text(place.start, place.end, value, inner, is_verbatim=False, is_partial=partial_)


def _spoken(code: Code) -> str | None:
    """Return what a value is within a string."""
    if isinstance(code, Text):
        return code.value
    if isinstance(code, Literal) and isinstance(code.value, int) and not isinstance(code.value, bool):
        return str(code.value)
    return None


def unescaped(words: str) -> str:
    """Return the characters that escape sequences stand for."""
    return _ESCAPE.sub(_meant, words)


def _meant(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else "?"
    if found[4] in ("\n", "\r\n", "\r", "\u2028", "\u2029"):
        return ""
    return _LETTERS.get(found[4], found[4])


def joined(on: Code, name: str, arguments: tuple[Code, ...], place: Span) -> Text | None:
    """Return the string that `['a', 'b'].join(' ')` or `'a'.trim()` is; None for other calls."""
    if name == "trim" and isinstance(on, Text):
        return Text(place.start, place.end, on.value, on.inner, on.is_verbatim, on.is_partial)
    if name != "join" or not isinstance(on, Items):
        return None
    between = arguments[0] if arguments else Text(place.start, place.start, ",", place, is_verbatim=True)
    if not isinstance(between, Text) or not all(isinstance(one, Text) for one in on.items):
        return None
    rows = [part for one in on.items for part in (between, one)][1:]
    return decoded(rows, place, place)


class Constants:
    """What `const` names stand for, by scope: strings, numbers, and lists and objects of those."""

    def __init__(self) -> None:
        self._scopes: list[dict[str, Code | None]] = [{}]

    @contextmanager
    def scope(self) -> Generator[None]:
        """Forget afterwards what is named meanwhile."""
        self._scopes.append({})
        try:
            yield
        finally:
            self._scopes.pop()

    def hide(self, names: Iterable[str]) -> None:
        """Note that names stand for something unknown."""
        self._scopes[-1].update(dict.fromkeys(names))

    def set(self, name: str, value: Code) -> None:
        """Note what a name stands for."""
        if _is_plain(value):
            self._scopes[-1][name] = value

    def get(self, path: str, place: Span) -> Code | None:
        """Return what a dotted name stands for, as if it were written at `place`; None if unknown."""
        first, *rest = path.split(".")
        found = next((scope[first] for scope in reversed(self._scopes) if first in scope), None)
        for part in rest:
            found = found.get(part) if isinstance(found, Pairs) else None
        return _moved(found, place) if found is not None else None


def _is_plain(code: Code) -> bool:
    match code:
        case Text():
            return not code.is_partial
        case Literal():
            return True
        case Items():
            return len(code.items) <= _MAX_ITEMS and all(
                isinstance(one, Text | Literal) for one in code.items
            )
        case Pairs():
            held = [one.value for one in code.entries]
            return len(held) <= _MAX_ITEMS and all(isinstance(one, Text | Literal) for one in held)
        case _:
            return False


def _moved(code: Code, place: Span) -> Code:
    """Return a plain value with `place` as its place, and that of all its parts."""
    start, end = place
    match code:
        case Text():
            return Text(start, end, code.value, place, is_verbatim=False)
        case Literal():
            return Literal(start, end, code.value)
        case Items():
            return Items(start, end, tuple(_moved(one, place) for one in code.items))
        case Pairs():
            rows = (Argument(start, end, one.name, place, _moved(one.value, place)) for one in code.entries)
            return Pairs(start, end, tuple(rows))
        case _:
            return code
