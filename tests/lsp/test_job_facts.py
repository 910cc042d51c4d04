"""What is shown over jobs and states, and how long they take at most."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import spoken_environment, write
from tests.lsp.stdio import Client, running

WORKFLOW = """\
on: push
permissions: {contents: read}
concurrency: {group: all, cancel-in-progress: true}
jobs:
  lint:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps: [{run: make}]
  unit:
    runs-on: ubuntu-24.04
    permissions: {}
    timeout-minutes: 15
    strategy: {matrix: {node: [1, 2, 3], os: [a, b]}, max-parallel: 4}
    steps: [{run: make}]
  many:
    runs-on: ubuntu-24.04
    strategy: {matrix: {node: [1, 2]}}
    steps: [{run: make}]
  release:
    needs: [lint, unit]
    runs-on: [self-hosted]
    timeout-minutes: 600
    environment: production
    concurrency: release
    permissions: {contents: write, id-token: write, packages: none}
    steps: [{run: make}]
  call:
    needs: release
    uses: ./.github/workflows/called.yml
  never:
    if: false
    runs-on: ubuntu-24.04
    steps: [{run: make}]
  hosted:
    runs-on: ubuntu-24.04
    timeout-minutes: 1000
    steps: [{run: make}]
"""
CALLED = """\
on: workflow_call
concurrency: {group: "called-${{ github.ref }}", cancel-in-progress: "${{ inputs.cancel }}"}
jobs:
  a: {runs-on: x, timeout-minutes: 5, steps: [{run: make}]}
  b: {needs: a, runs-on: x, timeout-minutes: 5, steps: [{run: make}]}
"""
UNKNOWN = """\
on: push
permissions: read-all
jobs:
  computed: {runs-on: x, timeout-minutes: "${{ inputs.x }}", steps: [{run: make}]}
  foreign: {uses: org/repo/.github/workflows/x.yml@v1}
  rounds: {runs-on: x, strategy: {max-parallel: 2, matrix: "${{ fromJSON(inputs.x) }}"}, steps: [{run: make}]}
  after: {needs: [foreign], runs-on: x, timeout-minutes: 5, steps: [{run: make}]}
  lost: {needs: [none], runs-on: x, timeout-minutes: 5, steps: [{run: make}]}
  one: {needs: [two], runs-on: x, timeout-minutes: 5, steps: [{run: make}]}
  two: {needs: [one], runs-on: x, timeout-minutes: 5, steps: [{run: make}]}
"""
OWN = """\
on: push
jobs:
  plain: {runs-on: x, steps: [{run: make}]}
  self: {uses: ./.github/workflows/own.yml}
"""
LIVE = """\
on: {workflow_call: {}, push: {branches: [main]}}
jobs:
  test: {runs-on: x, steps: [{run: pytest}]}
  ship: {needs: test, runs-on: x, strategy: {matrix: {to: [a, b]}}, steps: [{run: kubectl apply -f live.yml}]}
  migrate: {needs: ship, runs-on: x, steps: [{run: alembic upgrade head}]}
  again: {needs: migrate, uses: ./.github/workflows/ship.yml}
"""
SHIP = """\
on: workflow_call
jobs:
  ship: {runs-on: x, steps: [{run: kubectl apply -f live.yml}]}
"""
GITLAB = """\
stages: [build, deploy]
compile: {stage: build, script: [make], timeout: 1h 30m, retry: 2}
deploy:
  stage: deploy
  script: [make deploy]
  environment: production
  resource_group: live
  when: manual
"""
AZURE = """\
stages:
  - stage: Build
    jobs:
      - job: compile
        timeoutInMinutes: 90
        steps: [{script: make}]
  - stage: Ship
    jobs:
      - deployment: roll
        environment: production
        timeoutInMinutes: 0
        strategy: {runOnce: {deploy: {steps: [{script: make}]}}}
      - job: after
        dependsOn: roll
        steps: [{script: make}]
"""
CIRCLECI = """\
version: 2.1
jobs:
  build: {docker: [{image: a}], steps: [checkout]}
  ship: {docker: [{image: a}], steps: [checkout]}
workflows:
  main:
    jobs:
      - build
      - hold: {type: approval, requires: [build]}
      - ship: {serial-group: live, requires: [hold]}
