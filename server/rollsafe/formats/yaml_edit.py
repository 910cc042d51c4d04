"""Edits of YAML and JSON that keep comments and formatting: pure functions from nodes to `Edit`.

A value to insert is written as its own small YAML text with its own indentation starting at column 0;
the functions indent it to where it lands, as deep as the file does, and use the file's line ends. Where it
lands in flow style or JSON it is written in that.
"""

import re
from collections.abc import Iterable
from collections.abc import Sequence as Several
from typing import Final

from rollsafe.formats.flow_text import as_flow, as_json, is_json, step_of
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence
from rollsafe.text import Edit, Span
from rollsafe.text.patterns import lazily

_INDENT: Final = "  "
_QUOTES: Final = 2
_JOINTS: Final = str.maketrans("", "", "-_./")
_NEEDS_ESCAPES: Final = frozenset("\"'\\\n")
_NESTED = lazily(r"^( *)[\w\"'./-]+:[ \t]*(?:[#&!][^\n]*)?\r?\n\1( {2,8})[\w\"']", re.M)
_DASHES = lazily(r"[ \t\ufeff]*(?:-[ \t]+)*-(?=\s)")
_REST_OF_FLOW_LINE = lazily(r"(,?)([ \t]*#[^\r\n]*)")


def eol_of(text: str) -> str:
    """Return the line end the file uses."""
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def as_at_end(text: str, lines: str) -> str:
    """Return `lines` as they end a file: with a line break unless the file, not empty, ends without one."""
    return lines if not text or text.endswith(("\n", "\r")) else lines.rstrip("\r\n")


def line_start(text: str, offset: int) -> int:
    """Return the offset at which the line holding `offset` begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Return the offset after the last character of the line holding `offset`, its break left out."""
    ends = [at for at in (text.find("\n", offset), text.find("\r", offset)) if at >= 0]
    return min(ends, default=len(text))


def column_of(text: str, offset: int) -> int:
    """Return the 0-based column of `offset` in code points; a byte order mark takes none."""
    start = line_start(text, offset)
    return offset - start - (start == 0 and text.startswith("\ufeff"))


def comments_above(text: str, offset: int) -> int:
    """Return where the comment lines right above the line of `offset`, as far indented as it, begin."""
    start = line_start(text, offset)
    comment = text[start:offset] + "#"
    while start:
        above = line_start(text, start - (2 if text.endswith("\r\n", 0, start) else 1))
        if not text.startswith(comment, above):
            break
        start = above
    return start


def set_value(node: Node, value: str) -> Edit:
    """Replace a scalar's value; quotes stay unless `value` needs others."""
    is_quoted = isinstance(node, Scalar) and not node.plain and not node.block
    if is_quoted and node.end - node.start >= _QUOTES and _NEEDS_ESCAPES.isdisjoint(value):
        return Edit(Span(node.start + 1, node.end - 1), value)
    return Edit(Span(node.start, node.end), value)


def rename_key(entry: Entry, name: str) -> Edit:
    """Replace the key of `entry` by `name`."""
    return Edit(Span(entry.key.start, entry.key.end), name)


def indent_of(text: str) -> str:
    """Return by how much the file moves the entries of a nested mapping to the right."""
    found = _NESTED.search(text)
    return found[2] if found is not None else _INDENT


def dash_of(text: str, item: Node) -> int:
    """Return the offset of the dash of a block item; the item's own where none is to be found."""
    at = item.start
    while True:
        begin = line_start(text, at)
        found = _DASHES.match(text, begin, at)
        if found is not None:
            return found.end() - 1
        if begin == 0:
            return item.start
        at = begin - 1


def add_entry(text: str, mapping: Mapping, key: str, value: str) -> Edit:
    """Insert `key: value` as the last entry of `mapping`; a value with line breaks goes below its key."""
    return add_entries(text, mapping, ((key, value),))


