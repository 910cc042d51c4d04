"""A state machine of Step Functions as a flow, states nested in Map and Parallel included."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.secrets import secret_in
from rollsafe.artefacts.step_functions import Integration, Retrier, Scope, StateMachine
from rollsafe.artefacts.step_functions import State as Written
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.plans.commands import line
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, place_in, unknown
from rollsafe.plans.model import Check, Claim
from rollsafe.plans.retries import tries_of
from rollsafe.plans.times import SECOND, words
from rollsafe.workspace.cloud import messaging_of
from rollsafe_agents.workflow_orchestrator.flow.cloud import Surroundings, surround
from rollsafe_agents.workflow_orchestrator.flow.draft import END, START, Flow, On, Retry, State, Transition
from rollsafe_agents.workflow_orchestrator.flow.effects import STORES, effect_of, store_of, undoer_of
from rollsafe_agents.workflow_orchestrator.flow.events import Sent
from rollsafe_agents.workflow_orchestrator.flow.model import Participant

_WORKING: Final = frozenset({"Task", "Map", "Parallel", "Wait"})
_CALLING: Final = frozenset({"Task", "Map", "Parallel"})
_LONGEST_GUARD: Final = 70
_SENDING: Final = {
    ("sqs", "sendMessage"): ("QueueUrl", "MessageBody", "queue"),
    ("sns", "publish"): ("TopicArn", "Message", "topic"),
    ("events", "putEvents"): ("EventBusName", "Detail", "event bus"),
    ("eventbridge", "putEvents"): ("EventBusName", "Detail", "event bus"),
    ("kinesis", "putRecord"): ("StreamName", "Data", "stream"),
}
"""What sends: the parameters that name the channel and hold the payload, and what the channel is."""


def flow_of(machine: StateMachine, context: PlanContext) -> Flow:
    """Return a machine as a flow."""
    return _Reader(machine, context).read()


class _Reader:
    """Reads one machine; states get short ids in the order of the file."""

    def __init__(self, machine: StateMachine, context: PlanContext) -> None:
        self._machine = machine
        self._context = context
        path = machine.file.path
        self._flow = Flow(machine.name, "state machine", path, evidence(machine, machine.title_node))
        history = ("aws", "stepfunctions", "get-execution-history", "--execution-arn", "$EXECUTION_ARN")
        self._look = line(*history, "--reverse-order")
        self._around = Surroundings(machine, messaging_of(context.after))
        self._undone = {
            id(state): found for state in machine.states if (found := undoer_of(state)) is not None
        }
        self._undoers = {id(other) for other, _ in self._undone.values()}
        self._ids = {id(state): f"s{number}" for number, state in enumerate(machine.states)}

    def read(self) -> Flow:
        machine, flow = self._machine, self._flow
        for scope in machine.scopes:
            for state in scope.states:
                flow.add(self._state(state))
            self._ways(scope)
        seconds = machine.timeout_seconds
        if seconds is not None and seconds >= 0:
            node = machine.node.at("TimeoutSeconds")
            flow.limit = seconds * SECOND
            flow.limited = fact(
                f"`TimeoutSeconds: {seconds}` ends a whole execution",
                place_in(machine.file, node or machine.node),
            )
        self._people()
        self._events()
        flow.calls += [one for state in machine.states if (one := _undescribed(state)) is not None]
        flow.stores += [use for state in machine.states if (use := store_of(state)) is not None]
        self._watching()
        surround(flow, self._around)
        if not any(one.direction == "in" for one in flow.sent):
            text = f"who starts `{machine.name}`, and with what input: no file says"
            flow.questions.append(unknown(text, flow.where))
        return flow

    # -- states

    def _state(self, state: Written) -> State:
        retries = tuple(_retry(state, one) for one in state.retry)
        limit, limited = _limit(state)
        parent = state.scope.parent
        return State(
            id=self._ids[id(state)],
            name=state.name,
            kind=state.type or "state",
            where=evidence(state, state.key),
            parent=self._ids[id(parent)] if parent is not None else "",
            limit=limit,
            limited=limited,
            works=state.type in _WORKING,
            handled=self._handled(state),
            retries=retries,
            effect=effect_of(state),
            undone=self._undone[id(state)][1] if id(state) in self._undone else None,
            undoes=id(state) in self._undoers,
            branches=tuple(tuple(self._ids[id(one)] for one in scope.states) for scope in state.branches),
            repeats=_repeats(state),
            look=self._look if state.type in _WORKING else "",
        )

    def _handled(self, state: Written) -> Claim | None:
        if state.type not in _CALLING:
            return None
        if not state.catch:
            return derived("no `Catch`: its failure ends the execution", evidence(state, state.key))
        listed = "; ".join(f"{', '.join(one.errors) or 'nothing'} → `{one.next}`" for one in state.catch)
        return fact(f"`Catch`: {listed}", *(place_in(state.file, one.node) for one in state.catch))

    # -- transitions

    def _ways(self, scope: Scope) -> None:
        parent = self._ids[id(scope.parent)] if scope.parent is not None else ""
        begin = scope.by_name.get(scope.start_at or "")
        where = scope.start_node
        if begin is None or where is None:
            text = (
                f"`StartAt` names `{scope.start_at}`, which is no state" if scope.start_at else "no `StartAt`"
            )
            self._flow.missing.append(derived(text, place_in(self._machine.file, where or scope.node)))
        else:
            claim = fact("`StartAt`", place_in(self._machine.file, where))
            self._add(Transition(START, self._ids[id(begin)], "start", "", claim, parent))
        for state in scope.states:
            self._ways_of(state, scope, parent)

    def _ways_of(self, state: Written, scope: Scope, parent: str) -> None:
        source = self._ids[id(state)]
        for on, guard, node in _targets(state):
            target = scope.by_name.get(node.text)
            place = place_in(state.file, node)
            if target is None:
                self._flow.missing.append(
                    fact(f"`{state.name}` leads to `{node.text}`, which is no state", place)
                )
                continue
            self._add(Transition(source, self._ids[id(target)], on, guard, fact(f"`{on}`", place), parent))
        if state.ends:
            place = place_in(state.file, state.end_node or state.type_node or state.key)
            self._add(Transition(source, END, "end", "", fact("it ends here", place), parent))
        elif not state.transitions:
            text = f"`{state.name}` has neither `Next` nor `End`"
            self._flow.missing.append(derived(text, evidence(state, state.key)))
        if scope.start_at is not None and state.name not in scope.reachable:
            self._flow.unreachable.append(
                derived(f"no way leads to `{state.name}`", evidence(state, state.key))
            )

    def _add(self, way: Transition) -> None:
        self._flow.transitions.append(way)

    # -- what else the file says

    def _people(self) -> None:
        machine, flow, owner = self._machine, self._flow, self._context.owner(self._machine.file.path)
        flow.participants.append(
            Participant(
                name=machine.name, role="orchestrator", owner=owner, claim=fact("state machine", flow.where)
            )
        )
        seen: dict[tuple[str, str], Participant] = {}
        for state in machine.states:
            called = state.integration
            if called is None:
                if state.is_activity:
                    claim = fact(f"activity of `{state.name}`", evidence(state, state.resource_node))
                    seen.setdefault(
                        (state.name, ""),
                        Participant(name=state.name, role="worker", owner=owner, claim=claim),
                    )
                continue
            name, role = self._partner(state, called)
            claim = fact(f"called by `{state.name}`", evidence(state, state.resource_node))
            seen.setdefault((name, role), Participant(name=name, role=role, owner=owner, claim=claim))
        flow.participants += seen.values()

    def _partner(self, state: Written, called: Integration) -> tuple[str, str]:
        """Return what a Task calls, and the part that has."""
        function, store = state.function, store_of(state)
        known = _SENDING.get((called.service, called.action))
        if store is not None:
            return store.store, "store"
        if known is not None:
            channel, _, what = known
            entry = (
                state.parameters.at("Entries", 0) or state.parameters
                if state.parameters is not None
                else None
            )
            target = self._around.target(entry.at(channel)) if entry is not None else ""
            return f"{what} {target}" if target else f"{called.service} {called.action}", "channel"
        if function is not None:
            found = self._around.called(state)
            name = found.name if found is not None else function.name
            return f"Lambda {name}" if name else "Lambda, which one the input decides", "worker"
        role = "store" if called.service in STORES else "worker"
        return f"{called.service} {called.action}".strip(), role

    def _events(self) -> None:
        for state in self._machine.states:
            called = state.integration
            known = _SENDING.get((called.service, called.action)) if called is not None else None
            if known is None or state.parameters is None:
                continue
            channel, payload, what = known
            entry = state.parameters.at("Entries", 0) or state.parameters
            kind = entry.text_at("DetailType")
            body = entry.at(payload)
            address = entry.text_at(channel) or entry.text_at(f"{channel}.$") or "unknown"
            target = self._around.target(entry.at(channel))
            if what == "event bus" and entry.at(channel) is None:
                target = address = "default"
            elif not target and self._around.messaging.out_of(address):
                target = address
            place_ = target or address
            self._flow.sent.append(
                Sent(
                    name=kind or f"message of {state.name}",
                    direction="out",
                    channel=f"{what} {place_}",
                    producer=state.name,
                    consumer="",
                    claim=fact(f"sent by `{state.name}`", evidence(state, state.parameters)),
                    is_named=kind is not None,
                    address=address,
                    channel_id=target,
                    body=tuple(_names(body)) if isinstance(body, Mapping) else None,
                    key=_set(state, entry, "MessageGroupId", "PartitionKey"),
                    identity=_set(state, entry, "MessageDeduplicationId"),
                )
            )

    def _watching(self) -> None:
        machine, flow = self._machine, self._flow
        resource = self._around.resource
        properties = machine.properties or (resource.properties if resource is not None else None)
        source = machine.file.host if machine.properties is not None or resource is None else resource.file
        keys = (
            "LoggingConfiguration",
            "Logging",
            "loggingConfig",
            "TracingConfiguration",
            "Tracing",
            "tracingConfig",
        )
        found = [
            node for key in keys if properties is not None and (node := properties.key_at(key)) is not None
        ]
        if found:
            names = ", ".join(f"`{node.text}`" for node in found)
            flow.observed = fact(f"{names} is set", *(place_in(source, node) for node in found))
        elif properties is not None:
            flow.observed = derived("neither logging nor tracing is set", flow.where)
        for status in ("FAILED", "TIMED_OUT"):
            command = line(
                "aws", "stepfunctions", "list-executions", "--state-machine-arn", "$STATE_MACHINE_ARN",
                "--status-filter", status,
            )  # fmt: skip
            flow.monitoring.append(
                Check(
                    text=f"executions of `{machine.name}` that are {status.lower().replace('_', ' ')}",
                    command=command,
                    expected="none new",
                    owner=self._context.owner(machine.file.path),
                    claim=fact("state machine", flow.where),
                )
            )


def _targets(state: Written) -> Iterator[tuple[On, str, Scalar]]:
    """Yield every way out with what it is taken on, and under which condition."""
    if state.next_node is not None and not state.next_node.is_null:
        yield "next", "", state.next_node
    for rule in state.choices:
        target = rule.at("Next")
        if isinstance(target, Scalar) and not target.is_null:
            yield "choice", _condition(state, rule), target
    if state.default_node is not None and not state.default_node.is_null:
        yield "default", "", state.default_node
    for one in state.catch:
        if one.next_node is not None and not one.next_node.is_null:
            yield "catch", ", ".join(one.errors), one.next_node


def _condition(state: Written, rule: Node) -> str:
    """Return a rule of a Choice in one line, as far as it is short."""
    if not isinstance(rule, Mapping):
        return ""
    parts = [
        f"{e.name} {state.file.slice(e.value)}" for e in rule.entries if e.name not in ("Next", "Comment")
    ]
    text = " ".join(" ".join(parts).split())
    if any(secret_in(one.name, one.value.text) for one in rule.entries if isinstance(one.value, Scalar)):
        return "compares with a value that is not shown"
    return text if len(text) <= _LONGEST_GUARD else f"{text[: _LONGEST_GUARD - 1]}…"


def _undescribed(state: Written) -> Claim | None:
    """Return what a Task hands over that no schema of a message can describe: calls of code, of APIs."""
    called = state.integration
    known = called is not None and ((called.service, called.action) in _SENDING or called.service in STORES)
    if not state.is_task or known:
        return None
    text = f"what `{state.name}` hands over and gets back: no file describes it"
    return unknown(text, evidence(state, state.resource_node or state.key))


def _names(body: Mapping) -> Iterator[str]:
    return (entry.name.removesuffix(".$") for entry in body.entries)


def _set(state: Written, entry: Node, *keys: str) -> Claim | None:
    """Return which of several parameters a state sets, None where it sets none of them."""
    for key in (*keys, *(f"{key}.$" for key in keys)):
        node = entry.key_at(key)
        if node is not None:
            return fact(f"`{key.removesuffix('.$')}` is set", evidence(state, node))
    return None


# Times -------------------------------------------------------------------------------------------


def _limit(state: Written) -> tuple[int | None, Claim]:
    """Return how long one try of a state takes at most, what is nested in it left out."""
    where = evidence(state, state.key)
    if state.type == "Wait":
        seconds, key = state.node.int_at("Seconds"), "Seconds"
    elif state.type == "Task":
        seconds, key = state.timeout_seconds, "TimeoutSeconds"
    else:
        return 0, derived("takes no time of its own", where)
    node = state.node.at(key)
    if node is not None and seconds is not None and 0 <= seconds < 99_999_999:
        return seconds * SECOND, fact(f"`{key}: {seconds}`", place_in(state.file, node))
    if state.type == "Wait" or state.has_timeout:
        return None, unknown("its input decides how long it takes", where)
    return None, derived("no `TimeoutSeconds`: Step Functions waits for years", where)


def _retry(state: Written, one: Retrier) -> Retry:
    """Return what a retrier amounts to."""
    attempts, waits = tries_of(one)
    errors = ", ".join(one.errors) or "nothing"
    total = f"waits {words(waits)} in all" if waits is not None else "waits without a known end"
    text = f"on {errors}: {attempts} more tries, {total}"
    return Retry(attempts, waits, fact(text, place_in(state.file, one.node)))


def _repeats(state: Written) -> Claim | None:
    """Return why the states nested in a Map run an unknown number of times."""
    if state.type != "Map":
        return None
    return unknown(
        f"how many items `{state.name}` goes through: its input decides", evidence(state, state.key)
    )
