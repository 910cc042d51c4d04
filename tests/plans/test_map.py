"""The service map: each of its sections on small repositories, its diagrams as Mermaid reads them."""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from rollsafe.cli import main
from tests.plans.mermaid import read_all
from tests.plans.repositories import CHANGES, Change, Files, repository
from tests.plans.walking import Json

WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
        - name: main
          image: registry.example/{name}:1
          ports: [{{containerPort: 8080}}]
          env: [{env}]
---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec:
  selector: {{app: {name}}}
  ports: [{{name: http, port: 80, targetPort: 8080}}]
"""
OVERLAY = "resources: [../../base]\n"
PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  template:
    spec:
      containers:
        - name: main
          env: [{name: FEATURE, value: "on"}, {name: LEVEL, value: debug}]
"""
SPEC = 'openapi: 3.1.0\ninfo: {{title: API, version: "2"}}\npaths:\n  /a:\n    get: {{}}\n{more}'


def workload(name: str, env: str = "", replicas: int = 2) -> str:
    return WORKLOAD.format(name=name, env=env, replicas=replicas)


def calls(variable: str, address: str) -> str:
    return f'{{name: {variable}, value: "{address}"}}'


def written(root: Path, *options: str) -> str:
    with io.TextIOWrapper(io.BytesIO(), "utf-8") as stream:
        with redirect_stdout(stream):
            assert main(["map", str(root), *options]) == 0
        stream.seek(0)
        return stream.read()


@pytest.fixture
def mapped(tmp_path: Path) -> Callable[..., Json]:
    """Build a repository of files and return its map as JSON."""

    def make(files: Files, after: Files | None = None) -> Json:
        root = repository(tmp_path / "repository", Change(files, after or {}))
        found: Json = json.loads(written(root, "--format", "json"))
        return found

    return make


def by(rows: list[Json], **wanted: object) -> Json:
    (one,) = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    return one


def texts(claims: list[Json]) -> list[str]:
    return [claim["text"] for claim in claims]


def test_the_command_is_the_plan(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    root = repository(tmp_path / "repository", CHANGES["release"])
    assert main(["plan", "map", str(root)]) == 0
    assert capsysbinary.readouterr().out.decode() == written(root)


# Services and connections ------------------------------------------------------------------------


def test_an_address_names_its_variable_and_the_line_it_is_on(mapped: Callable[..., Json]) -> None:
    files = {"k8s/a.yaml": workload("a", calls("B_URL", "http://b/x")), "k8s/b.yaml": workload("b")}
    edge = by(mapped(files)["edges"], source="service:a")
    assert (edge["target"], edge["protocol"], edge["mode"], edge["state"]) == (
        "service:b",
        "HTTP",
        "sync",
        "found",
    )
    assert edge["addresses"] == [
        {
            "variable": "B_URL",
            "address": "http://b",
            "evidence": {"path": "k8s/a.yaml", "line": 13, "commit": "WORKTREE"},
        }
    ]


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("http://gone:80", "dangling"),
        ("http://gone.shop.svc.cluster.local", "dangling"),
        ("https://payments.vendor.test/v1", "external"),
        ("http://b.shop.svc", "found"),
        ("b:80", "found"),
    ],
)
def test_an_address_is_followed(address: str, state: str, mapped: Callable[..., Json]) -> None:
    files = {"k8s/a.yaml": workload("a", calls("B_URL", address)), "k8s/b.yaml": workload("b")}
    found = mapped(files)
    assert by(found["edges"], source="service:a")["state"] == state
    assert bool(found["first"]) == (state == "dangling")


@pytest.mark.parametrize(
    "value", ["http://localhost:80", "b", "info", "10.0.0.1:80", "on: b", "{{ .Values.url }}"]
)
def test_what_is_no_address_makes_no_connection(value: str, mapped: Callable[..., Json]) -> None:
    files = {"k8s/a.yaml": workload("a", calls("LEVEL", value)), "k8s/b.yaml": workload("b")}
    assert mapped(files)["edges"] == []


