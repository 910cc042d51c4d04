"""What a service map takes for granted, and what it leaves open."""

import json
from pathlib import Path

import pytest

from tests.plans.repositories import EXAMPLE, Change, Files, repository
from tests.plans.test_map import LAYERED, PATCH, SPEC, by, calls, texts, workload, written
from tests.plans.walking import Json


def mapped(directory: Path, files: Files) -> Json:
    """Build a repository of files and return its map as JSON."""
    root = repository(directory / str(len(list(directory.iterdir()))), Change(files))
    found: Json = json.loads(written(root, "--format", "json"))
    return found


def test_a_job_that_deploys_nobody_knows_what_leaves_the_stage_unknown(tmp_path: Path) -> None:
    files = {
        **{f"k8s/{name}.yaml": workload(name) for name in "ab"},
        **{f"services/{name}/Dockerfile": "FROM python:3.12\n" for name in "ab"},
        ".github/workflows/deploy.yml": (
            "on: push\njobs:\n  ship:\n    runs-on: u\n    environment: production\n    steps:\n"
            "      - run: kubectl apply -f $RENDERED\n"
        ),
    }
    found = mapped(tmp_path, files)
    stages = {one["stage"]: one for one in by(found["coverage"], service="service:a")["stages"]}
    assert (stages["deploy"]["is_unknown"], stages["scan"]["is_unknown"]) == (True, False)
    assert "deploy" not in by(found["coverage"], service="service:a")["missing"]
    assert "which services job `ship` deploys" in texts(found["unknowns"])


@pytest.mark.parametrize(
    ("step", "stage"),
    [
        ("uses: other/repo/.github/workflows/helm_lint.yml@v1", "lint"),
        ("uses: other/repo/.github/workflows/gradle_verify.yml@v1", "test"),
        ("uses: other/repo/.github/workflows/docker_build.yml@v1\n    with: {context: services/a}", "build"),
    ],
)
def test_a_called_workflow_does_what_its_name_says(step: str, stage: str, tmp_path: Path) -> None:
    files = {
        "k8s/a.yaml": workload("a"),
        "services/a/Dockerfile": "FROM python:3.12\n",
        ".github/workflows/ci.yml": f"on: push\njobs:\n  one:\n    {step}\n",
    }
    stages = mapped(tmp_path, files)["coverage"][0]["stages"]
    assert [one["stage"] for one in stages if one["jobs"]] == [stage]


def test_the_root_is_code_and_provides_what_lies_in_it(tmp_path: Path) -> None:
    compose = "services:\n  api:\n    build: .\n    image: api:1\n  worker:\n    image: api:1\n"
    files = {
        "compose.yaml": compose,
        "Dockerfile": "FROM python:3.12\n",
        "openapi.yaml": SPEC.format(more=""),
    }
    found = mapped(tmp_path, {**files, "services/x/readme.txt": ""})
    assert {one["name"]: one["code"] for one in found["services"]} == {"api": ".", "worker": "."}
    alone = "services:\n  api:\n    build: .\n"
    (contract,) = mapped(tmp_path, {**files, "compose.yaml": alone})["contracts"]
    assert contract["provider"] == "api"


def test_a_database_with_a_dockerfile_is_a_store(tmp_path: Path) -> None:
    compose = "services:\n  db:\n    build: {context: ., dockerfile: Dockerfile.db}\n  web:\n    build: web\n"
    files = {
        "compose.yaml": compose,
        "Dockerfile.db": "FROM postgres:17\nCOPY init.sql /docker-entrypoint-initdb.d/\n",
        "web/Dockerfile": "FROM node:22 AS build\nFROM nginx:1\nCOPY --from=build /x /y\n",
    }
    found = mapped(tmp_path, files)
    assert {one["name"]: (one["kind"], one["product"]) for one in found["services"]} == {
        "db": ("store", "PostgreSQL"),
        "web": ("service", None),
    }


def test_compose_for_development_is_not_compared(tmp_path: Path) -> None:
    service = "services:\n  api:\n    image: api:1\n    environment:\n      LEVEL: info\n"
    files = {
        "compose.yaml": service,
        "compose.prod.yaml": service,
        "compose.dev.yaml": service.replace("api:1", "api:2") + "      DEBUG: x\n",
    }
    found = mapped(tmp_path, files)
    assert [key["key"] for key in found["keys"]] == ["LEVEL"]
    assert found["differences"] == []


def test_compose_beside_a_cluster_need_not_have_its_keys(tmp_path: Path) -> None:
    compose = "services:\n  api:\n    image: api:1\n    environment:\n      ONLY_HERE: x\n"
    found = mapped(tmp_path, {**LAYERED, "compose.yaml": compose})
    gaps = {key["key"] for key in found["keys"] if key["gap"]}
    assert gaps == {"ONLY_HERE", "FEATURE"}


def test_addresses_of_other_environments_are_folded(tmp_path: Path) -> None:
    patch = PATCH.replace('value: "on"', "value: https://users-staging.example.org").replace(
        "FEATURE", "USERS_URL"
    )
    files = {
        **LAYERED,
        "k8s/base/api.yaml": workload("api", calls("USERS_URL", "https://users.example.org")),
        "k8s/overlays/staging/patch.yaml": patch,
    }
    found = mapped(tmp_path, files)
    edges = {edge["target"]: (edge["environments"], edge["is_elsewhere"]) for edge in found["edges"]}
    assert edges["external:users.example.org"] == (["production"], False)
    assert edges["external:users-staging.example.org"] == (["staging"], True)
    for form in ("markdown", "mermaid"):
        assert "users-staging" not in written(tmp_path / "0", "--format", form)


@pytest.mark.parametrize(
    ("home", "store"),
    [
        ("db/migrations", "db"),
        ("clickhouse/migrations", "events"),
        ("packages/db/migrations", "db"),
    ],
)
def test_migrations_are_for_the_database_their_path_names(home: str, store: str, tmp_path: Path) -> None:
    compose = (
        "services:\n  db:\n    image: postgres:17\n  events:\n    image: clickhouse/clickhouse-server:25.1\n"
    )
    found = mapped(
        tmp_path, {"compose.yaml": compose, f"{home}/0001_a.up.sql": "CREATE TABLE a (id bigint);\n"}
    )
    (row,) = found["migrations"]
    assert (row["directory"], row["store"], row["jobs"]) == (home, store, [])


KINDS_OF_PARTS = {
    "service", "store", "image", "dockerfile", "object", "port", "config", "secret", "migrations",
    "pipeline", "job", "schedule", "environment", "owner", "entrance",
}  # fmt: skip


def test_the_graph_holds_every_kind_of_part_with_its_layer_and_its_line(tmp_path: Path) -> None:
    root = repository(tmp_path / "repository", EXAMPLE)
    (root / "CODEOWNERS").write_text("* @shop/team\n")
    graph = json.loads(written(root, "--format", "json"))["graph"]
    assert {node["kind"] for node in graph["nodes"]} >= KINDS_OF_PARTS
    known = {node["id"] for node in graph["nodes"]}
    assert all(node["layer"] and node["evidence"] for node in graph["nodes"])
    for link in graph["links"]:
        assert {link["source"], link["target"]} <= known
        assert link["evidence"], link
    for place in (place for part in (*graph["nodes"], *graph["links"]) for place in part["evidence"]):
        lines = (root / place["path"]).read_text().splitlines()
        assert 1 <= place["line"] <= max(1, len(lines))
