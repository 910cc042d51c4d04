"""Files of a wanted length, made from realistic fragments: nothing here is random."""

from pathlib import Path

WORKFLOW_HEAD = """\
name: ci
on:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
"""
WORKFLOW_JOB = """\
  build-{n}:
    runs-on: ubuntu-24.04
    needs: []
    strategy:
      matrix:
        python: ["3.11", "3.12"]
    steps:
      - uses: actions/checkout@v4
      - name: Set up
        uses: actions/setup-python@v5
        with:
          python-version: ${{{{ matrix.python }}}}
      - name: Test
        run: |
          pip install -r requirements.txt
          python -m pytest tests/part_{n} --maxfail=1
        env:
          DATABASE_URL: postgres://localhost/test_{n}
      - if: failure()
        run: echo "part {n} failed"
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: service-{n}
  labels:
    app: service-{n}
spec:
  replicas: 3
  selector:
    matchLabels:
      app: service-{n}
  template:
    metadata:
      labels:
        app: service-{n}
    spec:
      containers:
        - name: main
          image: registry.example/service-{n}:1.{n}.0
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
          readinessProbe:
            httpGet: {{path: /ready, port: http}}
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
---
apiVersion: v1
kind: Service
metadata:
  name: service-{n}
spec:
  selector:
    app: service-{n}
  ports:
    - port: 80
      targetPort: http
---
"""
MIGRATION = """\
-- Part {n} of the change.
CREATE TABLE part_{n} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    state text NOT NULL DEFAULT 'new',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX part_{n}_customer_idx ON part_{n} (customer_id);
ALTER TABLE orders_{n} ADD COLUMN note text;
CREATE INDEX orders_{n}_note_idx ON orders_{n} (note);
"""
DOCKER_STAGE = """\
FROM python:3.12.7-slim AS stage{n}
ARG VERSION={n}
ENV APP_HOME=/app
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt && \\
    python -m compileall .
COPY --from=build /app/dist /app/dist
EXPOSE 8080
"""
API_HEAD = """\
openapi: 3.0.3
info: {title: Things, version: "1.0.0", description: All things, contact: {name: a}}
servers: [{url: "https://api.example.com"}]
tags: [{name: things, description: Things}]
paths:
"""
API_PATH = """\
  /things{n}/{{id}}:
    get:
      operationId: getThing{n}
      summary: Get thing {n}
      description: Get the thing {n}
      tags: [things]
      parameters:
        - {{name: id, in: path, required: true, schema: {{type: string}}}}
      responses:
        "200":
          description: The thing
          content:
            application/json:
              schema: {{$ref: "#/components/schemas/Thing{n}"}}
"""
API_SCHEMA = """\
    Thing{n}:
      type: object
      required: [id]
      properties:
        id: {{type: string, format: uuid}}
"""
EXTENSIONS = {"workflow": "yml", "kubernetes": "yaml", "sql": "sql", "dockerfile": "Dockerfile"}
LANGUAGES = {"workflow": "yaml", "kubernetes": "yaml", "sql": "sql", "dockerfile": "dockerfile"}


def text_of(kind: str, lines: int) -> str:
    """Return a file of `kind` with about `lines` lines."""
    if kind == "openapi":
        count = max(1, round(lines / (API_PATH + API_SCHEMA).count("\n")))
        paths, schemas = ("".join(part.format(n=n) for n in range(count)) for part in (API_PATH, API_SCHEMA))
        return f"{API_HEAD}{paths}components:\n  schemas:\n{schemas}"
    head, part = {
        "workflow": (WORKFLOW_HEAD, WORKFLOW_JOB),
        "kubernetes": ("", DEPLOYMENT),
        "sql": ("", MIGRATION),
        "dockerfile": ("", DOCKER_STAGE),
    }[kind]
    count = max(1, round((lines - head.count("\n")) / part.count("\n")))
    return head + "".join(part.format(n=n) for n in range(count))


def path_of(kind: str, number: int = 0) -> str:
    """Return where a file of `kind` lies in a project."""
    return {
        "workflow": f".github/workflows/ci-{number}.yml",
        "kubernetes": f"k8s/app-{number}.yaml",
        "openapi": f"api/api-{number}.yaml",
        "sql": f"db/migrations/{number + 1:04}_part.up.sql",
        "dockerfile": f"services/s{number}/Dockerfile",
    }[kind]


def write_project(root: Path, kind: str, files: int, lines: int = 40) -> None:
    """Write a project of `files` files of one kind."""
    for number in range(files):
        path = root / path_of(kind, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = text_of(kind, lines)
        for name in ("service-", "part_", "orders_"):
            text = text.replace(name, f"{name[:-1]}{number}{name[-1]}")
        path.write_text(text)
