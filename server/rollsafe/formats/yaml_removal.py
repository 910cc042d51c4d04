"""Edits that take something out of YAML and JSON; every comment stays, on a line of its own."""

from collections.abc import Iterator

from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, walk
from rollsafe.formats.yaml_edit import column_of, dash_of, eol_of, line_end, line_start, whole_lines
from rollsafe.text import Edit, Span
from rollsafe.text.patterns import lazily

_ANCHOR = lazily(r"(?<![^\s\[{,])&([^\s\[\]{},]+)")
_ALIAS = lazily(r"(?<![^\s\[{,])\*([^\s\[\]{},]+)")
_COMMENT = lazily(r"(?:(?<=[ \t\n])|^)#[^\r\n]*")


def remove_entry(text: str, mapping: Mapping, key: str) -> Edit | None:
    """Remove `key` and its value with their lines.

    None when the mapping does not hold it itself, or when something further down repeats what it names.
    """
    entry = mapping.entry(key)
    if entry is None or _is_repeated(text, entry.start, entry.end):
        return None
    if mapping.flow:
        return _remove_flow(text, [(e.start, e.end) for e in mapping.entries], mapping.entries.index(entry))
    start, end = line_start(text, entry.start), line_end(text, entry.end)
    if text[start : entry.start].strip():
        # The entry shares its line with a dash or its parent: the next sibling moves up.
        following = mapping.entries[mapping.entries.index(entry) + 1 :]
        return _move_up(text, entry, following[0]) if following else None
    return _without_lines(text, start, end, (entry.key, entry.value))


def _move_up(text: str, entry: Entry, following: Entry) -> Edit:
    end = line_end(text, entry.end)
    joint = eol_of(text) + " " * column_of(text, following.start)
    own = comments_in(text, entry.start, end, (entry.key, entry.value))
    kept = "".join(comment + joint for comment in own)
    if not kept and text[end : following.start].strip():
        return Edit(Span(len(text[: entry.start].rstrip(" ")), end), "")
    more = comments_in(text, end, following.start, ())
    return Edit(Span(entry.start, following.start), kept + "".join(comment + joint for comment in more))


def remove_item(text: str, sequence: Sequence, index: int) -> Edit | None:
    """Remove one item of a sequence, its line included in block style; None where an alias repeats it."""
    items = sequence.items
    before = items[index - 1].end if index else sequence.start
    if _is_repeated(text, before, items[index].end):
        return None
    if sequence.flow:
        return _remove_flow(text, [(item.start, item.end) for item in items], index)
    start = line_start(text, dash_of(text, items[index]))
    return _without_lines(text, start, line_end(text, items[index].end), (items[index],))


def _is_repeated(text: str, start: int, end: int) -> bool:
    """Say whether an anchor between two offsets has an alias outside of them."""
    if "&" not in text[start:end]:
        return False
    names = {match[1] for match in _ANCHOR.finditer(text, start, end)}
    return any(match[1] in names and not start <= match.start() < end for match in _ALIAS.finditer(text))


def comments_in(text: str, start: int, end: int, nodes: tuple[Node, ...]) -> Iterator[str]:
    """Yield the comments between two offsets; what stands inside of the scalars of `nodes` is none."""
    scalars = (
        [one for node in nodes for one in walk(node) if isinstance(one, Scalar)]
        if "#" in text[start:end]
        else []
    )
    while (found := _COMMENT.search(text, start, end)) is not None:
        around = next((one for one in scalars if one.start <= found.start() < one.end), None)
        if around is None:
            yield found[0].rstrip()
        start = found.end() if around is None else around.end


def _without_lines(text: str, start: int, end: int, nodes: tuple[Node, ...]) -> Edit:
    span = whole_lines(text, start, end)
    indent = text[start : start + len(text[start:end]) - len(text[start:end].lstrip(" "))]
    kept = [indent + comment for comment in comments_in(text, start, end, nodes)]
    if not kept:
        return Edit(span, "")
    return Edit(Span(start, end), eol_of(text).join(kept))


def _remove_flow(text: str, spans: list[tuple[int, int]], index: int) -> Edit:
    """Remove one of the comma-separated `spans`, with the comma that becomes surplus."""
    start, end = spans[index]
    if index + 1 < len(spans):
        return Edit(Span(start, spans[index + 1][0]), "")
    if index > 0:
        return Edit(Span(spans[index - 1][1], end), "")
    return Edit(Span(start, end), "")
