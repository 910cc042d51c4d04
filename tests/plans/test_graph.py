"""The dependency graph: made by the command, on small repositories."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from rollsafe.cli import main
from tests.plans.mermaid import read
from tests.plans.repositories import CHANGES, repository, write
from tests.plans.walking import parts

Json = dict[str, Any]
Graph = Callable[..., Json]

HERE = Path(__file__).parent
SHOP = HERE.parents[1] / "examples" / "shop"
GOLDEN = HERE / "golden" / "graph"
CI = """\
name: ci
on: push
jobs:
  lint:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps: [{run: ruff check .}]
  test:
    needs: lint
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    strategy:
      max-parallel: 2
      matrix: {python: ["3.11", "3.12", "3.13"]}
    steps: [{run: pytest}]
  docs:
    runs-on: ubuntu-24.04
    timeout-minutes: 7
    steps: [{run: make docs}]
  deploy:
    needs: [test, docs]
    uses: ./.github/workflows/_deploy.yml
  tell:
    needs: deploy
    if: ${{ !cancelled() }}
    runs-on: ubuntu-24.04
    timeout-minutes: 1
    steps: [{run: ./tell.sh}]
"""
DEPLOY = """\
on: workflow_call
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 8
    steps: [{run: docker push registry.example/shop/web:1}]
  apply:
    needs: build
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 4
    steps: [{run: kubectl set image deploy/web web=registry.example/shop/web:1}]
