"""What is shown over findings, statements and workloads."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import SHOP, Start, spoken_environment, write
from tests.lsp.stdio import VSCODE, Client, running, span

AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: orders
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: orders}
  minReplicas: 3
  maxReplicas: 9
"""
SLOW = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: slow
spec:
  replicas: 6
  minReadySeconds: 15
  progressDeadlineSeconds: 240
  strategy:
    rollingUpdate: {maxSurge: 30%}
  selector: {matchLabels: {app: slow}}
  template:
    metadata: {labels: {app: slow}}
    spec:
      containers:
        - name: slow
          image: example.org/slow:1
          startupProbe: {tcpSocket: {port: 8080}, failureThreshold: 20}
          lifecycle: {preStop: {exec: {command: [sleep, "8"]}}}
"""


@pytest.fixture(scope="module")
def served(module_directory: Path) -> Generator[tuple[Client, Path]]:
    files = {**SHOP, "a.env": "A=SIMPLE\n", "k8s/scaling.yaml": AUTOSCALER, "k8s/slow.yaml": SLOW}
    root = write(module_directory / "shop", files)
    with running(module_directory, spoken_environment(module_directory)) as client:
        client.initialize(root)
        client.settled()
        yield client, root


def hover(client: Client, uri: str, line: int, character: int) -> Any:
    position = {"line": line, "character": character}
    return client.result("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})


def test_finding_says_why_what_here_and_where_to_read_on(served: tuple[Client, Path]) -> None:
    client, root = served
    shown = hover(client, (root / "a.env").as_uri(), 0, 4)
    text = shown["contents"]["value"]
    assert shown["contents"]["kind"] == "markdown"
    assert shown["range"] == span(0, 2, 0, 8)
    assert "**spoken-simple**" in text
    assert "`SIMPLE` happens here" in text
    assert "The first sentence says why. The second one says it again." in text
    assert "too much" not in text
    assert "docs/rules/spoken-simple.md" in text


def test_client_without_markdown_gets_plain_text(tmp_path: Path, start_spoken: Start) -> None:
    root = write(tmp_path / "w", {"a.env": "A=SIMPLE\n"})
    plain = {**VSCODE["textDocument"], "hover": {"contentFormat": ["plaintext"]}}
    client = start_spoken(root, {**VSCODE, "textDocument": plain})
    uri = client.open(root / "a.env")
    contents = hover(client, uri, 0, 4)["contents"]
    assert contents["kind"] == "plaintext"
    assert not {"**", "`", "]("} & set(contents["value"].split())
    assert "**" not in contents["value"]
    assert "](" not in contents["value"]
    assert "docs/rules/spoken-simple.md" in contents["value"]


def test_statement_shows_its_lock(served: tuple[Client, Path]) -> None:
    client, root = served
    shown = hover(client, (root / "db/migrations/0002_drop_note.up.sql").as_uri(), 0, 20)
    text = shown["contents"]["value"]
    assert "`ACCESS EXCLUSIVE` on `orders`" in text
    assert "blocks reads and writes" in text
    assert "not reversible without a backup" in text
    assert "PostgreSQL 15" in text


def test_workload_shows_its_rollout_with_the_autoscaler(served: tuple[Client, Path]) -> None:
    client, root = served
    uri = (root / "k8s/orders.yaml").as_uri()
    shown = hover(client, uri, 3, 9)
    assert "3 to 9, set by `orders` (k8s/scaling.yaml:1)" in shown["contents"]["value"]
    assert shown["range"] == span(3, 8, 3, 14)
    assert hover(client, uri, 4, 2) is None, "facts belong to the name and the kind only"


def test_workload_shows_what_its_release_may_spend_and_where_that_is_written(
    served: tuple[Client, Path],
) -> None:
    client, root = served
    text = hover(client, (root / "k8s/slow.yaml").as_uri(), 3, 9)["contents"]["value"]
    assert "Replicas: 6 (k8s/slow.yaml:6)" in text
    assert "5 of 6 serve at least, 8 run at most" in text, "surge is rounded up, what is missing down"
    assert "`maxSurge` 30% is 2 pods (k8s/slow.yaml:10)" in text
    assert "`maxUnavailable` 25% is 1 pod (Kubernetes' default)" in text
    assert "noticed after 240 s (k8s/slow.yaml:8)" in text
    assert "may take 200 s to start, by the probe of `slow`, and has to stay ready for 15 s" in text
    assert "Pods have 30 s to stop (Kubernetes' default), 22 of them after the `preStop` sleep of 8 s" in text


@pytest.mark.parametrize("position", [(0, 0), (999, 0), (0, 999)])
def test_nothing_to_say(served: tuple[Client, Path], position: tuple[int, int]) -> None:
    client, root = served
    assert hover(client, (root / "rollsafe.toml").as_uri(), *position) is None
    assert hover(client, (root / "k8s/service.yaml").as_uri(), *position) is None
    assert hover(client, "untitled:x", *position) is None


def lenses(client: Client, uri: str) -> list[tuple[int, str]]:
    found = client.result("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert {lens["command"]["command"] for lens in found} <= {"rollsafe.plan", "rollsafe.applyFix"}
    return [(lens["range"]["start"]["line"], lens["command"]["title"]) for lens in found]


def test_lenses_on_migrations_say_whether_there_is_a_way_back(served: tuple[Client, Path]) -> None:
    client, root = served
    plan, back, blocks, *_ = lenses(client, (root / "db/migrations/0002_drop_note.up.sql").as_uri())
    assert plan == (0, "Plan this migration")
    assert back[1].startswith("Not reversible without a backup: column orders.note")
    assert blocks == (0, "Blocks reads and writes of orders")
    assert (
        lenses(client, (root / "db/migrations/0001_orders.up.sql").as_uri())[1][1] == "No way back is written"
    )


def test_dropped_index_locks_the_table_it_is_known_to_be_of(served: tuple[Client, Path]) -> None:
    client, root = served
    uri = client.open(
        (root / "db/migrations/0003_index.up.sql").as_uri(),
        "CREATE INDEX orders_ix ON orders (id);\nDROP INDEX orders_ix;\nDROP INDEX untold;\n",
    )
    assert lenses(client, uri)[-1] == (0, "Blocks reads and writes of orders")
    assert "`ACCESS EXCLUSIVE` on `orders`" in hover(client, uri, 1, 2)["contents"]["value"]
    assert "`ACCESS EXCLUSIVE` · " in hover(client, uri, 2, 2)["contents"]["value"]
    client.close(uri)


def test_lenses_on_workloads_and_deploying_jobs(served: tuple[Client, Path]) -> None:
    client, root = served
    assert lenses(client, (root / "k8s/orders.yaml").as_uri()) == [(0, "Plan this deployment")]
    assert lenses(client, (root / "k8s/service.yaml").as_uri()) == []
    uri = client.open(
        (root / ".github/workflows/ship.yml").as_uri(),
        "on: push\njobs:\n  test:\n    runs-on: x\n    steps: [{run: npm test}]\n"
        "  ship:\n    runs-on: x\n    steps: [{run: kubectl apply -f k8s/}]\n",
    )
    assert lenses(client, uri) == [(5, "Plan this deployment")]
    client.close(uri)
