"""Front matter: the fields between `---` lines at the top of a Markdown text, and the text below.

Much of it in the wild is not valid YAML: a description of several sentences holds a `: ` sooner or later.
Strict YAML is tried first. Where it refuses, the fields are read one by one: a name at the start of a line
begins one, and one that YAML refuses by itself is taken as the text that stands there. Nothing is lost, and
`problems` tells what a strict reader objects to.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.problems import Problem
from rollsafe.formats.yaml import read_part
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple

MAX_CHARS: Final = 65_536
"""Longer texts are not read at all."""
MAX_FRONT: Final = 16_384
MAX_FIELDS: Final = 200

_OPENING = re.compile(r"\A\ufeff?(?P<lead>(?:[ \t]*(?:\r\n|\n|\r))*)---[ \t]*(?P<end>\r\n|\n|\r|\Z)")
_CLOSING = re.compile(r"(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)")
_FIELD = re.compile(r"(?P<name>[A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(?P<first>.*)|[ \t]*)\Z")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_BLOCK = re.compile(r"[|>][-+0-9]{0,2}[ \t]*(?=[\r\n]|\Z)")
_ESCAPES: Final = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\"}
_ESCAPE = re.compile(r'\\[nt"\\]')


class Field(NamedTuple):
    """One field. `start` and `end` bound all of it, `refused` says why YAML refuses it by itself.

    The value of a refused field is a scalar that holds its text.
    """

    name: str
    key: Span
    value: Node
    start: int
    end: int
    refused: str = ""


class FrontMatter(NamedTuple):
    """What the reader made of a text.

    `fields` are in source order, repeated ones included. `is_present` is False for a text without front
    matter, whose `body` is all of it. Every one of `problems` is a reason for which a strict reader takes
    less than what is here, or nothing; a fatal one means that nothing was read.
    """

    text: str
    is_present: bool
    fields: tuple[Field, ...]
    body: Span
    front: Span
    problems: tuple[Problem, ...] = ()

    def field(self, name: str) -> Field | None:
        """Return the field of that name, the last one as in YAML."""
        return next((one for one in reversed(self.fields) if one.name == name), None)

    def repeated(self) -> Iterator[Field]:
        """Yield every field whose name was there before."""
        seen: set[str] = set()
        for one in self.fields:
            if one.name in seen:
                yield one
            seen.add(one.name)


class _Line(NamedTuple):
    start: int
    end: int
    next: int


def read_front_matter(text: str, known: frozenset[str], prose: frozenset[str] = frozenset()) -> FrontMatter:
    """Read the front matter of a Markdown text; never raises.

    `known` are the names a field can have: inside of a field named in `prose` nothing else begins another,
    because sentences begin with words and colons too.
    """
    whole = Span(0, len(text))
    if len(text) > MAX_CHARS:
        problem = Problem(0, 0, f"larger than {MAX_CHARS >> 10} KiB", fatal=True)
        return FrontMatter(text, False, (), whole, Span.at(0), (problem,))
    opening = _OPENING.match(text)
    if opening is None:
        return FrontMatter(text, False, (), whole, Span.at(0))
    begin = opening.end()
    lines, closing = _until_closed(text, begin)
    if closing is None:
        return _unclosed(text, begin, lines, known, prose)
    problems: list[Problem] = []
    if opening["lead"]:
        at = opening.start("lead")
        problems.append(Problem(at, at, "the front matter does not begin on the first line"))
    front = Span(begin, closing.start)
    fields = _fields(text, front, lines, (known, prose), problems)
    return FrontMatter(text, True, fields, Span(closing.next, len(text)), front, tuple(problems))


def _until_closed(text: str, begin: int) -> tuple[list[_Line], _Line | None]:
    """Return the lines before the closing mark, and the mark's own; without one, all lines."""
    before: list[_Line] = []
    for line in _lines(text, begin):
        if _CLOSING.match(text, line.start, line.end):
            return before, line
        before.append(line)
    return before, None


def _lines(text: str, begin: int) -> Iterator[_Line]:
    at = begin
    while at < len(text):
        match = _LINE.match(text, at)
        end = match.end() if match else len(text)
        yield _Line(at, at + len(text[at:end].rstrip("\r\n")), end)
        at = end