"""
AFTER = """\
name: after
on: {workflow_run: {workflows: [ci], types: [completed]}}
jobs:
  smoke:
    runs-on: ubuntu-24.04
    timeout-minutes: 3
    steps: [{run: curl --fail https://shop.example}]
  strict:
    if: github.event.workflow_run.conclusion == 'success'
    runs-on: ubuntu-24.04
    timeout-minutes: 2
    steps: [{run: ./announce.sh}]
"""
FLOWS = ".github/workflows/"
PIPELINE = {f"{FLOWS}ci.yml": CI, f"{FLOWS}_deploy.yml": DEPLOY, f"{FLOWS}after.yml": AFTER}


def written(root: Path, *options: str) -> str:
    file = root.parent / "graph.out"
    assert main(["graph", str(root), "--output", str(file), *options]) == 0
    return file.read_text(encoding="utf-8")


def laid_out(root: Path, files: dict[str, str]) -> Path:
    root.mkdir(exist_ok=True)
    write(root, {"rollsafe.toml": "root = true\n", **files})
    return root


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    """Write a project without a base and return its graph as JSON."""

    def make(files: dict[str, str], *options: str) -> Json:
        found: Json = json.loads(written(laid_out(tmp_path / "project", files), "--format", "json", *options))
        return found

    return make


def process(found: Json, name: str) -> Json:
    (one,) = [one for one in found["processes"] if name in one["name"]]
    return dict(one)


def node(found: Json, id_: str) -> Json:
    (one,) = [one for each in found["processes"] for one in each["nodes"] if one["id"] == id_]
    return dict(one)


def edges(one: Json) -> set[tuple[str, str]]:
    return {(edge["source"], edge["target"]) for edge in one["edges"]}


def texts(claims: Iterable[Json]) -> str:
    return "\n".join(claim["text"] for claim in claims)


def failure(found: Json, id_: str) -> Json:
    (one,) = [one for one in (*found["asked_failures"], *found["failures"]) if one["node"] == id_][:1]
    return dict(one)


# Pipelines ---------------------------------------------------------------------------------------


def test_workflows_that_call_and_follow_each_other_are_one_process(graph: Graph) -> None:
    one = process(graph(PIPELINE), "ci.yml")
    assert one["name"] == "ci.yml, after.yml"
    assert edges(one) == {
        ("ci.yml/lint", "ci.yml/test"),
        ("ci.yml/test", "ci.yml/deploy"),
        ("ci.yml/docs", "ci.yml/deploy"),
        ("ci.yml/deploy", "ci.yml/deploy/build"),
        ("ci.yml/deploy/build", "ci.yml/deploy/apply"),
        ("ci.yml/deploy/apply", "ci.yml/tell"),
        ("ci.yml/tell", "after.yml/smoke"),
        ("ci.yml/tell", "after.yml/strict"),
    }
    assert [len(level) for level in one["levels"]] == [2, 1, 1, 1, 1, 1, 2]


def test_every_edge_and_node_has_its_line(graph: Graph) -> None:
    found = graph(PIPELINE)
    places = {
        (edge["source"], edge["target"]): edge["claim"]["evidence"][0]
        for edge in found["processes"][0]["edges"]
    }
    assert places["ci.yml/lint", "ci.yml/test"] == {"path": f"{FLOWS}ci.yml", "line": 9, "commit": "WORKTREE"}
    assert places["ci.yml/tell", "after.yml/smoke"]["path"] == f"{FLOWS}after.yml"
    assert node(found, "ci.yml/deploy/apply")["title"]["evidence"][0] == {
        "path": f"{FLOWS}_deploy.yml",
        "line": 7,
        "commit": "WORKTREE",
    }


def test_time_limits_bound_the_whole(graph: Graph) -> None:
    found = graph(PIPELINE)
    one = process(found, "ci.yml")
    assert one["unit"] == "milliseconds, at most"
    # Three runs of ten minutes, two at a time, are two rounds.
    assert node(found, "ci.yml/test")["length"] == 20 * 60_000
    assert one["duration"] == (5 + 20 + 8 + 4 + 1 + 3) * 60_000
    assert node(found, "ci.yml/docs")["slack"] == (25 - 7) * 60_000
    assert one["critical"][0] == "ci.yml/lint"
    assert "ci.yml/docs" not in one["critical"]


def test_without_a_limit_for_each_every_node_counts_one(graph: Graph) -> None:
    found = graph({**PIPELINE, f"{FLOWS}ci.yml": CI.replace("    timeout-minutes: 7\n", "")})
    one = process(found, "ci.yml")
    assert (one["unit"], one["duration"]) == ("steps", 6)
    assert "no duration is known" in one["unit_reason"]["text"]
    assert one["unit_reason"]["status"] == "ASSUMED"


def test_the_runs_of_a_matrix_are_named(graph: Graph) -> None:
    matrix = "{os: [linux, mac], python: ['3'], exclude: [{os: mac}], include: [{os: windows, python: '2'}]}"
    text = CI.replace('{python: ["3.11", "3.12", "3.13"]}', matrix)
    assert node(graph({f"{FLOWS}ci.yml": text}), "ci.yml/test")["legs"] == ["linux, 3", "windows, 2"]


def test_a_circle_blocks_and_does_not_loop(graph: Graph) -> None:
    text = CI.replace("  lint:\n", "  lint:\n    needs: tell\n")
    found = graph({f"{FLOWS}ci.yml": text})
    assert found["verdict"] == "BLOCKED"
    (circle,) = process(found, "ci.yml")["cycles"]
    assert circle["text"].count("→") == 4
    assert {place["line"] for place in circle["evidence"]} == {5, 10, 22, 25}


def test_what_leads_nowhere_and_what_never_runs_is_said(graph: Graph) -> None:
    files = {
        f"{FLOWS}ci.yml": CI.replace("needs: [test, docs]", "needs: [test, dcos]"),
        f"{FLOWS}after.yml": AFTER.replace("[ci]", "[cd]").replace(
            "github.event.workflow_run.conclusion == 'success'", "false"
        ),
        f"{FLOWS}_called.yml": DEPLOY,
    }
    found = graph(files)
    dangling = texts(claim for one in found["processes"] for claim in one["dangling"])
    assert "`deploy` needs `dcos`, which is no job of it" in dangling
    assert "it follows `cd`, which is no workflow of the repository" in dangling
    idle = texts(claim for one in found["processes"] for claim in one["idle"])
    assert "`strict` never runs" in idle
    assert "it runs only when called, and nothing here calls it" in idle
    assert "what `deploy` calls: `./.github/workflows/_deploy.yml` is not read" in texts(found["unknowns"])


def test_a_workflow_of_another_repository_takes_its_time(graph: Graph) -> None:
    text = CI.replace("./.github/workflows/_deploy.yml", "shop/actions/.github/workflows/deploy.yml@v1")
    found = graph({f"{FLOWS}ci.yml": text})
    one = process(found, "ci.yml")
    assert (one["unit"], one["duration"]) == ("steps", 4)
    assert "shop/actions/.github/workflows/deploy.yml@v1` is not read" in texts(found["unknowns"])
    rows = [row for row in found["checkpoints"] if row["kind"] == "verification"]
    assert [(row["guards"], row["holds"], row["claim"]["status"]) for row in rows] == [
        ("ci.yml/deploy", "unknown", "UNKNOWN")
    ]


def test_workflows_that_call_each_other_end(graph: Graph) -> None:
    files = {
        f"{FLOWS}_deploy.yml": DEPLOY + "  again:\n    uses: ./.github/workflows/_deploy.yml\n",
        f"{FLOWS}ci.yml": CI,
    }
    assert "is not read" in texts(graph(files)["unknowns"])


# Gates and failures ------------------------------------------------------------------------------


def test_gates_are_told_with_whether_they_hold(graph: Graph) -> None:
    rows = {(row["node"], row["guards"], row["kind"]): row for row in graph(PIPELINE)["checkpoints"]}
    assert rows["ci.yml/test", "ci.yml/deploy/apply", "tests"]["holds"] == "yes"
    assert rows["ci.yml/deploy/apply", "ci.yml/deploy/apply", "approval"]["claim"]["status"] == "UNKNOWN"
    disarmed = CI.replace("    needs: [test, docs]\n", "    needs: [test, docs]\n    if: always()\n")
    found = graph({**PIPELINE, f"{FLOWS}ci.yml": disarmed})
    (row,) = [one for one in found["checkpoints"] if one["node"] == "ci.yml/test" and one["kind"] == "tests"]
    assert (row["holds"], row["on_path"]) == ("no", True)


def test_a_failure_skips_what_waits_and_spares_what_asks_for_it(graph: Graph) -> None:
    told = failure(graph(PIPELINE, "--if-fails", "ci.yml/test"), "ci.yml/test")
    assert {"ci.yml/deploy", "ci.yml/deploy/build", "ci.yml/deploy/apply", "after.yml/strict"} == set(
        told["stopped"]
    )
    assert "`ci.yml: tell`: `if: ${{ !cancelled() }}`" in texts(told["goes_on"])
    assert "`after.yml: smoke`: starts when `ci` has ended" in texts(told["goes_on"])
    assert "`ci.yml: docs`" in texts(told["beside"])
    assert "the other runs of the matrix are cancelled" in texts(told["state"])
    assert 'gh run rerun "$RUN_ID" --failed' in texts(told["recovery"])


def test_what_was_done_before_a_failure_stays(graph: Graph) -> None:
    told = failure(graph(PIPELINE), "ci.yml/deploy/apply")
    assert "`ci.yml: deploy / build` (publish) is done and stays" in texts(told["state"])
    assert "may have taken effect" in texts(told["state"])


def test_a_forgiven_failure_counts_as_success(graph: Graph) -> None:
    text = CI.replace("  docs:\n", "  docs:\n    continue-on-error: true\n")
    told = failure(graph({**PIPELINE, f"{FLOWS}ci.yml": text}, "--if-fails", "docs"), "ci.yml/docs")
    assert told["stops"] == 0
    assert "a failure of `ci.yml: docs` counts as success" in texts(told["goes_on"])


def test_a_condition_on_a_result_is_evaluated(graph: Graph) -> None:
    for condition, fate in (
        ("always() && needs.deploy.result == 'success'", "stopped"),
        ("always() && needs.deploy.result == 'failure'", "goes_on"),
        ("failure()", "goes_on"),
        ("success() || inputs.really", "perhaps"),
    ):
        text = CI.replace("if: ${{ !cancelled() }}", f"if: {condition}")
        told = failure(
            graph({**PIPELINE, f"{FLOWS}ci.yml": text}, "--if-fails", "apply"), "ci.yml/deploy/apply"
        )
        where = "ci.yml/tell" if fate == "stopped" else "ci.yml: tell"
        assert where in (json.dumps(told[fate])), (condition, told)


def test_steps_that_run_on_are_named(graph: Graph) -> None:
    steps = """\
      - run: kubectl apply -f k8s/web.yaml
        continue-on-error: true
      - run: pytest || true
      - name: undo
        if: failure()
        run: kubectl rollout undo deploy/web
"""
    text = f"on: push\njobs:\n  ship:\n    runs-on: ubuntu-24.04\n    steps:\n{steps}"
    state = texts(failure(graph({f"{FLOWS}ship.yml": text}), "ship.yml/ship")["state"])
    assert "step `kubectl apply -f k8s/web.yaml` may fail: `continue-on-error: true`" in state
    assert "`pytest` may fail unseen: `|| true` swallows it" in state
    assert "step `undo` runs after a failure in the job: `if: failure()`" in state


# Missing edges -----------------------------------------------------------------------------------


def proposed(found: Json) -> set[tuple[str, str, str]]:
    return {(one["kind"], one["source"], one["target"]) for one in found["proposals"]}


def test_producers_and_consumers_without_a_way_between_them(graph: Graph) -> None:
    text = """\
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: docker push registry.example/shop/web:1
      - uses: actions/upload-artifact@v4
        with: {name: site, path: dist}
  migrate:
    runs-on: ubuntu-24.04
    steps: [{run: migrate -path db -database "$URL" up}]
  pages:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/download-artifact@v4
        with: {name: site}
  ship:
    runs-on: ubuntu-24.04
    environment: production
    steps: [{run: "kubectl set image deploy/web web=registry.example/shop/web:1"}]
  other:
    runs-on: ubuntu-24.04
    environment: production
    steps: [{run: "helm upgrade x charts/x --set tag=${{ needs.build.outputs.tag }}"}]
"""
    found = graph({f"{FLOWS}ship.yml": text})
    assert {
        ("artifact", "ship.yml/build", "ship.yml/pages"),
        ("image", "ship.yml/build", "ship.yml/ship"),
        ("output", "ship.yml/build", "ship.yml/other"),
        ("environment", "ship.yml/ship", "ship.yml/other"),
    } <= proposed(found)
    assert all(one["claim"]["evidence"] for one in found["proposals"])
    tied = text.replace("  pages:\n", "  pages:\n    needs: build\n").replace(
        "  ship:\n", "  ship:\n    needs: build\n"
    )
    kinds = {kind for kind, *_ in proposed(graph({f"{FLOWS}ship.yml": tied}))}
    assert not {"artifact", "image"} & kinds


def test_a_migration_beside_a_deployment_has_no_order(graph: Graph) -> None:
    text = """\
on: push
jobs:
  migrate:
    runs-on: ubuntu-24.04
    steps: [{run: migrate -path db -database "$URL" up}]
  ship:
    runs-on: ubuntu-24.04
    steps: [{run: kubectl apply -f web.yaml}]
"""
    assert ("migration", "ship.yml/migrate", "ship.yml/ship") in proposed(graph({f"{FLOWS}ship.yml": text}))
    tied = text.replace("  ship:\n", "  ship:\n    needs: migrate\n")
    assert proposed(graph({f"{FLOWS}ship.yml": tied})) == set()


def test_a_table_of_another_history_asks_for_an_order(graph: Graph) -> None:
    files = {
        "a/migrations/0001_make.up.sql": "CREATE TABLE orders (id bigint);\n",
        "b/migrations/0001_use.up.sql": "ALTER TABLE orders ADD COLUMN state text;\n",
    }
    assert proposed(graph(files)) == {
        ("table", "a/migrations/0001_make.up.sql", "b/migrations/0001_use.up.sql")
    }


# Other processes ---------------------------------------------------------------------------------


def test_migrations_come_in_the_order_of_their_tool(graph: Graph) -> None:
    files = {f"db/migrations/{n}_x.up.sql": "SELECT 1;\n" for n in (1, 2, 10)}
    one = process(graph(files), "db/migrations")
    assert one["critical"] == [f"db/migrations/{n}_x.up.sql" for n in (1, 2, 10)]


def test_many_migrations_are_drawn_as_one(graph: Graph) -> None:
    files = {f"db/migrations/{n:04}_x.up.sql": "SELECT 1;\n" for n in range(1, 301)}
    one = process(graph(files), "db/migrations")
    assert one["duration"] == 300
    assert len(one["nodes"]) == 13
    assert "288 migrations up to 0288_x.up.sql: drawn as one" in texts(one["asides"])


COMPOSE = """\
services:
  db:
    image: postgres:16
    healthcheck: {test: [CMD, pg_isready], interval: 5s, timeout: 2s, retries: 4, start_period: 10s}
  migrate:
    image: registry.example/shop/migrate:1
    depends_on: {db: {condition: service_healthy}}
  web:
    image: registry.example/shop/web:1
    environment: {CACHE_URL: "redis://cache:6379"}
    depends_on:
      db: {condition: service_started}
      migrate: {condition: service_completed_successfully}
  cache:
    image: redis:7
"""


def test_services_start_after_what_they_depend_on(graph: Graph) -> None:
    found = graph({"compose.yaml": COMPOSE}, "--if-fails", "migrate", "--if-fails", "db")
    one = process(found, "compose.yaml")
    assert edges(one) == {
        ("compose.yaml/db", "compose.yaml/migrate"),
        ("compose.yaml/db", "compose.yaml/web"),
        ("compose.yaml/migrate", "compose.yaml/web"),
    }
    assert failure(found, "compose.yaml/migrate")["stopped"] == ["compose.yaml/web"]
    assert set(failure(found, "compose.yaml/db")["stopped"]) == {"compose.yaml/migrate", "compose.yaml/web"}
    assert proposed(found) == {("address", "compose.yaml/cache", "compose.yaml/web")}
    assert one["alone"] == ["compose.yaml/cache"]
    assert (
        "10s and 4 times `interval` 5s and `timeout` 2s"
        in node(found, "compose.yaml/db")["length_reason"]["text"]
    )


OBJECT = """\
apiVersion: batch/v1
kind: Job
metadata: {{name: {name}, annotations: {{{annotations}}}}}
spec:
  activeDeadlineSeconds: 60
  template:
    spec:
      restartPolicy: Never
      initContainers:
        - {{name: {name}-first, image: "registry.example/shop/x:1"}}
      containers:
        - {{name: {name}, image: "registry.example/shop/x:1"}}
"""


def objects(**annotations: str) -> str:
    return "---\n".join(OBJECT.format(name=name, annotations=text) for name, text in annotations.items())


def test_waves_and_hooks_are_stages(graph: Graph) -> None:
    text = objects(
        last='argocd.argoproj.io/hook: PostSync',
        second='argocd.argoproj.io/sync-wave: "2"',
        first='argocd.argoproj.io/sync-wave: "-1"',
        before='argocd.argoproj.io/hook: PreSync',
    )  # fmt: skip
    found = graph({"k8s/jobs.yaml": text}, "--if-fails", "job/first")
    one = process(found, "k8s")
    order = [id_.removeprefix("k8s/job/") for id_ in one["critical"]]
    assert order == [
        f"{n}{part}" for n in ("before", "first", "second", "last") for part in (f"#{n}-first", "")
    ]
    assert failure(found, "k8s/job/first")["stops"] == 4
    assert "sync wave 2" in json.dumps(one["edges"])


def test_helm_hooks_come_by_weight(graph: Graph) -> None:
    text = objects(
        b='helm.sh/hook: "pre-upgrade,pre-install", helm.sh/hook-weight: "5"',
        a='helm.sh/hook: pre-upgrade, helm.sh/hook-weight: "-5"',
        web="note: none",
        check="helm.sh/hook: test",
        z="helm.sh/hook: post-upgrade",
    )
    files = {
        "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "charts/shop/templates/jobs.yaml": text,
    }
    one = process(graph(files), "charts/shop")
    mains = [id_.rpartition("/")[2] for id_ in one["critical"] if "#" not in id_]
    assert mains == ["a", "b", "web", "z"]
    assert "`Job/check` runs at test only" in texts(one["asides"])


def test_states_lead_to_each_other_and_may_loop(graph: Graph) -> None:
    machine = {
        "StartAt": "Ask",
        "States": {
            "Ask": {"Type": "Task", "Resource": "arn:x", "TimeoutSeconds": 5, "Next": "Done?",
                    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Lost"}]},
            "Done?": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "Wait"}], "Default": "End"},
            "Wait": {"Type": "Wait", "Seconds": 30, "Next": "Ask"},
            "End": {"Type": "Succeed"},
            "Lost": {"Type": "Fail"},
        },
    }  # fmt: skip
    found = graph({"m.asl.json": json.dumps(machine, indent=1)}, "--if-fails", "Ask")
    one = process(found, "m.asl.json")
    assert found["verdict"] != "BLOCKED"
    assert one["cycles"] == []
    assert "`Ask (Task)`" in one["loops"][0]["text"]
    assert "`Lost (Fail)` handles States.ALL of `Ask`" in texts(failure(found, "m.asl.json#m/Ask")["goes_on"])


def test_a_job_is_tied_to_what_it_runs(graph: Graph) -> None:
    text = "on: push\njobs:\n  go:\n    runs-on: ubuntu-24.04\n    steps: [{run: migrate -path db/migrations -database $U up}]\n"
    found = graph({f"{FLOWS}go.yml": text, "db/migrations/1_x.up.sql": "SELECT 1;\n"})
    assert [(link["source"], link["process"]) for link in found["links"]] == [("go.yml/go", "db/migrations")]


# Suppositions and timings ------------------------------------------------------------------------


def test_what_if_is_worked_out_on_the_schedule(graph: Graph) -> None:
    wishes = ("ci.yml/test->ci.yml/deploy", "docs+19m", "docs+10m", "ci.yml/test", "apply+90s")
    found = graph(PIPELINE, *(word for wish in wishes for word in ("--what-if", wish)))
    assert [one["change"] for one in found["asked_what_if"]] == [
        -16 * 60_000,
        60_000,
        0,
        -18 * 60_000,
        90_000,
    ]
    assert all(one["claim"]["evidence"] for one in found["asked_what_if"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--what-if", "nobody"), "no node `nobody`"),
        (("--what-if", "lint->tell"), "does not wait for"),
        (("--what-if", "lint+soon"), "no length of time"),
        (("--if-fails", "tset"), "nearest: `test`"),
        (("--if-fails", "ci.yml"), "no node `ci.yml`"),
        (("--timings", "missing.json"), "missing.json: No such file"),
    ],
)
def test_mistakes_are_one_line(
    words: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = laid_out(tmp_path / "project", PIPELINE)
    assert main(["graph", str(root), *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert said in captured.err


TIMINGS = {
    "plain.json": '{"lint": 30, "test (3.11)": 100, "test (3.12)": "90.5", "test (3.13)": 80, "docs": 20}',
    "rows.json": '[{"name": "lint", "seconds": 30}, {"name": "test", "duration": 180.5}, {"name": "docs", "time": 20}]',
    "jobs.json": '{"jobs": [{"name": "lint", "startedAt": "2026-02-28T23:59:40Z", "completedAt": "2026-03-01T00:00:10Z"},'
    ' {"name": "test", "seconds": 180.5}, {"name": "docs", "seconds": 20}]}',
    "head.csv": "time,name\n30,lint\n180.5,test\n20,docs\n",
    "bare.csv": "lint,30\ntest,180.5\ndocs,20\nnonsense\n",
    "junit.xml": '<testsuites><testsuite name="lint" time="30"/><testsuite name="test" time="180.500">'
    '<testcase classname="a" name="b" time="1"/></testsuite><testsuite name="docs" time="20"/></testsuites>',
}


@pytest.mark.parametrize("name", sorted(TIMINGS))
def test_timings_are_read_from_files(name: str, tmp_path: Path, graph: Graph) -> None:
    file = tmp_path / name
    file.write_text(TIMINGS[name])
    found = graph({f"{FLOWS}ci.yml": CI}, "--timings", str(file))
    one = process(found, "ci.yml")
    assert one["unit"] == "milliseconds, measured"
    # Two runs at a time: 3.11 (100 s) beside 3.12 (90.5 s), and 3.13 (80 s) after the shorter one.
    test = 170_500 if name == "plain.json" else 180_500
    assert node(found, "ci.yml/test")["length"] == test
    assert one["duration"] == 30_000 + test
    assert node(found, "ci.yml/tell")["length"] is None
    assert "count 0, so this is the least it takes" in one["unit_reason"]["text"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"lint": "soon"}',
        "<a>",
        '<!DOCTYPE a [<!ENTITY b "c">]><testsuite name="&b;" time="1"/>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><testsuite name="a" time="1"/>',
        "<a>" * 400,
        "[" * 100_000,
        "\0",
    ],
)
def test_files_that_are_no_timings_are_one_line(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "timings").write_text(text)
    root = laid_out(tmp_path / "project", PIPELINE)
    assert main(["graph", str(root), "--timings", str(tmp_path / "timings")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_name_that_two_jobs_have_times_neither(tmp_path: Path, graph: Graph) -> None:
    file = tmp_path / "t.json"
    file.write_text('{"lint": 30, "other.yml/lint": 50}')
    files = {f"{FLOWS}ci.yml": CI, f"{FLOWS}other.yml": CI, f"{FLOWS}_deploy.yml": DEPLOY}
    found = graph(files, "--timings", str(file))
    assert process(found, "ci.yml")["unit"] == "milliseconds, at most"
    assert node(found, "other.yml/lint")["length"] == 50_000


# The report --------------------------------------------------------------------------------------


def test_remarks_name_their_places(graph: Graph) -> None:
    text = """\
on: push
jobs:
  lint:
    runs-on: ubuntu-24.04
    steps: [{run: ruff check .}]
  unit:
    needs: lint
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/setup-node@v4
        with: {node-version: 22}
      - run: npm ci
      - run: npm test
"""
    found = graph({f"{FLOWS}ci.yml": text})
    assert "`unit` fetches its packages anew in every run" in texts(found["remarks"])
    assert "`unit` uses no output and no artifact of `lint`: side by side saves 1 step" in texts(
        found["remarks"]
    )
    assert all(claim["status"] == "DERIVED" and claim["evidence"] for claim in found["remarks"])
    cached = text.replace("{node-version: 22}", "{node-version: 22, cache: npm}")
    assert "fetches" not in texts(graph({f"{FLOWS}ci.yml": cached})["remarks"])


def test_resources_are_facts(graph: Graph) -> None:
    files = {
        "k8s/web.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example/shop/web:1
          resources: {limits: {memory: 1Gi}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 4
  maxReplicas: 4
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
"""
    }
    said = texts(graph(files)["resources"])
    assert "`deployment/web`: 3 replicas" in said
    assert "requests nothing, limits memory 1Gi" in said
    assert "`web` scales `deployment/web` from 4 to 4 on cpu" in said
    assert "`web` cannot scale: both bounds are 4" in said
    assert "each apply sets `deployment/web` back to 3, whatever `web` chose" in said
    assert "`web` measures cpu in percent of a request that `web` does not have" in said


# Forms and properties ----------------------------------------------------------------------------


@pytest.fixture(params=["shop", "pipeline", *sorted(CHANGES)])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    directory = tmp_path / "place"
    if request.param == "shop":
        shutil.copytree(SHOP, directory)
    elif request.param == "pipeline":
        laid_out(directory, PIPELINE)
    else:
        repository(directory, CHANGES[request.param])
    return directory


def test_every_fact_has_evidence_and_every_edge_its_nodes(root: Path) -> None:
    found = json.loads(written(root, "--format", "json"))
    claims = [
        one for key in ("claim", "title", "place", "length_reason") for one in parts(found["processes"], key)
    ]
    assert claims
    for claim in claims:
        assert claim["evidence"] or claim["status"] in ("UNKNOWN", "ASSUMED"), claim
    for one in found["processes"]:
        ids = {each["id"] for each in one["nodes"]}
        assert {end for edge in edges(one) for end in edge} <= ids
        assert set(one["critical"]) <= ids


def test_mermaid_reads_the_diagram(root: Path) -> None:
    found = json.loads(written(root, "--format", "json"))
    diagram = read(written(root, "--format", "mermaid"))
    assert diagram.type == "flowchart-v2"
    assert len(diagram.nodes) == sum(len(one["nodes"]) for one in found["processes"])
    assert len(diagram.edges) == sum(len(set(edges(one))) for one in found["processes"])


@pytest.mark.parametrize(
    "name", ['a"b', "a`b", "x; y", "end", "a|b", "a]b", "#35;", "-->", "é\u2028z", "<b>", "a%%b"]
)
def test_hostile_names_stay_names(name: str, tmp_path: Path) -> None:
    text = CI.replace("  lint:\n", f"  {json.dumps(name)}:\n").replace(
        "needs: lint", f"needs: {json.dumps(name)}"
    )
    root = laid_out(tmp_path / "project", {**PIPELINE, f"{FLOWS}ci.yml": text})
    diagram = read(written(root, "--format", "mermaid"))
    assert len(diagram.edges) == 8
    assert " ".join(f"ci.yml: {name}".split()) in diagram.nodes.values()
    assert "digraph" in written(root, "--format", "dot")


def many(count: int) -> dict[str, str]:
    """Return workflows of `count` jobs: a chain, and as many side by side."""
    jobs = [
        f"  j{n}:\n    runs-on: x\n{f'    needs: j{n - 1}' if n else ''}\n    steps: [{{run: make}}]\n"
        for n in range(count // 2)
    ]
    wide = [
        f"  w{n}:\n    runs-on: x\n    needs: first\n    steps: [{{run: make}}]\n"
        for n in range(count // 2 - 1)
    ]
    first = "  first:\n    runs-on: x\n    steps: [{run: make}]\n"
    return {
        f"{FLOWS}long.yml": f"on: push\njobs:\n{''.join(jobs)}",
        f"{FLOWS}wide.yml": f"on: push\njobs:\n{first}{''.join(wide)}",
    }


def test_thousands_of_jobs_are_collapsed_and_said_to_be(tmp_path: Path) -> None:
    root = laid_out(tmp_path / "project", many(2_000))
    text = written(root)
    assert len(text) < 120_000
    assert "2000 nodes in 2 processes" in text
    assert "998 jobs" in text
    assert "nodes drawn together" in text
    assert "more edges are left out here" in text
    diagram = read(written(root, "--format", "mermaid"))
    assert len(diagram.nodes) < 200
    found = json.loads(written(root, "--format", "json"))
    assert sum(len(one["nodes"]) for one in found["processes"]) == 2_000
    assert max(one["duration"] for one in found["processes"]) == 1_000


# The command -------------------------------------------------------------------------------------


def test_the_levels_of_the_shop_read_as_expected(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    shutil.copytree(SHOP, root)
    text, file = written(root, "--format", "text"), GOLDEN / "shop.txt"
    if os.environ.get("ROLLSAFE_UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_the_critical_path_alone(tmp_path: Path) -> None:
    root = laid_out(tmp_path / "project", PIPELINE)
    text = written(root, "--critical-path", "--if-fails", "lint")
    assert re.findall(r"^## (.+)$", text, re.M) == ["1. Critical path", "9. What if"]
    assert text.index("If `ci.yml/lint` fails:") < text.index("## 1.")


def test_plan_graph_is_the_same(tmp_path: Path) -> None:
    root = laid_out(tmp_path / "project", PIPELINE)
    file = tmp_path / "other.out"
    assert main(["plan", "graph", str(root), "--output", str(file)]) == 0
    assert file.read_text() == written(root)


@pytest.mark.parametrize(
    "files",
    [{}, {f"{FLOWS}x.yml": "on: push\njobs: {"}, {f"{FLOWS}x.yml": "jobs:\n  a: {needs: [a, 1, {}]}\n"}],
)
def test_half_written_files_give_a_graph_all_the_same(files: dict[str, str], graph: Graph) -> None:
    assert graph(files)["schema"] == "rollsafe/graph-plan/1"
