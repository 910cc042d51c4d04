"""The parts of a Markdown text that are about something: headings, prose, tables, code and links.

This is no renderer. Fenced and indented code, HTML comments and front matter are set apart, so that what
remains is prose. Every part knows where it is, and reading takes linear time; a text with too many lines
or marks is read up to the limit.
"""

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Final

from rollsafe.formats.markdown_inline import Code, Link, scan_inline
from rollsafe.formats.problems import Problem
from rollsafe.text import LineIndex
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

MAX_CHARS: Final = 262_144
MAX_LINES: Final = 5_000
MAX_MARKS: Final = 10_000
_MAX_HEADING: Final = 300
_MAX_CELLS: Final = 100
_MAX_STRETCH: Final = 20_000
"""Code and links are looked for in this many characters of a paragraph."""

_FENCE = lazily(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?P<mark>`{3,}|~{3,})(?P<info>[^\r\n]*)")
_ITEM = lazily(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|\Z)")
_ATX = lazily(r" {0,3}(?P<marks>#{1,6})(?:[ \t]|\Z)")
_DEFINITION = lazily(r" {0,3}\[(?P<label>[^\]^\r\n][^\]\r\n]{0,200})\]:[ \t]*(?P<target>\S+)")
_BAR = lazily(r"\\.|\|")
_HEADING_MARKUP = lazily(r"\]\([^)\s]*\)|[*`\[\]]")


class Heading(NamedTuple):
    """A heading; `text` is plain, `start` and `end` bound its line without the line end."""

    level: int
    text: str
    start: int
    end: int


class Block(NamedTuple):
    """A paragraph, or one item of a list (`is_item`), its continuation lines included."""

    is_item: bool
    start: int
    end: int


class Cell(NamedTuple):
    """A cell of a table, blanks around its text left out."""

    text: str
    start: int
    end: int


class Table(NamedTuple):
    """A table with its header and its other rows."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    start: int
    end: int


class Fence(NamedTuple):
    """A fenced block; `info` is what follows the opening fence, the span that of its body."""

    info: str
    start: int
    end: int


class Field(NamedTuple):
    """A `name: value` line of the front matter; the span is that of the value."""

    name: str
    value: str
    start: int
    end: int


class Markdown:
    """What the reader made of a text; inline parts are looked for when they are asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.headings: list[Heading] = []
        self.blocks: list[Block] = []
        self.tables: list[Table] = []
        self.fences: list[Fence] = []
        self.definitions: list[Link] = []
        self.fields: list[Field] = []
        self.problems: list[Problem] = []

    @cached_property
    def codes(self) -> list[Code]:
        """Inline code, in source order."""
        return sorted((part for part in self._inline if isinstance(part, Code)), key=_start_of)

    @cached_property
    def links(self) -> list[Link]:
        """Links, images and link definitions, in source order of their targets."""
        found = [part for part in self._inline if isinstance(part, Link)]
        return sorted([*found, *self.definitions], key=_start_of)

    @cached_property
    def _inline(self) -> list[Code | Link]:
        found: list[Code | Link] = []
        left = MAX_MARKS
        for start, end in self._regions():
            left = scan_inline(self.text, start, min(end, start + _MAX_STRETCH), left, found)
        return found

    def _regions(self) -> Iterator[tuple[int, int]]:
        yield from ((heading.start, heading.end) for heading in self.headings)
        yield from ((block.start, block.end) for block in self.blocks)
        for table in self.tables:
            for row in (table.header, *table.rows):
                yield from ((cell.start, cell.end) for cell in row)


def read_markdown(text: str) -> Markdown:
    """Read a Markdown text; never raises."""
    document = Markdown(text)
    lines = text.count("\n") + text.count("\r")
    if len(text) > MAX_CHARS or lines > MAX_LINES:
        message = f"larger than {MAX_CHARS} characters or {MAX_LINES} lines"
        document.problems.append(Problem(0, 0, message, fatal=True))
        return document
    _Scanner(document).run()
    return document


