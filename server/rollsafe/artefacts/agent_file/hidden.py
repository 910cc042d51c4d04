"""What an agent file holds that a person does not see: characters without a shape, comments with orders."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import Final

from rollsafe.artefacts.agent_file.definition import AgentDefinition
from rollsafe.formats.markdown import read_markdown
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple

_MOST: Final = 50
_COMMENT_CHARS: Final = 4_000
_LONG_RUN: Final = 8
_UNSEEN = re.compile(
    "(?P<tags>[\U000e0000-\U000e007f]+)"
    "|(?P<selectors>[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,})"
    "|(?P<direction>[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]+)"
    "|(?P<width>[\u200b-\u200d\u2060-\u2064\u180e\ufeff]+)"
)
_KINDS: Final = {
    "tags": "tag characters",
    "selectors": "variation selectors",
    "direction": "marks of text direction",
    "width": "characters without width",
}
_OVERRIDES: Final = frozenset("\u202d\u202e")
_JOINERS: Final = frozenset("\u200c\u200d")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_COMPLEX_SCRIPTS = re.compile("[\u0600-\u109f\u1780-\u18af\u1a20-\u1aaf\ua8e0-\ua8ff\ufb50-\ufeff]")
_EMOJI = re.compile("[\u2190-\u2bff\u3030\u303d\u3297\u3299\ufe0f\u20e3\U0001f000-\U0001faff]")
_FLAG: Final = "\U0001f3f4"
_END_OF_FLAG: Final = "\U000e007f"

_HOSTILE = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}"
    r"\b(?:instructions?|rules|guidelines|prompts?|restrictions|findings)\b"
    r"|\byou are now\b|\byour (?:real|true|actual) (?:task|goal|job|purpose|instructions?)\b|\bexfiltrate\b",
    re.I,
)
_ORDER = re.compile(
    r"\b(?:do not|don't|never) (?:tell|mention|reveal|disclose|flag|warn|inform|report (?:this|any|it))\b"
    r"[^.\n]{0,60}"
    r"|\balways (?:approve|accept|allow|agree|pass|merge|answer|respond|reply)\b[^.\n]{0,60}"
    r"|\bwithout (?:asking|telling|confirmation|approval|permission)\b[^.\n]{0,60}"
    r"|\b(?:secretly|covertly)\b[^.\n]{0,60}"
    r"|\b(?:run|execute|send|post|upload|curl|wget)\b[^.\n]{0,60}"
    r"(?:https?://|\|\s*(?:ba)?sh\b|\b(?:tokens?|secrets?|credentials?|passwords?)\b|\.env\b)",
    re.I,
)
_FOR_TOOLS = re.compile(
    r"<!--\s*(?:rollsafe|markdownlint|prettier|vale|textlint|cspell|toc|omit|end|start)\b", re.I
)


class Hidden(NamedTuple):
    """A run of unseen characters; `words` is what tag characters spell. A hostile run has no honest use."""

    span: Span
    kind: str
    words: str
    is_hostile: bool


class OrderingComment(NamedTuple):
    """A comment that tells a model what to do; `words` are its telling ones."""

    span: Span
    words: str
    is_hostile: bool


def unseen(text: str) -> list[Hidden]:
    """Return the runs of characters without a shape that writing does not need, at most a fixed number."""
    if text.isascii():
        return []
    return list(islice(_unseen(text), _MOST))


def _unseen(text: str) -> Iterator[Hidden]:
    for match in _UNSEEN.finditer(text):
        kind, run = match.lastgroup or "", match[0]
        if (match.start() == 0 and run == "\ufeff") or _is_needed(kind, text, match):
            continue
        words = _spelled(run) if kind == "tags" else ""
        hostile = (
            bool(words) or kind == "selectors" or not _OVERRIDES.isdisjoint(run) or len(run) >= _LONG_RUN
        )
        yield Hidden(Span(*match.span()), _KINDS[kind], words, hostile)


def _is_needed(kind: str, text: str, match: re.Match[str]) -> bool:
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if kind == "tags":
        return before == _FLAG and match[0].endswith(_END_OF_FLAG)
    if kind == "direction":
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.end() + 200].partition("\n")[0]
        return _RIGHT_TO_LEFT.search(line) is not None
    if kind != "width" or len(match[0]) > 1:
        return False
    near = bool(_COMPLEX_SCRIPTS.match(before) or _COMPLEX_SCRIPTS.match(after))
    joins = match[0] in _JOINERS and _EMOJI.match(before) and _EMOJI.match(after)
    return near or bool(joins)


def _spelled(tags: str) -> str:
    letters = (chr(ord(tag) - 0xE0000) for tag in tags[:80])
    return "".join(letter for letter in letters if " " <= letter <= "~" and letter != "`").strip()


def ordering_comments(agent: AgentDefinition) -> list[OrderingComment]:
    """Return the HTML comments outside of code that tell a model what to do."""
    text = agent.file.text
    if "<!--" not in text:
        return []
    markdown = read_markdown(text)
    code = sorted(
        [(one.start, one.end) for one in markdown.fences] + [(one.start, one.end) for one in markdown.codes]
    )
    found = (_order(agent, span) for span in _comments(text) if not _lies_in(code, span.start))
    return list(islice((one for one in found if one is not None), _MOST))


def _lies_in(stretches: list[tuple[int, int]], offset: int) -> bool:
    at = bisect_right(stretches, (offset + 1, 0)) - 1
    return at >= 0 and offset < stretches[at][1]


def _comments(text: str) -> Iterator[Span]:
    at = text.find("<!--")
    while at >= 0:
        close = text.find("-->", at + 4)
        end = close + 3 if close >= 0 else len(text)
        yield Span(at, end)
        at = text.find("<!--", end)


def _order(agent: AgentDefinition, span: Span) -> OrderingComment | None:
    text = agent.file.text[span.start : min(span.end, span.start + _COMMENT_CHARS)]
    if _FOR_TOOLS.match(text):
        return None
    hostile, order = _HOSTILE.search(text), _ORDER.search(text)
    match = hostile or order
    if match is None:
        return None
    words = " ".join(match[0].replace("`", "").replace("-->", "").split())
    return OrderingComment(span, words.lower(), hostile is not None)
