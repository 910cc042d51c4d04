"""The graph of the system: what it holds, where that is written, and when it is made anew."""

from collections.abc import Mapping

import pytest

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.registry import is_candidate, read
from rollsafe.workspace.snapshot import Snapshot
from rollsafe.workspace.system import Edge, NodeKind, Relation, System, system_of
from rollsafe.workspace.system.environments import environments_of
from rollsafe.workspace.view import view_of

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
        - name: main
          image: registry.example/{name}:1
          ports: [{{containerPort: 8080}}]
          env:
            - {{name: PEER_URL, value: "http://{peer}:80/x"}}
            - name: TOKEN
              valueFrom: {{secretKeyRef: {{name: keys, key: token}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec:
  selector: {{app: {name}}}
  ports: [{{port: 80, targetPort: 8080}}]
"""
COMPOSE = """\
services:
  db:
    image: postgres:16
  api:
    build: services/api
    environment:
      DATABASE_URL: postgres://app:hunter2@db:5432/app
      LOG_LEVEL: ${LOG_LEVEL:-info}
    depends_on: [db]
"""
WORKFLOW = """\
on:
  push: {branches: [main]}
  schedule: [{cron: "0 3 * * *"}]
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: pytest services/api
  deploy:
    needs: test
    runs-on: ubuntu-24.04
    environment: production
    steps:
      - run: migrate -path db/migrations -database "$URL" up
        env: {URL: "${{ secrets.DATABASE }}"}
      - run: helm upgrade --install api charts/api
"""
FILES = {
    "compose.yaml": COMPOSE,
    "services/api/Dockerfile": "FROM python:3.12\nEXPOSE 8000\n",
    "services/api/openapi.yaml": "openapi: 3.1.0\ninfo: {title: API, version: 1.2.0}\n"
    "paths: {/a: {get: {}}}\n",
    "db/migrations/0001_a.up.sql": "CREATE TABLE a (id bigint PRIMARY KEY);\n",
    "CODEOWNERS": "/services/api/ @team/api\n",
    ".github/workflows/deploy.yml": WORKFLOW,
}


def snapshot(files: Mapping[str, str]) -> Snapshot:
    found = Snapshot("/project")
    for path, text in files.items():
        found = found.with_file(path, text)
    return found


W = ".github/workflows/deploy.yml"
TEST, DEPLOY = f"job:{W}#test", f"job:{W}#deploy"
API, RECIPE, SPEC = "service:api", "services/api/Dockerfile", "services/api/openapi.yaml"
MIGRATION = "db/migrations/0001_a.up.sql"


def artefacts(project: Snapshot) -> list[Artefact]:
    found = (read(file) for path, file in project.files.items() if is_candidate(path))
    return [artefact for artefact in found if artefact is not None]


def system(project: Snapshot) -> System:
    return system_of(view_of(artefacts(project), project.paths, project.files.get))


def edge(found: System, source: str, relation: Relation, target: str) -> Edge:
    (one,) = [one for one in found.edges_from(source, relation) if one.target == target]
    return one


def written(one: Edge) -> list[str]:
    return [f"{place.path}:{place.line}" for place in one.places]


@pytest.mark.parametrize(
    ("source", "relation", "target", "places"),
    [
        (API, Relation.CONNECTS, "store:db", ["compose.yaml:7"]),
        (API, Relation.DEPENDS, "store:db", ["compose.yaml:9"]),
        (API, Relation.CONFIG, "config:LOG_LEVEL", ["compose.yaml:8"]),
        (API, Relation.PROVIDES, f"contract:{SPEC}", [f"{SPEC}:1"]),
        ("store:db", Relation.USES_IMAGE, "image:postgres", ["compose.yaml:3"]),
        (f"dockerfile:{RECIPE}", Relation.BUILDS, API, ["compose.yaml:5"]),
        (f"dockerfile:{RECIPE}", Relation.BASED_ON, "image:python", [f"{RECIPE}:1"]),
        ("owner:@team/api", Relation.OWNS, API, ["CODEOWNERS:1"]),
        (f"pipeline:{W}", Relation.SCHEDULE, "schedule:0 3 * * *", [f"{W}:3"]),
        (TEST, Relation.GATES, DEPLOY, [f"{W}:10"]),
        (DEPLOY, Relation.TARGETS, "environment:production", [f"{W}:9"]),
        (DEPLOY, Relation.MIGRATES, "migrations:db/migrations", [f"{W}:14"]),
        (DEPLOY, Relation.DEPLOYS, API, [f"{W}:16"]),
        (DEPLOY, Relation.SECRET, "secret:pipeline/DATABASE", [f"{W}:15"]),
        ("migrations:db/migrations", Relation.MIGRATES, "store:db", ["compose.yaml:2", f"{MIGRATION}:1"]),
    ],
)  # fmt: skip
def test_edges_say_where_they_are_written(
    source: str, relation: Relation, target: str, places: list[str]
) -> None:
    assert written(edge(system(snapshot(FILES)), source, relation, target)) == places


def test_every_edge_has_evidence_and_leads_somewhere() -> None:
    found = system(snapshot(FILES))
    assert found.edges
    for one in found.edges:
        assert one.places, one
        assert {one.source, one.target} <= found.by_id.keys()


def test_workloads_reach_each_other_through_their_services() -> None:
    files = {f"k8s/{n}.yaml": DEPLOYMENT.format(name=n, peer=p) for n, p in (("a", "b"), ("b", "missing"))}
    found = system(snapshot(files))
    assert written(edge(found, "service:a", Relation.CONNECTS, "service:b")) == ["k8s/a.yaml:13"]
    assert written(edge(found, "service:a", Relation.SECRET, "secret:keys/token")) == ["k8s/a.yaml:14"]
    assert [(one.source, one.host) for one in found.connections if one.is_dangling] == [
        ("service:b", "missing")
    ]


def test_no_value_is_kept() -> None:
    assert "hunter2" not in repr(system(snapshot(FILES)))


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("compose.yaml", "depends_on: [db]\n", "depends_on: [db]\n# A remark.\n"),
        ("compose.yaml", "image: postgres:16\n", "image: postgres:16  # the newest\n"),
        ("services/api/Dockerfile", "EXPOSE 8000\n", "EXPOSE 8000\nRUN true\n"),
        ("db/migrations/0001_a.up.sql", "bigint", "integer"),
        ("services/api/openapi.yaml", "get: {}", "get: {summary: A}"),
    ],
)
def test_an_edit_that_changes_no_fact_changes_nothing(path: str, old: str, new: str) -> None:
    before = snapshot(FILES)
    assert old in FILES[path]
    after = before.with_file(path, FILES[path].replace(old, new))
    assert system(after) is system(before)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("compose.yaml", "db:5432", "db:6432"),
        ("compose.yaml", "LOG_LEVEL:-info", "LOG_LEVEL:-debug"),
        ("services/api/Dockerfile", "FROM", "\nFROM"),
        ("CODEOWNERS", "@team/api", "@team/web"),
        (".github/workflows/deploy.yml", "pytest services/api", "true"),
    ],
)
def test_an_edit_that_changes_a_fact_makes_another_system(path: str, old: str, new: str) -> None:
    before = snapshot(FILES)
    after = before.with_file(path, FILES[path].replace(old, new))
    assert system(after) is not system(before)
    assert system(after.with_file(path, FILES[path])) is system(before)


OPERATIONS = "- {{op: replace, path: /spec/replicas, value: {count}}}\n"
OVERLAID = {
    "k8s/base/kustomization.yaml": "resources: [a.yaml]\n",
    "k8s/base/a.yaml": DEPLOYMENT.format(name="a", peer="a"),
    "k8s/overlays/production/kustomization.yaml": (
        "resources: [../../base]\npatches: [{path: patch.yaml, target: {kind: Deployment}}]\n"
    ),
    "k8s/overlays/production/patch.yaml": OPERATIONS.format(count=3),
}


def replicas(project: Snapshot) -> list[str]:
    view = view_of(artefacts(project), project.paths, project.files.get)
    running = (one.services["a"].replicas for one in environments_of(view, system_of(view)))
    return [fact.text for fact in running if fact is not None]


def test_environments_follow_files_that_are_no_objects() -> None:
    before = snapshot(OVERLAID)
    path = "k8s/overlays/production/patch.yaml"
    assert replicas(before) == ["3"]
    assert replicas(before.with_file(path, OPERATIONS.format(count=7))) == ["7"]
    assert replicas(before) == ["3"]


def test_names_of_files_alone_make_contracts() -> None:
    before = snapshot(FILES)
    after = before.with_file("proto/orders.proto", "")
    assert [node.name for node in system(after).of(NodeKind.CONTRACT)] == [
        "proto/orders.proto",
        "services/api/openapi.yaml",
    ]
    assert system(after) is not system(before)


@pytest.mark.parametrize(
    "text", ["", "\0", "services:\n  a:\n", "services: {a: {image: 3}}", "{{", "a: [", "x" * 9_000]
)
def test_half_written_files_give_a_system_all_the_same(text: str) -> None:
    for path in FILES:
        assert system(snapshot({**FILES, path: text})).nodes
