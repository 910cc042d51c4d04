"""Patterns of the filters of an event: what GitHub cannot read in them, and what nothing matches.

`*` and `**` stand for any characters, `?` and `+` repeat what stands before them, `[a-z]` is one of several
characters, and `!` at the beginning takes back. A backslash makes the next of these a plain character.
"""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from rollsafe.text.tuples import NamedTuple

_LONGEST: Final = 2_000
_NEVER_IN_NAMES: Final = frozenset(" \t~^:")
_ESCAPED_IN_NAMES: Final = frozenset("[?*")
_ESCAPED: Final = frozenset("+\\!")


class Harm(Enum):
    """What a fault does, worst first: the file is refused, nothing matches, the pattern is too long."""

    REFUSED = auto()
    UNMATCHED = auto()
    NEEDLESS = auto()


class PatternFault(NamedTuple):
    """A fault at the offset `at` of a pattern, None for all of it."""

    at: int | None
    message: str
    harm: Harm


def pattern_faults(pattern: str, *, is_ref: bool) -> Iterator[PatternFault]:
    """Yield what is wrong with a pattern of branches and tags, or of paths."""
    body = pattern.removeprefix("!")
    if not body or len(pattern) > _LONGEST:
        if not body:
            yield PatternFault(None, "it says nothing", Harm.REFUSED)
        return
    if not is_ref:
        if pattern != pattern.strip():
            yield PatternFault(
                None, "a space at the beginning or the end belongs to the path", Harm.UNMATCHED
            )
            return
        if body in (".", "..") or body.startswith(("./", "../")):
            yield PatternFault(
                None, "paths begin at the root of the repository, without `.` and `..`", Harm.UNMATCHED
            )
            return
    start = len(pattern) - len(body)
    if is_ref and pattern.startswith("/"):
        yield PatternFault(0, "no branch or tag begins with `/`", Harm.UNMATCHED)
        start = 1
    yield from _Reader(pattern, start, is_ref).faults()
    if is_ref and body[-1] in "/." and len(body) > 1:
        yield PatternFault(len(pattern) - 1, f"no branch or tag ends with `{body[-1]}`", Harm.UNMATCHED)


class _Reader:
    """Goes through a pattern from left to right."""

    def __init__(self, pattern: str, start: int, is_ref: bool) -> None:
        self._pattern = pattern
        self._at = start
        self._is_ref = is_ref
        self._repeats = start > 0 and pattern[0] == "/"
        """Whether there is something before that `?` and `+` may repeat."""

    def faults(self) -> Iterator[PatternFault]:
        pattern = self._pattern
        while self._at < len(pattern):
            at, letter = self._at, pattern[self._at]
            self._at += 1
            if letter in "?+":
                if not self._repeats:
                    yield PatternFault(at, f"`{letter}` has nothing before it to repeat", Harm.REFUSED)
                self._repeats = False
            elif letter == "*":
                self._repeats = False
            elif letter == "[":
                yield from self._set(at)
                self._repeats = True
            else:
                yield from self._plain(at, letter)
                self._repeats = True

    def _plain(self, at: int, letter: str) -> Iterator[PatternFault]:
        if letter == "\\":
            following = self._pattern[self._at : self._at + 1]
            if following and following in _ESCAPED_IN_NAMES:
                self._at += 1
                if self._is_ref:
                    yield PatternFault(at, f"no branch or tag holds `{following}`", Harm.UNMATCHED)
            elif following and following in _ESCAPED:
                self._at += 1
            elif self._is_ref:
                yield PatternFault(at, "a backslash stands before nothing that needs one", Harm.UNMATCHED)
                self._at += 1
        elif letter in "\r\n":
            yield PatternFault(None, "it has more than one line", Harm.REFUSED)
        elif self._is_ref and letter in _NEVER_IN_NAMES:
            name = "a space" if letter in " \t" else f"`{letter}`"
            yield PatternFault(
                at, f"no branch or tag holds {name}, and patterns are no regular expressions", Harm.UNMATCHED
            )

    def _set(self, at: int) -> Iterator[PatternFault]:
        """Read `[…]` behind its bracket."""
        end = self._pattern.find("]", self._at)
        if end < 0:
            yield PatternFault(at, "`[` has no `]`", Harm.REFUSED)
            self._at = len(self._pattern)
            return
        inside = self._pattern[self._at : end]
        self._at = end + 1
        if not inside:
            yield PatternFault(at, "`[]` holds no character", Harm.REFUSED)
        elif len(inside) == 1:
            yield PatternFault(at, f"`[{inside}]` is no more than `{inside}`", Harm.NEEDLESS)
        place = 0
        while place < len(inside):
            if inside[place + 1 : place + 2] == "-":
                last = inside[place + 2 : place + 3]
                if not last:
                    yield PatternFault(at, f"the range `{inside[place:]}` has no end", Harm.REFUSED)
                elif last < inside[place]:
                    yield PatternFault(
                        at, f"the range `{inside[place]}-{last}` ends before it begins", Harm.REFUSED
                    )
                place += 3
            else:
                place += 1
