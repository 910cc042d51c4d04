"""Events of a workflow: their schemas wherever the project has them, who takes them, and what templates say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plans.kinds import asked, found
from tests.plans.repositories import Change, repository, write

Json = dict[str, Any]
Spec = Callable[..., Json]
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 10}


def machine(detail: Json | None = None, kind: str = "OrderPlaced") -> dict[str, str]:
    """Return a machine that puts one event on a bus, and one message into a queue."""
    entry: Json = {"DetailType": kind, "Source": "shop", "EventBusName": "shop-events"}
    entry |= {"Detail": detail} if detail is not None else {"Detail.$": "$"}
    states = {
        "Put": {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "TimeoutSeconds": 5,
                "Parameters": {"Entries": [entry]}, "Next": "Send"},
        "Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "TimeoutSeconds": 5, "End": True,
                 "Parameters": {"QueueUrl": "https://sqs.example/shipping", "MessageBody": {"order.$": "$.id"}}},
    }  # fmt: skip
    return {"flow.asl.json": json.dumps({"StartAt": "Put", "States": states}, indent=1)}


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    """Write a project and return the specification of its workflow as JSON."""

    def make(files: dict[str, str], subject: str = "flow") -> Json:
        root = tmp_path / "project"
        root.mkdir(exist_ok=True)
        write(root, {"rollsafe.toml": "root = true\n", **files})
        return found(root, "workflow", subject)

    return make


def event(plan: Json, name: str) -> Json:
    (one,) = [one for one in plan["events"] if one["name"] == name]
    return dict(one)


def fields(one: Json) -> list[tuple[str, str | None, bool | None, str]]:
    return [(each["name"], each["type"], each["required"], each["format"]) for each in one["fields"]]


def box(plan: Json, number: int) -> Json:
    return dict(plan["boxes"][number - 1])


def texts(claims: list[Json]) -> list[str]:
    return [claim["text"] for claim in claims]


# Descriptions ------------------------------------------------------------------------------------


ASYNC_3 = """\
asyncapi: 3.0.0
info: {title: mail, version: 1.4.0}
channels:
  orders:
    address: shop-events
    messages:
      placed: {$ref: '#/components/messages/OrderPlaced'}
operations:
  onPlaced:
    action: receive
    channel: {$ref: '#/channels/orders'}
components:
  messages:
    OrderPlaced:
      headers: {type: object, properties: {message-id: {type: string}}}
      bindings: {kafka: {key: {type: string, description: the order}}}
      payload: {$ref: '#/components/schemas/Order'}
  schemas:
    Order:
      allOf:
        - {type: object, required: [order], properties: {order: {type: string, format: uuid}}}
        - type: object
          properties: {lines: {type: array, items: {type: object}}, state: {enum: [new, paid]}}
"""
ASYNC_2 = """\
asyncapi: 2.6.0
info: {title: mail, version: '3'}
channels:
  shop-events:
    publish:
      message:
        oneOf:
          - {name: order.placed, payload: {type: object, required: [order], properties: {order: {type: integer, minimum: 1}}}}
          - {name: order.gone, payload: {type: object}}
"""
JSON_SCHEMA = json.dumps(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["order"],
        "properties": {
            "order": {"type": ["string", "null"]},
            "at": {"type": "string", "format": "date-time"},
        },
    }
)
AVRO = json.dumps(
    {
        "type": "record",
        "name": "OrderPlaced",
        "namespace": "shop.v2",
        "fields": [
            {"name": "order", "type": "string"},
            {"name": "coupon", "type": ["null", "string"], "default": None},
            {"name": "lines", "type": {"type": "array", "items": "string"}},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        ],
    }
)
PROTO = """\
syntax = "proto3";
package shop.v1;
/* message OrderPlaced { string no = 1; } */
message OrderPlaced {
  message Line { string sku = 1; }  // string no = 2;
  string order = 1;
  repeated Line lines = 2;
  map<string, int32> counts = 3;
  oneof how { string card = 4; }
  reserved 9;
}
"""
OPENAPI = """\
openapi: 3.1.0
info: {title: shop, version: 2.1.0}
webhooks:
  orderPlaced:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, required: [order], properties: {order: {type: string, maxLength: 9}}}
