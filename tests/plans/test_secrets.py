"""Secrets planted in every kind of file of a repository: nobody reads them in a plan, a finding or a log."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rollsafe.artefacts.registry import is_candidate
from rollsafe.engine.planning import kind_named
from tests.lsp.stdio import running
from tests.plans.kinds import KINDS, Made, found, made
from tests.plans.repositories import (
    ADDITIVE,
    BASE_KUSTOMIZATION,
    CHART,
    CI,
    COMPOSE,
    CONFIG,
    DEPLOY,
    NEW_TAG,
    REPORTS,
    RULES,
    SHOP,
    Change,
    repository,
)


class Canaries:
    """Makes secrets that look like what people leave in files, and remembers them."""

    def __init__(self) -> None:
        self.all: list[str] = []

    def __call__(self, form: str = "Kx{n}vPq7Zt3mWd9") -> str:
        secret = form.replace("{n}", f"{len(self.all):02}")
        self.all.append(secret)
        return secret


def planted() -> tuple[Change, tuple[str, ...]]:
    """Return a repository with a secret in every place people put them, and the secrets."""
    secret = Canaries()
    live = "sk_live_9f8Qm2xTt71LpV{n}"
    address = f"postgres://shop:{secret()}@db.internal/shop"
    orders = SHOP["k8s/base/orders.yaml"].replace(
        "          env:\n",
        f"          args: [--token={secret()}, --db, 'postgres://a:{secret()}@db/x']\n"
        "          env:\n"
        f"            - {{name: STRIPE_KEY, value: {secret(live)}}}\n"
        f"            - {{name: ADMIN_PASSWORD, value: {secret()}}}\n"
        f"            - {{name: UPSTREAM, value: 'http://user:{secret()}@front/api'}}\n",
    )
    kustomization = BASE_KUSTOMIZATION.replace("[orders", "[secret.yaml, orders") + (
        f"secretGenerator:\n- name: generated\n  literals: [password={secret()}]\n"
    )
    workflow = DEPLOY.replace(
        "      - run: kubectl apply -k",
        f"      - run: curl -H 'Authorization: Bearer {secret()}' https://hooks.example/deploy\n"
        f"      - run: helm upgrade web charts/web --install --set web.password={secret()}\n"
        f"      - run: docker login -u shop -p {secret()} registry.example\n"
        f"      - run: echo {secret()} | docker login --password-stdin\n"
        f"      - run: kubectl --token={secret()} apply -k",
    ).replace(
        "          DATABASE_URL: ${{", f"          API_TOKEN: {secret()}\n          DATABASE_URL: ${{{{"
    )
    base = {
        **SHOP,
        **CHART,
        ".env": f"API_TOKEN={secret()}\nDATABASE_URL={address}\n",
        ".env.example": f"API_TOKEN={secret()}\n",
        "k8s/base/orders.yaml": orders,
        "k8s/base/reports.yaml": REPORTS.replace("image: registry", f"command: [run, --key, {secret()}]\n              image: registry"),
        "k8s/base/config.yaml": CONFIG.format(level="info") + f"  SMTP_PASSWORD: {secret()}\n",
        "k8s/base/secret.yaml": (
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: database\n  annotations:\n"
            f"    note: {secret()}\nstringData:\n  url: {address}\n"
        ),
        "k8s/base/kustomization.yaml": kustomization,
        "k8s/alerts.yaml": RULES,
        "compose.yaml": COMPOSE.format(database="15.4").replace("${POSTGRES_PASSWORD}\n    volumes", f"{secret()}\n    volumes"),
        ".github/workflows/deploy.yml": workflow,
        ".github/workflows/ci.yml": CI.replace(
            "python -m pytest services/orders", f"python -m pytest services/orders --password {secret()}"
        ),
        ".github/workflows/push.yml": (
            "on: {push: {branches: [main]}}\njobs:\n  production:\n    runs-on: ubuntu-24.04\n    steps:\n"
            f"      - run: kubectl --token={secret()} apply -f k8s\n"
            f"      - run: kubectl --token={secret()} delete namespace old\n"
            f"      - run: eslint --token {secret()} .\n"
        ),
        "charts/web/values.yaml": CHART["charts/web/values.yaml"] + f"auth:\n  password: {secret()}\n",
        "services/orders/Dockerfile": (
            f"FROM python:3.12.7-slim\nARG NPM_TOKEN={secret()}\nENV SECRET_KEY={secret()}\n"
            f"RUN pip install --index-url https://x:{secret()}@pypi.example/simple a\nCOPY . /app\n"
        ),
        "README.md": f'# shop\n\nBackups: `PGPASSWORD={secret()} pg_dump -f shop.dump "postgres://u:{secret()}@db/shop"`.\n',
        "docs/plans/0001-orders.md": f"# Plan: orders\n\nStatus: draft\n\nThe token is {secret()}, `orders` uses it.\n",
        "Makefile": f"deploy:\n\tDB_PASSWORD={secret()} ./deploy.sh --token {secret()}\n",
        "deploy.sh": f"#!/bin/sh\nexport AWS_SECRET_ACCESS_KEY={secret()}\nkubectl --token={secret()} apply -f k8s\n",
        "package.json": json.dumps({"scripts": {"deploy": f"vercel deploy --token {secret()}"}}),
        "fly.toml": f'app = "shop"\n[env]\nSECRET_KEY = "{secret()}"\n',
        "machines/orders.asl.json": json.dumps({
            "StartAt": "A",
            "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": True,
                             "Parameters": {"Headers": {"Authorization": f"Bearer {secret()}"}}}},
        }),
        ".claude/agents/deployer.md": f"---\nname: deployer\ndescription: deploys\n---\n\nThe password is {secret()}.\n",
    }  # fmt: skip
    after: dict[str, str | None] = {
        **NEW_TAG,
        **ADDITIVE,
        "db/migrations/0003_users.up.sql": (
            f"CREATE ROLE app LOGIN PASSWORD '{secret()}';\nALTER ROLE app PASSWORD '{secret()}';\n"
            f"INSERT INTO settings (name, value) VALUES ('api_key', '{secret()}');\n"
            f"ALTER TABLE orders ADD COLUMN token text DEFAULT '{secret()}';\n"
            f"UPDATE orders SET note = '{secret()}' WHERE note IS NULL;\n"
            f"CREATE SUBSCRIPTION s CONNECTION 'host=db password={secret()}' PUBLICATION p;\n"
            "ALTER TABLE orders DROP COLUMN legacy;\n"
        ),
        ".env": f"API_TOKEN={secret()}\nDATABASE_URL={address}\n",
        "charts/web/values.yaml": CHART["charts/web/values.yaml"].replace("1.8.0", "1.9.0")
        + f"auth:\n  password: {secret()}\n",
        "k8s/base/config.yaml": CONFIG.format(level="debug") + f"  SMTP_PASSWORD: {secret()}\n",
        "compose.yaml": COMPOSE.format(database="16.4").replace("${POSTGRES_PASSWORD}\n    volumes", f"{secret()}\n    volumes"),
        "services/orders/app.py": f"PASSWORD = '{secret()}'\n",
    }  # fmt: skip
    return Change(base, after), tuple(secret.all)


CHANGE, SECRETS = planted()


def told(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository(tmp_path_factory.mktemp("planted") / "repository", CHANGE)


@pytest.fixture(params=KINDS)
def plan(request: pytest.FixtureRequest, root: Path) -> Made:
    found = made(root, request.param, CHANGE)
    assert found is not None
    return found


def test_every_kind_of_file_holds_a_secret() -> None:
    texts = {**CHANGE.base, **CHANGE.after}
    read = {path for path in texts if is_candidate(path)}
    silent = {path for path in read if not told(texts[path] or "")}
    kinds = {Path(path).suffix or Path(path).name for path in read - silent}
    assert {Path(path).suffix or Path(path).name for path in silent} <= kinds | {"CODEOWNERS", "Chart.yaml"}
    assert len(SECRETS) > 40


def test_no_plan_tells_a_secret(plan: Made) -> None:
    for form in plan.forms:
        assert told(plan.again(form)) == [], form


def test_no_finding_tells_a_secret(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rollsafe.cli import main

    monkeypatch.chdir(root)
    main(["check", "--format", "json", "--exit-zero", "--base", "HEAD"])
    written = capsys.readouterr()
    findings = json.loads(written.out)["findings"]
    assert findings
    for finding in findings:
        # A fix that takes a secret out of a file has to name what it replaces.
        del finding["fixes"]
    assert told(json.dumps(findings)) == []
    assert told(written.err) == []


def messages(root: Path, directory: Path) -> Iterator[str]:
    """Yield what a server says and logs while every file is open and every plan is made."""
    with running(directory) as client:
        client.initialize(root)
        for path in sorted(one for one in root.rglob("*") if one.is_file() and ".git/" not in f"{one}/"):
            client.open(path)
        client.settled()
        for kind in KINDS:
            asked = made(root, kind, CHANGE)
            assert asked is not None
            yield json.dumps(client.command("rollsafe.plan", {"kind": kind, "subject": asked.subject}))
        client.sync()
        shown = [m for m in client.seen if m.get("method") == "textDocument/publishDiagnostics"]
        assert any(message["params"]["diagnostics"] for message in shown)
        yield from (json.dumps(message) for message in client.seen)
        yield client.text_of_log()


def test_no_message_of_the_server_tells_a_secret(root: Path, tmp_path: Path) -> None:
    for message in messages(root, tmp_path):
        assert told(message) == [], message[:600]


def test_names_of_secrets_are_told(root: Path) -> None:
    """Redaction that leaves nothing would pass the tests above as well."""
    assert kind_named("runbook").name in KINDS
    names = {secret["name"] for one in found(root, "runbook")["services"] for secret in one["secrets"]}
    assert "database" in names
