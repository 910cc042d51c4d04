"""Liquibase's change logs in XML, YAML and JSON as one model: changes with values and what is in them."""

from collections.abc import Iterator
from typing import Final

from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, resolve
from rollsafe.formats.xml import Tag, Words
from rollsafe.text import Span
from rollsafe.text.records import record

_MAX_DEPTH: Final = 12
_TRANSPARENT: Final = frozenset({"columns", "changes"})
"""Lists of YAML that XML does without."""


@record
class Item:
    """A change set, a change or a part of one; `values` by name, `said` is text without a name."""

    name: str
    start: int
    end: int
    values: dict[str, Words]
    items: "tuple[Item, ...]"
    said: tuple[Words, ...] = ()

    def get(self, *names: str) -> Words | None:
        """Return the value under the first of `names` that is there."""
        return next((self.values[name] for name in names if name in self.values), None)

    def text(self, *names: str) -> str:
        """Return the characters of a value; empty without it."""
        found = self.get(*names)
        return found.text.strip() if found is not None else ""

    def is_true(self, name: str) -> bool:
        """Say whether a value is `true`."""
        return self.text(name).lower() == "true"

    def is_false(self, name: str) -> bool:
        """Say whether a value is `false`."""
        return self.text(name).lower() == "false"

    def child(self, name: str) -> "Item | None":
        """Return the first part of a name."""
        return next((one for one in self.items if one.name == name), None)

    def parts(self, name: str) -> "Iterator[Item]":
        """Yield the parts of a name."""
        return (one for one in self.items if one.name == name)

    def body(self, *names: str) -> Words | None:
        """Return the text it holds, with or without a name."""
        return self.said[0] if self.said else self.get(*names)


def from_tag(tag: Tag, depth: int = 0) -> Item:
    """Return an element of XML."""
    children = tag.children if depth < _MAX_DEPTH else []
    items = tuple(from_tag(one, depth + 1) for one in children)
    said = tuple(one for one in tag.words if one.text.strip())
    return Item(tag.name, tag.start, tag.end, tag.attributes, items, said)


def from_entry(entry: Entry, text: str, depth: int = 0) -> Item:
    """Return what a key of YAML or JSON holds."""
    return _item(entry.name, entry.start, resolve(entry.value), text, depth)


def _item(name: str, start: int, node: Node | None, text: str, depth: int) -> Item:
    end = node.end if node is not None else start
    if isinstance(node, Scalar):
        said = () if node.is_null else (_words(node, text),)
        return Item(name, start, end, {}, (), said)
    values: dict[str, Words] = {}
    items: list[Item] = []
    if isinstance(node, Mapping) and depth < _MAX_DEPTH:
        for entry in node.entries:
            _take(entry, text, depth, values, items)
    elif isinstance(node, Sequence) and depth < _MAX_DEPTH:
        items += _listed(node, text, depth)
    return Item(name, start, end, values, tuple(items))


def _take(entry: Entry, text: str, depth: int, values: dict[str, Words], items: list[Item]) -> None:
    value = resolve(entry.value)
    if isinstance(value, Scalar):
        if not value.is_null:
            values.setdefault(entry.name, _words(value, text))
        if entry.name == "rollback":
            items.append(from_entry(entry, text, depth + 1))
    elif isinstance(value, Sequence) and entry.name in _TRANSPARENT:
        items += _listed(value, text, depth)
    else:
        items.append(from_entry(entry, text, depth + 1))


def _listed(node: Sequence, text: str, depth: int) -> Iterator[Item]:
    for one in node.items:
        found = resolve(one)
        if isinstance(found, Mapping):
            for entry in found.entries:
                yield from_entry(entry, text, depth + 1)


def _words(node: Scalar, text: str) -> Words:
    for start, end in ((node.start, node.end), (node.start + 1, node.end - 1)):
        if text[start:end] == node.text:
            return Words(node.text, Span(start, end), is_verbatim=True)
    return Words(node.text, Span(node.start, node.end), is_verbatim=False)
