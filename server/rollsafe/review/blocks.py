"""Secrets that only the lines around them give away: armoured keys, block scalars, Secret objects.

Everything here reads lines and indentation, not a parsed tree: a file that does not parse keeps its
secrets too. When a block's end is not found, the rest of the file counts as part of it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from rollsafe.review.withheld import SECRET_KIND
from rollsafe.text import Span
from rollsafe.text.secrets import is_reference, is_sensitive_name, value_span
from rollsafe.text.tuples import NamedTuple

Lines: TypeAlias = Sequence[str]

_ENTRY = re.compile(r"""([\s"'-]{0,400})([\w.\-/]{1,200})["']?\s{0,8}[:=]\s{0,8}""")
_BLOCK_MARK = re.compile(r"(?:![\w:]+\s{0,4})?[|>][+-]?\d?[+-]?\s*(?:#.*)?\Z")
_FENCE = re.compile(r"(?P<quotes>\"\"\"|''')(?!.*(?P=quotes))|<<[-~]?[\"']?(?P<word>\w{1,60})[\"']?\s*\Z")
_MAY_FENCE = re.compile(r"<<|\"\"\"|'''")
_NAMED = re.compile(
    r"""(?i)(?:^|[\s{,"'-])(?P<key>name|key|variable|parameterkey)["']?\s{0,8}[:=]\s{0,8}["']?"""
    r"(?P<name>[\w.-]{1,200})"
)
_VALUE = re.compile(r"""(?i)(?:^|[\s{,"'-])(?P<key>(?:parameter)?value)["']?\s{0,8}[:=]\s{0,8}(?=\S)""")
_FLAG_ITEM = re.compile(r"""\s*-\s{1,8}["']?--?(?P<name>[\w-]{1,100})["']?\s*\Z""")
_LIST_ITEM = re.compile(r"\s*-\s{1,8}(?=\S)")
_SECRET_DATA = re.compile(r"""(?:^|[\s{,"'-])(?:data|stringData)["']?\s{0,8}:\s{0,8}""")
_GENERATOR = re.compile(r"""\s*["']?secretGenerator["']?\s{0,8}:""")
_LITERAL = re.compile(r"""\s*(?:-\s{1,8})?["']?(?:export\s{1,4})?[\w.-]{1,200}\s{0,4}=\s{0,4}""")
_LISTS_NAMES = re.compile(r"(?i)secrets?\Z")
_MAPPING_KEY = re.compile(r"[\s-]{0,400}(?:\"[^\"]{1,200}\"|'[^']{1,200}'|[^\s:#][^:#]{0,200}):(?:\s|\Z)")
_NEIGHBOURS = (-2, -1, 1, 2)
_LONGEST_FENCED = 400


class Found(NamedTuple):
    """A secret in a line; `line` is 0-based, `span` holds offsets in it."""

    line: int
    span: Span


def secrets_in_blocks(lines: Lines) -> Iterator[Found]:
    """Yield the secrets of a file that span lines or need another line to be recognised."""
    yield from _armoured(lines)
    yield from _fenced(lines)
    for at, line in enumerate(lines):
        yield from _below_sensitive_key(lines, at, line)
        yield from _beside_sensitive_name(lines, at, line)
        yield from _after_flag(lines, at, line)
        if _GENERATOR.match(line):
            yield from _literals(lines, range(at + 1, _dedent(lines, at + 1, _indent(line))))
    yield from _secret_objects(lines)


def environment_values(lines: Lines) -> Iterator[Found]:
    """Yield the values of a file of `NAME=value` lines, each taken for a secret."""
    yield from _literals(lines, range(len(lines)))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _content(line: str) -> Span:
    return Span(_indent(line), len(line.rstrip()))


def _dedent(lines: Lines, start: int, indent: int) -> int:
    """Return the first line from `start` on that is not blank and not indented beyond `indent`.

    A list under a key may begin in the key's own column.
    """
    for at in range(start, len(lines)):
        line = lines[at]
        if line.strip() and _indent(line) <= indent and not line[indent:].startswith("-"):
            return at
        if line.startswith("---"):
            return at
    return len(lines)


def _whole(lines: Lines, rows: range) -> Iterator[Found]:
    yield from (Found(at, _content(lines[at])) for at in rows if lines[at].strip())


def _armoured(lines: Lines) -> Iterator[Found]:
    """Yield every line from `-----BEGIN` to `-----END`."""
    inside = False
    for at, line in enumerate(lines):
        begins = line.rfind("-----BEGIN ")
        if inside or begins >= 0:
            yield Found(at, _content(line) if inside else Span(begins, len(line)))
        ends = line.rfind("-----END ")
        inside = (inside or begins >= 0) and ends <= begins


def _fenced(lines: Lines) -> Iterator[Found]:
    """Yield the lines of a triple-quoted string or a heredoc that a sensitive key is set to.

    Its beginning is left to the line itself; one without an end ends after a fixed number of lines.
    """
    below = -1
    for at, line in enumerate(lines):
        entry = _ENTRY.match(line) if at > below and _MAY_FENCE.search(line) else None
        fence = _FENCE.match(line, entry.end()) if entry and is_sensitive_name(entry[2]) else None
        if fence is None:
            continue
        closing = fence["quotes"] or fence["word"]
        rest = range(at + 1, min(at + 1 + _LONGEST_FENCED, len(lines)))
        below = next((row for row in rest if closing in lines[row]), rest.stop - 1)
        yield from _whole(lines, range(at + 1, below + 1))


def _below_sensitive_key(lines: Lines, at: int, line: str) -> Iterator[Found]:
    entry = _ENTRY.match(line)
    if entry is None or not is_sensitive_name(entry[2]):
        return
    value, indent = line[entry.end() :], len(entry[1].rstrip("\"'"))
    if _BLOCK_MARK.match(value):
        yield from _whole(lines, range(at + 1, _dedent(lines, at + 1, indent)))
    elif not value.strip() and not _LISTS_NAMES.search(entry[2]):
        rows = range(at + 1, _dedent(lines, at + 1, indent))
        first = next((lines[row] for row in rows if lines[row].strip()), "")
        if _MAPPING_KEY.match(first) is None:
            for row in rows:
                yield from _bare_scalar(row, lines[row])


def _bare_scalar(at: int, line: str) -> Iterator[Found]:
    """Yield what a line holds besides a list mark."""
    item = _LIST_ITEM.match(line)
    start = item.end() if item else _indent(line)
    span = value_span(line, start)
    if not is_reference(line[span.start : span.end]):
        yield Found(at, span)


def _beside_sensitive_name(lines: Lines, at: int, line: str) -> Iterator[Found]:
    """Yield the `value` that stands in one object with a sensitive `name`."""
    columns = {m.start("key") for m in _NAMED.finditer(line) if is_sensitive_name(m["name"])}
    if not columns:
        return
    for value in _VALUE.finditer(line):
        yield from _value_at(lines, at, value)
    for row in (at + step for step in _NEIGHBOURS):
        match = _VALUE.search(lines[row]) if 0 <= row < len(lines) else None
        if match and match.start("key") in columns:
            yield from _value_at(lines, row, match)


def _value_at(lines: Lines, at: int, value: re.Match[str]) -> Iterator[Found]:
    line = lines[at]
    if _BLOCK_MARK.match(line, value.end()):
        indent = value.start("key")
        yield from _whole(lines, range(at + 1, _dedent(lines, at + 1, indent)))
        return
    span = value_span(line, value.end())
    if not is_reference(line[span.start : span.end]):
        yield Found(at, span)


def _after_flag(lines: Lines, at: int, line: str) -> Iterator[Found]:
    """Yield the list item after `- --password`."""
    flag = _FLAG_ITEM.match(line)
    if flag and is_sensitive_name(flag["name"]) and at + 1 < len(lines):
        item = _LIST_ITEM.match(lines[at + 1])
        if item:
            span = value_span(lines[at + 1], item.end())
            if not is_reference(lines[at + 1][span.start : span.end]):
                yield Found(at + 1, span)


def _literals(lines: Lines, rows: range) -> Iterator[Found]:
    """Yield the value of every `NAME=value` line."""
    for at in rows:
        literal = _LITERAL.match(lines[at])
        if literal:
            span = value_span(lines[at], literal.end())
            if not is_reference(lines[at][span.start : span.end]):
                yield Found(at, span)


def _secret_objects(lines: Lines) -> Iterator[Found]:
    """Yield the values under `data` and `stringData` of every document that holds a Secret."""
    start = 0
    borders = [at for at, line in enumerate(lines) if line.startswith("---")]
    for end in (*borders, len(lines)):
        if any(SECRET_KIND.search(lines[at]) for at in range(start, end)):
            yield from _secret_data(lines, start, end)
        start = end


def _secret_data(lines: Lines, start: int, end: int) -> Iterator[Found]:
    below = start
    for at in range(start, end):
        line = lines[at]
        data = _SECRET_DATA.search(line)
        if at < below or data is None:
            continue
        if line[data.end() :].strip(" {|>"):
            yield Found(at, Span(data.end(), len(line.rstrip())))
        below = min(_object_end(lines, at, data.end(), _indent(line)), end)
        for row in range(at + 1, below):
            yield from _entry_value(row, lines[row])


def _object_end(lines: Lines, at: int, start: int, indent: int) -> int:
    """Return the row after the mapping that begins in row `at`, indented or in braces."""
    depth = lines[at].count("{", start) - lines[at].count("}", start)
    end = _dedent(lines, at + 1, indent)
    for row in range(at + 1, len(lines)):
        if depth <= 0:
            return max(end, row)
        depth += lines[row].count("{") - lines[row].count("}")
    return len(lines) if depth > 0 else end


def _entry_value(at: int, line: str) -> Iterator[Found]:
    """Yield the value of a `key: value` line, or the whole of any other."""
    entry = _ENTRY.match(line)
    content = _content(line)
    start = entry.end() if entry else content.start
    if line[start : content.end].strip(" {}[],|>"):
        yield Found(at, Span(start, content.end))
