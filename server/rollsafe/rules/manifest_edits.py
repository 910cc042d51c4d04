"""Edits of Kubernetes objects: a value at a path of keys, put where a reader looks for it."""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import add_child, add_entry, add_entry_before, render_entry, set_value
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import Edit

Fixes: TypeAlias = Callable[[], tuple[Fix, ...]]
"""Fixes that are written when somebody asks for them."""

_LONG: Final = ("selector", "template", "jobTemplate", "initContainers", "containers", "volumes")
"""What is long and stands last by custom: settings go above it."""


def put(text: str, mapping: Mapping, path: tuple[str, ...], value: str) -> Edit | None:
    """Return the edit that makes `value` stand at `path`; None where something else is in the way."""
    at = mapping
    for depth, key in enumerate(path):
        entry, rest = at.entry(key), path[depth + 1 :]
        if entry is None:
            return _insert(text, at, key, _nested(rest, value))
        below = entry.value
        if not rest:
            return set_value(below, value) if isinstance(below, Scalar) and below.end > below.start else None
        if isinstance(below, Scalar) and below.is_null:
            return add_child(text, entry, rest[0], _nested(rest[1:], value))
        if not isinstance(below, Mapping):
            return None
        at = below
    return None


def putting(
    title: str, safety: Safety, text: str, mapping: Mapping, *values: tuple[tuple[str, ...], str]
) -> Fixes:
    """Return what makes the fix that puts several values, each a path and a text.

    There is none where one of them cannot be put.
    """
    return partial(put_all, title, safety, text, mapping, *values)


def put_all(
    title: str, safety: Safety, text: str, mapping: Mapping, *values: tuple[tuple[str, ...], str]
) -> tuple[Fix, ...]:
    """Return the fix that puts several values, each a path and a text; none where one cannot be put."""
    edits = [put(text, mapping, path, value) for path, value in values]
    known = tuple(edit for edit in edits if edit is not None)
    return (Fix(title, safety, edits=known),) if known and len(known) == len(edits) else ()


def _nested(keys: tuple[str, ...], value: str) -> str:
    for key in reversed(keys):
        value = render_entry(key, value)
    return value


def _insert(text: str, mapping: Mapping, key: str, value: str) -> Edit:
    anchor = next((entry for entry in mapping.entries if entry.name in _LONG), None)
    if anchor is None or mapping.flow:
        return add_entry(text, mapping, key, value)
    return add_entry_before(text, anchor, key, value)