"""


@pytest.mark.parametrize(
    ("path", "text", "described", "version", "known"),
    [
        ("api/asyncapi.yaml", ASYNC_3, "`OrderPlaced` of AsyncAPI", "1.4.0",
         [("order", "string", True, "uuid"), ("lines", "array of object", False, ""), ("state", "enum", False, "one of new, paid")]),
        ("api/asyncapi.yaml", ASYNC_2, "`order.placed` of AsyncAPI", "3", [("order", "integer", True, "≥ 1")]),
        ("schemas/order-placed.v3.schema.json", JSON_SCHEMA, "`order-placed` of JSON Schema", "3",
         [("order", "string or null", True, ""), ("at", "string", False, "date-time")]),
        ("schemas/placed.avsc", AVRO, "`OrderPlaced` of Avro", "2",
         [("order", "string", True, ""), ("coupon", "string", False, ""), ("lines", "array of string", True, ""),
          ("at", "long", True, "timestamp-millis")]),
        ("proto/orders.proto", PROTO, "`OrderPlaced` of Protocol Buffers", "1",
         [("order", "string", False, ""), ("lines", "repeated Line", False, ""), ("counts", "map<string, int32>", False, ""),
          ("card", "string", False, "")]),
        ("api/openapi.yaml", OPENAPI, "`orderPlaced` of OpenAPI", "2.1.0", [("order", "string", True, "length ≤ 9")]),
    ],
    ids=["asyncapi 3", "asyncapi 2", "json schema", "avro", "proto", "openapi"],
)  # fmt: skip
def test_a_description_is_found_by_the_name_of_the_event(
    path: str, text: str, described: str, version: str, known: list[tuple[str, str, bool, str]], spec: Spec
) -> None:
    one = event(spec({**machine(), path: text}), "OrderPlaced")
    assert (one["description"]["text"], one["description"]["status"]) == (described, "FACT")
    assert one["description"]["evidence"][0]["path"] == path
    assert one["version"] == version
    assert fields(one) == known
    assert {each["place"]["path"] for each in one["fields"]} == {path}


def test_a_description_is_found_by_the_channel(spec: Spec) -> None:
    text = ASYNC_3.replace("shop-events", "arn:aws:sqs:eu-west-1:1:shipping")
    one = event(spec({**machine(kind="Other"), "asyncapi.yaml": text}), "OrderPlaced")
    assert one["channel"] == "queue https://sqs.example/shipping"
    assert texts(one["consumers"]) == ["mail"]


def test_payloads_in_files_of_their_own_are_followed(spec: Spec) -> None:
    text = ASYNC_3.replace("'#/components/schemas/Order'", "'../schemas/order.json#/definitions/Order'")
    order = {"definitions": {"Order": {"type": "object", "properties": {"total": {"type": "number"}}}}}
    files = {"api/asyncapi.yaml": text, "schemas/order.json": json.dumps(order)}
    assert fields(event(spec({**machine(), **files}), "OrderPlaced")) == [("total", "number", False, "")]
    gone = event(spec({**machine(), **files, "schemas/order.json": "{}"}), "OrderPlaced")
    assert (gone["description"]["status"], gone["schema_known"]) == ("UNKNOWN", False)


def test_who_takes_it_and_what_orders_it_is_told(spec: Spec) -> None:
    one = event(spec({**machine(), "asyncapi.yaml": ASYNC_3}), "OrderPlaced")
    assert [(claim["text"], claim["status"]) for claim in one["consumers"]] == [("mail", "DERIVED")]
    assert one["key"]["text"] == "kafka key: the order"
    assert one["identity"]["text"] == "header `message-id`"


def test_what_no_file_says_stays_unknown(spec: Spec) -> None:
    one = event(spec(machine({"order": "$.id"})), "OrderPlaced")
    for key in ("key", "identity", "description"):
        assert one[key]["status"] == "UNKNOWN"
    assert [claim["status"] for claim in one["consumers"]] == ["UNKNOWN"]
    assert fields(one) == [("order", None, None, "")]
    assert box(spec(machine()), 1)["answer"] == "UNKNOWN"


def test_two_descriptions_of_one_name_are_a_question(spec: Spec) -> None:
    files = {"a/placed.avsc": AVRO.replace("shop.v2", "a"), "b/placed.avsc": AVRO.replace("shop.v2", "b")}
    one = event(spec({**machine(), **files}), "OrderPlaced")
    assert one["description"]["text"].startswith("which of 2 descriptions `OrderPlaced` has")
    newer = {**files, "b/placed.avsc": AVRO.replace("shop.v2", "b.v4"), "a/placed.avsc": AVRO}
    assert event(spec({**machine(), **newer}), "OrderPlaced")["version"] == "4"


def test_what_is_sent_is_held_against_its_description(spec: Spec) -> None:
    plan = spec({**machine({"ordr.$": "$.id"}), "schemas/order-placed.schema.json": JSON_SCHEMA})
    assert box(plan, 1)["answer"] == "FAIL"
    assert texts(box(plan, 1)["claims"]) == ["`Put` does not send `order`, which `order-placed` requires"]
    assert "who takes `ordr`, which `Put` sends: `order-placed` does not have it" in texts(plan["questions"])
    fine = spec({**machine({"order.$": "$.id"}), "schemas/order-placed.schema.json": JSON_SCHEMA})
    assert box(fine, 1)["answer"] == "UNKNOWN"


def test_descriptions_are_compared_with_the_base(tmp_path: Path) -> None:
    now = json.loads(JSON_SCHEMA)
    now["properties"] = {"order": {"type": "integer"}, "to": {"type": "string"}, "note": {"type": "string"}}
    now["required"] = ["order", "to"]
    path = "schemas/order-placed.schema.json"
    change = Change(
        {"rollsafe.toml": "root = true\n", **machine(), path: JSON_SCHEMA}, {path: json.dumps(now)}
    )
    plan = found(repository(tmp_path / "repository", change), "workflow", "flow")
    assert texts(event(plan, "OrderPlaced")["compatibility"]) == [
        "removed `at`: who still reads it breaks",
        "`order` was string or null, is integer",
        "added `to`, required: who still sends the old form breaks",
        "added `note`, optional",
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.proto", "message OrderPlaced {"),
        ("a.proto", '/* "' * 30_000),
        ("a.proto", "message A { " * 3_000),
        ("a.proto", "a" * 200_000 + "=" + "b " * 50_000),
        ("a.avsc", '{"type": "record", "name": 1, "fields": [1, {"name": []}]}'),
        ("asyncapi.yaml", "asyncapi: 3.0.0\nchannels: [1]\noperations: {a: 1}\n"),
        (
            "asyncapi.yaml",
            "asyncapi: 2.0.0\nchannels: {a: {publish: {message: {$ref: '#/channels/a/publish/message'}}}}\n",
        ),
        (
            "openapi.yaml",
            "openapi: 3.1.0\nwebhooks: {a: {post: 1}}\ncomponents: {schemas: {A: {$ref: '#'}}}\n",
        ),
        ("x.schema.json", '{"properties": {"a": {"$ref": "#"}, "b": 1}, "allOf": [{"$ref": "#"}]}'),
    ],
)
def test_hostile_descriptions_are_no_harm(path: str, text: str, spec: Spec) -> None:
    assert len(spec({**machine(), path: text})["events"]) == 2


# Templates ---------------------------------------------------------------------------------------


TEMPLATE = """\
Resources:
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: flow.asl.json
      DefinitionSubstitutions: {Shipping: !Ref Shipping, Charge: !GetAtt Charge.Arn}
      Tracing: {Enabled: true}
      Events:
        Placed:
          Type: EventBridgeRule
          Properties: {Pattern: {detail-type: [OrderPlaced]}}
        Often: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}
  Charge: {Type: AWS::Serverless::Function, Properties: {Timeout: 60}}
  Ship:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 20
      Events: {Q: {Type: SQS, Properties: {Queue: !GetAtt Shipping.Arn}}}
  Shipping:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Lost.Arn, maxReceiveCount: 5}
  Lost: {Type: AWS::SQS::Queue}
  Failing:
    Type: AWS::CloudWatch::Alarm
    Properties: {MetricName: ExecutionsFailed, Dimensions: [{Name: StateMachineArn, Value: !Ref Orders}]}