@pytest.mark.parametrize(
    "value",
    [
        "postgres://u:12345/x@b/d",
        "redis://:s3cret@b:6379",
        "amqp://u:p%40ss@b",
        "http://b/?token=s3cret",
        "u:12345@b",
    ],
)
def test_no_part_of_a_password_is_taken_for_an_address(value: str, mapped: Callable[..., Json]) -> None:
    files = {"k8s/a.yaml": workload("a", calls("B_URL", value)), "k8s/b.yaml": workload("b")}
    found = json.dumps(mapped(files))
    assert not [secret for secret in ("12345", "s3cret", "p%40ss") if secret in found]


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ("", "dangling"),
        ("  b:\n    image: b:1\n    hostname: gone\n", "found"),
        ("networks:\n  shared:\n    external: true\n", "external"),
        ("include: [other.yaml]\n", "external"),
    ],
)
def test_a_compose_host_may_be_an_alias_or_another_projects(
    more: str, state: str, mapped: Callable[..., Json]
) -> None:
    service = "services:\n  a:\n    image: a:1\n    environment:\n      GONE_URL: http://gone:80\n"
    assert by(mapped({"compose.yaml": service + more})["edges"], source="service:a")["state"] == state


def test_what_is_for_development_only_makes_an_incomplete_map(mapped: Callable[..., Json]) -> None:
    found = mapped({"docker-compose.dev.yml": "services:\n  a:\n    image: a:1\n"})
    assert (found["verdict"], found["title"]) == ("INCOMPLETE", "Service map: 1 service and 0 stores")
    assert found["services"][0]["is_development"]


def test_the_only_dockerfile_at_the_root_is_that_of_the_only_service(mapped: Callable[..., Json]) -> None:
    found = mapped({"k8s/a.yaml": workload("a"), "Dockerfile": "FROM python:3.12\n"})
    assert found["services"][0]["dockerfile"] == "Dockerfile"


def test_a_timeout_beside_the_address_is_found(mapped: Callable[..., Json]) -> None:
    env = f"{calls('B_URL', 'http://b')}, {calls('B_TIMEOUT_MS', '300')}"
    found = mapped({"k8s/a.yaml": workload("a", env), "k8s/b.yaml": workload("b")})
    assert found["edges"][0]["timeout"]["text"] == "`B_TIMEOUT_MS`"


def test_what_only_secrets_know_stays_unknown(mapped: Callable[..., Json]) -> None:
    env = "{name: DATABASE_URL, valueFrom: {secretKeyRef: {name: db, key: url}}}"
    found = mapped({"k8s/a.yaml": workload("a", env)})
    assert "what `a` reaches through `DATABASE_URL`: the address is in a secret" in texts(found["unknowns"])


# Environments ------------------------------------------------------------------------------------

LAYERED = {
    "k8s/base/kustomization.yaml": "resources: [api.yaml]\n",
    "k8s/base/api.yaml": workload("api", calls("LEVEL", "info")),
    "k8s/overlays/staging/kustomization.yaml": OVERLAY + "patches: [{path: patch.yaml}]\n",
    "k8s/overlays/staging/patch.yaml": PATCH,
    "k8s/overlays/production/kustomization.yaml": OVERLAY + "replicas: [{name: api, count: 5}]\n",
}


def test_a_key_of_one_environment_is_a_gap_of_the_other(mapped: Callable[..., Json]) -> None:
    key = by(mapped(LAYERED)["keys"], subject="api", key="FEATURE")
    assert [(cell["environment"], cell["state"]) for cell in key["cells"]] == [
        ("production", "unset"),
        ("staging", "set"),
    ]
    assert key["gap"]["text"] == "`api` has `FEATURE` in `staging`, not in `production`"


def test_values_that_differ_are_told_apart_and_not_told(mapped: Callable[..., Json]) -> None:
    found = mapped(LAYERED)
    assert by(found["keys"], key="LEVEL")["agreement"] == "differs"
    assert "debug" not in json.dumps(found)


def test_replicas_that_differ_are_listed_with_their_lines(mapped: Callable[..., Json]) -> None:
    values = by(mapped(LAYERED)["differences"], what="replicas")["values"]
    places = [(label, claim["text"], claim["evidence"][0]["path"]) for label, claim in values]
    assert places == [
        ("production", "5", "k8s/overlays/production/kustomization.yaml"),
        ("staging", "2", "k8s/base/api.yaml"),
    ]


