"""What a graph can be asked, as values that can be kept and compared."""

from typing import Final, TypeAlias

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily

Question: TypeAlias = tuple[type, object]
"""What was asked about a type: its elements under a key (`name:/web`), which keys there are in a group
(`name:`), everything in a group (`name:*`); or about a file's name, its place in a chain, or the state
of a history."""

_GROUP = lazily("[:/]")
ALL: Final = "*"
"""The end of a question for everything in a group."""


class Paths:
    """Stands for the set of file names in a `Question`."""


class Ranks:
    """Stands for a file's place in a chain in a `Question`."""


_BASES: dict[type[Element], tuple[type[Element], ...]] = {}


def bases(kind: type[Element]) -> tuple[type[Element], ...]:
    """Return the element types an element of `kind` is found as, its own first."""
    known = _BASES.get(kind)
    if known is None:
        found = (base for base in kind.__mro__ if issubclass(base, Element) and base is not Element)
        known = _BASES[kind] = tuple(found)
    return known


def asked_as(kind: type[Element], *keys: str) -> set[Question]:
    """Return the questions about an element type and all it is found as."""
    return {(base, key) for base in bases(kind) for key in keys}


def group_of(key: str) -> str:
    """Return the part of a key that names its group: up to the first `:` or `/`."""
    at = _GROUP.search(key)
    return key[: at.end()] if at is not None else key


def has_anchors(file: SourceFile) -> bool:
    """Say whether an element may depend on text outside of itself, so that the whole file counts."""
    return "<<:" in file.text or ": *" in file.text


class Answers:
    """What a graph answered to which questions."""

    def __init__(self) -> None:
        self.given: dict[tuple[str, tuple[object, ...]], object] = {}

    def hold(self, graph: object) -> bool:
        """Say whether a graph gives every one of these answers."""
        return all(
            (now := getattr(graph, name)(*asked)) is answer or now == answer
            for (name, asked), answer in self.given.items()
        )
