"""States, the scopes they can lead to each other in, and what they call."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.base import Element
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.step_functions.machine import StateMachine

_TERMINAL: Final = frozenset({"Succeed", "Fail"})


class Retrier(NamedTuple):
    """A `Retry` item; what is not written is None."""

    errors: tuple[str, ...]
    interval_seconds: int | None
    max_attempts: int | None
    backoff_rate: str | None
    node: Node


class Catcher(NamedTuple):
    """A `Catch` item: where the listed errors lead."""

    errors: tuple[str, ...]
    next: str | None
    next_node: Scalar | None
    result_path: str | None
    node: Node


class Transition(NamedTuple):
    """A way out of a state; `kind` is `next`, `default`, `choice` or `catch`."""

    kind: str
    target: str
    node: Scalar


class Integration(NamedTuple):
    """What a Task calls: `lambda` and `invoke`, or `sqs` and `sendMessage`.

    `action` is empty where a Lambda function itself is the resource. `pattern` is `sync` or
    `waitForTaskToken` where the Task waits for more than the answer.
    """

    service: str
    action: str
    pattern: str | None


class LambdaFunction(NamedTuple):
    """A Lambda function as a Task names it; `name` is None when a placeholder decides it.

    `qualifier` is the version or alias; without one the newest code runs, even for executions that
    began before it was deployed.
    """

    name: str | None
    qualifier: str | None
    node: Scalar


class Scope:
    """States that can lead to each other: those of a machine, a branch or an item processor.

    `states` are in source order; of repeated names the last one counts, as JSON readers have it.
    """

    def __init__(self, machine: "StateMachine", node: Mapping, parent: "State | None") -> None:
        self.machine = machine
        self.node = node
        self.parent = parent
        self.states: list[State] = []

    @property
    def start_node(self) -> Scalar | None:
        """The value of `StartAt`."""
        return _scalar(self.node.at("StartAt"))

    @property
    def start_at(self) -> str | None:
        """The name of the state that comes first."""
        return self.node.text_at("StartAt")

    @cached_property
    def by_name(self) -> "dict[str, State]":
        """The states by their names."""
        return {state.name: state for state in self.states}

    @cached_property
    def reachable(self) -> frozenset[str]:
        """The names of the states some execution can come to."""
        pending = [self.start_at] if self.start_at is not None else []
        seen: set[str] = set()
        while pending:
            name = pending.pop()
            state = self.by_name.get(name)
            if state is not None and name not in seen:
                seen.add(name)
                pending += (transition.target for transition in state.transitions)
        return frozenset(seen)


class State(Element):
    """One state of a machine, at any depth."""

    family = "step-functions"

    def __init__(self, scope: Scope, key: Scalar, node: Mapping) -> None:
        super().__init__(scope.machine.file, key.start, max(key.end, node.end))
        self.scope = scope
        self.machine = scope.machine
        self.name = key.text
        self.key = key
        self.node = node
        self.branches: list[Scope] = []

    @property
    def type(self) -> str:
        """`Task`, `Choice`, `Map` and so on; empty when absent."""
        return self.node.text_at("Type") or ""

    @property
    def type_node(self) -> Node | None:
        """The value of `Type`."""
        return self.node.at("Type")

    @property
    def is_task(self) -> bool:
        """Whether the state does work elsewhere."""
        return self.type == "Task"

    @cached_property
    def resource(self) -> str | None:
        """The `Resource` of a Task."""
        return self.node.text_at("Resource")

    @property
    def resource_node(self) -> Scalar | None:
        """The value of `Resource`."""
        return _scalar(self.node.at("Resource"))

    @cached_property
    def integration(self) -> Integration | None:
        """What the `Resource` calls; None for an activity or an unknown one."""
        return _integration(self.resource or "")

    @property
    def is_activity(self) -> bool:
        """Whether a worker polls for the work."""
        parts = (self.resource or "").split(":")
        return len(parts) > 5 and parts[2] == "states" and parts[5] == "activity"

    @property
    def waits_for_token(self) -> bool:
        """Whether the state waits until somebody sends its task token back."""
        return self.integration is not None and self.integration.pattern == "waitForTaskToken"

    @property
    def calls_external(self) -> bool:
        """Whether the state calls something that can fail by itself."""
        if self.type == "Map":
            return self.node.at("ItemReader") is not None or self.node.at("ResultWriter") is not None
        return self.is_task

    @cached_property
    def parameters(self) -> Node | None:
        """What a Task sends: `Arguments` with JSONata, `Parameters` with JSONPath."""
        return self.node.at("Arguments") or self.node.at("Parameters")

    @cached_property
    def function(self) -> LambdaFunction | None:
        """The Lambda function a Task calls; None when it calls something else."""
        if self.integration is None or self.integration.service != "lambda":
            return None
        node = self.resource_node
        if self.integration.action != "":
            node = _scalar(self.parameters.at("FunctionName")) if self.parameters else None
        return _lambda_function(node) if node is not None else None

    @property
    def next_node(self) -> Scalar | None:
        """The value of `Next`."""
        return _scalar(self.node.at("Next"))

    @property
    def next(self) -> str | None:
        """The name of the state that follows."""
        return self.node.text_at("Next")

    @property
    def end_node(self) -> Node | None:
        """The value of `End`."""
        return self.node.at("End")

    @property
    def ends(self) -> bool:
        """Whether an execution can stop here."""
        return self.type in _TERMINAL or self.node.bool_at("End") is True

    @cached_property
    def retry(self) -> tuple[Retrier, ...]:
        """The retriers, in the order they are tried."""
        return tuple(_retrier(node) for node in self.node.items_at("Retry"))

    @cached_property
    def catch(self) -> tuple[Catcher, ...]:
        """The catchers, in the order they are tried."""
        return tuple(_catcher(node) for node in self.node.items_at("Catch"))

    @property
    def timeout_seconds(self) -> int | None:
        """The fixed time limit."""
        return self.node.int_at("TimeoutSeconds")

    @property
    def has_timeout(self) -> bool:
        """Whether there is a time limit, fixed or taken from the input."""
        return self._has("TimeoutSeconds", "TimeoutSecondsPath")

    @property
    def heartbeat_seconds(self) -> int | None:
        """The fixed time between heartbeats."""
        return self.node.int_at("HeartbeatSeconds")

    @property
    def has_heartbeat(self) -> bool:
        """Whether heartbeats are asked for."""
        return self._has("HeartbeatSeconds", "HeartbeatSecondsPath")

    @property
    def choices(self) -> list[Node]:
        """The rules of a Choice."""
        return self.node.items_at("Choices")

    @property
    def default_node(self) -> Scalar | None:
        """The value of a Choice's `Default`."""
        return _scalar(self.node.at("Default"))

    @property
    def is_distributed(self) -> bool:
        """Whether a Map runs its items as executions of their own."""
        mode = self.node.text_at("ItemProcessor", "ProcessorConfig", "Mode")
        return self.type == "Map" and mode == "DISTRIBUTED"

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        """Every way out, in source order of their kinds."""
        return tuple(self._transitions())

    def graph_keys(self) -> Iterable[str]:
        """Return `lambda:name` for a Lambda function that is written out."""
        function = self.function
        return (f"lambda:{function.name}",) if function is not None and function.name else ()

    def _has(self, *keys: str) -> bool:
        return any(self.node.at(key) is not None for key in keys)

    def _transitions(self) -> Iterator[Transition]:
        targets = [("next", self.next_node), ("default", self.default_node)]
        targets += [("choice", _scalar(rule.at("Next"))) for rule in self.choices]
        targets += [("catch", catcher.next_node) for catcher in self.catch]
        for kind, node in targets:
            if node is not None and not node.is_null:
                yield Transition(kind, node.text, node)


