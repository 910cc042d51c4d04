"""Code and links inside of a stretch of Markdown prose."""

import re
from bisect import bisect_right

from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_BACKTICKS = lazily(r"`+")
_MARK = lazily(r"\\.|`+|<!--|\[|\]\(?", re.S)
_TARGET = lazily(
    r"""[ \t\r\n]*+
    (?:<(?P<angled>[^<>\r\n]*+)>|(?P<bare>[^\s()<]*+(?:\([^\s()]*+\)[^\s()]*+)*+))
    (?:[ \t\r\n]++(?:"[^"]*+"|'[^']*+')?+)?+[ \t\r\n]*+\)""",
    re.X,
)


class Code(NamedTuple):
    """Inline code; the span is that of the text between the backticks."""

    text: str
    start: int
    end: int


class Link(NamedTuple):
    """A link, an image or a link definition; the span is that of the target."""

    text: str
    target: str
    start: int
    end: int


def scan_inline(text: str, start: int, end: int, left: int, found: list[Code | Link]) -> int:
    """Add the code and links between `start` and `end`; return how many marks may still be read."""
    runs: dict[int, list[int]] | None = None
    brackets: list[int] = []
    at = start
    while left > 0 and (mark := _MARK.search(text, at, end)) is not None:
        left -= 1
        at, kind = mark.end(), mark[0]
        if kind[0] == "`":
            runs = runs if runs is not None else _runs(text, start, end)
            closing = _next(runs[len(kind)], mark.start()) if len(kind) in runs else None
            if closing is not None:
                found.append(_code(text, at, closing))
                at = closing + len(kind)
        elif kind == "<!--":
            closing = text.find("-->", at, end)
            at = closing + 3 if closing >= 0 else end
        elif kind == "[":
            brackets.append(at)
        elif kind[0] == "]" and brackets:
            opened = brackets.pop()
            target = _TARGET.match(text, at, end) if kind == "](" else None
            if target is not None:
                found.append(_link(text[opened : mark.start()], target))
                at = target.end()
    return left


def _runs(text: str, start: int, end: int) -> dict[int, list[int]]:
    """Return where runs of backticks begin, by their length."""
    runs: dict[int, list[int]] = {}
    for run in _BACKTICKS.finditer(text, start, end):
        runs.setdefault(len(run[0]), []).append(run.start())
    return runs


def _next(starts: list[int], after: int) -> int | None:
    at = bisect_right(starts, after)
    return starts[at] if at < len(starts) else None


def _code(text: str, start: int, end: int) -> Code:
    content = text[start:end]
    if len(content) > 2 and content[0] == content[-1] == " " and content.strip():
        start, end = start + 1, end - 1
    return Code(text[start:end], start, end)


def _link(text: str, target: re.Match[str]) -> Link:
    group = "angled" if target["angled"] is not None else "bare"
    return Link(text, target[group], *target.span(group))
