"""Repositories that plans are made for: what they are at the base, and what the change puts over it."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests import interface_repository

Files = Mapping[str, str | None]
"""Texts by path; None removes the file."""


@dataclass(frozen=True)
class Change:
    """A repository before and after. `secrets` are values in it that nobody may read in a plan."""

    base: Files
    after: Files = field(default_factory=dict[str, str | None])
    secrets: tuple[str, ...] = ()


def write(directory: Path, files: Files) -> None:
    for path, text in files.items():
        file = directory / path
        if text is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")


def git(directory: Path, *arguments: str) -> str:
    """Run git so that the same files give the same commits on every machine."""
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "t"), ("EMAIL", "t@t"), ("DATE", "2026-01-01T00:00:00Z"))}  # fmt: skip
    home = {"HOME": str(directory), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ("git", "-c", "core.autocrlf=false", "-c", "core.filemode=false", *arguments),
        cwd=directory, env={**os.environ, **who, **home}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def repository(directory: Path, change: Change) -> Path:
    """Write and commit the base, then put the change over it without committing it."""
    directory.mkdir(parents=True, exist_ok=True)
    write(directory, change.base)
    git(directory, "init", "--quiet", "--initial-branch", "main")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", "base")
    write(directory, change.after)
    return directory


WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: 3
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
        - name: {name}
          image: registry.example/{name}:1.8.0
          ports:
            - name: http
              containerPort: 8080
          env:
{env}          readinessProbe:
            httpGet: {{path: /ready, port: http}}
          livenessProbe:
            httpGet: {{path: /live, port: http}}
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector: {{app: {name}}}
  ports:
    - port: 80
      targetPort: http
"""
CONFIGURED = """\
            - name: {variable}
              valueFrom:
                configMapKeyRef: {{name: settings, key: {variable}}}
"""
SECRET = """\
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: {name: database, key: url}
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  ORDERS_URL: http://orders
  LOG_LEVEL: {level}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: front
spec:
  tls:
    - hosts: [shop.example]
      secretName: shop-tls
  rules:
    - host: shop.example
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: front
                port: {number: 80}
"""
REPORTS = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: reports
spec:
  schedule: "*/10 * * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      activeDeadlineSeconds: 300
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: reports
              image: registry.example/orders:1.8.0
              resources:
                requests: {cpu: 100m, memory: 128Mi}
"""
BASE_KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [orders.yaml, front.yaml, reports.yaml, config.yaml, ingress.yaml]
"""
OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
resources:
  - ../../base
images:
  - name: registry.example/orders
    newTag: {tag}
patches:
  - path: replicas.yaml
"""
REPLICAS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  replicas: 6
"""
DEPLOY = """\
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: production
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: python -m pytest services/orders
  deploy:
    needs: [test]
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    environment: production
    steps:
      - name: Migrate
        run: migrate -path db/migrations -database "$DATABASE_URL" up
        env:
          DATABASE_URL: ${{ secrets.PRODUCTION_DATABASE_URL }}
      - run: kubectl apply -k k8s/overlays/production
      - run: kubectl -n shop rollout status deployment/orders --timeout=300s
"""
CI = """\
name: ci
on:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: python -m pytest services/orders
"""
RULES = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: orders
spec:
  groups:
    - name: orders
      rules:
        - alert: OrdersErrors
          expr: sum(rate(http_requests_total{app="orders",code=~"5.."}[5m])) > 1
          for: 5m
"""
ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY, total bigint NOT NULL, legacy text);\n"

SHOP: dict[str, str] = {
    "k8s/base/orders.yaml": WORKLOAD.format(
        name="orders", env=CONFIGURED.format(variable="LOG_LEVEL") + SECRET
    ),
    "k8s/base/front.yaml": WORKLOAD.format(name="front", env=CONFIGURED.format(variable="ORDERS_URL")),
    "k8s/base/reports.yaml": REPORTS,
    "k8s/base/config.yaml": CONFIG.format(level="info"),
    "k8s/base/ingress.yaml": INGRESS,
    "k8s/base/kustomization.yaml": BASE_KUSTOMIZATION,
    "k8s/overlays/production/kustomization.yaml": OVERLAY.format(tag="1.8.0"),
    "k8s/overlays/production/replicas.yaml": REPLICAS,
    "k8s/alerts.yaml": RULES,
    ".github/workflows/deploy.yml": DEPLOY,
    ".github/workflows/ci.yml": CI,
    ".github/CODEOWNERS": "* @shop/everyone\n/k8s/ @shop/platform\n/db/ @shop/data\n",
    "db/migrations/0001_orders.up.sql": ORDERS,
    "db/migrations/0001_orders.down.sql": "DROP TABLE orders;\n",
    "services/orders/Dockerfile": "FROM python:3.12.7-slim\nCOPY . /app\n",
    "services/orders/app.py": "print(1)\n",
    "README.md": '# shop\n\nBackups: `pg_dump --format=custom --file=shop.dump "$DATABASE_URL"`.\n',
}
NEW_TAG = {"k8s/overlays/production/kustomization.yaml": OVERLAY.format(tag="1.9.0")}
ADDITIVE = {
    "db/migrations/0002_shipments.up.sql": (
        "CREATE TABLE shipments (id bigint PRIMARY KEY);\nALTER TABLE orders ADD COLUMN note text;\n"
    ),
    "db/migrations/0002_shipments.down.sql": "ALTER TABLE orders DROP COLUMN note;\nDROP TABLE shipments;\n",
}
DESTRUCTIVE = {
    "db/migrations/0003_tidy.up.sql": "ALTER TABLE orders DROP COLUMN legacy;\n",
    "db/migrations/0003_tidy.down.sql": "-- irreversible: legacy is kept nowhere\n",
}
COMPOSE = """\
services:
  db:
    image: postgres:{database}
    environment:
      POSTGRES_PASSWORD: ${{POSTGRES_PASSWORD}}
    volumes: [data:/var/lib/postgresql/data]
    healthcheck:
      test: [CMD, pg_isready]
  web:
    build: web
    restart: unless-stopped
    ports: ["80:8080"]
    environment:
      DATABASE_URL: postgres://app:${{POSTGRES_PASSWORD}}@db:5432/app
    depends_on:
      db:
        condition: service_healthy
    healthcheck:
      test: [CMD, python, -m, health]
