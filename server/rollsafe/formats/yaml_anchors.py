"""Anchors of a YAML document: where they stand, and which of them nothing repeats."""

from bisect import bisect_right
from collections.abc import Iterator

from rollsafe.formats.nodes import Alias, Node, Scalar, walk
from rollsafe.text import Span
from rollsafe.text.patterns import lazily

_ANCHOR = lazily(r"(?<![^\s\[{,])&[^\s,\[\]{}]+")
_PROPERTIES = lazily(r"(?:[&!][^\s]*[ \t]*)*\Z")
_COMMENT = lazily(r"(?:^|[ \t])#")


def unused_anchors(text: str, root: Node) -> Iterator[Span]:
    """Yield the places of anchors, `&` included, that no alias behind them stands for."""
    nodes = list(walk(root))
    anchors = list(_anchors(text, [node for node in nodes if isinstance(node, Scalar)]))
    aliases = [node for node in nodes if isinstance(node, Alias)]
    places: dict[str, list[int]] = {}
    for anchor in anchors:
        places.setdefault(text[anchor.start + 1 : anchor.end], []).append(anchor.start)
    used = {_meant(places.get(alias.name, []), alias) for alias in aliases}
    yield from (anchor for anchor in anchors if anchor.start not in used)


def _meant(places: list[int], alias: Alias) -> int | None:
    """Return the offset of the anchor that an alias stands for: the last one of its name before it."""
    before = bisect_right(places, alias.start)
    return places[before - 1] if before else None


def _anchors(text: str, scalars: list[Scalar]) -> Iterator[Span]:
    scalars.sort(key=lambda one: one.start)
    starts = [one.start for one in scalars]
    for found in _ANCHOR.finditer(text):
        at = bisect_right(starts, found.start()) - 1
        around = scalars[at] if at >= 0 and found.start() < scalars[at].end else None
        if around is not None and not _PROPERTIES.match(text, around.start, found.start()):
            continue
        begin = max(
            text.rfind("\n", 0, found.start()) + 1, scalars[at].end if at >= 0 and around is None else 0
        )
        if _COMMENT.search(text, begin, found.start()) is None:
            yield Span(found.start(), found.end())
