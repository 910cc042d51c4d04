"""Payload templates: the paths in them, the expressions in them, fields that are there twice."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.step_functions.faults import SCHEMA, STATELINT, Fault, FaultKind
from rollsafe.artefacts.step_functions.jsonata import expression_fault
from rollsafe.artefacts.step_functions.open_values import is_open
from rollsafe.artefacts.step_functions.paths import PathKind, path_fault
from rollsafe.artefacts.step_functions.values import letter
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, resolve

_MOST: Final = 5_000
_AGAIN: Final = "asl-validator:DUPLICATE_FIELD_NAME"
_TOLD_TWICE: Final = ("Parameters", "ResultSelector")
_COMPUTED: Final = ".$"
_EXPRESSIONS: Final = ("Condition", "Arguments", "Items")
"""Fields of which a text is an expression."""
_DYNAMIC: Final = PathKind.VALUE


def payload_faults(root: Node, key: str, depth: int) -> Iterator[Fault]:
    """Yield what is wrong with a template whose computed fields end with `.$`."""
    for node, level in _walk(root, depth):
        if not isinstance(node, Mapping):
            continue
        for entry in node.entries:
            value = resolve(entry.value)
            if entry.name.endswith(_COMPUTED) and value is not None and not is_open(value):
                yield from _computed(entry, value, level + 1)
        yield from _twice(node, key)


def _computed(entry: Entry, value: Node, depth: int) -> Iterator[Fault]:
    if letter(value) != "s" or not isinstance(value, Scalar):
        told = f"{PathKind.VALUE}, because its name ends with `.$`"
        peers = (SCHEMA, STATELINT)
        yield Fault(FaultKind.VALUE, value, None, entry.name, told, depth=depth, peers=peers)
        return
    told_path = path_fault(value.text, _DYNAMIC)
    if told_path is not None:
        peers = (SCHEMA, STATELINT)
        yield Fault(FaultKind.PATH, value, None, entry.name, told_path, depth=depth, peers=peers)


def _twice(node: Mapping, key: str) -> Iterator[Fault]:
    seen: dict[str, Entry] = {}
    for entry in node.entries:
        name = entry.name.removesuffix(_COMPUTED)
        first = seen.setdefault(name, entry)
        if first is not entry and first.name != entry.name:
            peers = (_AGAIN,) if key in _TOLD_TWICE else ()
            yield Fault(FaultKind.FIELD_AGAIN, entry.key, None, name, first.name, node, depth=0, peers=peers)


def template_faults(root: Node, key: str, depth: int) -> Iterator[Fault]:
    """Yield the JSONata expressions of a template that cannot be read."""
    for node, level in _walk(root, depth):
        if not isinstance(node, Scalar) or letter(node) != "s" or "${" in node.text:
            continue
        # A block of YAML ends with a line break that nobody means.
        text = node.text.rstrip("\n") if node.block else node.text
        told = _expression_fault(text)
        if told is None and node is root and key in _EXPRESSIONS and not text.startswith("{%"):
            told = "it is a plain text without `{% %}`"
        if told is not None:
            yield Fault(FaultKind.JSONATA, node, None, key, told, depth=level, peers=(SCHEMA,))


def _expression_fault(text: str) -> str | None:
    stripped = text.strip()
    if stripped != text and stripped.startswith("{%"):
        return "blanks stand around its `{% %}`"
    if not text.startswith("{%"):
        return "it begins without `{%`" if text.endswith("%}") else None
    if not text.endswith("%}"):
        return "it ends without `%}`"
    return expression_fault(text[2:-2])


def _walk(root: Node, depth: int) -> Iterator[tuple[Node, int]]:
    pending: list[tuple[Node, int]] = [(root, depth)]
    seen: set[int] = set()
    while pending and len(seen) < _MOST:
        node, level = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node, level
        if isinstance(node, Mapping):
            inner = [value for entry in node.entries if (value := resolve(entry.value)) is not None]
        else:
            inner = [value for item in node.items_at() if (value := resolve(item)) is not None]
        if isinstance(node, (Mapping, Sequence)):
            pending += ((value, level + 1) for value in inner)
