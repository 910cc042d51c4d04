"""Built objects as a text with a tree, in which every part knows where it comes from.

What rules see is an ordinary manifest; comments come along with what they stand beside. Nobody reads the
text again: its nodes are made while it is written.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

from rollsafe.artefacts.kubernetes.recognition import KubernetesManifest, recognise_manifest
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, Tree
from rollsafe.text import Located
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.built.tree import Leaf, Place, Row, Table, Value

_MAX_COMMENTS: Final = 5
_REMARK = lazily(r"[ \t]*#[^\r\n]*")
_TRAILING = lazily(r"[ \t]+#[^\r\n]*")


class _Segment(NamedTuple):
    """The part `[start, end)` of the text and its place; `is_verbatim`: the same characters stand there."""

    start: int
    end: int
    place: Place
    is_verbatim: bool


class BuiltFile(SourceFile):
    """The objects a kustomization builds from those of one file."""

    def __init__(
        self, path: str, text: str, segments: list[_Segment], compounds: dict[tuple[int, int], Place]
    ) -> None:
        super().__init__(path, text)
        self._segments = segments
        self._starts = [one.start for one in segments]
        self._compounds = compounds

    def origin(self, located: Located) -> Place | None:
        """Return where a part of the text is written; None for what stands nowhere."""
        known = self._compounds.get((located.start, located.end))
        if known is not None:
            return known
        last = bisect_right(self._starts, max(located.start, located.end - 1))
        first = max(0, bisect_right(self._starts, located.start) - 1)
        found = [one for one in self._segments[first:last] if one.end > located.start] or (
            self._segments[first : first + 1]
        )
        return _joined(found, located) if found else None

    def verbatim(self, located: Located) -> Place | None:
        """Return where the same characters stand; None where no single place has them."""
        at = bisect_right(self._starts, located.start) - 1
        one = self._segments[at] if at >= 0 else None
        if one is None or not one.is_verbatim or located.end > one.end:
            return None
        return _within(one, located)


def _joined(found: list[_Segment], located: Located) -> Place:
    if len(found) == 1:
        one = found[0]
        return _within(one, located) if one.is_verbatim else one.place
    file = found[0].place.file
    places = [one.place for one in found if one.place.file is file]
    return Place(file, min(one.start for one in places), max(one.end for one in places))


def _within(one: _Segment, located: Located) -> Place:
    by = one.place.start - one.start
    start, end = max(located.start, one.start), min(located.end, one.end)
    return Place(one.place.file, start + by, max(start, end) + by)


def written(path: str, trees: Iterable[Table]) -> KubernetesManifest | None:
    """Return the manifest that objects make, as if it were at `path`."""
    writer = _Writer()
    documents = [writer.document(tree) for tree in trees]
    file = BuiltFile(path, "".join(writer.parts), writer.segments, writer.compounds)
    return recognise_manifest(file, Tree(documents, []))


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.segments: list[_Segment] = []
        self.compounds: dict[tuple[int, int], Place] = {}
        self._at = 0
        self._commented: dict[int, bool] = {}

    def document(self, tree: Table) -> Node:
        """Write an object; return its mapping."""
        self._put("---\n")
        node = self._table(tree, "\n")
        self._put("\n")
        return node

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self._at += len(text)

    def _segment(self, text: str, place: Place, *, is_verbatim: bool) -> tuple[int, int]:
        start = self._at
        self._put(text)
        self.segments.append(_Segment(start, self._at, place, is_verbatim))
        return start, self._at

    def _table(self, table: Table, newline: str) -> Mapping:
        node = Mapping(self._at, self._at)
        if not table.members:
            node.start, node.end = self._segment("{}", table.place, is_verbatim=False)
            node.flow = True
            return node
        is_first = True
        for name, (key, value) in table.members.items():
            about = value.place if isinstance(value, Leaf) else key
            self._lead(about, newline, is_first=is_first)
            is_first = False
            node.entries.append(Entry(self._key(name, key), self._below(value, newline, about)))
        node.start, node.end = node.entries[0].key.start, node.entries[-1].end
        self.compounds.setdefault((node.start, node.end), table.place)
        return node

    def _lead(self, about: Place, newline: str, *, is_first: bool) -> None:
        """Begin a line, after the comments that stand above it where it is written."""
        remarks = self._remarks_above(about)
        if is_first and not remarks:
            return
        for number, remark in enumerate(remarks):
            self._put(remark if is_first and number == 0 else newline + remark)
        self._put(newline)

    def _key(self, name: str, key: Place) -> Scalar:
        source = key.file.text[key.start : key.end]
        is_verbatim = source.strip("\"'") == name
        start, end = self._segment(source if is_verbatim else name, key, is_verbatim=is_verbatim)
        self._put(":")
        return Scalar(start, end, name)

    def _below(self, value: Value, newline: str, about: Place) -> Node:
        if isinstance(value, Leaf):
            self._put(" ")
            node = self._leaf(value)
            self._put(self._remark_behind(value.place))
            return node
        if (isinstance(value, Table) and not value.members) or (isinstance(value, Row) and not value.items):
            self._put(" ")
            return self._empty(value)
        self._put(self._remark_behind(about, mark=":"))
        if isinstance(value, Table):
            self._put(newline + "  ")
            return self._table(value, newline + "  ")
        self._put(newline)
        return self._row(value, newline)

    def _empty(self, value: Table | Row) -> Node:
        if isinstance(value, Table):
            return self._table(value, "\n")
        start, end = self._segment("[]", value.place, is_verbatim=False)
        return Sequence(start, end, flow=True)

    def _row(self, row: Row, newline: str) -> Sequence:
        node = Sequence(self._at, self._at)
        for number, item in enumerate(row.items):
            if number:
                self._put(newline)
            self._put("- ")
            node.items.append(self._item(item, newline + "  "))
        node.end = self._at if not node.items else node.items[-1].end
        self.compounds.setdefault((node.start, node.end), row.place)
        return node

    def _item(self, item: Value, newline: str) -> Node:
        if isinstance(item, Leaf):
            node = self._leaf(item)
            self._put(self._remark_behind(item.place))
            return node
        if isinstance(item, Table):
            return self._table(item, newline)
        return self._row(item, newline) if item.items else self._empty(item)

    def _leaf(self, value: Leaf) -> Scalar:
        place, scalar = value.place, value.scalar
        is_verbatim = value.said is None
        source = place.file.text[place.start : place.end] if is_verbatim else value.text
        start, end = self._segment(source, place, is_verbatim=is_verbatim)
        return Scalar(start, end, value.text, scalar.plain, scalar.block, scalar.tag)

    def _remarks_above(self, about: Place) -> list[str]:
        """Return the comments right above a place, if it is the first on its line."""
        if not self._has_comments(about.file):
            return []
        lines, found = about.file.lines, list[str]()
        number = lines.line_of(about.start)
        while number > 0 and len(found) < _MAX_COMMENTS:
            number -= 1
            remark = _REMARK.fullmatch(lines.line_text(number).rstrip("\r\n"))
            if remark is None:
                break
            found.insert(0, remark[0].strip())
        return found

    def _remark_behind(self, place: Place, mark: str = "") -> str:
        """Return the comment on the line of a place, behind it."""
        if not self._has_comments(place.file):
            return ""
        text = place.file.text
        at = place.end + len(mark) if text.startswith(mark, place.end) else place.end
        found = _TRAILING.match(text, at)
        return found[0] if found is not None else ""

    def _has_comments(self, file: SourceFile) -> bool:
        known = self._commented.get(id(file))
        if known is None:
            known = self._commented[id(file)] = "#" in file.text
        return known
