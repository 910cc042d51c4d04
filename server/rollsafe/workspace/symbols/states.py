"""State machines of AWS Step Functions: which state goes on with which."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, walk
from rollsafe.formats.yaml import read_yaml
from rollsafe.workspace.symbols.model import Mention, Mentions, entries, inner, items, scalar, value

_STATE: Final = "state"
_MOST: Final = 2_000


def mentions(file: SourceFile) -> tuple[Mention, ...]:
    """Return the states of a file's machines, nested ones too, and what leads to them."""
    into = Mentions(file)
    for node in _machines(file):
        scope = str(node.start)
        leading = [value(node, "StartAt")]
        for entry in entries(value(node, "States")):
            into.define(entry.key, _STATE, f"{scope}/{entry.name}")
            leading += _next(entry.value)
        for one in leading:
            name = scalar(one)
            if name is not None:
                into.refer(name, into.own(_STATE, f"{scope}/{name.text}"))
    return tuple(into.found)


def _machines(file: SourceFile) -> Iterator[Mapping]:
    """Yield what has states of its own: machines, branches and what a map repeats."""
    for root in read_yaml(file.text).documents:
        for node in walk(root):
            if isinstance(node, Mapping) and isinstance(value(node, "States"), Mapping):
                yield node


def _next(state: Node) -> Iterator[Node | None]:
    yield value(state, "Next")
    yield value(state, "Default")
    for key in ("Choices", "Catch"):
        yield from (value(one, "Next") for one in items(inner(state, key))[:_MOST])
