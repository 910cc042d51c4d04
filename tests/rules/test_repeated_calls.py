"""What rules about contracts and topics take for a key, a time to come back, a version, a topic."""

import pytest

from tests.checking import check_rule

API = """openapi: 3.0.3
info: {title: Payments, version: 1.0.0}
paths:
  PATH:
    parameters: [SHARED]
    post:
      operationId: pay
      parameters: [OWN]
      requestBody:
        content:
          application/json:
            schema: SCHEMA
      responses:
        "201": {description: Paid}
        MORE
components:
  schemas:
    Named: {allOf: [{properties: {id: {type: string}}}]}
    Answered: {properties: {id: {type: string, readOnly: true}, amount: {type: integer}}}
"""
PLAIN = {
    "PATH": "/payments",
    "SHARED": "",
    "OWN": "",
    "SCHEMA": "{properties: {amount: {type: integer}}}",
    "MORE": '"400": {description: No}',
}


def api(**changed: str) -> str:
    text = API
    for name, value in (PLAIN | changed).items():
        text = text.replace(name, value)
    return text


@pytest.mark.parametrize(
    ("changed", "is_told"),
    [
        ({}, True),
        ({"SCHEMA": '{$ref: "#/components/schemas/Answered"}'}, True),
        ({"SCHEMA": '{$ref: "#/components/schemas/Named"}'}, False),
        ({"SCHEMA": '{$ref: "./payment.yaml"}'}, False),
        ({"SHARED": "{name: Idempotency-Key, in: header, schema: {type: string}}"}, False),
        ({"OWN": "{name: X-Request-ID, in: header, schema: {type: string}}"}, False),
        ({"OWN": '{$ref: "./parameters.yaml#/key"}'}, False),
        ({"OWN": "{name: X-Tenant, in: header, schema: {type: string}}"}, True),
        ({"MORE": '"409": {description: There already}'}, False),
        ({"PATH": "/auth/login"}, False),
    ],
)
def test_what_keeps_a_call_from_being_done_twice(changed: dict[str, str], is_told: bool) -> None:
    found = check_rule("creation-without-idempotency-key", {"openapi.yaml": api(**changed)})
    assert bool(found) is is_told


@pytest.mark.parametrize(
    ("more", "is_told"),
    [
        ('"503": {description: Down, headers: {retry-after: {schema: {type: integer}}}}', False),
        ('"503": {description: Down, headers: {X-RateLimit-Reset: {schema: {type: integer}}}}', True),
        ('"429": {description: Slow, headers: {X-RateLimit-Reset: {schema: {type: integer}}}}', False),
        ('"429": {$ref: "./responses.yaml#/slow"}', False),
    ],
)
def test_what_says_when_to_come_back(more: str, is_told: bool) -> None:
    found = check_rule("refusal-without-retry-after", {"openapi.yaml": api(MORE=more)})
    assert bool(found) is is_told


@pytest.mark.parametrize(
    ("urls", "is_told"),
    [
        (("https://a.shop.example/v1", "https://b.shop.example/v1/"), False),
        (("https://a.shop.example/v1", "https://b.shop.example/v2"), True),
        (("https://a.shop.example/v1", "http://localhost:8080"), False),
        (("https://a.shop.example/v1", "https://{host}/v2"), False),
        (("https://a.shop.example/api", "https://b.shop.example"), False),
    ],
)
def test_servers_are_compared_by_version(urls: tuple[str, ...], is_told: bool) -> None:
    servers = "".join(f"  - url: {url}\n" for url in urls)
    text = f"openapi: 3.0.3\ninfo: {{title: Shop, version: '1'}}\nservers:\n{servers}paths: {{}}\n"
    assert bool(check_rule("servers-of-other-versions", {"openapi.yaml": text})) is is_told


def topic(name: str, spec: str) -> str:
    return (
        f"apiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaTopic\nmetadata: {{name: {name}}}\nspec: {spec}\n"
    )


CONTRACT = """asyncapi: 2.6.0
info: {title: Shop, version: '1'}
channels:
  shop.orders:
    bindings: {kafka: {partitions: 6}}
"""


@pytest.mark.parametrize(
    ("files", "is_told"),
    [
        ({"a.yaml": topic("orders", "{topicName: shop.orders, partitions: 3}")}, True),
        ({"a.yaml": topic("shop.orders", "{partitions: 6}")}, False),
        ({"a.yaml": topic("other", "{partitions: 3}")}, False),
        ({"a.yaml": topic("shop.orders", "{replicas: 3}")}, False),
        (
            {
                "a.yaml": topic("shop.orders", "{partitions: 3}"),
                "b.yaml": topic("shop.orders", "{partitions: 6}"),
            },
            False,
        ),
    ],
)
def test_topics_are_found_by_name(files: dict[str, str], is_told: bool) -> None:
    found = check_rule("topic-unlike-contract", files | {"asyncapi.yaml": CONTRACT})
    assert bool(found) is is_told


@pytest.mark.parametrize(
    ("kafka", "severities"),
    [
        ("{replicas: 3, config: {default.replication.factor: 3, min.insync.replicas: 2}}", []),
        ("{replicas: 3, config: {default.replication.factor: 3, min.insync.replicas: 3}}", ["warning"]),
        ("{replicas: 1, config: {offsets.topic.replication.factor: 3}}", ["error"]),
        ("{config: {offsets.topic.replication.factor: 3}}", []),
        ("{replicas: 1, config: {default.replication.factor: 1, min.insync.replicas: 1}}", []),
    ],
)
def test_defaults_of_a_cluster_are_held_against_its_brokers(kafka: str, severities: list[str]) -> None:
    head = "apiVersion: kafka.strimzi.io/v1beta2\nkind: Kafka\nmetadata: {name: shop}\n"
    text = f"{head}spec: {{kafka: {kafka}}}\n"
    assert [one.severity for one in check_rule("unwritable-topic", {"kafka.yaml": text})] == severities