class _Scanner:
    """Goes through the lines once; every method takes a line number and returns the next one."""

    def __init__(self, document: Markdown) -> None:
        self.document = document
        self.text = document.text
        index = LineIndex(self.text)
        self.spans = [(index.line_start(n), index.line_end(n)) for n in range(len(index))]
        if self.text.startswith("\ufeff"):
            self.spans[0] = (1, self.spans[0][1])
        self.lines = [self.text[start:end] for start, end in self.spans]
        self.in_list = False

    def run(self) -> None:
        at = self._front_matter()
        while at < len(self.lines):
            at = self._block(at)

    def _block(self, at: int) -> int:
        line = self.lines[at]
        bare = line.strip()
        if not bare:
            return at + 1
        if bare.startswith("<!--"):
            return self._comment(at)
        fence = _FENCE.match(line) if "```" in bare or "~~~" in bare else None
        if fence is not None and not ("`" in fence["mark"] and "`" in fence["info"]):
            return self._fence(at, fence)
        if bare.startswith("#") and _ATX.match(line):
            return self._heading(at)
        if "|" in bare and self._is_delimiter(at + 1):
            return self._table(at)
        return self._prose(at, line, bare)

    def _prose(self, at: int, line: str, bare: str) -> int:
        if _is_break(bare):
            return at + 1
        definition = _DEFINITION.match(line) if bare.startswith("[") else None
        if definition is not None:
            return self._definition(at, definition)
        is_item = _ITEM.match(line) is not None
        if not is_item and not self.in_list and line.startswith(("    ", "\t")):
            return at + 1
        if is_item:
            self.in_list = True
        elif not line.startswith((" ", "\t")):
            self.in_list = False
        return self._paragraph(at, is_item)

    def _front_matter(self) -> int:
        """Read `name: value` lines between `---` marks at the very beginning."""
        if self.lines[0].rstrip() != "---":
            return 0
        for at in range(1, len(self.lines)):
            if self.lines[at].rstrip() in ("---", "..."):
                self.document.fields += (field for n in range(1, at) if (field := self._field(n)) is not None)
                return at + 1
        return 0

    def _field(self, at: int) -> Field | None:
        line = self.lines[at]
        name, colon, rest = line.partition(":")
        if not colon or not name or name[0] in " \t#-":
            return None
        value = rest.strip()
        start = self.spans[at][0] + len(name) + 1 + (len(rest) - len(rest.lstrip()))
        return Field(name.strip(), value.strip("\"'"), start, start + len(value))

    def _comment(self, at: int) -> int:
        end = self.text.find("-->", self.spans[at][0])
        while at < len(self.lines) and self.spans[at][1] < end + 3:
            at += 1
        return at + 1 if end >= 0 else len(self.lines)

    def _fence(self, at: int, opening: re.Match[str]) -> int:
        mark = opening["mark"]
        first = at + 1
        at = first
        while at < len(self.lines) and not _closes(self.lines[at], mark):
            at += 1
        start = self.spans[first][0] if first < len(self.lines) else len(self.text)
        end = self.spans[at][0] if at < len(self.lines) else len(self.text)
        self.document.fences.append(Fence(opening["info"].strip(), start, end))
        return at + 1

    def _heading(self, at: int) -> int:
        bare = self.lines[at].strip()
        text = bare.lstrip("#")
        closed = text.rstrip("#")
        if not closed or closed[-1] in " \t":
            text = closed
        self._add_heading(at, len(bare) - len(bare.lstrip("#")), text)
        return at + 1

    def _add_heading(self, at: int, level: int, text: str) -> None:
        plain = _HEADING_MARKUP.sub("", text[:_MAX_HEADING]).strip()
        self.document.headings.append(Heading(level, plain, *self.spans[at]))
        self.in_list = False

    def _definition(self, at: int, match: re.Match[str]) -> int:
        start = self.spans[at][0]
        target = match["target"].strip("<>")
        begin = start + match.start("target") + match["target"].find(target)
        self.document.definitions.append(Link(match["label"], target, begin, begin + len(target)))
        return at + 1

    def _is_delimiter(self, at: int) -> bool:
        if at >= len(self.lines):
            return False
        line = self.lines[at]
        return "|" in line and "-" in line and not line.strip(" \t|:-")

    def _table(self, at: int) -> int:
        header = self._cells(at)
        start = self.spans[at][0]
        at += 2
        rows: list[tuple[Cell, ...]] = []
        while at < len(self.lines) and "|" in self.lines[at]:
            rows.append(self._cells(at))
            at += 1
        self.document.tables.append(Table(header, tuple(rows), start, self.spans[at - 1][1]))
        return at

    def _cells(self, at: int) -> tuple[Cell, ...]:
        line, offset = self.lines[at], self.spans[at][0]
        bars = [bar.start() for bar in islice(_BAR.finditer(line), _MAX_CELLS) if bar[0] == "|"]
        edges = [-1, *bars, len(line)]
        cells: list[Cell] = []
        for left, right in pairwise(edges):
            raw = line[left + 1 : right]
            text = raw.strip()
            start = offset + left + 1 + len(raw) - len(raw.lstrip())
            cells.append(Cell(text, start, start + len(text)))
        return tuple(cells[not cells[0].text : len(cells) - (not cells[-1].text)])

    def _paragraph(self, at: int, is_item: bool) -> int:
        first = at
        at += 1
        while at < len(self.lines) and self._continues(at):
            at += 1
        if at == first + 1 and not is_item and at < len(self.lines):
            level = _setext_level(self.lines[at])
            if level:
                self._add_heading(first, level, self.lines[first])
                return at + 1
        self.document.blocks.append(Block(is_item, self.spans[first][0], self.spans[at - 1][1]))
        return at

    def _continues(self, at: int) -> bool:
        """Say whether line `at` goes on with the paragraph before it."""
        line = self.lines[at]
        bare = line.strip()
        if not bare or bare.startswith(("<!--", "```", "~~~")) or _is_break(bare):
            return False
        if bare.startswith("#") and _ATX.match(line):
            return False
        if _ITEM.match(line) or _setext_level(line):
            return False
        return not ("|" in bare and self._is_delimiter(at + 1))


def _start_of(part: Code | Link) -> int:
    return part.start


def _closes(line: str, mark: str) -> bool:
    bare = line.strip(" \t>")
    return len(bare) >= len(mark) and not bare.strip(mark[0])


def _is_break(bare: str) -> bool:
    """Say whether a line is a thematic break such as `* * *`."""
    if bare[0] not in "-*_":
        return False
    return not bare.strip(bare[0] + " \t") and bare.count(bare[0]) >= 3


def _setext_level(line: str) -> int:
    bare = line.strip()
    if bare and not bare.strip("="):
        return 1
    return 2 if bare and not bare.strip("-") else 0
