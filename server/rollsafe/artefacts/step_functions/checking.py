"""A state machine held against the States Language: fields, values, paths and expressions."""

from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.step_functions.expressions import payload_faults, template_faults
from rollsafe.artefacts.step_functions.faults import SCHEMA, STATELINT, Fault, FaultKind, with_peers
from rollsafe.artefacts.step_functions.fields import (
    AT_MOST_ONE,
    BATCHER,
    BOOLEANS,
    BRANCH,
    COMPARISONS,
    EITHER,
    MACHINE,
    PROCESSOR,
    READER_CONFIG,
    REQUIRED,
    RETRIER,
    TEST,
    TYPES,
    Fields,
    Language,
    Number,
    Takes,
    Value,
    Words,
    catcher_fields,
    fields_of,
    rule_fields,
)
from rollsafe.artefacts.step_functions.flow import flow_faults
from rollsafe.artefacts.step_functions.open_values import is_function, is_open
from rollsafe.artefacts.step_functions.paths import PathKind, path_fault
from rollsafe.artefacts.step_functions.places import depth_of, fields_around, first, language_of
from rollsafe.artefacts.step_functions.values import could_take, letter, value_fault
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, resolve

if TYPE_CHECKING:
    from rollsafe.artefacts.step_functions.machine import StateMachine
    from rollsafe.artefacts.step_functions.state import Scope, State

_MOST_FAULTS: Final = 500
_LONGEST_NAME: Final = 80
_DEEPEST_RULE: Final = 12
_CLASH_CODES: Final = {
    "Next": "TERMINAL_STATE_WITH_NEXT",
    "Cause": "FAIL_CAUSE_PROPERTY",
    "Error": "FAIL_ERROR_PROPERTY",
    "TimeoutSeconds": "TASK_TIMEOUT",
    "HeartbeatSeconds": "TASK_HEARTBEAT",
    "ItemProcessor": "MAP_ITEM_PROCESSOR",
    "ItemSelector": "MAP_ITEM_SELECTOR",
    "Seconds": "WAIT_DURATION",
    "ToleratedFailureCount": "MAP_TOLERATED_FAILURE",
    "ToleratedFailurePercentage": "MAP_TOLERATED_FAILURE",
    "MaxConcurrency": "MAP_MAX_CONCURRENCY",
    "Items": "MAP_ITEMS",
    "MaxItems": "MAP_ITEMREADER_MAXITEM",
    "MaxItemsPerBatch": "MAP_ITEM_BATCHER",
    "MaxInputBytesPerBatch": "MAP_ITEM_BATCHER",
}
_ALL: Final = (SCHEMA, STATELINT)


def faults_of(machine: "StateMachine") -> list[Fault]:
    """Return what Step Functions would refuse in a machine, in source order."""
    checker = _Checker(machine)
    for scope in machine.scopes:
        checker.scope(scope)
    return with_peers([*checker.faults[:_MOST_FAULTS], *flow_faults(machine)])


