"""Parts of a YAML text that an edit leaves as they were: read once, and moved from then on.

A part is a document of several, or an entry of a long mapping, such as a job of a workflow, a path or a
schema of a description of an interface. Each is read by itself where that gives the same as reading all at
once: what a line means rests on those around it only within quotes and brackets, and a part that ends in the
middle of these does not parse.
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
_HOLDER = lazily(
    r"^(?:jobs|services|paths|components|definitions|channels|webhooks):[ \t]*(?:#[^\r\n]*)?\r?\n", re.M
)
"""The keys of long mappings."""
_KEY_LINE = lazily(r"[ ]*[\w./{}-]+:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n)")
_ANCHOR = lazily(r"(?:^|[\s\[{,:-])&\w", re.M)
"""What may name a node for an alias in another part."""
_INDENT = lazily(r"(?:[ ]*(?:#[^\r\n]*)?(?:\r\n|\n))*(?P<indent>[ ]+)[^\s#-]")


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
    if len(text) < _LONG or _HOLDER.search(text) is None:
        return None
    if "&" in text and _ANCHOR.search(text) is not None:
        return None
    entries = _Entries(text, read).between(0, len(text), 0, 0)
    if entries is None:
        return None
    root = Mapping(entries[0].start, entries[-1].end)
    root.entries = entries
    return Tree([root], [])


class _Entries:
    """Reads the entries of a document in block style."""

    def __init__(self, text: str, read: Read) -> None:
        self._text = text
        self._read = read
        self._left = _MOST

    def between(self, start: int, end: int, indent: int, depth: int) -> list[Entry] | None:
        """Return the entries of a mapping whose keys are indented so far; None where it may be none."""
        keys, outside = _patterns(indent)
        before = max(0, start - 1)
        if outside is not None and outside.search(self._text, before, end) is not None:
            return None
        cuts = [match.start() + 1 for match in keys.finditer(self._text, before, end)]
        if start == 0 and not self._text.startswith((" ", "\t", "\r", "\n", "#", "-")):
            cuts.insert(0, 0)
        self._left -= len(cuts)
        if not cuts or self._left < 0:
            return None
        entries: list[Entry] = []
        for at, next_ in pairwise([start, *cuts[1:], end]):
            entry = self._entry(at, next_, indent, depth)
            if entry is None:
                return None
            entries.append(entry)
        return entries

    def _entry(self, start: int, end: int, indent: int, depth: int) -> Entry | None:
        is_long = end - start >= _LONG and depth < _DEEPEST
        key = _KEY_LINE.match(self._text, start, end) if is_long else None
        first = _INDENT.match(self._text, key.end(), end) if key is not None else None
        if key is None or first is None or len(first["indent"]) <= indent:
            return self._part(start, end)
        below = self.between(key.end(), end, len(first["indent"]), depth + 1)
        holder = self._part(start, key.end()) if below is not None else None
        if below is None or holder is None:
            return None
        value = Mapping(below[0].start, below[-1].end)
        value.entries = below
        return Entry(holder.key, value)

    def _part(self, start: int, end: int) -> Entry | None:
        """Return the one entry that stands there."""
        tree = read_part_once(self._text[start:end], start, self._read)
        if len(tree.documents) != 1 or tree.problems or tree.templated:
            return None
        root = tree.documents[0]
        if not isinstance(root, Mapping) or root.flow or root.tag is not None or len(root.entries) != 1:
            return None
        return root.entries[0]


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
