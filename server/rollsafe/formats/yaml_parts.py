"""Parts of a YAML text that an edit leaves as they were: read once, and moved from then on.

A part is a document of several, or some of a long mapping or sequence, such as a job of a workflow, a path or
a schema of a description of an interface, an object of a list. Each is read by itself where that gives the
same as reading all at once: what a line means rests on those around it only within quotes and brackets, and a
part that ends in the middle of these does not parse.

While somebody types, a part may be damaged. Where the document as a whole does not parse either, what is
wrong with the part costs nothing of the others.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rollsafe.formats.nodes import Alias, Entry, Mapping, Node, Scalar, Sequence, Tree, moved, walk
from rollsafe.formats.problems import Problem
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

Read = Callable[[str, int], Tree]
"""Reads a text that stands at an offset of a larger one."""
Stop = Callable[[str], Problem | None]
"""Says where reading a document stops; None for one that is sound, or of which that cannot be said."""

LONG: Final = 2_000
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
_BLANK = lazily(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n))*[ ]*")
_MOST_DAMAGED: Final = 20
"""Damaged parts up to which they are told apart; in a text with more, nobody types in one place."""


class _Known:
    """What was read in a part, and what it is where the part was met last."""

    __slots__ = ("_first", "_first_offset", "_is_movable", "offset", "tree")

    def __init__(self) -> None:
        self.offset = 0
        self.tree: Tree | None = None
        self._first: Tree | None = None
        self._first_offset = 0
        self._is_movable = False

    def read(self, part: str, offset: int, read: Read) -> Tree:
        """Return the part as it is read at an offset."""
        first = self._first
        if first is not None and self._is_movable:
            by = offset - self._first_offset
            return Tree([moved(node, by) for node in first.documents], [], first.templated)
        tree = read(part, offset)
        aliases = (isinstance(node, Alias) for root in tree.documents for node in walk(root))
        self._first, self._first_offset = tree, offset
        self._is_movable = not tree.problems and not any(aliases)
        return tree


@lru_cache(maxsize=_MOST)
def _known(part: str) -> _Known:
    """Return what is known of a part; one object for each text."""
    return _Known()


def read_part_once(part: str, offset: int, read: Read) -> Tree:
    """Return a part as it is read at an offset; it is read anew only where it was changed."""
    known = _known(part)
    tree = known.tree
    if tree is None or known.offset != offset:
        tree = known.tree = known.read(part, offset, read)
        known.offset = offset
    return tree


class _Damage(NamedTuple):
    """A part that does not parse by itself; `around` are the lines of the keys and dashes that lead to it."""

    start: int
    end: int
    around: str
    problems: tuple[Problem, ...]


def read_by_entries(text: str, read: Read, stop: Stop, long: int = LONG) -> Tree | None:
    """Return a document whose entries are read one by one; None where that may not be the same.

    It is tried from so many characters on. Of a document that does not parse it is more than reading all
    at once would give.
    """
    holder = _HOLDER if len(text) < _VERY_LONG else _ANY_HOLDER
    if len(text) < long or holder.search(text) is None:
        return None
    if "&" in text and _ANCHOR.search(text) is not None:
        return None
    if "?" in text and _LONE_KEY.search(text) is not None:
        return None
    entries = _Entries(text, read, long)
    root = _mapping(entries.between(0, len(text), 0, 0))
    if root is None or not entries.damages:
        return Tree([root], []) if root is not None else None
    problems = _problems(text, entries.damages, stop)
    damaged = tuple([Span(one.start, one.end) for one in entries.damages])
    return Tree([root], problems, damaged=damaged) if problems else None


def _problems(text: str, damages: list[_Damage], stop: Stop) -> list[Problem]:
    """Return what is wrong in a text with damaged parts; nothing where it is sound when read at once.

    What stands before the first of these parts is sound, so reading begins with what leads to it.
    """
    first, *others = damages
    problem = stop(first.around + text[first.start :])
    if problem is None:
        return []
    by = first.start - len(first.around)
    found = Problem(problem.start + by, problem.end + by, problem.message)
    return [found, *(one for other in others for one in other.problems)]


class _Entries:
    """Reads the entries of a document in block style."""

    def __init__(self, text: str, read: Read, long: int) -> None:
        self._text = text
        self._read = read
        self._long = long
        self._left = _MOST
        self._around: list[str] = []
        self.damages: list[_Damage] = []
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
        return hash(line) % _SHARING == 0 or at - begins > LONG

    def _some(self, start: int, end: int, indent: int, depth: int) -> list[Entry] | None:
        """Return an entry, read by what is in it where that is long."""
        is_long = end - start >= self._long and depth < self._deepest
        key = _KEY_LINE.match(self._text, start, end) if is_long else None
        if key is None:
            return self._part(start, end, 1)
        known = len(self.damages)
        self._around.append(f"{self._margin(start)}{key[0]}")
        below = self._below(key.end(), end, indent, depth)
        self._around.pop()
        if below is None:
            del self.damages[known:]
            return self._part(start, end, 1) if not self._is_most(start, end) else None
        holder = self._part(start, key.end(), 1)
        return [Entry(holder[0].key, below)] if holder else None

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
        is_long = end - start >= self._long and depth < self._deepest
        dash = _ITEM_WITH_KEY.match(self._text, start, end) if is_long else None
        if dash is None:
            return None
        known = len(self.damages)
        self._around.append(f"{dash[0].rstrip()}\n")
        found = _mapping(self.between(dash.end(), end, dash.end() - start, depth + 1))
        self._around.pop()
        if found is None:
            del self.damages[known:]
        return [found] if found is not None else None

    def _part(self, start: int, end: int, count: int) -> list[Entry] | None:
        """Return the entries that stand there, so many; those that can be read where it is damaged."""
        if end - start == len(self._text):
            return None
        tree = read_part_once(self._text[start:end], start, self._read)
        root = _root(tree)
        if isinstance(root, Scalar) and root.plain:
            # A key whose colon nobody has typed yet.
            return [] if self._is_damaged(tree, root, start, end) else None
        if not isinstance(root, Mapping) or root.flow or root.tag is not None:
            return None
        is_right = self._is_damaged(tree, root, start, end) if tree.problems else len(root.entries) == count
        return root.entries if is_right else None

    def _item_part(self, start: int, end: int, count: int) -> list[Node] | None:
        """Return the items that stand there, so many; those that can be read where it is damaged."""
        tree = read_part_once(self._text[start:end], start, self._read)
        root = _root(tree)
        if not isinstance(root, Sequence) or root.flow or root.tag is not None:
            return None
        is_right = self._is_damaged(tree, root, start, end) if tree.problems else len(root.items) == count
        return root.items if is_right else None

    def _is_damaged(self, tree: Tree, root: Node, start: int, end: int) -> bool:
        """Note that a part is damaged; say no where its beginning is, by which it would be known.

        Of most of a document it is better known which line is damaged.
        """
        blank = _BLANK.match(self._text, start, end)
        begins = blank.end() if blank is not None else start
        if self._is_most(start, end) or root.start != begins or any(one.fatal for one in tree.problems):
            return False
        around = "".join([*self._around, self._margin(start)])
        self.damages.append(_Damage(start, end, around, tuple(tree.problems)))
        return len(self.damages) <= _MOST_DAMAGED

    def _is_most(self, start: int, end: int) -> bool:
        return end - start > len(self._text) // 2

    def _margin(self, start: int) -> str:
        """Return blanks up to the column where a part begins."""
        return " " * (start - self._text.rfind("\n", 0, start) - 1)


def _root(tree: Tree) -> Node | None:
    return tree.documents[0] if len(tree.documents) == 1 and not tree.templated else None


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