"""
CALLS = {
    "StartAt": "Charge",
    "States": {
        "Charge": {**TASK, "TimeoutSeconds": 30, "Parameters": {"FunctionName": "${Charge}"}, "Next": "Send"},
        "Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "TimeoutSeconds": 90, "End": True,
                 "Parameters": {"QueueUrl": "${Shipping}", "MessageBody": {"order.$": "$.id"}}},
    },
}  # fmt: skip
CLOUD = {"flow.asl.json": json.dumps(CALLS, indent=1), "template.yaml": TEMPLATE}


def test_templates_say_who_starts_it_and_who_takes_what_it_sends(spec: Spec) -> None:
    plan = spec(CLOUD)
    assert {(one["name"], one["direction"], one["channel"]) for one in plan["events"]} == {
        ("message of Send", "out", "queue Shipping"),
        ("OrderPlaced", "in", "event bus default"),
        ("schedule rate(1 minute)", "in", "clock"),
    }
    sent = event(plan, "message of Send")
    assert texts(sent["consumers"]) == ["Ship"]
    assert sent["identity"]["text"] == "none: a standard queue may deliver it twice"
    assert {one["name"] for one in plan["participants"]} == {"flow", "Lambda Charge", "queue Shipping"}
    assert not [text for text in texts(plan["questions"]) if text.startswith("who starts")]
    assert box(plan, 5)["answer"] == "PASS"


def test_limits_that_contradict_each_other_fail(spec: Spec) -> None:
    plan = spec(CLOUD)
    assert box(plan, 6)["answer"] == "FAIL"
    assert texts(plan["reliability"])[:3] == [
        "`Charge` is given up after 30s, `Charge` may run on until 1m",
        "`Shipping` hides a message for 1m; 6 runs of `Ship` take 2m",
        "a run may take 2m, the next is due after 1m: both run at once",
    ]
    fitting = TEMPLATE.replace("VisibilityTimeout: 60", "VisibilityTimeout: 120").replace(
        "{Timeout: 60}", "{Timeout: 9}"
    )
    said = texts(spec({**CLOUD, "template.yaml": fitting.replace("1 minute", "1 hour")})["reliability"])
    assert "`Shipping` hides a message for 2m, 6 runs of `Ship` fit in" in said
    assert "`Charge`, which `Charge` calls, ends after 9s" in said
    assert "a run is done 2m after its start, the next is due after 1h" in said


def test_dead_letters_and_alarms_are_told(spec: Spec) -> None:
    plan = spec(CLOUD)
    assert texts(plan["letters"]) == ["`Shipping`: after 5 tries to `Lost`"]
    assert texts(plan["alarms"]) == ["`Failing` watches ExecutionsFailed of `flow`; nobody is told"]
    assert {"messages in `Shipping`", "messages in `Lost`"} <= {one["text"] for one in plan["monitoring"]}
    bare = TEMPLATE.replace(
        "      RedrivePolicy: {deadLetterTargetArn: !GetAtt Lost.Arn, maxReceiveCount: 5}\n", ""
    )
    lost = spec({**CLOUD, "template.yaml": bare})
    assert box(lost, 4)["answer"] == "FAIL"
    assert texts(lost["letters"]) == [
        "`Shipping` has no dead-letter queue: what fails comes back until it is too old"
    ]


@pytest.mark.parametrize(
    ("queue", "key", "identity"),
    [
        ("FifoQueue: true, ContentBasedDeduplication: true", "`MessageGroupId` is set",
         "the queue leaves out equal contents for 5 minutes"),
        ("FifoQueue: true", "`MessageGroupId` is set", "what tells two of them apart: no file says"),
    ],
)  # fmt: skip
def test_a_queue_in_order_is_told(queue: str, key: str, identity: str, spec: Spec) -> None:
    text = TEMPLATE.replace(
        "      VisibilityTimeout: 60\n", "".join(f"      {one}\n" for one in queue.split(", "))
    )
    calls = json.loads(CLOUD["flow.asl.json"])
    calls["States"]["Send"]["Parameters"]["MessageGroupId.$"] = "$.id"
    one = event(spec({"flow.asl.json": json.dumps(calls), "template.yaml": text}), "message of Send")
    assert (one["key"]["text"], one["identity"]["text"]) == (key, identity)


def test_a_rule_of_its_own_starts_a_machine_and_takes_events(spec: Spec) -> None:
    template = """\
{"Resources": {
  "Flow": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": "{}", "DefinitionUri": "flow.asl.json"}},
  "Mail": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "mail"}},
  "Rule": {"Type": "AWS::Events::Rule", "Properties": {"EventBusName": "shop-events", "EventPattern": {"detail-type": ["OrderPlaced"]},
    "Targets": [{"Arn": {"Fn::GetAtt": ["Mail", "Arn"]}, "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Late", "Arn"]}}},
                {"Arn": {"Ref": "Flow"}}]}},
  "Late": {"Type": "AWS::SQS::Queue", "Properties": {}}}}