def _scalar(node: Node | None) -> Scalar | None:
    return node if isinstance(node, Scalar) else None


def _errors(node: Node) -> tuple[str, ...]:
    return tuple(item.text for item in node.items_at("ErrorEquals") if isinstance(item, Scalar))


def _retrier(node: Node) -> Retrier:
    return Retrier(
        errors=_errors(node),
        interval_seconds=node.int_at("IntervalSeconds"),
        max_attempts=node.int_at("MaxAttempts"),
        backoff_rate=node.text_at("BackoffRate"),
        node=node,
    )


def _catcher(node: Node) -> Catcher:
    target = _scalar(node.at("Next"))
    name = target.text if target is not None else None
    return Catcher(_errors(node), name, target, node.text_at("ResultPath"), node)


def _integration(resource: str) -> Integration | None:
    """Read `arn:aws:states:::sqs:sendMessage.waitForTaskToken` or a Lambda function's ARN."""
    parts = resource.split(":")
    if len(parts) < 7 or parts[0] != "arn":
        return None
    if parts[2] == "lambda":
        return Integration("lambda", "", None)
    if parts[2] != "states" or parts[5] == "activity":
        return None
    rest = parts[6:] if parts[5] == "aws-sdk" else parts[5:]
    if len(rest) < 2:
        return None
    action, _, pattern = ":".join(rest[1:]).partition(".")
    return Integration(rest[0], action, pattern.partition(":")[0] or None)


def _lambda_function(node: Scalar) -> LambdaFunction:
    """Read a function's name or ARN, with or without a version or alias."""
    text = node.text
    if "$" in text.replace("$LATEST", "") or "{" in text:
        return LambdaFunction(None, None, node)
    parts = text.split(":")
    if parts[0] == "arn":
        parts = parts[6:]
    qualifier = parts[1] if len(parts) > 1 else None
    return LambdaFunction(parts[0] if parts else None, qualifier, node)
