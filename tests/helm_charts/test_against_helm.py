"""What charts are rendered to here is what Helm renders them to."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from rollsafe.workspace.graph import Graph
from rollsafe.workspace.system.charts.editions import edition_of
from rollsafe.workspace.system.charts.partial import render
from rollsafe.workspace.system.charts.sources import ChartReader, is_printed
from rollsafe.workspace.view import View
from tests.checking import open_project
from tests.helm_charts.charts import PARTS, SHOP, Files
from tests.installed import cache, missing

NAMESPACE = re.compile(r"\{\{[^}]*\.Release\.Namespace[^}]*\}\}")
VERSION = "1.31.0"


@pytest.fixture(scope="session")
def helm() -> Path:
    path = cache() / "helm" / "helm"
    return path if path.exists() else missing("Helm, see tests/helm_charts/install.sh")


def run(helm: Path, *words: str, home: Path) -> str:
    done = subprocess.run(
        [str(helm), *words], capture_output=True, text=True, check=False, env={"HOME": str(home), "PATH": ""}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(text: str) -> list[str]:
    """Return the objects of a manifest, in an order that is the same for equal ones."""
    found = yaml.load_all(text, Loader=yaml.CSafeLoader)
    return sorted(json.dumps(one, sort_keys=True, default=str) for one in found if one)


def ours(files: Files, values: str) -> list[str]:
    """Return the objects of the chart at the root; what a cluster decides is as Helm is told below."""
    project = open_project(files)
    moment = project.moment()
    view = View(moment.artefacts, moment.snapshot.paths, Graph(moment.store), moment.snapshot.files.get)
    reader = ChartReader(view)
    (top,) = reader.tops()
    source = reader.source(top)
    edition = edition_of(source, next((one for _, one in source.settings if one.path == values), None))
    texts: list[str] = []
    for part in edition.parts:
        for template in part.source.templates:
            if is_printed(template.path):
                made = render(edition, part, template).text
                assert made is not None
                texts.append(NAMESPACE.sub("here", made.text))
    moment.close()
    return objects("\n---\n".join(texts))


def theirs(helm: Path, files: Files, values: str, at: Path) -> list[str]:
    for path, text in files.items():
        (at / path).parent.mkdir(parents=True, exist_ok=True)
        (at / path).write_text(text)
    name = yaml.safe_load(files["Chart.yaml"])["name"]
    more = ("--values", str(at / values)) if values else ()
    words = ("template", name, str(at), "--kube-version", VERSION, "--namespace", "here", "--skip-tests")
    return objects(run(helm, *words, *more, home=at.parent))


def scaffold(helm: Path, at: Path) -> Files:
    """Return the chart that Helm itself makes for those who begin."""
    run(helm, "create", str(at / "orders"), home=at)
    paths = [path for path in (at / "orders").rglob("*") if path.suffix in (".yaml", ".tpl", ".txt")]
    return {str(path.relative_to(at / "orders")): path.read_text() for path in paths}


PRODUCTION = """\
replicaCount: 4
image:
  tag: "7.1"
  pullPolicy: Always
serviceAccount:
  annotations:
    example.com/role: orders
podAnnotations:
  example.com/scrape: "true"
resources:
  limits: {cpu: 500m, memory: 512Mi}
ingress:
  enabled: true
  className: nginx
  tls:
    - secretName: orders-tls
      hosts: [orders.example.com]
nodeSelector:
  disk: ssd
tolerations:
  - key: spot
    operator: Exists
volumes:
  - name: scratch
    emptyDir: {}
"""
SCALED = "autoscaling:\n  enabled: true\n  targetMemoryUtilizationPercentage: 70\nnameOverride: web\n"


@pytest.mark.parametrize(
    "values", ["", PRODUCTION, SCALED, "fullnameOverride: other\nserviceAccount:\n  create: false\n"]
)
def test_the_chart_that_helm_makes_for_beginners(helm: Path, tmp_path: Path, values: str) -> None:
    files = scaffold(helm, tmp_path) | ({"values-production.yaml": values} if values else {})
    chosen = "values-production.yaml" if values else ""
    assert ours(files, chosen) == theirs(helm, files, chosen, tmp_path / "chart")


def only(template: str) -> Files:
    """Return the shop with one of its templates."""
    return {path: text for path, text in SHOP.items() if "templates/" not in path or path == template}


@pytest.mark.parametrize("template", [path for path in SHOP if path.startswith("templates/")])
def test_templates_that_need_nothing_else(helm: Path, tmp_path: Path, template: str) -> None:
    files = only(template)
    assert ours(files, "") == theirs(helm, files, "", tmp_path / "chart")


@pytest.mark.parametrize("values", ["", "values-production.yaml"])
def test_charts_that_others_bring_along(helm: Path, tmp_path: Path, values: str) -> None:
    assert ours(PARTS, values) == theirs(helm, PARTS, values, tmp_path / "chart")
