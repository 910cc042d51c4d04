"""Values as Compose reads them: variables replaced by their defaults, lists that may be mappings."""

from collections.abc import Iterator
from typing import Final

from rollsafe.formats.interpolation import DollarEscape, expand, read_references
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, merged_entries, resolve
from rollsafe.text.tuples import NamedTuple

UNKNOWN: Final = "?"
"""Stands for a variable without a default in a settled text."""

_LONGEST_COMMAND: Final = 10_000


class Command(NamedTuple):
    """The words of a `command`, `entrypoint` or health check; `text` as written, lists joined.

    Compose splits a string into words itself; no shell reads it.
    """

    words: tuple[str, ...]
    text: str
    node: Node


def with_defaults(text: str) -> str | None:
    """Return `text` with every variable replaced by its default; None when one has none."""
    if "$" not in text:
        return text
    return expand(text, DollarEscape.DOUBLED, lambda name: None)


def settled(text: str) -> str:
    """Return `text` with variables replaced by their defaults, those without one by `UNKNOWN`."""
    known = with_defaults(text)
    if known is not None:
        return known
    parts: list[str] = []
    at = 0
    for reference in read_references(text, DollarEscape.DOUBLED).found:
        if reference.depth == 0:
            default = with_defaults(reference.default) if reference.default is not None else None
            parts += (text[at : reference.start], UNKNOWN if default is None else default)
            at = reference.end
    return "".join((*parts, text[at:]))


def entries_of(node: Node | None) -> Iterator[Entry]:
    """Yield the entries of a mapping, those merged by `<<` behind its own, each name once."""
    if not isinstance(node, Mapping):
        return
    seen: set[str] = set()
    merged = merged_entries(node) if node.entry("<<") is not None else ()
    for entry in (*node.entries, *merged):
        if entry.name != "<<" and entry.name not in seen:
            seen.add(entry.name)
            yield entry


def scalars_of(node: Node | None) -> Iterator[Scalar]:
    """Yield the scalars of a list; a lone scalar counts as a list of one, null as an empty one."""
    items = node.items if isinstance(node, Sequence) else [] if node is None else [node]
    for item in map(resolve, items):
        if isinstance(item, Scalar) and not item.is_null:
            yield item


def names_of(node: Node | None) -> Iterator[Scalar]:
    """Yield the names in a list of names or the keys of a mapping."""
    if isinstance(node, Mapping):
        yield from (entry.key for entry in entries_of(node) if isinstance(entry.key, Scalar))
    else:
        yield from scalars_of(node)


def command_of(node: Node | None) -> Command | None:
    """Return a command written as a string or a list; None when there is none."""
    if isinstance(node, Scalar) and not node.is_null:
        return Command(_split(node.text), node.text, node)
    if isinstance(node, Sequence):
        words = tuple(scalar.text for scalar in scalars_of(node))
        return Command(words, " ".join(words), node)
    return None


def _split(text: str) -> tuple[str, ...]:
    if len(text) <= _LONGEST_COMMAND:
        from shlex import split  # few files need it

        try:
            return tuple(split(text))
        except ValueError:
            pass  # An open quote: somebody is typing.
    return tuple(text[:_LONGEST_COMMAND].split())