"""
    plan = spec({**machine(), "infra/template.json": template.replace('"flow.asl', '"../flow.asl')})
    (sent,) = [one for one in plan["events"] if one["direction"] == "out" and one["name"] == "OrderPlaced"]
    assert texts(sent["consumers"]) == ["Mail", "Flow"]
    assert [one["name"] for one in plan["events"] if one["direction"] == "in"] == ["OrderPlaced"]


def test_stores_are_told_with_what_holds_writes_together(spec: Spec) -> None:
    def write_(action: str, **more: object) -> Json:
        resource = f"arn:aws:states:::dynamodb:{action}"
        return {
            "Type": "Task",
            "Resource": resource,
            "TimeoutSeconds": 5,
            "Parameters": {"TableName": "orders"},
            **more,
        }

    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Remove"}]
    states = {
        "Look": write_("getItem", Next="Keep"),
        "Keep": write_("putItem", Next="Charge"),
        "Charge": {**TASK, "Catch": catch, "End": True},
        "Remove": write_("deleteItem", End=True),
    }
    plan = spec({"flow.asl.json": json.dumps({"StartAt": "Look", "States": states}, indent=1)})
    (store,) = plan["stores"]
    assert (store["name"], texts(store["written_by"]), texts(store["read_by"])) == (
        "dynamodb orders",
        ["Keep", "Remove"],
        ["Look"],
    )
    assert store["isolation"]["status"] == "UNKNOWN"
    (keep,) = [one for one in plan["states"] if one["name"] == "Keep"]
    assert keep["compensation"]["text"] == "`Remove` takes it back, by what it calls"
    # What takes something back needs nothing that takes it back, nor does what comes last.
    assert box(plan, 7)["answer"] == "PASS"


# Tests and schedules -----------------------------------------------------------------------------


def test_a_test_has_to_name_where_failures_lead(spec: Spec) -> None:
    states = {
        "A": {**TASK, "End": True, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Undo"}]},
        "Undo": {**TASK, "End": True},
    }
    files = {"flow.asl.json": json.dumps({"StartAt": "A", "States": states}, indent=1)}
    assert texts(box(spec(files), 8)["claims"]) == ["whether it is tested: no test names it"]
    half = spec({**files, "tests/test_flow.py": "x = 1\nrun('flow.asl.json')\n"})
    assert (box(half, 8)["answer"], texts(box(half, 8)["claims"])[0]) == (
        "UNKNOWN",
        "whether a test goes to `Undo`: none names it",
    )
    whole = box(spec({**files, "tests/test_flow.py": "x = 1\nrun('flow.asl.json', to='Undo')\n"}), 8)
    assert (whole["answer"], whole["claims"][0]["evidence"][0]["line"]) == ("PASS", 2)


CRON = """\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: reports}}
spec:
  schedule: "{schedule}"
  {policy}
  jobTemplate:
    spec:
      activeDeadlineSeconds: 600
      template:
        spec:
          restartPolicy: Never
          containers: [{{name: main, image: "registry.example/shop/reports:1"}}]
