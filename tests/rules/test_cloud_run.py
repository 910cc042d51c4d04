"""Services of Cloud Run, which are written as Knative's, and templates that define more than one thing."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import ALL_RULES, check, check_rule, try_fixes

SERVICE = """\
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
  annotations:
    run.googleapis.com/ingress: all
spec:
  template:
    spec:
      serviceAccountName: shop@project.iam.gserviceaccount.com
      containers:
        - image: registry.example/shop:2.4.1
          ports:
            - containerPort: 8080
"""
KNATIVE = SERVICE.replace("  annotations:\n    run.googleapis.com/ingress: all\n", "")
PINNED = "release-without-traffic"


def test_rules_about_clusters_do_not_speak_of_it() -> None:
    everything = Settings(level="auditor")
    own = {"undigested-image", "missing-platform-health-check"}
    assert {one.rule for one in check({"service.yaml": SERVICE}, everything)} <= own
    assert "shared-namespace" in {one.rule for one in check({"service.yaml": KNATIVE}, everything)}


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        (
            "          env:\n            - name: DB_PASSWORD\n              value: hunter22\n",
            "secret-in-plain-text",
        ),
        (
            '          command: ["sh", "-c", "alembic upgrade head && uvicorn shop:app"]\n',
            "migration-in-start-command",
        ),
    ],
)
def test_what_its_containers_say_is_read(more: str, rule: str) -> None:
    assert len(check_rule(rule, {"service.yaml": SERVICE + more})) == 1


def test_a_moving_tag() -> None:
    text = SERVICE.replace("shop:2.4.1", "shop:latest")
    assert len(check_rule("floating-image-tag", {"service.yaml": text})) == 1


@pytest.mark.parametrize(
    ("traffic", "count"),
    [
        ("    - revisionName: shop-00007\n      percent: 100\n", 1),
        ("    - revisionName: shop-1\n      percent: 90\n    - revisionName: shop-2\n      percent: 10\n", 1),
        ("    - revisionName: shop-1\n      percent: 90\n    - latestRevision: true\n      percent: 10\n", 0),
        ("    - revisionName: shop-1\n      percent: 100\n    - latestRevision: true\n      tag: next\n", 0),
        ("    - latestRevision: true\n      percent: 100\n", 0),
        ("    - revisionName: ${REVISION}\n      percent: 100\n", 0),
        ("    - percent: 100\n", 0),
    ],
)
def test_whether_a_new_revision_is_used(traffic: str, count: int) -> None:
    assert len(check_rule(PINNED, {"service.yaml": f"{SERVICE}  traffic:\n{traffic}"})) == count


def test_requests_shared_by_revisions_are_left_where_they_are() -> None:
    chosen = next(one for one in ALL_RULES if one.name == PINNED)
    shared = "  traffic:\n    - revisionName: shop-1\n      percent: 90\n    - revisionName: shop-2\n"
    assert list(try_fixes({"service.yaml": SERVICE + shared}, chosen)) == []


def test_a_template_with_a_state_machine_and_a_service_is_read_for_both() -> None:
    text = """\
Resources:
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        StartAt: Pay
        States:
          Pay:
            Type: Task
            Resource: arn:aws:states:::lambda:invoke
            Next: Gone
  Web:
    Type: AWS::ECS::Service
    Properties:
      DesiredCount: 2
      TaskDefinition: shop
"""
    rules = {one.rule for one in check({"template.yaml": text})}
    assert "failed-release-kept" in rules
    alone = text[: text.index("  Web:")]
    assert rules - {"failed-release-kept"} == {one.rule for one in check({"template.yaml": alone})} != set()