def test_a_key_that_its_config_map_lacks_comes_first(mapped: Callable[..., Json]) -> None:
    env = "{name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: LEVL}}}"
    config = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {LEVEL: info}\n"
    files = {**LAYERED, "k8s/base/api.yaml": workload("api", env) + config}
    found = mapped(
        {path: text for path, text in files.items() if "patch" not in text and "patch" not in path}
    )
    assert texts(found["first"])[0] == "`api` takes `LEVEL` from a key that is not there, in `production`"


@pytest.mark.parametrize(
    ("value", "state", "is_gap"),
    [("x", "set", True), ("${X:-}", "empty", False), ("${X:-1}", "default", False)],
)
def test_what_a_service_can_do_without_is_no_gap(
    value: str, state: str, is_gap: bool, mapped: Callable[..., Json]
) -> None:
    service = "services:\n  api:\n    image: api:1\n    environment:\n      LEVEL: info\n"
    found = mapped({"compose.yaml": service, "compose.prod.yaml": f"{service}      MORE: {value}\n"})
    key = by(found["keys"], key="MORE")
    assert [cell["state"] for cell in key["cells"]] == ["unset", state]
    assert (key["gap"] is not None) == is_gap


def test_environment_files_are_compared_with_each_other(mapped: Callable[..., Json]) -> None:
    found = mapped({".env.staging.example": "A=1\nB=2\n", ".env.production.example": "A=1\n"})
    assert texts([key["gap"] for key in found["keys"] if key["gap"]]) == [
        "`environment files in .` has `B` in `.env.staging.example`, not in `.env.production.example`"
    ]


# Contracts, pipelines, weak spots, documents -----------------------------------------------------


def test_operations_that_went_since_the_base_are_named(mapped: Callable[..., Json]) -> None:
    path = "services/a/openapi.yaml"
    files = {
        "k8s/a.yaml": workload("a"),
        "services/a/Dockerfile": "FROM python:3.12\n",
        path: SPEC.format(more="  /b:\n    post: {}\n"),
    }
    found = mapped(files, {path: SPEC.format(more="")})
    contract = by(found["contracts"], path=path)
    assert (contract["provider"], contract["operations"], contract["removed"]) == ("a", 1, ["POST /b"])
    assert texts(found["first"]) == [f"`{path}` no longer has `POST /b`"]


def test_a_job_covers_what_it_names_or_everything(mapped: Callable[..., Json]) -> None:
    steps = "".join(
        f"      - run: {run}\n" for run in ("ruff check .", "pytest services/a", "pytest libs/other")
    )
    files = {
        **{f"k8s/{name}.yaml": workload(name) for name in "ab"},
        **{f"services/{name}/Dockerfile": "FROM python:3.12\n" for name in "ab"},
        ".github/workflows/ci.yml": f"on: push\njobs:\n  ci:\n    runs-on: u\n    steps:\n{steps}",
    }
    found = {one["service"]: one for one in mapped(files)["coverage"]}
    lint = {service: by(one["stages"], stage="lint") for service, one in found.items()}
    assert {service: one["is_whole"] for service, one in lint.items()} == {
        "service:a": True,
        "service:b": True,
    }
    assert by(found["service:a"]["stages"], stage="test")["jobs"][0]["evidence"]["line"] == 7
    assert "test" in found["service:b"]["missing"]


def test_one_pod_that_others_need_is_a_weak_spot(mapped: Callable[..., Json]) -> None:
    files = {"k8s/a.yaml": workload("a", calls("B_URL", "http://b")), "k8s/b.yaml": workload("b", replicas=1)}
    found = by(mapped(files)["weaknesses"], kind="single replica")
    assert found["claim"]["text"] == "`b` is one pod in `k8s`; it serves `a`"


def test_services_that_call_each_other_in_a_circle_are_named(mapped: Callable[..., Json]) -> None:
    around = (("a", "b"), ("b", "c"), ("c", "a"))
    files = {f"k8s/{one}.yaml": workload(one, calls("X_URL", f"http://{other}")) for one, other in around}
    assert by(mapped(files)["weaknesses"], kind="cycle")["claim"]["text"].startswith("`a` → `b` → `c` → `a` ")


def test_a_long_chain_of_calls_is_named_once(mapped: Callable[..., Json]) -> None:
    names = [f"s{n}" for n in range(12)]
    files = {
        f"k8s/{one}.yaml": workload(
            one, ", ".join(calls(f"X{n}_URL", f"http://{o}") for n, o in enumerate(names[at + 1 :]))
        )
        for at, one in enumerate(names)
    }
    found = by(mapped(files)["weaknesses"], kind="long chain")
    assert found["claim"]["text"].startswith(" → ".join(f"`{name}`" for name in names))


