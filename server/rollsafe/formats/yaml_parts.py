"""Parts of a YAML text that an edit leaves as they were: read once, and moved from then on.

A part is a document of several, or some of a long mapping or sequence, such as a job of a workflow, a path or
a schema of a description of an interface, an object of a list. Each is read by itself where that gives the
same as reading all at once: what a line means rests on those around it only within quotes and brackets, and a
part that ends in the middle of these does not parse.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, Tree
from rollsafe.text.patterns import lazily

Read = Callable[[str, int], Tree]
"""Reads a text that stands at an offset of a larger one."""

_LONG: Final = 2_000
"""Characters from which on it pays to look for parts in a document, or in an entry of it."""
_MOST: Final = 2_000
"""Parts that are remembered; a document that has more is read at once."""
_DEEPEST: Final = 4
"""Mappings within each other that are read by their entries; each is looked through once more."""
_VERY_LONG: Final = 16_000
"""Characters from which on a document of any kind is read in parts, its sequences as well."""
_DEEPEST_OF_VERY_LONG: Final = 9
_SMALL: Final = 400
"""Characters up to which entries and items of a very long document share a part."""
_SHARING: Final = 8
"""How many of them do so on average."""
_HOLDER = lazily(
    r"^(?:jobs|services|paths|components|definitions|channels|webhooks):[ \t]*(?:#[^\r\n]*)?\r?\n", re.M
)
"""The keys of long mappings."""
_ANY_HOLDER = lazily(
    r"^(?:items|objects|spec|data|stringData|binaryData|rules|jobs|services|paths|components|definitions|channels|webhooks)"
    r":[ \t]*(?:#[^\r\n]*)?\r?\n",
    re.M,
)
_KEY_LINE = lazily(r"[ ]*[\w./{}-]+:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n)")
_ANCHOR = lazily(r"(?:^|[\s\[{,:-])&\w", re.M)
"""What may name a node for an alias in another part."""
_LONE_KEY = lazily(r"^[ ]*(?:-[ ]+)*\?(?:[ \t\r\n]|\Z)", re.M)
"""A key that may have no value: where that is not rests on what comes next."""
_INDENT = lazily(r"(?:[ ]*(?:#[^\r\n]*)?(?:\r\n|\n))*(?P<indent>[ ]+)[^\s#-]")
_DASH = lazily(r"(?:[ ]*(?:#[^\r\n]*)?(?:\r\n|\n))*(?P<indent>[ ]*)-[ \r\n]")
_ITEM_WITH_KEY = lazily(r"[ ]*-[ ]+(?=[\w./{}-]+:[ \t\r\n])")


class _Known:
    """Where a part was met last, and what was read there."""

    __slots__ = ("offset", "tree")

    def __init__(self) -> None:
        self.offset = 0
        self.tree: Tree | None = None


class _AliasedError(Exception):
    """An alias leads to a node that this would have to be found for again."""


@lru_cache(maxsize=_MOST)
def _known(part: str) -> _Known:
    """Return what is known of a part; one object for each text."""
    return _Known()


def read_part_once(part: str, offset: int, read: Read) -> Tree:
    """Return a part as it is read at an offset; it is read anew only where it was changed."""
    known = _known(part)
    tree = known.tree
    if tree is None:
        tree = read(part, offset)
    elif known.offset != offset:
        tree = _moved_tree(tree, offset - known.offset) or read(part, offset)
    known.offset, known.tree = offset, tree
    return tree


def read_by_entries(text: str, read: Read) -> Tree | None:
    """Return a document whose entries are read one by one; None where that may not be the same."""
    holder = _HOLDER if len(text) < _VERY_LONG else _ANY_HOLDER
    if len(text) < _LONG or holder.search(text) is None:
        return None
    if "&" in text and _ANCHOR.search(text) is not None:
        return None
    if "?" in text and _LONE_KEY.search(text) is not None:
        return None
    root = _mapping(_Entries(text, read).between(0, len(text), 0, 0))
    return Tree([root], []) if root is not None else None


class _Entries:
    """Reads the entries of a document in block style."""

    def __init__(self, text: str, read: Read) -> None:
        self._text = text
        self._read = read
        self._left = _MOST
        self._is_very_long = len(text) >= _VERY_LONG
        self._deepest = _DEEPEST_OF_VERY_LONG if self._is_very_long else _DEEPEST

    def between(self, start: int, end: int, indent: int, depth: int) -> list[Entry] | None:
        """Return the entries of a mapping whose keys are indented so far; None where it may be none.

        A key may stand at `start` itself, behind the dash of an item.
        """
        keys, outside = _patterns(indent)
        before = max(0, start - 1)
        if outside is not None and outside.search(self._text, before, end) is not None:
            return None
        cuts = [match.start() + 1 for match in keys.finditer(self._text, before, end)]
        if not self._text.startswith((" ", "\t", "\r", "\n", "#", "-"), start) and cuts[:1] != [start]:
            cuts.insert(0, start)
        entries: list[Entry] = []
        for at, next_, count in self._stretches(start, cuts, end):
            some = self._some(at, next_, indent, depth) if count == 1 else self._part(at, next_, count)
            if some is None:
                return None
            entries += some
        return entries or None

    def _stretches(self, start: int, cuts: list[int], end: int) -> list[tuple[int, int, int]]:
        """Return what is read together: bounds, and how many entries or items there are.

        Where small ones are parted rests on how they begin, so that an edit of one leaves most others as they
        were. Nothing where there are too many.
        """
        found: list[tuple[int, int, int]] = []
        was_small = False
        for at, next_ in pairwise([start, *cuts[1:], end]) if cuts else ():
            is_small = self._is_very_long and next_ - at < _SMALL
            if was_small and is_small and not self._parts_before(at, found[-1][0]):
                found[-1] = found[-1][0], next_, found[-1][2] + 1
            else:
                found.append((at, next_, 1))
            # The first key of an item stands behind a dash, not at the column of the others.
            was_small = is_small and self._text[at - 1 : at] in ("", "\n")
        self._left -= len(found)
        return found if self._left >= 0 else []

    def _parts_before(self, at: int, begins: int) -> bool:
        line = self._text[at : self._text.find("\n", at) + 1]
        return hash(line) % _SHARING == 0 or at - begins > _LONG

    def _some(self, start: int, end: int, indent: int, depth: int) -> list[Entry] | None:
        """Return an entry, read by what is in it where that is long."""
        is_long = end - start >= _LONG and depth < self._deepest
        key = _KEY_LINE.match(self._text, start, end) if is_long else None
        if key is None:
            return self._part(start, end, 1)
        below = self._below(key.end(), end, indent, depth)
        holder = self._part(start, key.end(), 1) if below is not None else None
        if below is None:
            return self._part(start, end, 1)
        return [Entry(holder[0].key, below)] if holder is not None else None

    def _below(self, start: int, end: int, indent: int, depth: int) -> Mapping | Sequence | None:
        """Return what a key holds whose line ends at `start`; None where that is read at once."""
        first = _INDENT.match(self._text, start, end)
        if first is not None and len(first["indent"]) > indent:
            return _mapping(self.between(start, end, len(first["indent"]), depth + 1))
        dash = _DASH.match(self._text, start, end) if self._is_very_long else None
        if dash is None or len(dash["indent"]) < indent:
            return None
        items = self._items(start, end, len(dash["indent"]), depth + 1)
        if not items:
            return None
        value = Sequence(dash.end("indent"), items[-1].end)
        value.items = items
        return value

    def _items(self, start: int, end: int, indent: int, depth: int) -> list[Node] | None:
        """Return the items of a sequence whose dashes are indented so far; None where it may be none."""
        dashes, outside = _item_patterns(indent)
        before = max(0, start - 1)
        if outside.search(self._text, before, end) is not None:
            return None
        cuts = [match.start() + 1 for match in dashes.finditer(self._text, before, end)]
        items: list[Node] = []
        for at, next_, count in self._stretches(start, cuts, end):
            some = self._item(at, next_, depth) if count == 1 else None
            some = self._item_part(at, next_, count) if some is None else some
            if some is None:
                return None
            items += some
        return items

    def _item(self, start: int, end: int, depth: int) -> list[Node] | None:
        """Return a long item that is a mapping, read by its entries."""
        is_long = end - start >= _LONG and depth < self._deepest
        dash = _ITEM_WITH_KEY.match(self._text, start, end) if is_long else None
        if dash is None:
            return None
        entries = self.between(dash.end(), end, dash.end() - start, depth + 1)
        found = _mapping(entries)
        return [found] if found is not None else None

    def _part(self, start: int, end: int, count: int) -> list[Entry] | None:
        """Return the entries that stand there, so many."""
        root = self._root(start, end)
        if not isinstance(root, Mapping) or root.flow or root.tag is not None:
            return None
        return root.entries if len(root.entries) == count else None

    def _item_part(self, start: int, end: int, count: int) -> list[Node] | None:
        """Return the items that stand there, so many."""
        root = self._root(start, end)
        if not isinstance(root, Sequence) or root.flow or root.tag is not None:
            return None
        return root.items if len(root.items) == count else None

    def _root(self, start: int, end: int) -> Node | None:
        tree = read_part_once(self._text[start:end], start, self._read)
        is_whole = len(tree.documents) == 1 and not tree.problems and not tree.templated
        return tree.documents[0] if is_whole else None


def _mapping(entries: list[Entry] | None) -> Mapping | None:
    if not entries:
        return None
    found = Mapping(entries[0].start, entries[-1].end)
    found.entries = entries
    return found


@lru_cache(maxsize=32)
def _item_patterns(indent: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds lines that begin an item there, and those that belong to no item."""
    dashes = re.compile(rf"\n[ ]{{{indent}}}-(?=[ \r\n])")
    lesser = rf"\n[ ]{{0,{indent - 1}}}[^\s#]|" if indent else ""
    return dashes, re.compile(rf"{lesser}\n[ ]{{{indent}}}(?![\s#]|-[ \r\n])(?=.)")


@lru_cache(maxsize=16)
def _patterns(indent: int) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    """Return what finds lines that are indented so far, and those that are less, blank ones left out."""
    keys = re.compile(rf"\n[ ]{{{indent}}}[^\s#-]")
    return keys, re.compile(rf"\n[ ]{{0,{indent - 1}}}[^\s#]") if indent else None


def _moved_tree(tree: Tree, by: int) -> Tree | None:
    """Return the same further on; None where it cannot be moved."""
    if tree.problems:
        return None
    try:
        return Tree([_moved(node, by) for node in tree.documents], [], tree.templated)
    except _AliasedError:
        return None


def _moved(node: Node, by: int) -> Node:
    if isinstance(node, Scalar):
        return Scalar(node.start + by, node.end + by, node.text, node.plain, node.block, node.tag)
    if isinstance(node, Mapping):
        mapping = Mapping(node.start + by, node.end + by, node.flow, node.tag)
        mapping.entries = [Entry(_moved(one.key, by), _moved(one.value, by)) for one in node.entries]
        return mapping
    if isinstance(node, Sequence):
        sequence = Sequence(node.start + by, node.end + by, node.flow, node.tag)
        sequence.items = [_moved(one, by) for one in node.items]
        return sequence
    raise _AliasedError
