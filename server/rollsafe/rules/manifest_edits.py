"""Edits of Kubernetes objects: a value at a path of keys, put where a reader looks for it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Scalar
from rollsafe.formats.yaml_edit import (
    add_child,
    add_entries,
    add_entries_before,
    render_entry,
    set_value,
    stacked,
)
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import Edit

Fixes: TypeAlias = Callable[[], tuple[Fix, ...]]
"""Fixes that are written when somebody asks for them."""

_LONG: Final = ("selector", "template", "jobTemplate", "initContainers", "containers", "volumes")
"""What is long and stands last by custom: settings go above it."""


def put(text: str, mapping: Mapping, path: tuple[str, ...], value: str) -> Edit | None:
    """Return the edit that makes `value` stand at `path`; None where something else is in the way."""
    return next(iter(put_tree(text, mapping, tree_of(((path, value),)))), None)


def putting(
    title: str, safety: Safety, file: SourceFile, mapping: Mapping, *values: tuple[tuple[str, ...], str]
) -> Fixes:
    """Return what makes the fix that puts several values, each a path and a text.

    There is none where one of them cannot be put.
    """
    return lambda: put_all(title, safety, file.text, mapping, *values)


def put_all(
    title: str, safety: Safety, text: str, mapping: Mapping, *values: tuple[tuple[str, ...], str]
) -> tuple[Fix, ...]:
    """Return the fix that puts several values, each a path and a text; none where one cannot be put."""
    edits = put_tree(text, mapping, tree_of(values))
    return (Fix(title, safety, edits=edits),) if edits else ()


Tree: TypeAlias = dict[str, "Tree | str"]
"""Values to put below a mapping, by their keys."""


def tree_of(values: Iterable[tuple[tuple[str, ...], str]]) -> Tree:
    """Return values that are each told by a path of keys, as a tree."""
    whole: Tree = {}
    for path, value in values:
        at = whole
        for key in path[:-1]:
            below = at.setdefault(key, {})
            assert not isinstance(below, str)
            at = below
        at[path[-1]] = value
    return whole


def put_tree(text: str, mapping: Mapping, tree: Tree) -> tuple[Edit, ...]:
    """Return the edits that make all values of `tree` stand in `mapping`; none where one cannot be put."""
    edits = [*_put_below(text, mapping, tree)]
    known = tuple(edit for edit in edits if edit is not None)
    return stacked(reversed(known)) if len(known) == len(edits) else ()


def _put_below(text: str, mapping: Mapping, tree: Tree) -> Iterator[Edit | None]:
    fresh = [(key, _rendered(below)) for key, below in tree.items() if mapping.entry(key) is None]
    if fresh:
        yield _insert(text, mapping, fresh)
    for key, below in tree.items():
        entry = mapping.entry(key)
        if entry is not None:
            yield from _put_into(text, entry, below)


def _put_into(text: str, entry: Entry, value: Tree | str) -> Iterator[Edit | None]:
    held = entry.value
    if isinstance(value, str):
        yield set_value(held, value) if isinstance(held, Scalar) and held.end > held.start else None
    elif isinstance(held, Mapping):
        yield from _put_below(text, held, value)
    elif isinstance(held, Scalar) and held.is_null and len(value) == 1:
        (key, below) = next(iter(value.items()))
        yield add_child(text, entry, key, _rendered(below))
    else:
        yield None


def _rendered(value: Tree | str) -> str:
    """Return a value as YAML of its own."""
    if isinstance(value, str):
        return value
    return "\n".join(render_entry(key, _rendered(below)) for key, below in value.items())


def _insert(text: str, mapping: Mapping, entries: list[tuple[str, str]]) -> Edit:
    anchor = next((entry for entry in mapping.entries if entry.name in _LONG), None)
    if anchor is None or mapping.flow:
        return add_entries(text, mapping, entries)
    return add_entries_before(text, anchor, entries)