def test_documents_are_held_against_what_is_there(mapped: Callable[..., Json]) -> None:
    readme = (
        "# Shop\n\nThe `orders` service listens on http://localhost:9999, `a` on http://localhost:8080.\n"
        "See `k8s/missing.yaml`, `k8s/a.yaml`, `elsewhere/x.yaml` and, short for one below, `inner/b.yaml`.\n"
    )
    catalogue = (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: billing}\nspec: {owner: team}\n"
    )
    files = {
        "k8s/a.yaml": workload("a"),
        "k8s/quiet.yaml": workload("quiet"),
        "docs/inner/b.yaml": "a: 1\n",
        "README.md": readme,
        "catalog-info.yaml": catalogue,
    }
    assert sorted(texts(mapped(files)["drift"])) == [
        "`k8s/missing.yaml` does not exist",
        "no document speaks of `quiet`",
        "no service is called `orders`",
        "not in the catalogue: `a`, `quiet`",
        "nothing here listens on port 9999",
        "the catalogue has `billing`, nothing that runs is called so",
    ]


def test_an_empty_repository_is_told_to_be_one(mapped: Callable[..., Json]) -> None:
    found = mapped({"README.md": "# Nothing\n"})
    assert (found["verdict"], found["services"]) == ("INCOMPLETE", [])


# Diagrams ----------------------------------------------------------------------------------------

HOSTILE = ('a"b', "end", "a]b", "x-->y", "#quot;", "<b>", "a`b", "graph", "é", "a;b", "%%", "a|b")


def test_mermaid_draws_what_the_map_holds(tmp_path: Path) -> None:
    roots = [repository(tmp_path / name, change) for name, change in CHANGES.items()]
    for root, diagram in zip(
        roots, read_all([written(root, "--format", "mermaid") for root in roots]), strict=True
    ):
        found = json.loads(written(root, "--format", "json"))
        all_ids = {one["id"] for one in found["services"]}
        live = {one["id"] for one in found["services"] if not one["is_development"]} or all_ids
        drawn = [edge for edge in found["edges"] if edge["source"] in live]
        labels = {one["name"] for one in found["services"] if one["id"] in live}
        assert labels <= {text.partition(":")[0] for text in diagram.nodes.values()}
        ways = [one for one in found["entrances"] if one["target"] in live]
        assert len(diagram.edges) == len(drawn) + len(ways)


def test_a_system_of_hundreds_is_drawn_by_its_best_connected_services(tmp_path: Path) -> None:
    needs = [f"  s{n}:\n    image: x:1\n    depends_on: [s{m}]\n" for n in range(1, 200) for m in (n // 10,)]
    files = {"compose.yaml": "services:\n  s0:\n    image: x:1\n" + "".join(needs)}
    text = written(repository(tmp_path / "repository", Change(files)), "--format", "mermaid")
    (diagram,) = read_all([text])
    assert len(text) < 50_000
    assert len(diagram.nodes) == 151
    assert "50 services with fewer connections are not drawn" in diagram.nodes.values()
    assert {"s0", "s1", "s19"} <= set(diagram.nodes.values())


def test_hostile_names_stay_inside_of_their_labels(tmp_path: Path) -> None:
    services = "".join(f"  {json.dumps(name)}:\n    image: x:1\n" for name in HOSTILE)
    root = repository(tmp_path / "repository", Change({"compose.yaml": f"services:\n{services}"}))
    (diagram,) = read_all([written(root, "--format", "mermaid")])
    assert sorted(diagram.nodes.values()) == sorted(HOSTILE)


def test_the_graph_for_graphviz_is_balanced_and_quoted(tmp_path: Path) -> None:
    services = "".join(f"  {json.dumps(name)}:\n    image: x:1\n" for name in HOSTILE)
    root = repository(tmp_path / "repository", Change({"compose.yaml": f"services:\n{services}"}))
    text = written(root, "--format", "dot")
    for line in text.splitlines():
        assert line.replace('\\"', "").count('"') % 2 == 0, line
    assert text.count("{") == text.count("}")
    assert '[label="a\\"b"]' in text
