"""Edits of TOML that keep comments and formatting: pure functions from nodes to `Edit`."""

from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import as_at_end, eol_of, line_end, line_start
from rollsafe.text import Edit, Span


def add_toml_entry(text: str, table: Mapping, key: str, value: str) -> Edit:
    """Insert `key = value`, the value as TOML has it, as the last entry below the table's header."""
    if table.flow:
        comma = ", " if table.entries else " "
        at = table.entries[-1].end if table.entries else table.start + 1
        return Edit(Span.at(at), f"{comma}{key} = {value}")
    own = [entry.start for entry in table.entries if table.start <= entry.start < table.end]
    first = own[-1] if own else table.start
    start = line_start(text, first)
    indent = text[start:first] if not text[start:first].strip(" \t\ufeff") else ""
    line = f"{indent.lstrip(chr(0xFEFF))}{key} = {value}"
    if table.end == 0:
        return Edit(Span.at(0), line + eol_of(text))
    return Edit(Span.at(line_end(text, table.end)), eol_of(text) + line)


def add_toml_table(text: str, block: str) -> Edit:
    """Append the lines of a table, its header first, after an empty line."""
    eol = eol_of(text)
    gap = eol if text.endswith("\n") else eol * 2
    return Edit(Span.at(len(text)), gap + as_at_end(text, block.replace("\n", eol) + eol))


def toml_string(text: str) -> str:
    """Return a text as a TOML string on one line, in the quotes that need no escapes if there are any."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
