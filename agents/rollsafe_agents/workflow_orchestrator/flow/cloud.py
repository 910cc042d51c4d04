"""What templates say about a state machine: who starts it, limits of what it calls, dead letters, alarms."""

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Final

from rollsafe.artefacts.step_functions import State, StateMachine
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.plans.commands import line
from rollsafe.plans.contribution import derived, evidence, fact
from rollsafe.plans.model import Check, Claim
from rollsafe.plans.times import SECOND, words
from rollsafe.workspace.cloud import Function, Messaging, Queue, Resource, reference_of
from rollsafe_agents.workflow_orchestrator.flow.draft import Clock, Flow
from rollsafe_agents.workflow_orchestrator.flow.events import Sent, place

_TIMES: Final = 6
"""A message has to stay hidden for so many times as long as its function may run, says AWS."""


class Surroundings:
    """The templates of a project as one machine sees them."""

    def __init__(self, machine: StateMachine, messaging: Messaging) -> None:
        self.machine = machine
        self.messaging = messaging
        self.resource = _resource(machine, messaging)

    def target(self, node: Node | None) -> str:
        """Return the id of the resource a value of the machine means; empty where no template has it."""
        found = reference_of(node)
        if found is not None and self.resource is not None:
            given = self.resource.properties.at("DefinitionSubstitutions", found)
            if given is not None:
                found = reference_of(given) or (given.text if isinstance(given, Scalar) else found)
        if found is None and isinstance(node, Scalar):
            found = node.text
        return self.messaging.id_of(found) if found else ""

    def called(self, state: State) -> Function | None:
        """Return the function a state calls, where a template has it."""
        called = state.integration
        if called is not None and called.service == "lambda" and called.action:
            node = state.parameters.at("FunctionName") if state.parameters is not None else None
        else:
            node = state.resource_node
        return self.messaging.functions.get(self.target(node))


def _resource(machine: StateMachine, messaging: Messaging) -> Resource | None:
    for one in messaging.machines:
        if one.file.path == machine.file.path and one.id == machine.name:
            return one
        uri = one.text("DefinitionUri")
        if uri is not None and normpath(join(dirname(one.file.path), uri)) == machine.file.path:
            return one
    return None


def surround(flow: Flow, around: Surroundings) -> None:
    """Add to a flow what templates say about it."""
    flow.sent += started_by(flow.name, around)
    flow.clocks += clocks(around)
    for state in around.machine.states:
        _of_call(flow, state, around)
    for channel in dict.fromkeys(one.channel_id for one in flow.sent if one.direction == "out"):
        queue = around.messaging.queues.get(channel)
        if queue is not None:
            _of_queue(flow, queue, around.messaging)
        flow.letters += _undelivered(channel, around.messaging)
    _alarms(flow, around)


# Who starts it -----------------------------------------------------------------------------------


def started_by(name: str, around: Surroundings) -> Iterator[Sent]:
    """Yield the events and clocks that start the machine."""
    if around.resource is None:
        return
    for feed in around.messaging.into(around.resource.id):
        for kind in feed.kinds or ("any event",):
            yield Sent(
                name=kind, direction="in", channel=f"event bus {feed.source}", producer="", consumer=name,
                claim=fact("its rule starts it", place(feed.place)), is_named=bool(feed.kinds),
                channel_id=feed.source, consumer_id=around.resource.id,
            )  # fmt: skip
    for one in around.messaging.schedules:
        if one.target == around.resource.id:
            yield Sent(
                name=f"schedule {one.expression}", direction="in", channel="clock", producer="AWS",
                consumer=name, claim=fact("its schedule starts it", place(one.place)), needs_schema=False,
            )  # fmt: skip


def clocks(around: Surroundings) -> Iterator[Clock]:
    """Yield the schedules that start the machine; its executions know nothing of each other."""
    for one in around.messaging.schedules:
        if around.resource is not None and one.target == around.resource.id:
            yield Clock(one.expression, "both run at once", True, fact("its schedule", place(one.place)))


# Limits ------------------------------------------------------------------------------------------


