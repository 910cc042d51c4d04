"""A large repository of services as companies have them, under git, with a few changes on top.

Of twenty files nine are for Kubernetes, seven are migrations, one is a workflow, the others a Dockerfile,
variables and a document. Ten services share a Compose file, a database and a release. Nothing is random.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

_SHARE = 20
"""Files a service brings, without what several share."""

DOCKERFILE = """\
FROM python:3.12.7-slim AS build
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .

FROM python:3.12.7-slim
WORKDIR /app
COPY --from=build /app /app
USER 1000
EXPOSE 8080
HEALTHCHECK CMD ["python", "-m", "{name}.health"]
CMD ["python", "-m", "{name}"]
"""
ENV_FILE = """\
LOG_LEVEL=info
DATABASE_URL=postgres://app@{group}-db:5432/{name}
PEER_URL=http://{peer}:80
FEATURE_{number}=off
"""
README = """\
# {name}

Answers requests about {name}. Runs on port 8080; see `services/{name}/Dockerfile` and `k8s/base/{name}/`.

## Running it

    docker compose -f compose/{group}.yaml up {name}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels:
    app: {name}
    team: {group}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      securityContext:
        runAsNonRoot: true
      containers:
        - name: main
          image: registry.example/{name}:1.{number}.0
          ports:
            - name: http
              containerPort: 8080
          envFrom:
            - configMapRef:
                name: {name}-settings
          env:
            - name: PEER_URL
              value: http://{peer}:80/api
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef:
                  name: {name}-database
                  key: url
          readinessProbe:
            httpGet: {{path: /ready, port: http}}
          livenessProbe:
            httpGet: {{path: /alive, port: http}}
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 256Mi}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector:
    app: {name}
  ports:
    - port: 80
      targetPort: http
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}-settings
data:
  LOG_LEVEL: info
  QUEUE: {group}-events
  SEARCH_URL: http://{far}:80/search
  LIMIT_{number}: "100"
"""
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {name}
  minReplicas: 2
  maxReplicas: 8
"""
BASE = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - deployment.yaml
  - service.yaml
  - config.yaml
  - scaler.yaml
"""
OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: {environment}
resources:
  - ../../../base/{name}
patches:
  - path: replicas.yaml
"""
PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
"""
CREATE = """\
CREATE TABLE {table} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    state text NOT NULL DEFAULT 'new',
    created_at timestamptz NOT NULL DEFAULT now()
);
"""
ALTERATIONS = (
    "ALTER TABLE {table} ADD COLUMN note_{step} text;\n",
    "CREATE INDEX CONCURRENTLY {table}_{step}_idx ON {table} (note_{before});\n",
    "ALTER TABLE {table} ADD CONSTRAINT {table}_{step}_set CHECK (note_{first} IS NOT NULL) NOT VALID;\n",
    "ALTER TABLE {table} VALIDATE CONSTRAINT {table}_{before}_set;\n",
)
WORKFLOW = """\
name: {name}
on:
  push:
    branches: [main]
    paths: ["services/{name}/**", "k8s/**/{name}/**"]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Test
        working-directory: services/{name}
        run: |
          pip install -r requirements.txt
          python -m pytest --maxfail=1
  image:
    needs: test
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v4
      - run: docker build -t registry.example/{name}:${{{{ github.sha }}}} services/{name}
      - run: docker push registry.example/{name}:${{{{ github.sha }}}}
"""
RELEASE = """\
name: {group}
on:
  workflow_dispatch: {{}}
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v4
      - run: make test
  deploy:
    needs: check
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    environment: production
    concurrency: {group}-production
    steps:
      - uses: actions/checkout@v4
"""
RELEASE_STEP = """\
      - run: migrate -path db/{name}/migrations -database "$DATABASE_URL" up
        env:
          DATABASE_URL: ${{{{ secrets.{secret}_DATABASE_URL }}}}
      - run: kubectl apply -k k8s/overlays/production/{name}
      - run: kubectl rollout status deployment/{name} --timeout=5m
"""
DATABASE = """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {group}-db
spec:
  serviceName: {group}-db
  replicas: 1
  selector:
    matchLabels:
      app: {group}-db
  template:
    metadata:
      labels:
        app: {group}-db
    spec:
      containers:
        - name: postgres
          image: postgres:16.4
          ports:
            - containerPort: 5432
          resources:
            requests: {{cpu: 500m, memory: 1Gi}}
            limits: {{memory: 1Gi}}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        resources:
          requests:
            storage: 20Gi
---
apiVersion: v1
kind: Service
metadata:
  name: {group}-db
spec:
  clusterIP: None
  selector:
    app: {group}-db
  ports:
    - port: 5432
"""
COMPOSE_HEAD = """\
services:
  {group}-db:
    image: postgres:16.4
    volumes: ["{group}-data:/var/lib/postgresql/data"]
