"""What rules about queues and functions make of templates in other spellings, and what they leave alone."""

import pytest

from tests.checking import check, check_rule

HEAD = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n"
DEAD = "  Dead:\n    Type: AWS::SQS::Queue\n    Properties:\n      MessageRetentionPeriod: 1209600\n"


def queue(*lines: str) -> str:
    return "  Orders:\n    Type: AWS::SQS::Queue\n    Properties:\n" + "".join(
        f"      {line}\n" for line in lines
    )


def told(name: str, text: str, path: str = "template.yaml") -> list[tuple[int, str]]:
    return [(one.line, one.message) for one in check_rule(name, {path: text})]


def test_functions_get_their_timeout_from_globals_and_json_is_read() -> None:
    text = """{"Transform": "AWS::Serverless-2016-10-31", "Globals": {"Function": {"Timeout": "45"}},
 "Resources": {
  "Orders": {"Type": "AWS::SQS::Queue"},
  "Billing": {"Type": "AWS::Serverless::Function", "Properties": {
    "Events": {"New": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Orders", "Arn"]}}}}}}}}
"""
    found = told("queue-visible-too-soon", text, "template.json")
    assert found == [(3, "`Orders` hides a message for 30 s, and `Billing` may work on it for 45 s")]


def test_functions_of_the_serverless_framework_take_from_queues() -> None:
    text = """service: shop
provider: {name: aws, timeout: 40}
functions:
  billing:
    handler: billing.handle
    events:
      - sqs:
          arn: !GetAtt Orders.Arn
resources:
  Resources:
    Orders:
      Type: AWS::SQS::Queue
"""
    assert [line for line, _ in told("queue-visible-too-soon", text, "serverless.yml")] == [11]
    assert [line for line, _ in told("whole-batch-repeated", text, "serverless.yml")] == [7]


MAPPED = """  Billing:
    Type: AWS::Lambda::Function
    Properties: {Timeout: 60, Handler: a.b}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Orders.Arn, FunctionName: !Ref Billing, BatchSize: 1}
"""


@pytest.mark.parametrize(
    "line",
    [
        "VisibilityTimeout: !Ref Seconds",
        "VisibilityTimeout: !If [IsLong, 600, 30]",
        "Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://shop/queue.yaml}}",
        "VisibilityTimeout: 60",
    ],
)
def test_times_that_are_computed_or_long_enough_are_left_alone(line: str) -> None:
    assert told("queue-visible-too-soon", HEAD + queue(line) + MAPPED) == []


def test_a_mapping_counts_like_an_event_of_a_function() -> None:
    assert len(told("queue-visible-too-soon", HEAD + queue("VisibilityTimeout: 59") + MAPPED)) == 1


@pytest.mark.parametrize(("retention", "is_told"), [("36000", True), ("36001", False), ("!Ref Days", False)])
def test_attempts_are_compared_with_what_a_queue_keeps(retention: str, is_told: bool) -> None:
    redrive = "RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: '10'}"
    text = HEAD + queue("VisibilityTimeout: 3600", f"MessageRetentionPeriod: {retention}", redrive) + DEAD
    assert bool(told("messages-expire-between-retries", text)) is is_told


def test_dead_letters_of_fifo_queues_begin_a_new_life() -> None:
    redrive = "RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}"
    dead = "  Dead:\n    Type: AWS::SQS::Queue\n    Properties: {FifoQueue: true}\n"
    kept = ("MessageRetentionPeriod: 1209600", redrive)
    assert told("dead-letters-expire-first", HEAD + queue("FifoQueue: true", *kept) + dead) == []
    assert len(told("dead-letters-expire-first", HEAD + queue(*kept) + dead.replace("true", "false"))) == 1


def test_queues_for_dead_letters_need_none_themselves() -> None:
    text = (
        HEAD
        + queue("RedrivePolicy: {deadLetterTargetArn: !GetAtt Aside.Arn, maxReceiveCount: 5}")
        + """  Aside:
    Type: AWS::SQS::Queue
  OrdersDLQ:
    Type: AWS::SQS::Queue
  Named:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: shop-dead-letters
"""
    )
    assert told("queue-without-dead-letters", text) == []


@pytest.mark.parametrize(
    ("more", "is_told"),
    [
        ("      FifoTopic: true\n", False),
        ("      DisplayName: orders\n", True),
        ("      FifoTopic: !Ref IsFifo\n", False),
    ],
)
def test_a_standard_topic_cannot_send_to_a_fifo_queue(more: str, is_told: bool) -> None:
    text = (
        HEAD
        + queue("FifoQueue: true")
        + f"""  Placed:
    Type: AWS::SNS::Topic
    Properties:
{more}  ToOrders:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Placed
      Protocol: sqs
      Endpoint: !GetAtt Orders.Arn
"""
    )
    assert bool(told("refused-queue-wiring", text)) is is_told


