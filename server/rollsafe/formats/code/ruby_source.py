"""Ruby's source as the parser can hold it: heredocs with short names, and no comment without an end.

The parser keeps the names of all open heredocs in 1024 bytes, cuts those longer than 255 and, for some
lengths, writes behind these bytes, which ends the process. Names of one character never come to that.
For the end of each `=begin` it looks through the whole text.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.text.tuples import NamedTuple

_MAY_BEGIN = re.compile(rb"<<(?=[~-]?[\"'`\w\x80-\xff])")
_BEGIN = re.compile(
    rb"<<(?P<style>[~-]?)"
    rb"(?:(?P<quote>[\"'`])(?P<quoted>[^\"'`\r\n]{1,100})(?P=quote)|(?P<bare>[\w\x80-\xff]+))"
)
_LINE = re.compile(rb"[^\n]+")
_SINGLETON = re.compile(rb"\bclass[ \t]*\Z")
_SHORT: Final = b"0123456789QZXYKJVHNMPGLRTBOFEWUIDCAS_qzxykjvhnmpglrtbofewuidcas"


class _Heredoc(NamedTuple):
    """A beginning, up to `end`; `quote` may be empty, `style` is `~`, `-` or empty."""

    name: bytes
    style: bytes
    quote: bytes
    end: int


def tamed(data: bytes) -> bytes:
    """Return a text of the same length that is read alike, and in bounded time."""
    return _with_short_names(_without_open_comments(data))


def _without_open_comments(data: bytes) -> bytes:
    """Return a text without the `=begin` of comments that never end."""
    last = data.rfind(b"=end")
    return data[: last + 1] + data[last + 1 :].replace(b"=begin", b"x_____")


def _with_short_names(data: bytes) -> bytes:
    """Return a text of the same length in which the name of every heredoc is one character.

    What looks like the beginning of a heredoc and has no end becomes another operator of the same operands.
    """
    begins = [one.start() for one in _MAY_BEGIN.finditer(data)]
    if not begins:
        return data
    text, lines = bytearray(data), list(_lines(data))
    alone = {line for _, line in lines}
    found = [(at, _heredoc(data, at, alone)) for at in begins]
    names = _names((one.name for _, one in found if one is not None), alone)
    done = 0
    for at, one in found:
        if at < done:
            continue
        if one is not None:
            done = one.end
            # Blanks come first, so that what the heredoc is part of ends where it ended.
            words = b"".join((b"<<", one.style, one.quote, names[one.name], one.quote))
            text[at : one.end] = words.rjust(one.end - at)
        elif _SINGLETON.search(data, max(0, at - 20), at):
            _write(text, at, at + 3, b"<<")
        else:
            _write(text, at, at + 2, b"+")
    for start, line in lines:
        if line in names:
            _write(text, start, start + len(line), names[line])
    return bytes(text)


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what stands in each line, and where."""
    for line in _LINE.finditer(data):
        words = line[0].strip(b" \t\r")
        yield line.end() - len(line[0].lstrip(b" \t\r")), words


def _heredoc(data: bytes, at: int, alone: set[bytes]) -> _Heredoc | None:
    """Return the heredoc that begins there: it ends somewhere, or is one that is being typed."""
    found = _BEGIN.match(data, at)
    if found is None:
        return None
    name, quote = found["quoted"] or found["bare"], found["quote"] or b""
    is_begun = found["style"] and not name[:1].isdigit()
    if name not in alone and not is_begun:
        return None
    return _Heredoc(name, found["style"], quote, found.end())


def _names(names: Iterable[bytes], alone: set[bytes]) -> dict[bytes, bytes]:
    """Return a character for each name: one that no line begins with, as long as there is one."""
    begun = {line[:1] for line in alone}
    free = [one for at in range(len(_SHORT)) if (one := _SHORT[at : at + 1]) not in begun]
    free = free or [_SHORT[:1]]
    return {name: free[min(at, len(free) - 1)] for at, name in enumerate(dict.fromkeys(names))}


def _write(text: bytearray, start: int, end: int, words: bytes) -> None:
    text[start:end] = words.ljust(end - start)
