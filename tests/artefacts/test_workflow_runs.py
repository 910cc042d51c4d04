"""Which events reach which jobs, and which jobs run although another one has failed."""

import pytest

from rollsafe.artefacts.github_workflow import GithubWorkflow, Job, Workflow
from rollsafe.artefacts.github_workflow.runs import Run, step_runs, step_survives, survives
from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile


def workflow(text: str) -> Workflow:
    found = read(SourceFile(".github/workflows/w.yml", text))
    assert isinstance(found, GithubWorkflow)
    return found.workflow


def job(found: Workflow, id_: str) -> Job:
    one = found.job(id_)
    assert one is not None
    return one


def started_by(on: str) -> list[tuple[str, str, bool]]:
    return [(run.event, run.ref, run.is_sample) for run in workflow(f"on:\n{on}\njobs: {{}}").runs]


@pytest.mark.parametrize(
    ("on", "runs"),
    [
        ("  push: {branches: [main, next]}", [("refs/heads/main", False), ("refs/heads/next", False)]),
        ("  push: {branches: ['release/**']}", [("refs/heads/release/x", True)]),
        ("  push: {tags: ['v*.*']}", [("refs/tags/v1.1", True)]),
        (
            "  push:",
            [("refs/heads/main", False), ("refs/heads/master", False), ("refs/heads/x", True)],
        ),
        ("  schedule: [{cron: '0 3 * * *'}]", [("refs/heads/main", False), ("refs/heads/master", False)]),
        ("  release: {types: [published]}", [("refs/tags/v1", True)]),
        ("  workflow_call:", [("", False)]),
    ],
)
def test_refs_an_event_starts_at(on: str, runs: list[tuple[str, bool]]) -> None:
    assert [(ref, sample) for _, ref, sample in started_by(on)] == runs


def test_a_workflow_started_by_hand_may_run_at_any_branch() -> None:
    assert ("workflow_dispatch", "refs/heads/some-branch", True) in started_by("  workflow_dispatch:")


def test_the_number_of_runs_is_limited() -> None:
    branches = ", ".join(f"b{n}" for n in range(200))
    assert len(started_by(f"  push: {{branches: [{branches}]}}")) == 16


GUARDED = """
on:
  push: {branches: [main, next]}
  pull_request:
  workflow_dispatch:
jobs:
  any: {runs-on: u}
  main: {runs-on: u, if: github.ref == 'refs/heads/main'}
  pushed: {runs-on: u, if: "${{ github.event_name == 'push' }}"}
  after: {runs-on: u, needs: [main]}
  regardless: {runs-on: u, needs: [main], if: always()}
  labelled: {runs-on: u, if: "contains(github.event.pull_request.labels.*.name, 'x')"}
  merged: {runs-on: u, if: github.event.pull_request.merged == true}
  chosen: {runs-on: u, if: inputs.deploy}
  off: {runs-on: u, if: false}
"""


@pytest.mark.parametrize(
    ("id_", "events"),
    [
        ("any", {"push", "pull_request", "workflow_dispatch"}),
        ("main", {"push", "workflow_dispatch"}),
        ("pushed", {"push"}),
        ("after", {"push", "workflow_dispatch"}),
        ("regardless", {"push", "pull_request", "workflow_dispatch"}),
        ("labelled", {"pull_request"}),
        ("merged", set[str]()),
        ("chosen", {"workflow_dispatch"}),
        ("off", set[str]()),
    ],
)
def test_conditions_decide_which_runs_reach_a_job(id_: str, events: set[str]) -> None:
    assert {run.event for run in job(workflow(GUARDED), id_).runs} == events


def test_jobs_of_a_cycle_are_reached() -> None:
    found = workflow("on: push\njobs:\n  a: {needs: b}\n  b: {needs: a}\n  c: {needs: c}")
    assert all(one.runs for one in found.jobs)


FAILING = """
on: {{push: {{branches: [main]}}}}
jobs:
  test: {{runs-on: u}}
  build: {{runs-on: u, needs: [test]}}
  deploy: {{runs-on: u, needs: {needs}, if: "{condition}"}}
"""


@pytest.mark.parametrize(
    ("needs", "condition", "expected"),
    [
        ("[test]", "success()", False),
        ("[test]", "github.ref == 'refs/heads/main'", False),
        ("[test]", "always()", True),
        ("[test]", "${{ !cancelled() }}", True),
        ("[test]", "failure()", True),
        ("[test]", "${{ !failure() && !cancelled() }}", False),
        ("[test]", "always() && needs.test.result == 'success'", False),
        ("[test]", "always() && needs.test.result != 'failure'", False),
        ("[test]", "always() && !contains(needs.*.result, 'failure')", False),
        ("[test]", "always() && needs.test.outputs.ok == 'yes'", False),
        ("[test]", "always() && vars.DEPLOY == 'yes'", True),
        ("[build]", "always() && needs.build.result == 'success'", False),
        ("[build]", "always() && needs.build.result != 'failure'", True),
        ("[build]", "always() && !contains(needs.*.result, 'failure')", True),
        ("[test, build]", "always() && !contains(needs.*.result, 'failure')", False),
        ("[test]", "always() && github.ref == 'refs/heads/next'", False),
    ],
)
def test_which_conditions_let_a_job_run_after_a_failed_test(
    needs: str, condition: str, expected: bool
) -> None:
    found = workflow(FAILING.format(needs=needs, condition=condition))
    deploy = job(found, "deploy")
    run = Run("push", "refs/heads/main")
    assert survives(deploy, job(found, "test"), run) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("always()", True),
        ("success()", False),
        ("steps.test.outcome == 'success'", False),
        ("always() && steps.test.outcome == 'success'", False),
        ("always() && job.status == 'success'", False),
        ("${{ !cancelled() }}", True),
    ],
)
def test_which_conditions_let_a_step_run_after_a_failed_one(condition: str, expected: bool) -> None:
    steps = f"      - id: test\n        run: x\n      - if: {condition!r}\n        run: y\n"
    text = f"on: push\njobs:\n  a:\n    steps:\n{steps}"
    test, later = job(workflow(text), "a").steps
    assert step_survives(later, test, Run("push", "refs/heads/main")) is expected


def test_a_step_is_excluded_by_its_own_condition() -> None:
    steps = "      - if: github.event_name == 'push'\n        run: x\n      - run: y\n"
    text = f"on: push\njobs:\n  a:\n    steps:\n{steps}"
    guarded, free = job(workflow(text), "a").steps
    pull = Run("pull_request", "refs/pull/1/merge", is_sample=True)
    assert not step_runs(guarded, pull)
    assert step_runs(guarded, Run("push", "refs/heads/x"))
    assert step_runs(free, pull)
