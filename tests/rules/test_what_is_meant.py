"""What looks like a hazard and is none: what real repositories do on purpose."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check, check_rule, open_project

DEPLOYMENT = """\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: db}}
spec:
  replicas: 1
  serviceName: db
  {strategy}
  selector: {{matchLabels: {{app: db}}}}
  template:
    metadata: {{labels: {{app: db}}}}
    spec:
      containers:
        - name: db
          image: registry.example/db:1.2.3
          ports: [{{name: http, containerPort: 8080}}]
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec:
  {more}
  selector: {{{selector}}}
  ports: [{{name: {port}, port: 80, targetPort: {target}}}]
"""


def stateful() -> str:
    return DEPLOYMENT.format(kind="StatefulSet", strategy="podManagementPolicy: Parallel")


def service(
    selector: str, *, name: str = "db", port: str = "http", target: object = 8080, more: str = ""
) -> str:
    return SERVICE.format(
        selector=selector, name=name, port=port, target=target, more=more or "type: ClusterIP"
    )


@pytest.mark.parametrize(
    ("selector", "is_found"),
    [
        ("app: db, statefulset.kubernetes.io/pod-name: db-0", False),
        ("statefulset.kubernetes.io/pod-name: db-1", False),
        ("app: db, apps.kubernetes.io/pod-index: '0'", False),
        ("app: other, statefulset.kubernetes.io/pod-name: db-0", True),
        ("statefulset.kubernetes.io/pod-name: web-0", True),
    ],
)
def test_pods_have_labels_of_their_controllers(selector: str, is_found: bool) -> None:
    files = {"k8s/db.yaml": stateful(), "k8s/service.yaml": service(selector)}
    assert bool(check_rule("service-without-pods", files)) is is_found


@pytest.mark.parametrize(("more", "severity"), [("", ["error"]), ("clusterIP: None", [])])
def test_clients_of_a_headless_service_connect_to_any_port(more: str, severity: list[str]) -> None:
    files = {"k8s/db.yaml": stateful(), "k8s/service.yaml": service("app: db", target=9090, more=more)}
    assert [one.severity for one in check_rule("unserved-target-port", files)] == severity


@pytest.mark.parametrize(("port", "is_found"), [("http", True), ("http-metrics", False), ("metrics", False)])
def test_nobody_waits_for_metrics(port: str, is_found: bool) -> None:
    manifest = DEPLOYMENT.format(kind="Deployment", strategy="strategy: {type: Recreate}")
    files = {"k8s/db.yaml": manifest, "k8s/service.yaml": service("app: db", port=port)}
    assert bool([one for one in check(files) if one.rule == "recreate-strategy"]) is is_found


@pytest.mark.parametrize(
    ("path", "is_found"),
    [
        ("deploy/db.yaml", True),
        ("test/e2e/db.yaml", False),
        ("api-tests/db.yaml", False),
        ("docs/manual/db.yaml", False),
        ("hack/kind/db.yaml", False),
        (".github/actions/load/db.yaml", False),
        ("tests/production/db.yaml", True),
        ("speed-test/db.yaml", True),
    ],
)
def test_what_ships_nowhere_is_for_those_who_ask(path: str, is_found: bool) -> None:
    text = stateful().replace("kind: StatefulSet", "kind: StatefulSet\nspek: 1")
    assert ("unknown-manifest-field" in {one.rule for one in check({path: text})}) is is_found
    pedantic = {one.rule for one in check({path: text}, Settings(level="pedantic"))}
    assert "unknown-manifest-field" in pedantic


@pytest.mark.parametrize("path", ["deploy/db.yaml", "test/e2e/db.yaml"])
def test_a_key_of_known_shape_is_one_in_tests_too(path: str) -> None:
    env = "          env: [{name: AWS_ACCESS_KEY_ID, value: " + "AKIA" + "Q3EXAMPL7WZZ5K2T}]\n"
    found = check({path: stateful() + env})
    assert [one.path for one in found if one.rule == "secret-in-plain-text"] == [path]


def test_the_image_of_documents_ships() -> None:
    text = "FROM node:latest\nCMD [node, server.js]\n"
    found = [{one.rule for one in check({path: text})} for path in ("docs/Dockerfile", "e2e/Dockerfile")]
    assert "floating-image-tag" in found[0]
    assert "floating-image-tag" not in found[1]


@pytest.mark.parametrize(
    ("entrypoint", "is_found"), [("[chown, '10001:10001', /data]", False), ("[/usr/bin/api, serve]", True)]
)
def test_a_container_that_prepares_comes_to_its_end(entrypoint: str, is_found: bool) -> None:
    text = (
        "services:\n  api:\n    image: registry.example/api:1.2.0\n    restart: always\n"
        f"  init:\n    image: registry.example/api:1.2.0\n    entrypoint: {entrypoint}\n"
    )
    assert bool(check_rule("missing-restart-policy", {"compose.yaml": text})) is is_found


def test_a_proposal_is_no_plan_of_a_rollout() -> None:
    text = "# Add a cache\n\n## Motivation\n\nIt is slow.\n\n## Proposal\n\nA cache.\n\n"
    text += "## Rollout\n\nDeploy it.\n"
    plan = text.replace("## Motivation", "## Context")
    assert not [
        one for one in check({"docs/proposals/cache.md": text}) if one.rule == "plan-without-rollback"
    ]
    assert [one for one in check({"docs/plans/cache.md": plan}) if one.rule == "plan-without-rollback"]
    pedantic = check({"docs/proposals/cache.md": text}, Settings(level="pedantic"))
    assert [one for one in pedantic if one.rule == "plan-without-rollback"]


POP = {
    "migrations/20240101000000_a.postgres.up.sql": "CREATE TABLE a (id bigint PRIMARY KEY);\n",
    "migrations/20240101000000_a.postgres.down.sql": "DROP TABLE a;\n",
    "migrations/20240101000000_a.mysql.up.sql": "CREATE TABLE `a` (`id` bigint PRIMARY KEY);\n",
    "migrations/20240101000000_a.mysql.down.sql": "DROP TABLE `a`;\n",
    "migrations/20240101000000_a.cockroach.up.sql": "CREATE TABLE a (id INT8 PRIMARY KEY);\n",
    "migrations/20240101000000_a.cockroach.down.sql": "DROP TABLE a;\n",
    "migrations/20240102000000_b.up.sql": "CREATE TABLE b (id bigint PRIMARY KEY);\n",
    "migrations/20240102000000_b.down.sql": "DROP TABLE b;\n",
    "migrations/20240103000000_c.postgres.up.sql": "CREATE INDEX i ON a (id);\n",
    "migrations/20240103000000_c.down.sql": "DROP INDEX i;\n",
}


def test_one_version_may_have_a_file_for_each_database() -> None:
    found = check(POP, Settings(level="auditor"))
    assert not [one for one in found if one.rule in ("migration-out-of-order", "irreversible-migration")]
    assert {one.path for one in found if one.rule == "index-created-non-concurrently"} == {
        "migrations/20240103000000_c.postgres.up.sql"
    }


def test_sqlite_makes_a_table_anew_over_several_migrations() -> None:
    steps = [
        "CREATE TABLE a (id integer PRIMARY KEY, b text);",
        "CREATE TABLE _a_tmp (id integer PRIMARY KEY);",
        "INSERT INTO _a_tmp SELECT id FROM a;",
        "DROP TABLE a;",
        "ALTER TABLE _a_tmp RENAME TO a;",
    ]
    files = {f"migrations/2024010100000{at}_a.sqlite3.up.sql": f"{sql}\n" for at, sql in enumerate(steps)}
    assert check_rule("name-taken-away", files) == []
    gone = {path: text for path, text in files.items() if "RENAME" not in text}
    assert len(check_rule("name-taken-away", gone)) == 1
    joined = {"migrations/20240101000005_a.sqlite3.up.sql": 'DROP TABLE "_AToB";\n'}
    assert len(check_rule("name-taken-away", joined)) == 1


ACTION = """\
on: push
permissions: {{contents: read}}
jobs:
  a:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@{version}
        with: {{{given}: x}}
