"""Pipelines of Tekton and the tasks they call, in other files."""

import pytest

from tests.checking import check_rule

TASK = """\
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: build}
spec:
  params: [{name: tag}, {name: log, default: quiet}]
  workspaces: [{name: code}, {name: cache, optional: true}]
  results: [{name: digest}]
  steps: [{name: make, image: registry.example/make:1, script: make}]
"""
PIPELINE = """\
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: release}
spec:
  workspaces: [{name: code}]
  tasks:
    - name: make
      taskRef: {name: build}
      params: [{name: tag, value: "1"}]
      workspaces: [{name: code}]
    - name: again
      taskRef: {name: build}
      params: [{name: tag, value: $(tasks.make.results.digest)}]
      workspaces: [{name: code}]
"""


def told(rule: str, old: str, new: str) -> list[str]:
    files = {"tekton/task.yaml": TASK, "tekton/pipeline.yaml": PIPELINE.replace(old, new)}
    return [one.message for one in check_rule(rule, files)]


@pytest.mark.parametrize(
    ("rule", "old", "new", "said"),
    [
        ("missing-template-argument", "1", "2", []),
        (
            "missing-template-argument",
            "{name: tag, value: $(",
            "{name: log, value: $(",
            ["task `again` gives no `tag`, which Task `build` needs"],
        ),
        (
            "missing-template-argument",
            '      params: [{name: tag, value: "1"}]\n      workspaces: [{name: code}]\n',
            '      params: [{name: tag, value: "1"}]\n',
            ["task `make` gives no `code`, a workspace which Task `build` needs"],
        ),
        (
            "unresolved-workflow-reference",
            "results.digest",
            "results.digset",
            [
                "`tasks.make.results.digset` in the pipeline is no result of the task; the nearest is "
                "`tasks.make.results.digest`"
            ],
        ),
        (
            "unknown-job-template",
            "name: again\n      taskRef: {name: build}",
            "name: again\n      taskRef: {name: biuld}",
            ["task `again` uses `biuld`, which is not there; the nearest is `build`"],
        ),
        (
            "unknown-job-template",
            "name: again\n      taskRef: {name: build}",
            "name: again\n      taskRef: {resolver: hub, params: [{name: name, value: biuld}]}",
            [],
        ),
        (
            "unknown-job-template",
            "name: again\n      taskRef: {name: build}",
            "name: x\n      taskRef: {name: kaniko}",
            [],
        ),
    ],
)
def test_what_a_task_in_another_file_needs(rule: str, old: str, new: str, said: list[str]) -> None:
    assert told(rule, old, new) == said


RETRIED = """\
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {{name: release}}
spec:
  tasks:
    - name: migrate
      retries: {times}
      taskSpec: {{steps: [{{name: a, image: registry.example/app:1, script: {script}}}]}}
"""


@pytest.mark.parametrize(
    ("times", "script", "count"),
    [
        (2, "alembic upgrade head", 1),
        (0, "alembic upgrade head", 0),
        (2, "make test", 0),
        (2, "kubectl apply -f k8s", 0),
    ],
)
def test_what_is_not_the_same_twice_is_not_to_be_retried(times: int, script: str, count: int) -> None:
    files = {"ci/release.yaml": RETRIED.format(times=times, script=script)}
    found = check_rule("retried-non-idempotent-step", files)
    assert [one.line for one in found] == [7] * count
