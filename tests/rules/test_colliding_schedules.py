"""Schedules that meet each other, and runs that outlast theirs."""

import pytest

from rollsafe.plans.schedules import meet
from tests.checking import check_rule

WORKFLOW = """\
name: {name}
on:
  schedule: [{{cron: "{cron}"}}]
permissions: {{}}
{more}
jobs:
  {name}:
    runs-on: ubuntu-24.04
    timeout-minutes: {minutes}
    environment: {environment}
    steps: [{{run: npx prisma migrate deploy}}]
"""
CRON_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: rollup}}
spec:
  schedule: "*/10 * * * *"
  concurrencyPolicy: {policy}
  jobTemplate:
    spec:
      activeDeadlineSeconds: {limit}
      template: {{spec: {{restartPolicy: Never, containers: [{{name: a, image: "b:1"}}]}}}}
"""


def workflow(name: str, cron: str, more: str = "", minutes: int = 10, environment: str = "production") -> str:
    return WORKFLOW.format(name=name, cron=cron, more=more, minutes=minutes, environment=environment)


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("0 3 * * *", "0 3 * * 1-5", True),
        ("*/15 * * * *", "30 4 * * *", True),
        ("0 3 * * 1", "0 3 * * 2", False),
        ("0 3 * * sun", "0 3 * * 7", True),
        ("0 3 1 * *", "0 3 2 * *", False),
        ("0 3 * * *", "5 3 * * *", False),
        ("0 3 * *", "0 3 * * *", False),
        ("x 3 * * *", "0 3 * * *", False),
    ],
)
def test_two_schedules_meet(one: str, other: str, answer: bool) -> None:
    assert meet(one, other) is answer
    assert meet(other, one) is answer


def colliding(first: str, second: str) -> list[str]:
    files = {".github/workflows/a.yml": first, ".github/workflows/b.yml": second}
    return [one.path for one in check_rule("colliding-schedules", files)]


def test_workflows_in_one_group_or_of_other_environments_do_not_collide() -> None:
    group = "concurrency: {group: database}"
    assert colliding(workflow("a", "0 3 * * *"), workflow("b", "0 3 * * *")) == [".github/workflows/b.yml"]
    assert colliding(workflow("a", "0 3 * * *", group), workflow("b", "0 3 * * *", group)) == []
    staging = workflow("b", "0 3 * * *", environment="staging")
    assert colliding(workflow("a", "0 3 * * *"), staging) == []


@pytest.mark.parametrize(
    ("minutes", "more", "count"),
    [(45, "", 1), (20, "", 0), (45, "concurrency: {group: a}", 0)],
)
def test_runs_of_github_that_outlast_their_schedule(minutes: int, more: str, count: int) -> None:
    text = workflow("a", "*/20 * * * *", more, minutes)
    assert len(check_rule("run-outlasts-schedule", {".github/workflows/a.yml": text})) == count


@pytest.mark.parametrize(
    ("policy", "limit", "count"),
    [("Replace", 900, 1), ("Replace", 600, 0), ("Forbid", 900, 0), ("Allow", 900, 0)],
)
def test_runs_that_are_replaced_before_they_end(policy: str, limit: int, count: int) -> None:
    text = CRON_JOB.format(policy=policy, limit=limit)
    assert len(check_rule("run-outlasts-schedule", {"k8s/cron.yaml": text})) == count
