"""Parts of a YAML text that an edit leaves as they were: read once, and moved from then on.

A part is a document of several, or what stands under one key of a long mapping that fills most of a document,
such as the jobs of a workflow. Each is read by itself where that gives the same as reading all at once.
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
"""Characters from which on it pays to look for parts in a document."""
_FEWEST: Final = 2
_HOLDER = lazily(r"^(?:jobs|services):[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n)", re.M)
"""The key of a mapping whose entries are parts."""
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


@lru_cache(maxsize=512)
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
    cuts = _cuts(text) if len(text) >= _LONG else []
    if len(cuts) < _FEWEST or _ANCHOR.search(text) is not None:
        return None
    head = read_part_once(text[: cuts[0]], 0, read)
    holder = _holder(head)
    if holder is None:
        return None
    entries: list[Entry] = []
    for start, end in pairwise([*cuts, len(text)]):
        entry = _only_entry(read_part_once(text[start:end], start, read))
        if entry is None:
            return None
        entries.append(entry)
    return _joined(head, holder, entries)


def _cuts(text: str) -> list[int]:
    """Return where the lines below a holding key begin, and those of all its entries but the first."""
    key = _HOLDER.search(text)
    first = _INDENT.match(text, key.end()) if key is not None else None
    if key is None or first is None:
        return []
    deep, outside = _patterns(len(first["indent"]))
    if outside.search(text, key.end()) is not None:
        return []
    starts = [match.start() for match in deep.finditer(text, key.end())]
    return [key.end(), *starts[1:]]


@lru_cache(maxsize=16)
def _patterns(indent: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds lines that are indented so far, and those that are less, blank ones left out."""
    return (
        re.compile(rf"^[ ]{{{indent}}}[^\s#-]", re.M),
        re.compile(rf"^[ ]{{0,{indent - 1}}}[^\s#]", re.M),
    )


def _holder(head: Tree) -> Entry | None:
    """Return the last entry of what precedes the parts: their key, with nothing below it yet."""
    root = head.documents[0] if len(head.documents) == 1 and _is_plain(head) else None
    if not isinstance(root, Mapping) or root.flow or any(one.name == "<<" for one in root.entries):
        return None
    last = root.entries[-1] if root.entries else None
    is_empty = last is not None and isinstance(last.value, Scalar) and last.value.end == last.value.start
    return last if is_empty else None


def _only_entry(tree: Tree) -> Entry | None:
    root = tree.documents[0] if len(tree.documents) == 1 and _is_plain(tree) else None
    is_one = isinstance(root, Mapping) and not root.flow and root.tag is None and len(root.entries) == 1
    return root.entries[0] if isinstance(root, Mapping) and is_one else None


def _is_plain(tree: Tree) -> bool:
    return not tree.problems and not tree.templated


def _joined(head: Tree, holder: Entry, entries: list[Entry]) -> Tree | None:
    root = head.documents[0]
    if not isinstance(root, Mapping):
        return None
    below = Mapping(entries[0].start, entries[-1].end)
    below.entries = entries
    whole = Mapping(root.start, below.end, tag=root.tag)
    whole.entries = [*root.entries[:-1], Entry(holder.key, below)]
    return Tree([whole], [])


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