"""
COMPOSE_SERVICE = """\
  {name}:
    build: ../services/{name}
    env_file: ../services/{name}/.env.example
    ports: ["{port}:8080"]
    environment:
      PEER_URL: http://{peer}:8080
    depends_on: [{group}-db]
"""
_GROUP = 10
"""Services of a team, which share a Compose file."""


def write_repository(root: Path, files: int) -> None:
    """Write a repository of about `files` files to `root`, commit it, and change a few files."""
    count = max(_GROUP, files // _SHARE)
    for path, text in repository(count):
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)
    _git(root, "init", "--quiet", "--initial-branch=main")
    _git(root, "add", "--all")
    _git(
        root, "-c", "user.name=bench", "-c", "user.email=bench@example.org", "commit", "--quiet", "-m", "all"
    )
    _change(root, count)


def repository(count: int) -> Iterator[tuple[str, str]]:
    """Yield the files of `count` services with their texts."""
    yield "CODEOWNERS", "".join(f"/services/{name_of(n)}/ @example/{_group(n)}\n" for n in range(count))
    for number in range(count):
        yield from _service(number, count)
    for first in range(0, count, _GROUP):
        yield from _team(first, count)


def _team(first: int, count: int) -> Iterator[tuple[str, str]]:
    """Yield what ten services share: a Compose file, a database, the workflow that releases them."""
    group = _group(first)
    members = [_words(number, count) for number in range(first, min(first + _GROUP, count))]
    services = "".join(COMPOSE_SERVICE.format(**words) for words in members)
    volumes = f"volumes:\n  {group}-data: {{}}\n"
    yield f"compose/{group}.yaml", COMPOSE_HEAD.format(group=group) + services + volumes
    yield f"k8s/base/{group}-db/database.yaml", DATABASE.format(group=group)
    steps = "".join(RELEASE_STEP.format(**words) for words in members)
    yield f".github/workflows/release-{group}.yml", RELEASE.format(group=group) + steps


def name_of(number: int) -> str:
    """Return the name of a service."""
    return f"service-{number:03}"


def migration_of(number: int, step: int, name: str) -> tuple[str, str]:
    """Return a step of the history of table `number`: its path under `db/`, and its text."""
    table = f"orders_{number}"
    if step == 0:
        return f"{name}/migrations/0001_{table}.up.sql", CREATE.format(table=table)
    kind = (step - 1) % len(ALTERATIONS)
    first = step - kind
    text = ALTERATIONS[kind].format(table=table, step=step, before=step - 1, first=first)
    return f"{name}/migrations/{step + 1:04}_{table}_{step}.up.sql", text


def _service(number: int, count: int) -> Iterator[tuple[str, str]]:
    words = _words(number, count)
    name = name_of(number)
    yield f"services/{name}/Dockerfile", DOCKERFILE.format(**words)
    yield f"services/{name}/.env.example", ENV_FILE.format(**words)
    yield f"services/{name}/README.md", README.format(**words)
    base = f"k8s/base/{name}"
    for file, text in (
        ("deployment", DEPLOYMENT), ("service", SERVICE), ("config", CONFIG), ("scaler", SCALER),
        ("kustomization", BASE),
    ):  # fmt: skip
        yield f"{base}/{file}.yaml", text.format(**words)
    for environment, replicas in (("staging", 1), ("production", 4)):
        overlay = f"k8s/overlays/{environment}/{name}"
        told = {**words, "environment": environment, "replicas": replicas}
        yield f"{overlay}/kustomization.yaml", OVERLAY.format(**told)
        yield f"{overlay}/replicas.yaml", PATCH.format(**told)
    yield f".github/workflows/{name}.yml", WORKFLOW.format(**words)
    for step in range(_SHARE - 13):
        path, text = migration_of(number, step, name)
        yield f"db/{path}", text


def _words(number: int, count: int) -> dict[str, object]:
    name = name_of(number)
    return {
        "name": name,
        "number": number,
        "group": _group(number),
        "peer": name_of((number * 7 + 1) % count),
        "far": name_of((number * 3 + 2) % count),
        "secret": name.upper().replace("-", "_"),
        "port": 8000 + number,
    }


def _group(number: int) -> str:
    return f"team-{number // _GROUP}"


def _change(root: Path, count: int) -> None:
    """Leave the changes of one piece of work: a release, a migration, a step of a workflow."""
    name = name_of(count // 2)
    deployment = root / f"k8s/base/{name}/deployment.yaml"
    deployment.write_text(deployment.read_text().replace(".0\n", ".1\n", 1))
    path, text = migration_of(count // 2, _SHARE - 13, name)
    (root / "db" / path).write_text(text)
    workflow = root / f".github/workflows/release-{_group(count // 2)}.yml"
    workflow.write_text(workflow.read_text().replace("--timeout=5m", "--timeout=9m", 1))


def _git(root: Path, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(("git", "-C", str(root), *arguments), check=True, env=environment)
