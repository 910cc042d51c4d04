"""Edits of YAML and JSON that keep comments and formatting: pure functions from nodes to `Edit`.

A value to insert is written as its own small YAML text with its own indentation starting at column 0;
the functions indent it to where it lands and use the file's line ends.
"""

from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence
from rollsafe.text import Edit, Span

_INDENT = "  "


def eol_of(text: str) -> str:
    """Return the line end the file uses."""
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def line_start(text: str, offset: int) -> int:
    """Return the offset at which the line holding `offset` begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Return the offset after the last character of the line holding `offset`, its break left out."""
    ends = [at for at in (text.find("\n", offset), text.find("\r", offset)) if at >= 0]
    return min(ends, default=len(text))


def column_of(text: str, offset: int) -> int:
    """Return the 0-based column of `offset` in code points."""
    return offset - line_start(text, offset)


def set_value(node: Node, value: str) -> Edit:
    """Replace a scalar's source, quotes included, by `value`."""
    return Edit(Span(node.start, node.end), value)


def rename_key(entry: Entry, name: str) -> Edit:
    """Replace the key of `entry` by `name`."""
    return Edit(Span(entry.key.start, entry.key.end), name)


def add_entry(text: str, mapping: Mapping, key: str, value: str) -> Edit:
    """Insert `key: value` as the last entry of `mapping`; a value with line breaks goes below its key.

    In a flow mapping the value has to be flow style itself; a mapping in a JSON file gets JSON.
    """
    if mapping.flow:
        return _add_flow_entry(text, mapping, key, value)
    if not mapping.entries:
        return Edit(Span.at(mapping.start), render_entry(key, value))
    indent = " " * column_of(text, mapping.entries[0].key.start)
    return _insert_line_after(text, mapping.entries[-1].end, indented(render_entry(key, value), indent))


def add_entry_after(text: str, entry: Entry, key: str, value: str) -> Edit:
    """Insert `key: value` as a sibling right after the block-style `entry`."""
    indent = " " * column_of(text, entry.key.start)
    return _insert_line_after(text, entry.end, indented(render_entry(key, value), indent))


def add_entry_before(text: str, entry: Entry, key: str, value: str) -> Edit:
    """Insert `key: value` as a sibling right before the block-style `entry`."""
    indent = " " * column_of(text, entry.key.start)
    block = indented(render_entry(key, value), indent).lstrip(" ")
    return Edit(Span.at(entry.key.start), block.replace("\n", eol_of(text)) + eol_of(text) + indent)


def add_child(text: str, entry: Entry, key: str, value: str) -> Edit:
    """Insert `key: value` into the mapping that is (or becomes) the value of `entry`."""
    if isinstance(entry.value, Mapping) and (entry.value.entries or entry.value.flow):
        return add_entry(text, entry.value, key, value)
    indent = " " * column_of(text, entry.key.start) + _INDENT
    line = indented(render_entry(key, value), indent)
    if isinstance(entry.value, Scalar) and entry.value.end > entry.value.start:
        return Edit(Span.of(entry.value), eol_of(text) + line.replace("\n", eol_of(text)))
    return _insert_line_after(text, entry.key.end, line)


def add_item(text: str, sequence: Sequence, value: str) -> Edit:
    """Append `value` to a sequence; a block value is indented below its dash."""
    if sequence.flow:
        separator = ", " if sequence.items else ""
        return Edit(
            Span.at(sequence.items[-1].end if sequence.items else sequence.start + 1), separator + value
        )
    dash = column_of(text, sequence.start)
    first, *rest = value.split("\n")
    lines = [" " * dash + "- " + first, *(" " * (dash + 2) + line if line else "" for line in rest)]
    return _insert_line_after(
        text, sequence.items[-1].end if sequence.items else sequence.start, "\n".join(lines)
    )


def insert_item_before(text: str, item: Node, value: str) -> Edit:
    """Insert `value` as a block item before the block item `item`."""
    dash = text.rfind("-", 0, item.start)
    indent = column_of(text, dash)
    first, *rest = value.split("\n")
    lines = ["- " + first, *(" " * (indent + 2) + line if line else "" for line in rest)]
    eol = eol_of(text)
    return Edit(Span.at(dash), eol.join(lines) + eol + " " * indent)


def remove_entry(text: str, mapping: Mapping, key: str) -> Edit | None:
    """Remove `key` and its value with their lines; None when the mapping does not hold it itself."""
    entry = mapping.entry(key)
    if entry is None:
        return None
    if mapping.flow:
        return _remove_flow(text, [(e.start, e.end) for e in mapping.entries], mapping.entries.index(entry))
    start, end = line_start(text, entry.start), line_end(text, entry.end)
    if text[start : entry.start].strip():
        # The entry shares its line with a dash or its parent: the next sibling moves up.
        following = mapping.entries[mapping.entries.index(entry) + 1 :]
        return Edit(Span(entry.start, following[0].start), "") if following else None
    return Edit(Span(start, _after_break(text, end)), "")


def remove_item(text: str, sequence: Sequence, index: int) -> Edit:
    """Remove one item of a sequence, its line included in block style."""
    items = sequence.items
    if sequence.flow:
        return _remove_flow(text, [(item.start, item.end) for item in items], index)
    start = line_start(text, text.rfind("-", 0, items[index].start))
    return Edit(Span(start, _after_break(text, line_end(text, items[index].end))), "")


def render_entry(key: str, value: str) -> str:
    """Return `key: value`, the value on its own indented lines when it is a block."""
    if value.startswith(("|", ">")):
        head, _, body = value.partition("\n")
        return f"{key}: {head}\n" + indented(body, _INDENT)
    if "\n" in value or value.startswith("- ") or _is_block_mapping(value):
        return f"{key}:\n" + indented(value, _INDENT)
    return f"{key}: {value}" if value else f"{key}:"


def indented(block: str, indent: str) -> str:
    """Return `block` with every line that is not empty moved right by `indent`."""
    return "\n".join(indent + line if line else line for line in block.split("\n"))


def _is_block_mapping(value: str) -> bool:
    name, colon, rest = value.partition(":")
    return bool(colon) and rest.startswith(" ") and name.replace("-", "").replace("_", "").isalnum()


def _insert_line_after(text: str, offset: int, block: str) -> Edit:
    at = line_end(text, offset)
    eol = eol_of(text)
    return Edit(Span.at(at), eol + block.replace("\n", eol))


def _after_break(text: str, end: int) -> int:
    if text.startswith("\r\n", end):
        return end + 2
    return end + 1 if end < len(text) else end


def _add_flow_entry(text: str, mapping: Mapping, key: str, value: str) -> Edit:
    quoted = bool(mapping.entries) and text[mapping.entries[0].key.start] == '"'
    entry = f'"{key}": {value}' if quoted else f"{key}: {value}"
    if not mapping.entries:
        return Edit(Span.at(mapping.start + 1), entry)
    last = mapping.entries[-1]
    start = line_start(text, last.key.start)
    indent = text[start : last.key.start]
    if indent.strip():
        return Edit(Span.at(last.end), f", {entry}")
    eol = eol_of(text)
    lines = f",\n{entry}".replace("\n", eol + indent)
    return Edit(Span.at(last.end), lines)


def _remove_flow(text: str, spans: list[tuple[int, int]], index: int) -> Edit:
    """Remove one of the comma-separated `spans`, with the comma that becomes surplus."""
    start, end = spans[index]
    if index + 1 < len(spans):
        return Edit(Span(start, spans[index + 1][0]), "")
    if index > 0:
        return Edit(Span(spans[index - 1][1], end), "")
    return Edit(Span(start, end), "")