def _unclosed(
    text: str, begin: int, lines: list[_Line], known: frozenset[str], prose: frozenset[str]
) -> FrontMatter:
    """Read fields up to the first blank line; without one at once, the mark is a rule across the page."""
    fields: list[_Line] = []
    for line in lines:
        if not text[line.start : line.end].strip():
            break
        fields.append(line)
    named = _FIELD.match(text[fields[0].start : fields[0].end]) if fields else None
    if named is None or named["name"] not in known:
        return FrontMatter(text, False, (), Span(0, len(text)), Span.at(0))
    end = fields[-1].next
    problems = [Problem(begin, begin, "the front matter is not closed by a line `---`")]
    found = _fields(text, Span(begin, end), fields, (known, prose), problems)
    return FrontMatter(text, True, found, Span(end, len(text)), Span(begin, end), tuple(problems))


def _fields(
    text: str,
    front: Span,
    lines: list[_Line],
    names: tuple[frozenset[str], frozenset[str]],
    problems: list[Problem],
) -> tuple[Field, ...]:
    if front.end - front.start > MAX_FRONT:
        problems.append(Problem(front.start, front.start, f"longer than {MAX_FRONT >> 10} KiB", fatal=True))
        return ()
    tree = read_part(text[front.start : front.end], front.start)
    if not tree.problems and not tree.documents:
        return ()
    if not tree.problems and len(tree.documents) == 1 and isinstance(tree.documents[0], Mapping):
        return tuple(_strict_fields(tree.documents[0]))
    words = "not a list of fields"
    error = tree.problems[0] if tree.problems else Problem(front.start, front.start, words)
    problems.append(error._replace(fatal=False))
    return tuple(_one_by_one(text, lines, *names))


def _strict_fields(mapping: Mapping) -> Iterator[Field]:
    for entry in mapping.entries:
        yield Field(entry.name, Span.of(entry.key), entry.value, entry.start, entry.end)


def _one_by_one(
    text: str, lines: list[_Line], known: frozenset[str], prose: frozenset[str]
) -> Iterator[Field]:
    """Yield the fields that begin at a line's start, each read by itself."""
    starts: list[int] = []
    seen: set[str] = set()
    inside = ""
    for number, line in enumerate(lines):
        match = _FIELD.match(text[line.start : line.end])
        if match is None or len(starts) == MAX_FIELDS:
            continue
        name = match["name"]
        if inside in prose and (name not in known or name in seen):
            continue
        starts.append(number)
        seen.add(name)
        inside = name
    for number, following in pairwise([*starts, len(lines)]):
        yield _one(text, lines[number], lines[following - 1].end, prose)


def _one(text: str, line: _Line, end: int, prose: frozenset[str]) -> Field:
    start = line.start
    match = _FIELD.match(text[start : line.end])
    name = match["name"] if match else ""
    key = Span(start, start + len(name))
    tree = read_part(text[start:end], start)
    root = tree.documents[0] if len(tree.documents) == 1 and not tree.problems else None
    if isinstance(root, Mapping) and [entry.name for entry in root.entries] == [name]:
        value = root.entries[0].value
        if name not in prose or isinstance(value, Scalar):
            return Field(name, key, value, start, root.end)
    at = start + match.start("first") if match and match["first"] is not None else line.end
    words = tree.problems[0].message if tree.problems else "more than one value"
    value = _as_text(text, at, end)
    return Field(name, key, value, start, max(value.end, key.end), words)


def _as_text(text: str, start: int, end: int) -> Scalar:
    """Return the scalar for words that no YAML reader takes as they are."""
    block = _BLOCK.match(text, start, end)
    at = block.end() if block else start
    raw = text[at:end]
    at += len(raw) - len(raw.lstrip())
    stop = at + len(raw.strip())
    words = re.sub(r"\r\n|\r", "\n", text[at:stop])
    quote = words[0] if len(words) > 1 and words[0] == words[-1] and words[0] in "\"'" else ""
    if quote:
        words = words[1:-1]
    return Scalar(start, stop, words if quote == "'" or block else unescaped(words), plain=not quote)


def unescaped(words: str) -> str:
    r"""Return text with the escapes `\n`, `\t`, `\"` and `\\` put in effect, where it has `\n` at all."""
    if "\\n" not in words:
        return words
    return _ESCAPE.sub(lambda match: _ESCAPES[match[0]], words)
