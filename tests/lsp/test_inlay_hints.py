"""Hints at the end of statements, rollouts and schedules."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import Start, write
from tests.lsp.stdio import VSCODE, Client, running

MIGRATION = """\
CREATE TABLE notes (id bigint PRIMARY KEY);
CREATE INDEX ON notes (id);
ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);
CREATE INDEX CONCURRENTLY ON orders (total);
ALTER TABLE orders DROP COLUMN note;
COMMENT ON TABLE orders IS 'x';
"""
DOWN = "DROP TABLE notes;\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  progressDeadlineSeconds: 240
  template: {spec: {containers: [{name: a, image: a:1}]}}
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "30 6 * * 1"
  timeZone: Europe/Berlin
  jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: a:1}]}}}}
"""
WORKFLOW = """\
on:
  schedule:
    - cron: "{cron}"
jobs: {{a: {{uses: org/repo/.github/workflows/nightly.yml@v1}}}}
"""
AZURE = """\
schedules:
  - cron: "30 6 * * 1"
    branches: {include: [main]}
jobs: [{job: a, steps: [{script: make}]}]
"""
CIRCLECI = """\
version: 2.1
jobs: {a: {docker: [{image: a}], steps: [checkout]}}
workflows:
  nightly:
    triggers: [{schedule: {cron: "0 3 * * *", filters: {branches: {only: [main]}}}}]
    jobs: [a]
"""
ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: {name: a}
spec:
  schedules: ["0 9 * * 1"]
  timezone: Europe/Berlin
  workflowSpec: {entrypoint: a, templates: [{name: a, container: {image: a}}]}
"""
ALEMBIC = """\
import sqlalchemy as sa
from alembic import op

revision = "b"
down_revision = "a"


def upgrade():
    op.drop_column("orders", "note")
    op.create_table("fresh", sa.Column("id", sa.BigInteger(), primary_key=True))
"""


@pytest.fixture(scope="module")
def served(module_directory: Path) -> Generator[tuple[Client, Path]]:
    files = {
        "db/migrations/0002_more.up.sql": MIGRATION,
        "db/migrations/0002_more.down.sql": DOWN,
        "alembic/versions/b_more.py": ALEMBIC,
        "k8s/orders.yaml": DEPLOYMENT,
        ".github/workflows/nightly.yml": WORKFLOW.format(cron="0 3 * * 1-5"),
        "azure-pipelines.yml": AZURE,
        ".circleci/config.yml": CIRCLECI,
        "argo/cron.yaml": ARGO,
        "rollsafe.toml": "root = true\n",
    }
    root = write(module_directory / "hints", files)
    with running(module_directory) as client:
        client.initialize(root)
        client.settled()
        yield client, root


def hints(client: Client, uri: str, first: int = 0, last: int = 999) -> list[dict[str, Any]]:
    part = {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}
    asked = {"textDocument": {"uri": uri}, "range": part}
    found: list[dict[str, Any]] = client.result("textDocument/inlayHint", asked)
    return found


def shown(found: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(hint["position"]["line"], hint["label"]) for hint in found]


def test_statements_that_cost_others_something(served: tuple[Client, Path]) -> None:
    client, root = served
    found = hints(client, (root / "db/migrations/0002_more.up.sql").as_uri())
    assert shown(found) == [
        (2, "⛁ ACCESS EXCLUSIVE · rewrite · not reversible"),
        (3, "⛁ SHARE UPDATE EXCLUSIVE · full scan"),
        (4, "⛁ ACCESS EXCLUSIVE · not reversible"),
    ]
    assert found[0]["position"]["character"] == len(MIGRATION.splitlines()[2])
    tooltip = found[0]["tooltip"]["value"]
    assert "`ACCESS EXCLUSIVE` on `orders`" in tooltip
    assert "PostgreSQL 15 (so in 10+)" in tooltip


def test_only_the_part_that_is_asked_for(served: tuple[Client, Path]) -> None:
    client, root = served
    uri = (root / "db/migrations/0002_more.up.sql").as_uri()
    assert [line for line, _ in shown(hints(client, uri, 3, 4))] == [3]


def test_the_way_back_has_none(served: tuple[Client, Path]) -> None:
    client, root = served
    assert hints(client, (root / "db/migrations/0002_more.down.sql").as_uri()) == []


def test_a_migration_in_a_program(served: tuple[Client, Path]) -> None:
    client, root = served
    found = hints(client, (root / "alembic/versions/b_more.py").as_uri())
    assert shown(found) == [(8, "⛁ ACCESS EXCLUSIVE · not reversible")]


def test_rollouts_and_schedules(served: tuple[Client, Path]) -> None:
    client, root = served
    assert shown(hints(client, (root / "k8s/orders.yaml").as_uri())) == [
        (3, "⟳ bad release noticed after 4 min"),
        (13, "⏲ at 06:30 Europe/Berlin on Mondays"),
    ]
    assert shown(hints(client, (root / ".github/workflows/nightly.yml").as_uri())) == [
        (2, "⏲ at 03:00 UTC on weekdays")
    ]


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("azure-pipelines.yml", 1, "⏲ at 06:30 UTC on Mondays"),
        (".circleci/config.yml", 4, "⏲ at 03:00 UTC"),
        ("argo/cron.yaml", 4, "⏲ at 09:00 Europe/Berlin on Mondays"),
    ],
)
def test_schedules_of_other_pipelines(served: tuple[Client, Path], name: str, line: int, said: str) -> None:
    client, root = served
    assert shown(hints(client, (root / name).as_uri())) == [(line, said)]


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("*/15 * * * *", "every 15 min"),
        ("5 * * * *", "every hour at :05"),
        ("0,30 9,17 * * *", None),
        ("0 9,17 * * *", "at 09:00, 17:00 UTC"),
        ("0 9 * * SUN,6", "at 09:00 UTC at weekends"),
        ("0 9 * * 1,3", "at 09:00 UTC on Mondays and Wednesdays"),
        ("0 9 1 * *", None),
        ("61 9 * * *", None),
        ("0 9 * * 9", None),
        ("", None),
    ],
)
def test_schedules_in_words(served: tuple[Client, Path], cron: str, said: str | None) -> None:
    client, root = served
    uri = client.open(root / ".github/workflows/other.yml", WORKFLOW.format(cron=cron))
    assert [label for _, label in shown(hints(client, uri))] == ([f"⏲ {said}"] if said else [])
    client.close(uri)


def test_a_schedule_of_a_workflow_keeps_its_time_zone(served: tuple[Client, Path]) -> None:
    client, root = served
    text = WORKFLOW.format(cron="0 9 * * 1").replace("jobs:", "      timezone: Europe/Berlin\njobs:")
    uri = client.open(root / ".github/workflows/other.yml", text)
    assert [label for _, label in shown(hints(client, uri))] == ["⏲ at 09:00 Europe/Berlin on Mondays"]
    client.close(uri)


def test_switched_off(tmp_path: Path, start_spoken: Start) -> None:
    root = write(
        tmp_path / "w", {"db/migrations/0002_more.up.sql": MIGRATION, "rollsafe.toml": "root = true\n"}
    )
    client = start_spoken(root, VSCODE, {"settings": {"inlayHints": False}})
    uri = client.open(root / "db/migrations/0002_more.up.sql")
    assert hints(client, uri) == []


@pytest.mark.parametrize("name", ["untitled:x", "README.md"])
def test_nothing_to_say(served: tuple[Client, Path], name: str) -> None:
    client, root = served
    uri = name if ":" in name else (root / name).as_uri()
    assert hints(client, uri) == []
