"""A state machine: its scopes of states, nested ones included."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.step_functions.faults import Fault
from rollsafe.artefacts.step_functions.state import Scope, State
from rollsafe.formats.nodes import Mapping, Node, Scalar, resolve
from rollsafe.text.cached import cached_property

_MAX_STATES: Final = 20_000
_NESTING_KEYS: Final = ("ItemProcessor", "Iterator")


class StateMachine(Element):
    """A state machine; `name` is its resource's in a template, else the file's.

    `properties` are those of the resource it is embedded in: where logging and tracing would be.
    `is_readable` tells that the whole file could be read.
    """

    family = "step-functions"

    def __init__(
        self,
        file: SourceFile,
        node: Mapping,
        name: str,
        properties: Mapping | None,
        *,
        is_readable: bool = True,
    ) -> None:
        super().__init__(file, node.start, node.end)
        self.is_readable = is_readable
        self.node = node
        self.name = name
        self.properties = properties
        self.scopes: list[Scope] = []
        self._read_scopes()

    @property
    def scope(self) -> Scope:
        """The states of the machine itself, without those inside of Map and Parallel."""
        return self.scopes[0]

    @property
    def start_at(self) -> str | None:
        """The name of the first state."""
        return self.scope.start_at

    @property
    def states(self) -> Iterator[State]:
        """All states, nested ones after those around them."""
        for scope in self.scopes:
            yield from scope.states

    @property
    def title_node(self) -> Node:
        """Where to point when the machine as a whole is meant: its first key."""
        entries = self.node.entries
        return self.node.key_at("StartAt") or (entries[0].key if entries else self.node)

    @property
    def comment(self) -> str | None:
        """The `Comment`."""
        return self.node.text_at("Comment")

    @property
    def timeout_seconds(self) -> int | None:
        """The time limit of a whole execution."""
        return self.node.int_at("TimeoutSeconds")

    @property
    def query_language(self) -> str:
        """`JSONPath` or `JSONata`."""
        return self.node.text_at("QueryLanguage") or "JSONPath"

    @cached_property
    def faults(self) -> list[Fault]:
        """What Step Functions refuses, in source order; nothing while the file cannot be read."""
        if not self.is_readable:
            return []
        from rollsafe.artefacts.step_functions.checking import faults_of

        return faults_of(self)

    def graph_keys(self) -> Iterable[str]:
        """Return `state-machine:name`."""
        return (f"state-machine:{self.name}",)

    def _read_scopes(self) -> None:
        pending = [Scope(self, self.node, None)]
        seen: set[int] = set()
        left = _MAX_STATES
        for scope in pending:
            # An anchor may hold itself, or be repeated; each mapping is read once.
            if id(scope.node) in seen or left <= 0:
                continue
            seen.add(id(scope.node))
            self.scopes.append(scope)
            scope.states = list(_states(scope))[:left]
            left -= len(scope.states)
            for state in scope.states:
                state.branches = [Scope(self, node, state) for node in _branches(state.node)]
                pending += state.branches


def _states(scope: Scope) -> Iterator[State]:
    states = scope.node.map_at("States")
    for entry in states.entries if states is not None else ():
        node = resolve(entry.value)
        if isinstance(entry.key, Scalar) and isinstance(node, Mapping):
            yield State(scope, entry.key, node)


def _branches(state: Mapping) -> Iterator[Mapping]:
    """Yield the definitions nested in a Map or Parallel state."""
    for key in _NESTING_KEYS:
        processor = state.map_at(key)
        if processor is not None:
            yield processor
    for branch in state.items_at("Branches"):
        if isinstance(branch, Mapping):
            yield branch