class _Checker:
    """Holds the objects of one machine against their fields."""

    def __init__(self, machine: "StateMachine") -> None:
        self._machine = machine
        self._is_embedded = machine.properties is not None
        self._state: State | None = None
        self._language = Language.PATHS
        self.faults: list[Fault] = []

    def scope(self, scope: "Scope") -> None:
        """Look at a machine, a branch or an item processor, and at its states."""
        self._state, depth = scope.parent, depth_of(scope)
        self._language = Language.PATHS
        is_processor = scope.parent is not None and scope.parent.type == "Map"
        self._object(scope.node, BRANCH if is_processor else MACHINE, depth, is_free=is_processor)
        self._required(scope.node, ("StartAt", "States"), depth)
        for state in scope.states:
            self._one_state(state, depth + 2)
        self._state = scope.parent
        states = scope.node.map_at("States")
        for entry in states.entries if states is not None else ():
            value = resolve(entry.value)
            if value is not None and not isinstance(value, Mapping) and not is_open(value):
                self._add(FaultKind.VALUE, value, entry.name, "a state", depth + 2)

    # -- states

    def _one_state(self, state: "State", depth: int) -> None:
        self._state, node = state, state.node
        if is_open(node):
            return
        if len(state.name) > _LONGEST_NAME:
            told = f"a name of at most {_LONGEST_NAME} characters"
            self._add(FaultKind.VALUE, state.key, state.name, told, depth - 1, peers=(SCHEMA,))
        self._language = language_of(state)
        if not self._typed(state, depth):
            return
        kind = state.type
        self._object(node, fields_of(kind, self._language), depth)
        self._required(node, REQUIRED.get(kind, ()), depth)
        for names in EITHER.get(kind, ()):
            self._one_of(node, names, depth, is_needed=True)
        for names in AT_MOST_ONE.get(kind, ()):
            self._one_of(node, names, depth, is_needed=False)
        self._parts(state, depth + 1)

    def _typed(self, state: "State", depth: int) -> bool:
        """Say whether the type of a state is known; a state without type is told."""
        node = state.type_node
        if node is None:
            if state.node.entry("<<") is None:
                self._missing(state.node, "Type", depth)
            return False
        if is_open(node):
            return False
        if state.type not in TYPES:
            self._value(node, Words(TYPES), "Type", depth + 1, state.node)
        return state.type in TYPES

    def _parts(self, state: "State", depth: int) -> None:
        node = state.node
        for item in node.items_at("Retry"):
            self._item(item, RETRIER, ("ErrorEquals",), depth + 1, "a retrier")
        for item in node.items_at("Catch"):
            self._item(item, catcher_fields(self._language), ("ErrorEquals", "Next"), depth + 1, "a catcher")
        if state.type == "Choice":
            self._choices(state, depth)
        elif state.type == "Map":
            self._map(node, depth)
        elif state.type == "Parallel":
            for item in node.items_at("Branches"):
                if not isinstance(item, Mapping) and not is_open(item):
                    self._add(FaultKind.VALUE, item, "Branches", "a branch", depth + 1)
        limit, beat = node.int_at("TimeoutSeconds"), node.int_at("HeartbeatSeconds")
        place = node.at("HeartbeatSeconds")
        if limit is not None and beat is not None and beat >= limit and place is not None:
            told = f"less than `TimeoutSeconds`, which is {limit}"
            self._add(FaultKind.VALUE, place, "HeartbeatSeconds", told, depth, peers=())

    def _item(self, item: Node, fields: Fields, required: tuple[str, ...], depth: int, what: str) -> None:
        if isinstance(item, Mapping):
            self._object(item, fields, depth, peers=(STATELINT,))
            self._required(item, required, depth)
        elif not is_open(item):
            self._add(FaultKind.VALUE, item, what, what, depth)

    def _map(self, node: Mapping, depth: int) -> None:
        reader, batcher, writer = (node.map_at(key) for key in ("ItemReader", "ItemBatcher", "ResultWriter"))
        for part in (reader, writer):
            if part is None:
                continue
            if part is reader or part.at("WriterConfig") is None:
                self._required(part, ("Resource",), depth)
            for key in ("Parameters", "Arguments"):
                self._template_at(part, key, depth + 1)
        config = reader.map_at("ReaderConfig") if reader is not None else None
        if config is not None:
            self._object(config, READER_CONFIG, depth + 1, is_free=True)
            self._one_of(config, ("MaxItems", "MaxItemsPath"), depth + 1, is_needed=False)
        if batcher is not None:
            self._object(batcher, BATCHER, depth, is_free=True)
            for name in ("MaxItemsPerBatch", "MaxInputBytesPerBatch"):
                self._one_of(batcher, (name, f"{name}Path"), depth, is_needed=False)
        processor = node.map_at("ItemProcessor", "ProcessorConfig")
        if processor is not None:
            self._object(processor, PROCESSOR, depth + 1, is_free=True)
            if processor.text_at("Mode") == "DISTRIBUTED":
                self._required(processor, ("ExecutionType",), depth + 1)

    def _template_at(self, node: Mapping, key: str, depth: int) -> None:
        value = node.at(key)
        if value is not None and not is_open(value):
            self._template(value, key, depth)

    # -- rules of a Choice

    def _choices(self, state: "State", depth: int) -> None:
        choices = state.node.at("Choices")
        if choices is not None and letter(choices) == "l" and not state.choices and not is_open(choices):
            self._add(FaultKind.VALUE, choices, "Choices", "a list of at least one rule", depth)
        for rule in state.choices:
            if not isinstance(rule, Mapping):
                self._add(FaultKind.VALUE, rule, "Choices", "a rule", depth + 1)
            elif not is_open(rule):
                self._object(rule, rule_fields(self._language), depth + 1, peers=(STATELINT,))
                self._required(rule, ("Next",), depth + 1)
                if self._language is Language.JSONATA:
                    self._required(rule, ("Condition",), depth + 1)
                elif self._language is Language.PATHS:
                    self._test(rule, depth + 1, 0)

    def _test(self, rule: Mapping, depth: int, level: int) -> None:
        names = {entry.name for entry in rule.entries}
        if "<<" in names or level > _DEEPEST_RULE:
            return
        compared = [entry for entry in rule.entries if entry.name in COMPARISONS]
        if not names & BOOLEANS.keys():
            self._comparison(rule, compared, depth)
        elif compared or "Variable" in names:
            told = "a rule is a comparison, or made of others"
            self._add(FaultKind.CLASH, rule.entries[0].key, "Variable", told, depth, peers=(STATELINT,))
        inner = [*rule.items_at("And"), *rule.items_at("Or")]
        inner += [one for one in (rule.map_at("Not"),) if one is not None]
        for one in inner:
            if isinstance(one, Mapping):
                self._object(one, TEST, depth + 2, peers=(STATELINT,))
                self._test(one, depth + 2, level + 1)

    def _comparison(self, rule: Mapping, compared: list[Entry], depth: int) -> None:
        if rule.entry("Condition") is not None:
            return
        self._required(rule, ("Variable",), depth)
        if not compared and rule.at("Variable") is not None:
            self._missing(rule, "a comparison such as StringEquals", depth)
        for entry in compared[1:]:
            told = f"with `{compared[0].name}`"
            self._add(FaultKind.CLASH, entry.key, entry.name, told, depth, rule, peers=(SCHEMA,))

    # -- objects

    def _object(
        self,
        node: Mapping,
        fields: Fields,
        depth: int,
        *,
        is_free: bool = False,
        peers: tuple[str, ...] = _ALL,
    ) -> None:
        """Look at the fields of an object; `peers` tell of those that have no meaning."""
        for entry in node.entries:
            name = entry.name
            if not name or name == "<<" or is_function(name) or "${" in name or "{{" in name:
                continue
            takes = fields.get(name)
            value = resolve(entry.value)
            if takes is None:
                if not is_free:
                    told = self._told_unknown(node, name)
                    words = () if told else _fitting(node, value, fields)
                    self._add(FaultKind.UNKNOWN, entry.key, name, told, depth, node, words, peers)
            elif value is not None and not is_open(value):
                self._value(value, takes, name, depth + 1, node)

    def _told_unknown(self, node: Mapping, name: str) -> str:
        """Return why a field has no meaning, where the language is the reason."""
        state = self._state
        if state is None or node is not state.node or self._language is Language.EITHER:
            return ""
        other = Language.PATHS if self._language is Language.JSONATA else Language.JSONATA
        return f"it belongs to {other}" if name in fields_of(state.type, other) else ""

    def _required(self, node: Mapping, names: tuple[str, ...], depth: int) -> None:
        if node.entry("<<") is None and not is_open(node):
            for name in names:
                if node.at(name) is None:
                    self._missing(node, name, depth)

    def _one_of(self, node: Mapping, names: tuple[str, ...], depth: int, *, is_needed: bool) -> None:
        known = fields_around(self._state, self._language)
        entries = [entry for entry in node.entries if entry.name in names]
        if entries and entries[0].name in known:
            entries = [entry for entry in entries if entry.name in known]
        code = f"asl-validator:{_CLASH_CODES[names[0]]}"
        if not entries and is_needed and node.entry("<<") is None:
            kept = tuple(name for name in names if name in known)
            self._add(
                FaultKind.MISSING, first(node), " or ".join(kept), "", depth, node, names, (code, STATELINT)
            )
        elif len(entries) > 1:
            if names == ("Next", "End") and node.bool_at("End") is False:
                return
            told = f"with `{entries[0].name}`"
            self._add(
                FaultKind.CLASH, entries[1].key, entries[1].name, told, depth, node, names, (code, STATELINT)
            )

    def _missing(self, node: Mapping, name: str, depth: int) -> None:
        self._add(FaultKind.MISSING, first(node), name, "", depth, node)

    # -- values

    def _value(self, node: Node, takes: Takes, key: str, depth: int, holder: Mapping | None) -> None:
        if takes is Value.ANY:
            return
        if takes is Value.TEMPLATE:
            self._template(node, key, depth)
        elif isinstance(takes, PathKind):
            self._path(node, takes, key, depth)
        elif takes is Value.ERRORS:
            self._errors(node, depth)
        elif not self._is_expression(node, takes, key, depth):
            told = value_fault(node, takes, is_embedded=self._is_embedded)
            if told is not None:
                words = takes.words if isinstance(takes, Words) else ()
                # To statelint any URI is a resource.
                is_uri = takes is Value.RESOURCE and isinstance(node, Scalar) and ":" in node.text
                self._add(
                    FaultKind.VALUE, node, key, told, depth, holder, words, (SCHEMA,) if is_uri else _ALL
                )

    def _is_expression(self, node: Node, takes: Takes, key: str, depth: int) -> bool:
        """Say whether a value is JSONata where a state may compute it."""
        is_computed = isinstance(takes, Number) or takes is Value.TIME or key in ("Cause", "Error")
        if self._language is Language.PATHS or not is_computed or not isinstance(node, Scalar):
            return False
        if not node.text.startswith("{%"):
            return False
        self._template(node, key, depth)
        return True

    def _path(self, node: Node, takes: PathKind, key: str, depth: int) -> None:
        kind = letter(node)
        if kind == "0":
            return
        if kind != "s" or not isinstance(node, Scalar):
            self._add(FaultKind.VALUE, node, key, takes.value, depth)
            return
        told = path_fault(node.text, takes)
        if told is not None and (key not in ("CausePath", "ErrorPath")):
            self._add(FaultKind.PATH, node, key, told, depth)

    def _template(self, node: Node, key: str, depth: int) -> None:
        if self._language is Language.EITHER:
            return
        is_jsonata = self._language is Language.JSONATA
        wants_object = key == "Assign" or (key == "Credentials" and not is_jsonata)
        if letter(node) == "0" or (wants_object and letter(node) != "m"):
            if not (key == "Credentials" and is_jsonata):
                self._add(FaultKind.VALUE, node, key, "an object", depth, peers=(SCHEMA,))
            return
        if not is_jsonata and isinstance(node, Scalar) and node.text.startswith("{%"):
            told = "nothing evaluates it, because the query language is JSONPath"
            self._add(FaultKind.JSONATA, node, key, told, depth, peers=(SCHEMA,))
            return
        found = template_faults(node, key, depth) if is_jsonata else payload_faults(node, key, depth)
        for fault in found:
            self.faults.append(fault._replace(state=self._state))

    def _errors(self, node: Node, depth: int) -> None:
        items = node.items_at()
        if letter(node) != "l" or not items:
            peers = (STATELINT,) if letter(node) == "l" else _ALL
            self._add(FaultKind.VALUE, node, "ErrorEquals", "a list of error names", depth, peers=peers)
        for item in items:
            if letter(item) != "s" and not is_open(item):
                self._add(FaultKind.VALUE, item, "ErrorEquals", "a list of texts", depth + 1)

    def _add(
        self,
        kind: FaultKind,
        where: Node,
        key: str,
        told: str,
        depth: int,
        holder: Mapping | None = None,
        words: tuple[str, ...] = (),
        peers: tuple[str, ...] = _ALL,
    ) -> None:
        known = peers if self._language is Language.PATHS else tuple(one for one in peers if one != STATELINT)
        self.faults.append(Fault(kind, where, self._state, key, told, holder, words, depth, known))


def _fitting(node: Mapping, value: Node | None, fields: Fields) -> tuple[str, ...]:
    """Return the fields that an object lacks and that take a value."""
    lacking = (name for name in fields if node.entry(name) is None)
    return tuple(name for name in lacking if value is None or could_take(fields[name], value))
