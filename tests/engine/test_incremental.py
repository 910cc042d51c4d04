"""Editing step by step gives what a fresh run over the result gives."""

import random
from dataclasses import replace

import pytest

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.project import Project
from tests.checking import open_project, seen

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
        - name: {name}
          image: registry.example/{name}:1.0.0
          ports:
            - containerPort: {port}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector: {{app: {name}}}
  ports:
    - port: 80
      targetPort: {port}
"""


def findings(project: Project) -> list[object]:
    return [(seen(one), one.related and one.related[0].file.line_number(one.related[0].where))
            for one in project.engine.all_findings()]  # fmt: skip


def fresh(project: Project) -> list[object]:
    return findings(open_project({path: file.text for path, file in project.snapshot.files.items()}))


@pytest.mark.parametrize("seed", range(20))
def test_incremental_equals_fresh(seed: int) -> None:
    chance = random.Random(seed)
    project = open_project({})
    for _ in range(25):
        name, port = chance.choice("ab"), chance.choice((80, 81))
        path = f"{chance.choice('xyz')}.yaml"
        body = chance.choice((DEPLOYMENT, SERVICE)).format(name=name, port=port)
        text = chance.choice((body, "\n" + body, "# c\n" + body, None))
        if text is not None or path in project.snapshot.files:
            project.replace({path: text})
            assert findings(project) == fresh(project)


def test_only_files_that_asked_are_looked_at_again() -> None:
    files = {f"d{n}.yaml": DEPLOYMENT.format(name=f"n{n}", port=80) for n in range(30)}
    project = open_project({**files, "s.yaml": SERVICE.format(name="n7", port=80)})
    assert project.replace({"s.yaml": SERVICE.format(name="n7", port=81)}) == {"s.yaml", "d7.yaml"}
    assert project.replace({"s.yaml": SERVICE.format(name="n7", port=81) + "# c\n"}) == {"s.yaml"}


def test_a_snapshot_without_changes_costs_nothing() -> None:
    project = open_project({"a.yaml": DEPLOYMENT.format(name="a", port=80)})
    assert project.engine.update(replace(project.snapshot)) == set()


def test_unchanged_files_keep_their_identity() -> None:
    project = open_project({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    before: SourceFile = project.snapshot.files["a.yaml"]
    project.replace({"b.yaml": "b: 2\n"})
    assert project.snapshot.files["a.yaml"] is before