"""
MACHINE = """\
{"StartAt": "Pay", "TimeoutSeconds": 3600, "States": {
  "Pay": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
    "TimeoutSeconds": 30, "HeartbeatSeconds": 5,
    "Retry": [{"ErrorEquals": ["A"], "IntervalSeconds": 2, "MaxAttempts": 2, "BackoffRate": 2.0},
              {"ErrorEquals": ["B"], "MaxAttempts": 0}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Late"}], "Next": "Open"},
  "Open": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Late"},
  "Late": {"Type": "Wait", "Seconds": 90, "End": true}
}}
"""
FILES = {
    ".github/workflows/ci.yml": WORKFLOW,
    ".github/workflows/called.yml": CALLED,
    ".github/workflows/unknown.yml": UNKNOWN,
    ".github/workflows/own.yml": OWN,
    ".github/workflows/live.yml": LIVE,
    ".github/workflows/ship.yml": SHIP,
    ".gitlab-ci.yml": GITLAB,
    "azure-pipelines.yml": AZURE,
    ".circleci/config.yml": CIRCLECI,
    "order.asl.json": MACHINE,
}


@pytest.fixture(scope="module")
def served(module_directory: Path) -> Generator[tuple[Client, Path]]:
    root = write(module_directory / "jobs", {"rollsafe.toml": "root = true\n", **FILES})
    with running(module_directory, spoken_environment(module_directory)) as client:
        client.initialize(root)
        client.settled()
        yield client, root


def over(served: tuple[Client, Path], path: str, text: str) -> list[str]:
    """Return what is shown at the beginning of a text that stands once in a file, line by line."""
    client, root = served
    assert FILES[path].count(text) == 1
    before = FILES[path][: FILES[path].index(text)]
    position = {"line": before.count("\n"), "character": len(before) - before.rfind("\n")}
    asked = {"textDocument": {"uri": (root / path).as_uri()}, "position": position}
    shown = client.result("textDocument/hover", asked)
    block = shown["contents"]["value"].rpartition("\n\n---\n\n")[2]
    return [line.removeprefix("- ") for line in block.splitlines() if line]


def hints(served: tuple[Client, Path], path: str) -> list[dict[str, Any]]:
    client, root = served
    part = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
    asked = {"textDocument": {"uri": (root / path).as_uri()}, "range": part}
    found: list[dict[str, Any]] = client.result("textDocument/inlayHint", asked)
    return found


RELEASE = [
    "**Job `release`**",
    "Permissions: `contents: write`, `id-token: write` and nothing else, from the job",
    "Concurrency: group `release` of the job, a newer run waits, and takes the place of one that waits",
    "Concurrency: group `all` of the workflow, a newer run cancels one that is in progress",
    "Waits for `lint`, `unit`",
    "Environment `production`",
    "Runs at most 10 h (`timeout-minutes`)",
    "Ends at most 10 h 30 min after the start, by way of `unit` → `release`",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("release:", RELEASE),
        ("release\n    uses", RELEASE),
        (
            "unit:",
            [
                "**Job `unit`**",
                "Permissions: none, from the job",
                "Concurrency: group `all` of the workflow, a newer run cancels one that is in progress",
                "Matrix: at most 6 runs, 4 at once",
                "Runs at most 30 min (`timeout-minutes`, 2 rounds of the matrix)",
            ],
        ),
        (
            "call:",
            [
                "**Job `call`**",
                "Permissions: `contents: read` and nothing else, from the workflow",
                "Concurrency: group `all` of the workflow, a newer run cancels one that is in progress",
                "Concurrency: group `called-${{ github.ref }}` of `called.yml`, "
                "`${{ inputs.cancel }}` decides whether a newer run cancels one that is in progress",
                "Waits for `lint`, `unit` → `release`",
                "Runs at most 10 min (jobs of `.github/workflows/called.yml`)",
                "Ends at most 10 h 40 min after the start, by way of `unit` → `release` → `call`",
            ],
        ),
    ],
)
def test_a_job_shows_what_it_amounts_to(served: tuple[Client, Path], text: str, expected: list[str]) -> None:
    assert over(served, ".github/workflows/ci.yml", text) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "called.yml",
            "b: {",
            "those of the job that calls the workflow (`contents: read` and nothing else in `ci.yml`)",
        ),
        ("unknown.yml", "after: {", "everything may be read, from the workflow"),
        ("own.yml", "plain", "the repository's default: read only, or read and write, as its settings say"),
    ],
)
def test_permissions_that_come_from_around(
    served: tuple[Client, Path], path: str, text: str, expected: str
) -> None:
    assert over(served, f".github/workflows/{path}", text)[1] == f"Permissions: {expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "computed",
            "How long it runs at most is unknown: `timeout-minutes` of `computed` is known when it runs",
        ),
        (
            "foreign: {",
            "How long it runs at most is unknown: `foreign` calls `org/repo/.github/workflows/x.yml@v1`, "
            "which is not read",
        ),
        (
            "after: {",
            "When it ends at the latest is unknown: `foreign` calls `org/repo/.github/workflows/x.yml@v1`, "
            "which is not read",
        ),
        ("lost", "When it ends at the latest is unknown: `lost` waits for a job that is not there"),
        ("one: {", "When it ends at the latest is unknown: jobs wait for each other in a circle"),
    ],
)
def test_what_is_not_known_is_said(served: tuple[Client, Path], text: str, expected: str) -> None:
    assert over(served, ".github/workflows/unknown.yml", text)[-1] == expected


def test_a_job_that_is_switched_off(served: tuple[Client, Path]) -> None:
    assert over(served, ".github/workflows/ci.yml", "never:")[-1] == "Never runs: its `if` is `false`"


def test_jobs_of_gitlab(served: tuple[Client, Path]) -> None:
    assert over(served, ".gitlab-ci.yml", "compile") == [
        "**Job `compile`**",
        "Stage `build`",
        "Runs at most 1 h 30 min (`timeout: 1h 30m`)",
        "Runs up to 3 times (`retry`: 2 more tries)",
    ]
    assert over(served, ".gitlab-ci.yml", "deploy:\n") == [
        "**Job `deploy`**",
        "Stage `deploy`",
        "Waits for `compile`",
        "Somebody has to start it",
        "Environment `production`",
        "One at a time in resource group `live`",
        "How long it runs at most is unknown: without `timeout`, the project's setting decides",
    ]


def test_jobs_of_azure(served: tuple[Client, Path]) -> None:
    assert over(served, "azure-pipelines.yml", "compile") == [
        "**Job `Build/compile`**",
        "Stage `Build`",
        "Runs at most 1 h 30 min (`timeoutInMinutes: 90`)",
    ]
    assert over(served, "azure-pipelines.yml", "roll\n        env") == [
        "**Job `Ship/roll`**",
        "Stage `Ship`",
        "Waits for `Build/compile`",
        "Environment `production`",
        "How long it runs at most is unknown: `timeoutInMinutes: 0`",
    ]
    assert over(served, "azure-pipelines.yml", "after")[2:] == [
        "Waits for `Build/compile` → `Ship/roll`",
        "How long it runs at most is unknown: without `timeoutInMinutes`, Azure's default of 60 min",
    ]


def test_jobs_of_circleci(served: tuple[Client, Path]) -> None:
    assert over(served, ".circleci/config.yml", "hold: {") == [
        "**Job `hold`**",
        "Waits for `build`",
        "Somebody has to start it",
    ]
    assert over(served, ".circleci/config.yml", "ship: {serial") == [
        "**Job `ship`**",
        "Waits for `build` → `hold`",
        "One at a time in serial group `live`",
        "How long it runs at most is unknown: the plan at CircleCI decides",
    ]


def test_states(served: tuple[Client, Path]) -> None:
    pay = [
        "**State `Pay` · Task**",
        "A try ends after 30 s (`TimeoutSeconds`)",
        "A try ends earlier after 5 s without a heartbeat",
        "`A`: tried again 2 times, waiting 6 s in all",
        "`B`: not tried again",
        "At most 3 tries in 1 min 36 s, each of the retriers used up",
        "`States.ALL` → `Late`",
        "The execution ends after 1 h at the latest",
    ]
    assert over(served, "order.asl.json", '"Pay": {') == pay
    assert over(served, "order.asl.json", '"Pay",') == pay
    assert over(served, "order.asl.json", '"Open": {') == [
        "**State `Open` · Task**",
        "How long a try takes at most is unknown: there is no `TimeoutSeconds`",
        "No `Catch`: its failure ends the execution",
        "The execution ends after 1 h at the latest",
    ]
    assert over(served, "order.asl.json", '"Late": {')[1] == "Waits 1 min 30 s"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            ".github/workflows/ci.yml",
            [
                (3, "⏱ ≤ 10 h 40 min"),
                (8, "⏱ ≤ 30 min"),
                (26, "⏱ ≤ 10 min"),
                (33, "⏱ ≤ 6 h"),
            ],
        ),
        (".github/workflows/unknown.yml", []),
        (".github/workflows/own.yml", []),
        (
            ".github/workflows/live.yml",
            [
                (1, "⏱ ≤ 24 h (with defaults)"),
                (3, "⏱ ≤ 6 h each (default)"),
                (4, "⏱ ≤ 6 h (default)"),
                (5, "⏱ ≤ 6 h (with defaults)"),
            ],
        ),
        ("order.asl.json", [(1, "⏱ ≤ 1 min 36 s with retries")]),
    ],
)
def test_how_long_it_takes_at_most(
    served: tuple[Client, Path], path: str, expected: list[tuple[int, str]]
) -> None:
    found = hints(served, path)
    assert sorted((one["position"]["line"], one["label"]) for one in found) == expected
    lines = FILES[path].splitlines()
    places = [(one["position"]["line"], one["position"]["character"]) for one in found]
    assert {lines[line][column - 1] for line, column in places} <= {":"}


def test_a_bound_says_what_it_rests_on(served: tuple[Client, Path]) -> None:
    found = {
        one["position"]["line"]: one["tooltip"]["value"] for one in hints(served, ".github/workflows/ci.yml")
    }
    assert found[3].startswith("- By way of `unit` → `release` → `call`\n- Waiting for a runner")
    assert "GitHub's machines allow no more than that, not 1000 min" in found[33]