"""


@pytest.mark.parametrize(
    ("schedule", "policy", "said"),
    [
        ("*/5 * * * *", "suspend: false", "a run may take 10m, the next is due after 5m: both run at once"),
        ("*/5 * * * *", "concurrencyPolicy: Forbid",
         "a run may take 10m, the next is due after 5m: a run that is due is skipped while another one runs"),
        ("0,20,25 9-17/4 * * 1-5", "suspend: false", "a run may take 10m, the next is due after 5m: both run at once"),
        ("55 23 * * *", "suspend: false", "a run is done 10m after its start, the next is due after 1d"),
        ("59 0,23 * * *", "suspend: false", "a run is done 10m after its start, the next is due after 1h"),
        ("@daily", "suspend: false", "a run is done 10m after its start, the next is due after 1d"),
        ("60 * * * *", "suspend: false", "how often `60 * * * *` fires: it is not read"),
        ("H * * * *", "suspend: false", "how often `H * * * *` fires: it is not read"),
    ],
)  # fmt: skip
def test_runs_that_meet_are_told(schedule: str, policy: str, said: str, spec: Spec) -> None:
    plan = spec({"k8s/reports.yaml": CRON.format(schedule=schedule, policy=policy)}, "reports")
    assert said in texts(plan["reliability"])


def test_the_whole_reads_as_a_document(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "rollsafe.toml": "root = true\n",
            **CLOUD,
            "asyncapi.yaml": ASYNC_3.replace("shop-events", "Shipping"),
        },
    )
    text = asked(tmp_path, "workflow", "flow")
    assert "| order | string | yes | uuid | [asyncapi.yaml:21](asyncapi.yaml#L21) |" in text
    assert "Dead letters:\n\n- `Shipping`: after 5 tries to `Lost`" in text
