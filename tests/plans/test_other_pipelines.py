"""Pipelines of GitLab, Azure, CircleCI and Argo, as the graph and the specification of a workflow see them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.plans.graphviz import read as read_dot
from tests.plans.kinds import asked, found
from tests.plans.mermaid import read as read_mermaid
from tests.plans.repositories import write

Json = dict[str, Any]

GITLAB = {
    ".gitlab-ci.yml": """\
stages: [lint, test, build, deploy, verify]
include: [{local: /ci/deploy.yml}, {template: Security/SAST.gitlab-ci.yml}]
default: {timeout: 30 minutes}
lint:
  stage: lint
  script: [ruff check .]
  allow_failure: true
unit:
  stage: test
  parallel: 3
  retry: 1
  script: [pytest]
docs:
  stage: test
  needs: []
  script: [make docs]
package:
  stage: build
  timeout: 1h
  script: [docker push registry.example/shop/web:1]
production:
  extends: .deploy
  environment: production
  resource_group: production
  when: manual
  allow_failure: false
smoke:
  stage: verify
  needs: [production]
  script: [curl --fail https://shop.example]
undo:
  stage: verify
  when: on_failure
  script: [kubectl rollout undo deployment/web]
tell:
  stage: verify
  when: always
  script: [./tell.sh]
""",
    "ci/deploy.yml": ".deploy:\n  stage: deploy\n  script:\n    - kubectl apply -f web.yaml\n",
}
AZURE = {
    "azure-pipelines.yml": """\
trigger: {branches: {include: [main]}}
schedules: [{cron: "0 3 * * *", displayName: night}]
stages:
  - stage: Build
    jobs:
      - job: unit
        timeoutInMinutes: 10
        strategy: {maxParallel: 1, matrix: {a: {v: 1}, b: {v: 2}}}
        steps: [{script: pytest}]
      - job: image
        dependsOn: unit
        timeoutInMinutes: 20
        steps: [{task: Docker@2, inputs: {command: buildAndPush}}]
      - job: lint
        timeoutInMinutes: 5
        steps: [{bash: ruff check .}]
  - stage: Production
    jobs:
      - deployment: web
        environment: production.web
        timeoutInMinutes: 15
        strategy: {runOnce: {deploy: {steps: [{task: KubernetesManifest@1, inputs: {action: deploy}}]}}}
  - stage: Undo
    dependsOn: Production
    condition: failed()
    jobs:
      - job: back
        timeoutInMinutes: 5
        steps: [{bash: kubectl rollout undo deployment/web}]
"""
}
CIRCLE = {
    ".circleci/config.yml": """\
version: 2.1
commands:
  check: {steps: [{run: pytest}]}
jobs:
  test: {docker: [{image: cimg/base:1}], steps: [checkout, check]}
  ship: {docker: [{image: cimg/base:1}], steps: [checkout, {run: {name: go, command: kubectl apply -f web.yaml}}]}
workflows:
  release:
    jobs:
      - test: {matrix: {parameters: {python: ["3.11", "3.12"], os: [a, b]}}}
      - hold: {type: approval, requires: [test]}
      - ship: {requires: [hold]}
      - tell/slack: {requires: [{ship: [success, failed]}]}
  nightly:
    triggers: [{schedule: {cron: "0 2 * * *", filters: {branches: {only: [main]}}}}]
    jobs: [test]
"""
}
ARGO = {
    "argo/flow.yaml": """\
apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: {name: nightly}
spec:
  schedule: "0 2 * * *"
  concurrencyPolicy: Forbid
  workflowSpec:
    entrypoint: main
    onExit: tell
    templates:
      - name: main
        dag:
          tasks:
            - {name: join, template: work, depends: "left && right"}
            - {name: fetch, template: work}
            - {name: left, template: two, dependencies: [fetch]}
            - {name: right, template: work, depends: fetch.Succeeded, continueOn: {failed: true}}
            - {name: mend, template: work, depends: "left.Failed || right.Failed"}
      - name: two
        steps:
          - - {name: a, template: work}
            - {name: b, template: work}
          - - {name: c, template: wait}
      - name: work
        activeDeadlineSeconds: 60
        retryStrategy: {limit: "2", backoff: {duration: "5", factor: "2"}}
        container: {image: "x:1", command: [sh, -c], args: ["migrate -path db up"]}
      - {name: wait, suspend: {duration: "20"}}
      - {name: tell, activeDeadlineSeconds: 10, container: {image: "x:1", args: [./tell.sh]}}
"""
}
EVERY = {"gitlab": GITLAB, "azure": AZURE, "circleci": CIRCLE, "argo": ARGO}


def laid_out(root: Path, files: dict[str, str]) -> Path:
    root.mkdir(exist_ok=True)
    write(root, {"rollsafe.toml": "root = true\n", **files})
    return root


def graph(tmp_path: Path, files: dict[str, str], *options: str) -> Json:
    return found(laid_out(tmp_path / "project", files), "graph", *options)


def process(plan: Json, name: str = "") -> Json:
    (one,) = [one for one in plan["processes"] if name in one["name"]]
    return dict(one)


def edges(one: Json) -> set[tuple[str, str]]:
    prefix = f"{one['name']}/"
    return {
        (edge["source"].removeprefix(prefix), edge["target"].removeprefix(prefix)) for edge in one["edges"]
    }


def node(one: Json, id_: str) -> Json:
    (each,) = [each for each in one["nodes"] if each["id"] == f"{one['name']}/{id_}"]
    return dict(each)


def texts(claims: Iterable[Json]) -> list[str]:
    return [claim["text"] for claim in claims]


def after(tmp_path: Path, files: dict[str, str], failed: str) -> Json:
    (told,) = graph(tmp_path, files, "--if-fails", failed)["asked_failures"]
    return dict(told)


# What waits for what -----------------------------------------------------------------------------


def test_stages_and_needs_of_gitlab(tmp_path: Path) -> None:
    plan = graph(tmp_path, GITLAB)
    one = process(plan)
    assert edges(one) == {
        ("lint", "unit"),
        *((first, "package") for first in ("lint", "unit", "docs")),
        *((first, "production") for first in ("lint", "unit", "docs", "package")),
        ("production", "smoke"),
        *(
            (first, then)
            for first in ("lint", "unit", "docs", "package", "production")
            for then in ("undo", "tell")
        ),
    }
    # The job's own script and its environment; its stage and its script from the file that is included.
    assert (node(one, "production")["roles"], node(one, "unit")["legs"]) == (["deploy"], ["1", "2", "3"])
    assert one["duration"] == (30 + 2 * 30 + 60 + 30 + 30) * 60_000
    assert texts(plan["unknowns"]) == ["what `Security/SAST.gitlab-ci.yml` adds: it is not read"]


def test_a_stage_follows_the_one_before_it(tmp_path: Path) -> None:
    text = "a: {stage: build, script: [make]}\nb: {stage: test, script: [make]}\nc: {stage: deploy, script: [make]}\n"
    one = process(graph(tmp_path, {".gitlab-ci.yml": text}))
    assert edges(one) == {("a", "b"), ("b", "c")}
    assert one["edges"][0]["claim"]["text"] == "stage `test` follows"


def test_stages_and_jobs_of_azure(tmp_path: Path) -> None:
    one = process(graph(tmp_path, AZURE))
    assert edges(one) == {
        ("Build", "Build/unit"), ("Build/unit", "Build/image"), ("Build", "Build/lint"), ("Build/image", "Production"),
        ("Build/lint", "Production"), ("Production", "Production/web"), ("Production/web", "Undo"), ("Undo", "Undo/back"),
    }  # fmt: skip
    # Two runs of ten minutes, one after the other; what runs after a failure only takes no time.
    assert one["duration"] == (2 * 10 + 20 + 15) * 60_000
    assert node(one, "Undo/back")["length"] == 0


def test_workflows_of_circleci(tmp_path: Path) -> None:
    plan = graph(tmp_path, CIRCLE)
    one = process(plan, "release")
    assert edges(one) == {("test", "hold"), ("hold", "ship"), ("ship", "tell/slack")}
    assert (len(node(one, "test")["legs"]), node(one, "test")["roles"]) == (4, ["test"])
    assert texts(plan["unknowns"]) == ["what `tell/slack` does: it is defined elsewhere"]
    assert len(process(plan, "nightly")["nodes"]) == 1


def test_steps_and_dags_of_argo(tmp_path: Path) -> None:
    one = process(graph(tmp_path, ARGO))
    assert edges(one) == {
        ("main", "main/fetch"), ("main/fetch", "main/left"), ("main/fetch", "main/right"), ("main/left", "main/left/a"),
        ("main/left", "main/left/b"), ("main/left/a", "main/left/c"), ("main/left/b", "main/left/c"),
        ("main/left/c", "main/join"), ("main/right", "main/join"), ("main/left/c", "main/mend"),
        ("main/right", "main/mend"), ("main/join", "tell"), ("main/mend", "tell"),
    }  # fmt: skip
    # Three tries of a minute, 5 s and 10 s in between, three times in a row; then 20 s, and 10 s at the end.
    assert one["duration"] == (3 * (3 * 60 + 15) + 20 + 10) * 1_000
    assert "all tries and rounds: 3m 15s" in node(one, "main/fetch")["length_reason"]["text"]


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (".gitlab-ci.yml", "a: {script: [make], needs: [b]}\n", "`a` needs `b`, which is no job of it"),
        (".gitlab-ci.yml", "a: {script: [make], stage: later}\n", "`a` is in stage `later`, which is none"),
        (".gitlab-ci.yml", "a: {extends: .b, script: [make]}\n", "`extends: .b` is not there"),
        ("azure-pipelines.yml", "jobs: [{job: a, dependsOn: b, steps: [{script: make}]}]\n", "`a` depends on `b`, which is no job of it"),
        ("azure-pipelines.yml", "stages: [{stage: A, dependsOn: B, jobs: []}]\n", "`A` depends on `B`, which is no stage of it"),
        (".circleci/config.yml", "workflows: {w: {jobs: [a: {requires: [b]}]}}\n", "`a` requires `b`, which is no job of it"),
        ("flow.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {entrypoint: x, templates: [{name: y}]}\n",
         "`entrypoint: x` is no template of it"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_said(path: str, text: str, said: str, tmp_path: Path) -> None:
    plan = graph(tmp_path, {path: text})
    assert said in texts(process(plan)["dangling"])
    assert plan["verdict"] == "BLOCKED"


@pytest.mark.parametrize("name", EVERY)
def test_every_edge_and_job_has_its_line(name: str, tmp_path: Path) -> None:
    files = EVERY[name]
    for one in graph(tmp_path, files)["processes"]:
        for claim in (*(each["title"] for each in one["nodes"]), *(edge["claim"] for edge in one["edges"])):
            place = claim["evidence"][0]
            lines = files[place["path"]].splitlines()
            word = claim["text"].rpartition("/")[2].partition(" ")[0].strip("`")
            assert place["line"] <= len(lines)
            if claim in (each["title"] for each in one["nodes"]) and "tell" not in word:
                assert word in lines[place["line"] - 1]


# Failures and gates ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "failed", "stopped", "runs"),
    [
        (GITLAB, "unit", ["package", "production", "smoke"],
         ["`undo`: `when: on_failure`", "`tell`: `when: always`"]),
        (GITLAB, "production", ["smoke"], ["`undo`: `when: on_failure`", "`tell`: `when: always`"]),
        (AZURE, "Production/web", [], ["`Undo`: `condition: failed()`", "`Undo/back`: `condition: failed()`"]),
        (CIRCLE, "ship", [], ["`tell/slack`: `requires: ship: failed, success`"]),
        (ARGO, "left/a", ["main/left/c", "main/join"],
         ["`main/mend`: `depends: left.Failed || right.Failed`", "`tell`: `onExit`"]),
    ],
    ids=["gitlab", "gitlab deploy", "azure", "circleci", "argo"],
)  # fmt: skip
def test_a_failure_stops_what_waits_and_spares_what_asks_for_it(
    files: dict[str, str], failed: str, stopped: list[str], runs: list[str], tmp_path: Path
) -> None:
    told = after(tmp_path, files, failed)
    prefix = next(one["name"] for one in graph(tmp_path, files)["processes"]) + "/"
    assert [one.removeprefix(prefix) for one in told["stopped"]] == stopped
    assert texts(told["goes_on"]) == runs


def test_a_forgiven_failure_counts_as_success(tmp_path: Path) -> None:
    told = after(tmp_path, GITLAB, "lint")
    assert "`production`: a failure of `lint` counts as success, `allow_failure: true`" in texts(
        told["goes_on"]
    )
    assert texts(told["state"]) == ["its failure counts as success: `allow_failure: true`"]
    right = after(tmp_path, ARGO, "right")
    assert "`main/join`: a failure of `main/right` counts as success, `continueOn`" in texts(right["goes_on"])


def test_gates_are_told_with_whether_they_hold(tmp_path: Path) -> None:
    rows = {
        (one["node"].rpartition("/")[2], one["kind"]): one for one in graph(tmp_path, GITLAB)["checkpoints"]
    }
    assert {key: one["holds"] for key, one in rows.items()} == {
        ("lint", "tests"): "no",
        ("unit", "tests"): "yes",
        ("production", "approval"): "unknown",
        ("smoke", "verification"): "yes",
        ("production", "concurrency"): "yes",
    }
    azure = graph(tmp_path, {**AZURE, ".gitlab-ci.yml": ""})
    assert ("gate", "azure-pipelines.yml/Build/lint") not in {
        (one["kind"], one["source"]) for one in azure["proposals"]
    }
    loose = AZURE["azure-pipelines.yml"].replace(
        "  - stage: Production\n", "  - stage: Production\n    dependsOn: []\n"
    )
    beside = graph(tmp_path, {"azure-pipelines.yml": loose, ".gitlab-ci.yml": ""})["proposals"]
    assert ("gate", "azure-pipelines.yml/Build/unit") in {(one["kind"], one["source"]) for one in beside}


def test_an_approval_is_a_gate(tmp_path: Path) -> None:
    rows = graph(tmp_path, CIRCLE)["checkpoints"]
    assert [one["node"].rpartition("/")[2] for one in rows if one["kind"] == "approval"] == ["hold"]


# As workflows ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "subject", "kind", "ways", "longest"),
    [
        (GITLAB, ".gitlab-ci.yml", "GitLab pipeline",
         {("package", "success somebody starts it", "production"), ("production", "failure when: on_failure", "undo")}, 210),
        (AZURE, "azure-pipelines.yml", "Azure pipeline", {("Production/web", "failure condition: failed()", "Undo")}, 60),
        (CIRCLE, "release", "CircleCI workflow", {("hold", "success", "ship")}, None),
        (ARGO, "nightly", "Argo workflow", {("main/join", "always onExit", "tell")}, None),
    ],
    ids=["gitlab", "azure", "circleci", "argo"],
)  # fmt: skip
def test_a_pipeline_is_a_workflow(
    files: dict[str, str],
    subject: str,
    kind: str,
    ways: set[tuple[str, str, str]],
    longest: int | None,
    tmp_path: Path,
) -> None:
    plan = found(laid_out(tmp_path / "project", files), "workflow", subject)
    names = {one["id"]: one["name"] for one in plan["states"]}
    drawn = {
        (names.get(one["source"], ""), f"{one['on']} {one['guard']}".strip(), names.get(one["target"], ""))
        for one in plan["transitions"]
    }
    assert plan["kind"] == kind
    assert ways <= drawn
    if longest is not None:
        assert plan["longest"] == longest * 60_000


def test_its_schedule_and_its_people_are_told(tmp_path: Path) -> None:
    plan = found(laid_out(tmp_path / "project", {**AZURE, **ARGO}), "workflow", "azure-pipelines.yml")
    assert {one["name"] for one in plan["events"]} == {"push to main", "schedule 0 3 * * *"}
    assert "environment production" in {one["name"] for one in plan["participants"]}
    assert "whom `production` asks for approval: set in Azure" in texts(plan["questions"])
    argo = found(tmp_path / "project", "workflow", "nightly")
    assert "whether a run is done" not in " ".join(texts(argo["reliability"]))
    assert [one["name"] for one in argo["events"]] == ["schedule 0 2 * * *"]


@pytest.mark.parametrize("name", EVERY)
def test_the_drawings_are_read_back(name: str, tmp_path: Path) -> None:
    root = laid_out(tmp_path / "project", EVERY[name])
    plan = found(root, "graph")
    counts = (
        sum(len(one["nodes"]) for one in plan["processes"]),
        sum(len(edges(one)) for one in plan["processes"]),
    )
    diagram, drawing = (
        read_mermaid(asked(root, "graph", "--format", "mermaid")),
        read_dot(asked(root, "graph", "--format", "dot")),
    )
    assert (len(diagram.nodes), len(diagram.edges)) == counts
    assert (len(drawing.nodes), len(drawing.edges)) == counts


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".gitlab-ci.yml", "a: &a {extends: a, script: *a}\ninclude: [.gitlab-ci.yml, {local: [1]}, 3]\n"),
        (".gitlab-ci.yml", "a: {needs: [a, {}, 1, [a]], script: {}, parallel: {matrix: [1]}, timeout: [], rules: {}}\n"),
        (".gitlab-ci.yml", "".join(f"j{n}: {{script: [make], needs: [{f'j{n - 1}' if n else ''}]}}\n" for n in range(1_500))),
        ("azure-pipelines.yml", "stages: [1, {stage: A, jobs: [2, {job: x, dependsOn: [x], steps: [3, {task: 1}]}]}]\n"),
        (".circleci/config.yml", "workflows: {w: {jobs: [1, {a: 1}, {b: {requires: [b, {c: {}}]}}, {}]}}\njobs: [1]\n"),
        ("f.yaml", "apiVersion: argoproj.io/v1\nkind: Workflow\nspec: {entrypoint: a, onExit: a, templates: [{name: a, steps: "
                   "[[{name: b, template: a}, {name: c, template: a}]]}]}\n"),
        ("f.yaml", "apiVersion: argoproj.io/v1\nkind: Workflow\nspec: {entrypoint: a, templates: [{name: a, dag: {tasks: "
                   "[{name: b, depends: b}, {name: c, depends: d}, {name: d, depends: c, template: a}]}}]}\n"),
    ],
)  # fmt: skip
def test_hostile_pipelines_are_no_harm(path: str, text: str, tmp_path: Path) -> None:
    assert graph(tmp_path, {path: text})["schema"] == "rollsafe/graph-plan/1"