def _of_call(flow: Flow, state: State, around: Surroundings) -> None:
    function = around.called(state)
    if function is None or function.timeout is None:
        return
    mine = evidence(state, state.key)
    given = state.timeout_seconds
    length = words(function.timeout * SECOND)
    if given is not None and 0 <= given < function.timeout:
        short = words(given * SECOND)
        text = f"`{state.name}` is given up after {short}, `{function.name}` may run on until {length}"
        flow.unfit.append(derived(text, mine, place(function.timeout_place)))
    else:
        text = f"`{function.name}`, which `{state.name}` calls, ends after {length}"
        flow.reliability.append(fact(text, place(function.timeout_place)))


def _of_queue(flow: Flow, queue: Queue, messaging: Messaging) -> None:
    flow.reliability += _retention(queue)
    for feed in messaging.out_of(queue.id):
        function = messaging.functions.get(feed.target)
        if function is None or function.timeout is None or queue.visibility is None:
            continue
        hidden, wanted = words(queue.visibility * SECOND), words(_TIMES * function.timeout * SECOND)
        places = (place(queue.visibility_place), place(function.timeout_place))
        if queue.visibility < _TIMES * function.timeout:
            text = f"`{queue.name}` hides a message for {hidden}; {_TIMES} runs of"
            text += f" `{function.name}` take {wanted}"
            flow.unfit.append(derived(text, *places))
        else:
            text = f"`{queue.name}` hides a message for {hidden}, {_TIMES} runs of `{function.name}` fit in"
            flow.reliability.append(derived(text, *places))
    if queue.dead_letters:
        tries = f"after {queue.tries} tries" if queue.tries is not None else "after its tries"
        flow.letters.append(fact(f"`{queue.name}`: {tries} to `{queue.dead_letters}`", place(queue.place)))
    else:
        text = f"`{queue.name}` has no dead-letter queue: what fails comes back until it is too old"
        flow.lost.append(derived(text, place(queue.place)))
    flow.monitoring += _depth(queue, messaging)


def _retention(queue: Queue) -> Iterator[Claim]:
    if queue.retention is not None:
        yield derived(
            f"`{queue.name}` keeps a message for {words(queue.retention * SECOND)}", place(queue.place)
        )


def _depth(queue: Queue, messaging: Messaging) -> Iterator[Check]:
    for id_ in dict.fromkeys((queue.id, messaging.id_of(queue.dead_letters))):
        one = messaging.queues.get(id_)
        if one is None:
            continue
        command = line(
            "aws", "sqs", "get-queue-attributes", "--queue-url", "$QUEUE_URL",
            "--attribute-names", "ApproximateNumberOfMessages",
        )  # fmt: skip
        expected = "0" if id_ != queue.id else "it goes down"
        yield Check(
            text=f"messages in `{one.name}`", command=command, expected=expected, owner="on call",
            claim=fact("queue", place(one.place)),
        )  # fmt: skip


def _undelivered(channel: str, messaging: Messaging) -> Iterator[Claim]:
    """Yield where goes what a rule or a subscription cannot deliver."""
    for feed in messaging.out_of(channel) if channel and channel not in messaging.queues else ():
        if feed.dead_letters:
            yield fact(f"what `{feed.target}` does not take goes to `{feed.dead_letters}`", place(feed.place))


# Alarms ------------------------------------------------------------------------------------------


def _alarms(flow: Flow, around: Surroundings) -> None:
    watched = [(around.resource.id, flow.name)] if around.resource is not None else []
    for state in around.machine.states:
        function = around.called(state)
        watched += [(function.id, function.name)] if function is not None else []
    for sent in flow.sent:
        queue = around.messaging.queues.get(sent.channel_id)
        if queue is not None:
            letters = around.messaging.id_of(queue.dead_letters)
            watched += [(queue.id, queue.name)] + ([(letters, queue.dead_letters)] if letters else [])
    for id_, name in dict.fromkeys(watched):
        for alarm in around.messaging.alarms_of(id_):
            heard = "" if alarm.notifies else "; nobody is told"
            flow.alarms.append(
                fact(f"`{alarm.id}` watches {alarm.metric} of `{name}`{heard}", place(alarm.place))
            )
