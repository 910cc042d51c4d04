"""Making a text digestible for libyaml without moving a single character.

Control characters and lone surrogates become spaces, template tags (`{{ … }}`, not GitHub's `${{ … }}`)
become placeholder characters that `restore` turns back, and a line that holds nothing but tags becomes
blank. A byte-order mark is cut off and remembered as `base`.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from rollsafe.text import LineIndex
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

_FORBIDDEN = lazily("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SURROGATE_ESCAPE = lazily(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_NOT_BREAK = lazily(r"[^\r\n]")
_FIRST: Final = "\ue000"
_REST: Final = "\ue001"
_KEY = lazily(r"[\w./-]+:(?:\s|\Z)")
_MOST_LINES: Final = 12
"""Lines of tags and comments that may lie between the parts of an item."""
_RUN = lazily(f"{_FIRST}{_REST}*")


class Masked:
    """A text ready for libyaml; offsets in it plus `base` are offsets in the file.

    `original` is the part of the file that is read, which begins at `offset`.
    """

    def __init__(self, original: str, text: str, offset: int, base: int, tags: list[tuple[int, str]]) -> None:
        self.original = original
        self.text = text
        self.offset = offset
        self.base = base
        self.templated = bool(tags) or text != original[base - offset :]
        self._tags = tags
        self._tag_starts = [start for start, _ in tags]

    @cached_property
    def lines(self) -> LineIndex:
        """The lines of the masked text, numbered as libyaml numbers them."""
        return LineIndex(self.text)

    def without_line(self, line: int) -> "Masked | None":
        """Return a copy with 0-based `line` blanked; None when there is nothing on it to blank."""
        start, end = self.lines.line_start(line), self.lines.line_end(line)
        if not self.text[start:end].strip():
            return None
        text = self.text[:start] + " " * (end - start) + self.text[end:]
        copy = Masked(self.original, text, self.offset, self.base, self._tags)
        copy.templated = self.templated
        return copy

    def content_line_before(self, line: int) -> int | None:
        """Return the nearest line before `line` that holds more than blanks or a comment."""
        for at in range(min(line, len(self.lines)) - 1, max(-1, line - 40), -1):
            text = self.lines.line_text(at).strip()
            if text and not text.startswith("#"):
                return at
        return None

    def trimmed_end(self, start: int, end: int) -> int:
        """Return where the content of a block scalar ends: trailing blanks and breaks left out."""
        content = self.original[start - self.offset : end - self.offset]
        return start + len(content.rstrip())

    def restore(self, value: str, start: int, end: int) -> str:
        """Return a scalar's value with the template tags between `start` and `end` put back."""
        if _FIRST not in value:
            return value
        first = bisect_left(self._tag_starts, start - self.base)
        tags = iter(tag for at, tag in self._tags[first:] if at + self.base < end)
        return _RUN.sub(lambda match: next(tags, match[0]), value)


def is_clean(text: str) -> bool:
    """Say whether a text holds only characters that YAML allows."""
    return _FORBIDDEN.search(text) is None


def mask(text: str, offset: int = 0, *, templates: bool = True) -> Masked:
    """Return `text`, which stands at `offset` of its file, in a form libyaml reads.

    Without `templates` braces are braces, and no tags of a template.
    """
    mark = 1 if text.startswith("\ufeff") else 0
    work = text[mark:]
    if _FORBIDDEN.search(work):
        work = _FORBIDDEN.sub(" ", work)
    if "\\u" in work:
        work = _SURROGATE_ESCAPE.sub(lambda match: "?" * len(match[0]), work)
    clean = work
    tags: list[tuple[int, str]] = []
    if templates and "{{" in work:
        work = _mask_tags(work, tags)
    masked = Masked(text, work, offset, offset + mark, tags)
    masked.templated = work is not clean
    return masked


def _mask_tags(text: str, tags: list[tuple[int, str]]) -> str:
    """Return `text` with template tags replaced; linear, because an unclosed tag ends the search."""
    parts: list[str] = []
    done = mixed = 0
    for start, end in _tags(text):
        if start < done:
            continue
        line_end = mixed if end <= mixed else _line_end(text, end)
        # A line is looked at once, however many tags it holds.
        if line_end != mixed and _only_tags(text[text.rfind("\n", 0, start) + 1 : line_end]):
            parts += (text[done:start], " " * (line_end - start))
            done = line_end
        else:
            mixed = line_end
            if _begins_item(text, start, end, line_end):
                parts += (text[done:start], " " * (end - start))
                done = end
                continue
            tag = text[start:end]
            tags.append((start, tag))
            parts += (text[done:start], _FIRST + _NOT_BREAK.sub(_REST, tag[1:]))
            done = end
    parts.append(text[done:])
    return "".join(parts) if done else text


def _tags(text: str) -> Iterator[tuple[int, int]]:
    """Yield the bounds of every `{{ … }}` that no `$` precedes."""
    at = 0
    while (start := text.find("{{", at)) >= 0:
        end = text.find("}}", start + 2)
        if end < 0:
            return
        at = end + 2
        if text[start - 1 : start] != "$":
            yield start, at


def _begins_item(text: str, start: int, end: int, line_end: int) -> bool:
    """Say whether a tag, all there is behind a dash, prints the first keys of an item that goes on below."""
    begin = text.rfind("\n", 0, start) + 1
    dash = text[begin:start]
    if dash.strip() != "-" or text[end:line_end].strip():
        return False
    column, at = dash.index("-"), line_end
    for _ in range(_MOST_LINES):
        at = text.find("\n", at) + 1
        if not at:
            return False
        line = text[at : _line_end(text, at)]
        content = line.lstrip(" ")
        if content.strip() and not content.startswith(("#", "{{")):
            return len(line) - len(content) > column and _KEY.match(content) is not None
    return False


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def _only_tags(line: str) -> bool:
    """Say whether a line holds template tags and blanks only; a tag that ends later counts as one."""
    rest = line.strip()
    while rest.startswith("{{"):
        end = rest.find("}}")
        if end < 0:
            return True
        rest = rest[end + 2 :].lstrip()
    return not rest