def add_entries(text: str, mapping: Mapping, entries: Several[tuple[str, str]]) -> Edit:
    """Insert several entries, at least one, as `add_entry` does each."""
    if mapping.flow:
        return _add_flow_entries(text, mapping, entries)
    lines = "\n".join(_entry_in(text, key, value) for key, value in entries)
    if not mapping.entries:
        return Edit(Span.at(mapping.start), lines.replace("\n", eol_of(text)))
    indent = " " * column_of(text, mapping.start)
    return _insert_line_after(text, mapping.entries[-1].end, indented(lines, indent))


def stacked(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return edits of which those that insert at one place are one; give the innermost first.

    What is added to a mapping goes where its last entry ends, which may be where that one's own last ends.
    """
    texts: dict[Span, str] = {}
    for edit in edits:
        texts[edit.span] = texts.get(edit.span, "") + edit.text
    return tuple(Edit(span, text) for span, text in texts.items())


def add_entry_after(text: str, entry: Entry, key: str, value: str) -> Edit:
    """Insert `key: value` as a sibling right after the block-style `entry`."""
    indent = " " * column_of(text, entry.key.start)
    return _insert_line_after(text, entry.end, indented(_entry_in(text, key, value), indent))


def add_entry_before(text: str, entry: Entry, key: str, value: str) -> Edit:
    """Insert `key: value` as a sibling right before the block-style `entry`."""
    return add_entries_before(text, entry, ((key, value),))


def add_entries_before(text: str, entry: Entry, entries: Several[tuple[str, str]]) -> Edit:
    """Insert several entries, at least one, as `add_entry_before` does each.

    They go above the comment lines right above `entry`, which speak of it.
    """
    indent = " " * column_of(text, entry.key.start)
    lines = "\n".join(_entry_in(text, key, value) for key, value in entries)
    above = comments_above(text, entry.key.start)
    if above != line_start(text, entry.key.start):
        block = indented(lines, indent)
        return Edit(Span.at(above), block.replace("\n", eol_of(text)) + eol_of(text))
    block = indented(lines, indent).lstrip(" ")
    return Edit(Span.at(entry.key.start), block.replace("\n", eol_of(text)) + eol_of(text) + indent)


def add_child(text: str, entry: Entry, key: str, value: str) -> Edit:
    """Insert `key: value` into the mapping that is (or becomes) the value of `entry`."""
    node = entry.value
    if isinstance(node, Mapping) and (node.entries or (node.flow and is_json(text))):
        return add_entry(text, node, key, value)
    indent = " " * column_of(text, entry.key.start) + indent_of(text)
    line = indented(_entry_in(text, key, value), indent)
    if node.end > node.start:
        start = len(text[: node.start].rstrip(" "))
        return Edit(Span(start, node.end), eol_of(text) + line.replace("\n", eol_of(text)))
    return _insert_line_after(text, entry.key.end, line)


def add_item(text: str, sequence: Sequence, value: str) -> Edit:
    """Append `value` to a sequence; a block value is indented below its dash."""
    return add_items(text, sequence, (value,))


def add_items(text: str, sequence: Sequence, values: Several[str]) -> Edit:
    """Append `values` to a sequence."""
    if sequence.flow:
        last = sequence.items[-1] if sequence.items else None
        indent = _own_indent(text, last.start) if last is not None else None
        return _append_to_flow(text, sequence, last, [_flow_value(text, value, indent) for value in values])
    lines = [line for value in values for line in _item(text, sequence, value)]
    end = sequence.items[-1].end if sequence.items else sequence.start
    return _insert_line_after(text, end, "\n".join(lines))


def _item(text: str, sequence: Sequence, value: str) -> list[str]:
    dash = column_of(text, sequence.start)
    first, *rest = value.split("\n")
    return [" " * dash + "- " + first, *(" " * (dash + 2) + line if line else "" for line in rest)]


def insert_item_before(text: str, item: Node, value: str) -> Edit:
    """Insert `value` as a block item before the block item `item`."""
    dash = dash_of(text, item)
    indent = column_of(text, dash)
    first, *rest = value.split("\n")
    lines = ["- " + first, *(" " * (indent + 2) + line if line else "" for line in rest)]
    eol = eol_of(text)
    return Edit(Span.at(dash), eol.join(lines) + eol + " " * indent)


def whole_lines(text: str, start: int, end: int) -> Span:
    """Return the lines from `start` to `end` with one line break: the one after, else the one before."""
    after = _after_break(text, end)
    if after > end:
        return Span(start, after)
    before = start - 2 if text.endswith("\r\n", 0, start) else max(0, start - 1)
    return Span(before, end)


def render_entry(key: str, value: str, indent: str = _INDENT) -> str:
    """Return `key: value`, the value on its own lines, moved right by `indent`, when it is a block."""
    if value.startswith(("|", ">")):
        head, _, body = value.partition("\n")
        return f"{key}: {head}\n" + indented(body, indent)
    if _is_block(value):
        return f"{key}:\n" + indented(value, indent)
    return f"{key}: {value}" if value else f"{key}:"


def _entry_in(text: str, key: str, value: str) -> str:
    """Return `key: value` as deep as the file moves nested mappings."""
    indent = indent_of(text)
    return render_entry(key, deepened(value, indent), indent)


def deepened(value: str, indent: str) -> str:
    """Return a block of nested mappings with another indentation; lists and scripts stay as they are."""
    lines = value.split("\n")
    if indent == _INDENT or any(
        line.lstrip(" ").startswith("- ") or line.endswith(("|", ">")) for line in lines
    ):
        return value
    return "\n".join(_deeper(line, indent) for line in lines)


def _deeper(line: str, indent: str) -> str:
    content = line.lstrip(" ")
    return indent * ((len(line) - len(content)) // len(_INDENT)) + content


def _is_block(value: str) -> bool:
    return "\n" in value or value.startswith("- ") or _is_block_mapping(value)


def indented(block: str, indent: str) -> str:
    """Return `block` with every line that is not empty moved right by `indent`."""
    return "\n".join(indent + line if line else line for line in block.split("\n"))


def _is_block_mapping(value: str) -> bool:
    name, colon, rest = value.partition(":")
    return bool(colon) and rest.startswith(" ") and name.translate(_JOINTS).isalnum()


def _insert_line_after(text: str, offset: int, block: str) -> Edit:
    at = line_end(text, offset)
    eol = eol_of(text)
    return Edit(Span.at(at), eol + block.replace("\n", eol))


def _after_break(text: str, end: int) -> int:
    if text.startswith("\r\n", end):
        return end + 2
    return end + 1 if end < len(text) else end


def _add_flow_entries(text: str, mapping: Mapping, entries: Several[tuple[str, str]]) -> Edit:
    last = mapping.entries[-1] if mapping.entries else None
    quote = '"' if is_json(text) or (last is not None and text[last.key.start] == '"') else ""
    indent = _own_indent(text, last.start) if last is not None else None
    parts = [f"{quote}{key}{quote}: {_flow_value(text, value, indent)}" for key, value in entries]
    return _append_to_flow(text, mapping, last, parts)


def _flow_value(text: str, value: str, indent: str | None) -> str:
    """Return `value` as the file writes what is inside of braces; without `indent`, on one line."""
    if is_json(text):
        return as_json(value, None if indent is None else eol_of(text) + indent, step_of(text))
    return as_flow(value) if _is_block(value) else value


def _append_to_flow(
    text: str, owner: Mapping | Sequence, last: Node | Entry | None, parts: list[str]
) -> Edit:
    if last is None:
        return Edit(Span.at(owner.start + 1), ", ".join(parts))
    indent = _own_indent(text, last.start)
    if indent is None:
        return Edit(Span.at(last.end), "".join(f", {part}" for part in parts))
    lines = "".join(f",{eol_of(text)}{indent}{part}" for part in parts)
    rest = _REST_OF_FLOW_LINE.match(text, last.end)
    if rest is None:
        return Edit(Span.at(last.end), lines)
    return Edit(Span(last.end, rest.end()), f",{rest[2]}{lines[1:]}{rest[1]}")


def _own_indent(text: str, start: int) -> str | None:
    """Return what stands before `start` on its line if that is nothing but blanks, else None."""
    indent = text[line_start(text, start) : start]
    return indent if not indent.strip() else None
