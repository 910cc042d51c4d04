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
    yield from (anchor for anchor, aliases in anchors_of(text, root) if not aliases)


def anchors_of(text: str, root: Node, within: Span | None = None) -> list[tuple[Span, list[Alias]]]:
    """Return the places of anchors, `&` included, in source order, each with the aliases that stand for it.

    `within` is where anchors are looked for, the whole text without it.
    """
    nodes = list(walk(root))
    scalars = [node for node in nodes if isinstance(node, Scalar)]
    anchors = [(anchor, list[Alias]()) for anchor in _anchors(text, scalars, within or Span(0, len(text)))]
    places: dict[str, list[int]] = {}
    for at, (anchor, _) in enumerate(anchors):
        places.setdefault(text[anchor.start + 1 : anchor.end], []).append(at)
    starts = {name: [anchors[at][0].start for at in listed] for name, listed in places.items()}
    for alias in nodes:
        if isinstance(alias, Alias) and (before := bisect_right(starts.get(alias.name, []), alias.start)):
            anchors[places[alias.name][before - 1]][1].append(alias)
    return anchors


def _anchors(text: str, scalars: list[Scalar], within: Span) -> Iterator[Span]:
    scalars.sort(key=lambda one: one.start)
    starts = [one.start for one in scalars]
    for found in _ANCHOR.finditer(text, within.start, within.end):
        at = bisect_right(starts, found.start()) - 1
        around = scalars[at] if at >= 0 and found.start() < scalars[at].end else None
        if around is not None and not _PROPERTIES.match(text, around.start, found.start()):
            continue
        begin = max(
            text.rfind("\n", 0, found.start()) + 1, scalars[at].end if at >= 0 and around is None else 0
        )
        if _COMMENT.search(text, begin, found.start()) is None:
            yield Span(found.start(), found.end())