def test_a_template_with_a_state_machine_shows_its_queues_too() -> None:
    machine = """  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Done
        States:
          Done: {Type: Succeed}
"""
    assert len(told("queue-visible-too-soon", HEAD + queue("VisibilityTimeout: 10") + MAPPED + machine)) == 1


def test_templates_of_templates_and_development_are_left_alone() -> None:
    text = HEAD + queue("VisibilityTimeout: {{ seconds }}") + MAPPED
    assert check({"template.yaml": text}) == []
    assert told("queue-without-dead-letters", HEAD + queue("DelaySeconds: 0"), "dev/template.yaml") == []


@pytest.mark.parametrize(
    ("line", "is_told"),
    [
        ("MessageRetentionPeriod: 14", True),
        ("MessageRetentionPeriod: 1209600", False),
        ("VisibilityTimeout: 50000", True),
        ("VisibilityTimeout: !Ref Seconds", False),
        ("ReddrivePolicy: {maxReceiveCount: 3}", True),
        ("SomethingNewOfTheirs: true", False),
    ],
)
def test_settings_that_sqs_refuses(line: str, is_told: bool) -> None:
    assert bool(told("refused-queue-setting", HEAD + queue(line))) is is_told


@pytest.mark.parametrize(
    ("lines", "is_told"),
    [
        ("", True),
        ("      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Dead.Arn}\n", False),
        ("      EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}}}\n", False),
        ("      EventInvokeConfig: {MaximumRetryAttempts: 2}\n", True),
    ],
)
def test_functions_nobody_waits_for_need_a_place_for_failures(lines: str, is_told: bool) -> None:
    text = f"""{HEAD}  Nightly:
    Type: AWS::Serverless::Function
    Properties:
      Handler: nightly.run
{lines}      Events:
        Night: {{Type: Schedule, Properties: {{Schedule: rate(1 day)}}}}
"""
    assert bool(told("failed-call-dropped", text)) is is_told


ALARM = """  Rings:
    Type: AWS::CloudWatch::Alarm
    Properties: {Dimensions: [{Name: QueueName, Value: NAME}]}
"""


@pytest.mark.parametrize(
    ("alarm", "is_told"),
    [
        ("", False),
        (ALARM.replace("NAME", "!GetAtt Orders.QueueName"), True),
        (ALARM.replace("NAME", "!GetAtt Dead.QueueName"), False),
        (ALARM.replace("NAME", "{'Fn::GetAtt': [Dead, QueueName]}"), False),
    ],
)
def test_dead_letters_are_watched_where_alarms_are_kept(alarm: str, is_told: bool) -> None:
    redrive = "RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}"
    assert bool(told("unwatched-dead-letters", HEAD + queue(redrive) + DEAD + alarm)) is is_told


@pytest.mark.parametrize(
    ("settings", "is_told"),
    [
        ("Tracing: {Enabled: true}, Logging: {Level: ALL}", False),
        ("Tracing: {Enabled: false}, Logging: {Level: ALL}", True),
        ("Tracing: {Enabled: !Ref IsTraced}, Logging: !If [IsLogged, {Level: ALL}, {Level: ERROR}]", False),
        ("Tracing: {Enabled: true}, Logging: {Level: 'OFF'}", True),
        ("Tracing: {Enabled: true}", True),
    ],
)
def test_machines_leave_logs_and_traces(settings: str, is_told: bool) -> None:
    text = f"""{HEAD}  Flow:
    Type: AWS::Serverless::StateMachine
    Properties: {{DefinitionUri: flow.asl.json, {settings}}}
"""
    assert bool(told("untraced-state-machine", text)) is is_told


@pytest.mark.parametrize(
    ("reserved", "is_told"), [("19", True), ("20", False), ("0", False), ("!Ref Most", False)]
)
def test_queues_hand_out_no_more_than_may_run(reserved: str, is_told: bool) -> None:
    text = f"""{HEAD}  Orders:
    Type: AWS::SQS::Queue
  Billing:
    Type: AWS::Lambda::Function
    Properties: {{ReservedConcurrentExecutions: {reserved}}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Orders.Arn
      FunctionName: !GetAtt Billing.Arn
      ScalingConfig: {{MaximumConcurrency: 20}}
"""
    assert bool(told("throttled-consumer", text)) is is_told
