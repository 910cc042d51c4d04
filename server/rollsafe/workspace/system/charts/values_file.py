"""A file of values: what it says, and where each of its scalars stands."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.formats.yaml import read_yaml
from rollsafe.text import Span
from rollsafe.text.cached import cached_property
from rollsafe.workspace.system.charts.values import Items, Leaf, Table, Value

Keys: TypeAlias = tuple[str | int, ...]
_DEEPEST = 60


class ValuesFile:
    """The scalars of a file of values, by line and by the keys that lead to them."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file

    @cached_property
    def _scalars(self) -> list[tuple[Keys, Scalar]]:
        documents = read_yaml(self.file.text).documents
        return list(_scalars(documents[0], (), 0)) if documents else []

    @cached_property
    def _by_keys(self) -> dict[Keys, Scalar]:
        return dict(self._scalars)

    @cached_property
    def _by_line(self) -> dict[int, list[tuple[Keys, Scalar]]]:
        found: dict[int, list[tuple[Keys, Scalar]]] = {}
        for keys, scalar in self._scalars:
            found.setdefault(self.file.line_number(scalar), []).append((keys, scalar))
        return found

    def on_line(self, line: int, text: str) -> tuple[Keys, Scalar] | None:
        """Return the scalar of a line, the one that says `text` where there are several."""
        there = self._by_line.get(line, [])
        return next((one for one in there if one[1].text == text), there[0] if len(there) == 1 else None)

    def at(self, keys: Keys) -> Scalar | None:
        """Return the scalar that keys lead to."""
        return self._by_keys.get(keys)


def _scalars(node: Node, keys: Keys, depth: int) -> Iterator[tuple[Keys, Scalar]]:
    if isinstance(node, Scalar):
        yield keys, node
    elif depth < _DEEPEST and isinstance(node, Mapping):
        for entry in node.entries:
            yield from _scalars(entry.value, (*keys, entry.name), depth + 1)
    elif depth < _DEEPEST and isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield from _scalars(item, (*keys, number), depth + 1)


@lru_cache(maxsize=32)
def values_file(file: SourceFile) -> ValuesFile:
    """Return a file with its scalars; kept, since several ask for it."""
    return ValuesFile(file)


def scalar_now(then: SourceFile, now: SourceFile, line: int, text: str) -> Span | None:
    """Return where a scalar stands that was on a line of an earlier version of a file."""
    found = values_file(then).on_line(line, text)
    if found is None:
        return None
    scalar = found[1] if then is now else values_file(now).at(found[0])
    return Span.of(scalar) if scalar is not None and scalar.end > scalar.start else None


# What differs -------------------------------------------------------------------------------------


def differing(old: Value, new: Value, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the paths below which two trees of values differ; where they are written does not count."""
    if old is new:
        return
    if isinstance(old, Table) and isinstance(new, Table) and len(path) < _DEEPEST:
        for key in dict.fromkeys((*old.entries, *new.entries)):
            if key not in old.entries or key not in new.entries:
                yield (*path, key)
            else:
                yield from differing(old.entries[key], new.entries[key], (*path, key))
    elif not _is_same(old, new, len(path)):
        yield path


def _is_same(old: Value, new: Value, depth: int) -> bool:
    if isinstance(old, Leaf) and isinstance(new, Leaf):
        return old.value == new.value and type(old.value) is type(new.value)
    if isinstance(old, Items) and isinstance(new, Items) and depth < _DEEPEST:
        pairs = zip(old.items, new.items, strict=False)
        return len(old.items) == len(new.items) and all(_is_same(one, two, depth + 1) for one, two in pairs)
    if isinstance(old, Table) and isinstance(new, Table):
        return next(differing(old, new), None) is None
    return old == new