"""


@pytest.mark.parametrize(
    ("version", "given", "is_told"),
    [("v4", "brand-new", True), ("v6", "brand-new", False), ("v6", "fetch-dept", True)],
)
def test_what_a_version_takes_that_goes_on_may_have_changed(version: str, given: str, is_told: bool) -> None:
    text = ACTION.format(version=version, given=given)
    project = open_project({".github/workflows/a.yml": text})
    told = {one.rule.name for one in project.engine.all_findings()}
    assert ("mismatched-action-call" in told) is is_told


LOGIN = """\
name: upload
on: push
permissions: {{contents: read, id-token: write}}
jobs:
  upload:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: {action}@v4
        with: {{{given}}}
"""


@pytest.mark.parametrize(
    ("action", "given", "level"),
    [
        ("google-github-actions/auth", "credentials_json: '${{ secrets.KEY }}'", "regular"),
        (
            "google-github-actions/auth",
            "credentials_json: '${{ secrets.KEY }}', workload_identity_provider: '${{ vars.PROVIDER }}'",
            "pedantic",
        ),
        ("aws-actions/configure-aws-credentials", "aws-access-key-id: '${{ secrets.KEY }}'", "regular"),
        (
            "aws-actions/configure-aws-credentials",
            "aws-access-key-id: '${{ steps.login.outputs.key }}'",
            None,
        ),
        (
            "aws-actions/configure-aws-credentials",
            "aws-access-key-id: '${{ env.KEY }}', aws-session-token: '${{ env.TOKEN }}'",
            None,
        ),
    ],
)
def test_a_key_of_the_run_is_not_stored(action: str, given: str, level: str | None) -> None:
    files = {".github/workflows/upload.yml": LOGIN.format(action=action, given=given)}
    levels = [
        one
        for one in ("regular", "pedantic")
        if any(it.rule == "long-lived-cloud-key" for it in check(files, Settings(level=one)))
    ]
    assert next(iter(levels), None) == level
