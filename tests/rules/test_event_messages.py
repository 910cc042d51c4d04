"""What rules about messages of AsyncAPI documents take for an identity, an order or a correlation."""

import pytest

from tests.checking import check_rule

BROKER = 'servers: {broker: {host: "broker.example.com:9092", protocol: PROTOCOL}}\n'


def third(message: str, protocol: str = "kafka", channel: str = "", operation: str = "") -> str:
    return f"""asyncapi: 3.0.0
info: {{title: Payments, version: 1.0.0}}
{BROKER.replace("PROTOCOL", protocol)}channels:
  payments:
    address: payments
{channel}    messages:
      requested:
        name: requested
{message}operations:
  take:
    action: receive
    channel: {{$ref: "#/channels/payments"}}
{operation}"""


def payload(*names: str) -> str:
    fields = ", ".join(f"{name}: {{type: string}}" for name in names)
    return f"        payload: {{type: object, properties: {{{fields}}}}}\n"


def headers(*names: str) -> str:
    return payload(*names).replace("payload:", "headers:")


def lines(rule: str, text: str) -> list[int]:
    return [one.line for one in check_rule(rule, {"events/asyncapi.yaml": text})]


@pytest.mark.parametrize(
    "message",
    [
        payload("id", "amount"),
        payload("paymentId"),
        payload("amount") + headers("Idempotency-Key"),
        payload("amount") + headers("x-correlation-id"),
        payload("amount") + headers("ce_id"),
        payload("amount") + headers("traceparent"),
        payload("amount") + '        correlationId: {location: "$message.header#/a"}\n',
        payload("amount") + "        contentType: application/cloudevents+json\n",
        '        payload: {$ref: "./payment.json"}\n',
        "        payload: {schemaFormat: application/vnd.apache.avro, schema: {type: record}}\n",
        payload("amount") + '        traits: [{$ref: "./common.yaml#/traits/all"}]\n',
        "        payload: {type: object, properties: {metadata: {properties: {event_id: {}}}}}\n",
    ],
)
def test_messages_that_can_be_told_apart_or_not_be_seen_are_left_alone(message: str) -> None:
    assert lines("indistinguishable-message", third(message)) == []


@pytest.mark.parametrize(
    ("protocol", "is_told"), [("kafka", True), ("amqp", True), ("wss", False), ("mqtt", False)]
)
def test_only_brokers_that_deliver_again_count(protocol: str, is_told: bool) -> None:
    assert bool(lines("indistinguishable-message", third(payload("amount"), protocol))) is is_told


def test_version_two_is_read_with_traits() -> None:
    text = f"""asyncapi: 2.6.0
info: {{title: Payments, version: 1.0.0}}
{BROKER.replace("PROTOCOL", "kafka").replace("host", "url")}channels:
  payments:
    subscribe:
      message:
        oneOf:
          - name: asked
            payload: {{type: object, properties: {{amount: {{type: integer}}}}}}
          - name: told
            traits: [{{$ref: "#/components/messageTraits/known"}}]
            payload: {{type: object, properties: {{amount: {{type: integer}}}}}}
components:
  messageTraits:
    known: {{headers: {{type: object, properties: {{message-id: {{type: string}}}}}}}}
"""
    assert lines("indistinguishable-message", text) == [9]


PARTS = "    bindings: {kafka: {partitions: 6}}\n"
COMPACT = "    bindings: {kafka: {topicConfiguration: {cleanup.policy: [delete, compact]}}}\n"
KEY = "        bindings: {kafka: {key: {type: string}}}\n"


@pytest.mark.parametrize(
    ("channel", "message", "is_told"),
    [
        (PARTS, payload("id"), True),
        (PARTS.replace("6", "1"), payload("id"), False),
        (PARTS, payload("id", "sequence"), False),
        (PARTS, payload("id") + KEY, False),
        (COMPACT, payload("id", "sequence"), True),
        ("", payload("id"), False),
    ],
)
def test_partitions_and_compaction_ask_for_a_key(channel: str, message: str, is_told: bool) -> None:
    assert bool(lines("unordered-messages", third(message, channel=channel))) is is_told


@pytest.mark.parametrize(
    ("protocol", "location", "is_told"),
    [
        ("kafka", "$message.header#/correlationId", True),
        ("kafka", "$message.header#/request", False),
        ("kafka", "$message.header#/deep/request", False),
        ("kafka", "$message.payload#/request", True),
        ("amqp", "$message.header#/correlationId", False),
    ],
)
def test_a_correlation_id_is_looked_for_where_it_is_said_to_be(
    protocol: str, location: str, is_told: bool
) -> None:
    message = payload("amount") + headers("request") + f'        correlationId: {{location: "{location}"}}\n'
    assert bool(lines("lost-correlation-id", third(message, protocol))) is is_told


@pytest.mark.parametrize(
    ("channel", "is_told"), [("", True), ("    x-dead-letter-topic: payments.dlt\n", False)]
)
def test_a_document_that_speaks_of_dead_letters_is_left_alone(channel: str, is_told: bool) -> None:
    found = lines("consumer-without-dead-letters", third(payload("id"), channel=channel))
    assert bool(found) is is_told
