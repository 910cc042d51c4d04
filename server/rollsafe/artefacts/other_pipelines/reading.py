"""What all readers of these pipelines do: roots of documents, lengths of time, conditions."""

import re
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.yaml import read_yaml
from rollsafe.text.patterns import lazily

LARGEST: Final = 500_000
"""Characters up to which a file is read."""
MOST_JOBS: Final = 2_000

_PART = lazily(
    r"(\d{1,7})\s{0,3}(weeks?|w|days?|d|hours?|hrs?|hr|h|minutes?|mins?|min|m|seconds?|secs?|sec|s)?", re.I
)
_UNITS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


def roots(file: SourceFile) -> list[Mapping]:
    """Return the mappings at the top of a file's documents."""
    if len(file.text) > LARGEST:
        return []
    return [one for one in read_yaml(file.text).documents if isinstance(one, Mapping)]


def span(text: str | None, unit: str = "m") -> int | None:
    """Return a length such as `1h 30m` or `3 hours` in milliseconds; bare numbers are in `unit`."""
    if text is None or len(text) > 60 or not text.strip():
        return None
    total, rest = 0, text.strip()
    while rest:
        match = _PART.match(rest)
        if match is None:
            return None
        total += int(match[1]) * _UNITS[(match[2] or unit)[0].lower()]
        rest = rest[match.end() :].lstrip(" ,")
    return total * 1_000


def mapping(node: Node | None) -> Mapping | None:
    """Return a node that is a mapping, else None."""
    return node if isinstance(node, Mapping) else None


def text_of(node: Node | None) -> str | None:
    """Return the text of a scalar that is not null, else None."""
    return node.text if isinstance(node, Scalar) and not node.is_null else None


def names_in(node: Node | None) -> list[Scalar]:
    """Return the scalars of a list, or the one scalar that stands for a list of one."""
    if isinstance(node, Scalar):
        return [] if node.is_null else [node]
    return [item for item in (node.items_at() if node is not None else []) if isinstance(item, Scalar)]


def strings(node: Node | None) -> dict[str, str]:
    """Return the texts of a mapping; of values that are mappings, their `value`."""
    pairs = node.pairs() if isinstance(node, Mapping) else ()
    return {
        key: text for key, value in pairs if (text := text_of(value) or value.text_at("value")) is not None
    }


def legs_of(node: Node | None) -> int | None:
    """Return how many combinations lists of values make; None where one of them is computed."""
    total = 1
    for _, value in node.pairs() if isinstance(node, Mapping) else ():
        items = value.items_at()
        if not items:
            return None
        total *= len(items)
    return min(total, 10_000)