volumes:
  data: {{}}
"""
PRISMA_DEPLOY = """\
name: release
on:
  push:
    branches: [main]
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: npm test
  deploy:
    needs: test
    runs-on: ubuntu-24.04
    environment: production
    concurrency: production
    steps:
      - run: npx prisma migrate deploy
        env:
          DATABASE_URL: ${{ secrets.DATABASE_URL }}
      - run: flyctl deploy --remote-only
"""
ADD_NOTE = "ALTER TABLE orders ADD COLUMN note text;\n"
CHART_VALUES = "image:\n  repository: registry.example/web\n  tag: {tag}\nreplicaCount: 2\n"
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": CHART_VALUES.format(tag="1.8.0"),
    "charts/web/templates/deployment.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n"
        "  replicas: {{ .Values.replicaCount }}\n  selector:\n    matchLabels: {app: web}\n  template:\n"
        "    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n        - name: web\n"
        '          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n'
    ),
    ".github/workflows/deploy.yml": (
        "on:\n  workflow_dispatch:\njobs:\n  production:\n    runs-on: ubuntu-24.04\n    environment: production\n"
        "    steps:\n      - run: helm upgrade web charts/web --install --namespace web"
        " --set image.tag=${{ github.sha }} --wait\n"
    ),
}
LEAKY = {
    **SHOP,
    ".env": "API_TOKEN=tok_live_4f9b2c7e11aa\n",
    "k8s/base/secret.yaml": (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: database\nstringData:\n"
        "  url: postgres://shop:Xk93hhfPq2@db/shop\n"
    ),
    "k8s/base/kustomization.yaml": BASE_KUSTOMIZATION.replace("[orders", "[secret.yaml, orders"),
    "k8s/base/orders.yaml": SHOP["k8s/base/orders.yaml"].replace(
        "          env:\n",
        "          env:\n            - {name: STRIPE_KEY, value: sk_live_9f8Qm2xTt71LpVe0}\n",
    ),
    ".github/workflows/deploy.yml": DEPLOY.replace(
        "kubectl apply -k", "kubectl --token=Zq8vPl20xKj3mmN1 apply -k"
    ),
}


def example() -> Change:
    """Return the example of this project as its demonstration has it: yesterday's release, today's change."""
    there = Path(__file__).parents[2] / "examples/shop"
    after = {
        file.relative_to(there).as_posix(): file.read_text() for file in there.rglob("*") if file.is_file()
    }
    new = [path for path in after if "0005_" in path]
    overlay = "k8s/overlays/production/kustomization.yaml"
    base = {path: text for path, text in after.items() if path not in new}
    base[overlay] = base[overlay].replace("newTag: 1.9.0", "newTag: 1.8.0")
    return Change(base, {path: after[path] for path in (*new, overlay)})


EXAMPLE = example()

CHANGES: dict[str, Change] = {
    "release": Change(SHOP, {**NEW_TAG, **ADDITIVE, **DESTRUCTIVE, "services/orders/app.py": "print(2)\n"}),
    "configuration": Change(SHOP, {"k8s/base/config.yaml": CONFIG.format(level="debug")}),
    "redeployment": Change(SHOP),
    "documentation": Change(SHOP, {"README.md": "# shop\n"}),
    "compose": Change(
        {
            "compose.yaml": COMPOSE.format(database="15.4"),
            "web/Dockerfile": "FROM python:3.12.7-slim\nCOPY . /app\n",
            "web/app.py": "print(1)\n",
            ".env.example": "POSTGRES_PASSWORD=\n",
        },
        {"compose.yaml": COMPOSE.format(database="16.4"), "web/app.py": "print(2)\n"},
    ),
    "prisma": Change(
        {
            "prisma/migrations/20240101000000_init/migration.sql": ORDERS,
            ".github/workflows/release.yml": PRISMA_DEPLOY,
        },
        {
            "prisma/migrations/20240201000000_note/migration.sql": ADD_NOTE,
            "src/index.ts": "export {};\n",
        },
    ),
    "interfaces": Change(
        interface_repository.FILES,
        {
            "services/orders/openapi.yaml": interface_repository.FEWER_ORDERS_API,
            "services/orders/asyncapi.yaml": interface_repository.ORDERS_EVENTS.replace("integer", "string"),
            "services/mailer/Handler.java": "class Handler { void on(OrderPlaced e) {} }\n",
        },
    ),
    "chart": Change(CHART, {"charts/web/values.yaml": CHART_VALUES.format(tag="1.9.0")}),
    "leaky": Change(
        LEAKY,
        {
            **NEW_TAG,
            ".env": "API_TOKEN=tok_live_99999c7e11bb\n",
            "k8s/base/secret.yaml": (
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: database\nstringData:\n"
                "  url: postgres://shop:Nn77rotated@db/shop\n"
            ),
        },
        secrets=(
            *("tok_live_4f9b2c7e11aa", "tok_live_99999c7e11bb", "Xk93hhfPq2", "Nn77rotated"),
            *("sk_live_9f8Qm2xTt71LpVe0", "Zq8vPl20xKj3mmN1"),
        ),
    ),
}
