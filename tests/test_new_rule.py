"""A rule added as one file is tested, documented, listed and shown, with no other edit by hand."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lsp.stdio import running

ROOT = Path(__file__).resolve().parent.parent
POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  hostNetwork: true\n  containers: []\n"
RULE = '''"""A workload asks for the host's network.

## What it does
Reports pods with `hostNetwork: true`.

## Why it matters
The pod sees all traffic of its node and takes its ports, so a second pod on the node does not start.

## Bad
```yaml title="k8s/agent.yaml"
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: agent
spec:
  selector:
    matchLabels: {app: agent}
  template:
    metadata:
      labels: {app: agent}
    spec:
      hostNetwork: true  # <-
      containers:
        - name: agent
          image: registry.example/agent:1.0.3
          resources:
            requests: {cpu: 10m, memory: 32Mi}
```

## Good
```yaml title="k8s/agent.yaml"
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: agent
spec:
  selector:
    matchLabels: {app: agent}
  template:
    metadata:
      labels: {app: agent}
    spec:
      hostNetwork: false
      containers:
        - name: agent
          image: registry.example/agent:1.0.3
          resources:
            requests: {cpu: 10m, memory: 32Mi}
```

## Fix
Gives the pod a network of its own. Unsafe: what it reaches by the host's addresses is gone.

## References
- [Kubernetes: pods](https://kubernetes.io/docs/concepts/workloads/pods/)

## Equivalent rules
- `kube-linter:host-network`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a pod in the host's network."""
    spec = workload.pod_spec
    value = spec.at("hostNetwork") if spec is not None else None
    key = spec.key_at("hostNetwork") if spec is not None else None
    if value is None or key is None or spec is None or spec.bool_at("hostNetwork") is not True:
        return
    edit = set_value(value, "false")
    yield Finding(
        key,
        f"`{workload.name}` uses the network of its node",
        fixes=(Fix("Use a network of its own", Safety.UNSAFE, edits=(edit,)),),
    )
'''


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with one file more."""
    copy = tmp_path_factory.mktemp("checkout")
    skip = shutil.ignore_patterns("__pycache__")
    for part in ("server", "agents", "tests", "docs", "pyproject.toml"):
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=skip)
        else:
            shutil.copy(source, copy / part)
    rules = copy / "agents/rollsafe_agents/deployment_orchestrator/rules"
    (rules / "host_network.py").write_text(RULE)
    return copy


def environment(checkout: Path) -> dict[str, str]:
    """Return the variables under which Python runs the copy: its packages hide the installed ones."""
    path = os.pathsep.join((str(checkout / "server"), str(checkout / "agents")))
    return {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def run(checkout: Path, *command: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, **environment(checkout)}
    return subprocess.run(
        (sys.executable, *command), cwd=checkout, env=variables, capture_output=True, text=True, check=False
    )


def test_the_generic_tests_cover_it(checkout: Path) -> None:
    done = run(
        checkout, "-m", "pytest", "tests/test_every_rule.py", "-k", "host-network", "-q",
        "-p", "no:randomly", "-p", "no:cacheprovider",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= 8


def test_it_is_listed_with_its_equivalents(checkout: Path) -> None:
    done = run(checkout, "-m", "rollsafe", "rules", "--format", "json")
    [found] = [one for one in json.loads(done.stdout)["rules"] if one["name"] == "host-network"]
    assert found["agent"] == "deployment-orchestrator"
    assert found["fix"] == "unsafe"
    assert found["equivalents"] == ["kube-linter:host-network"]


def test_it_gets_a_page_and_an_explanation(checkout: Path) -> None:
    done = run(checkout, "docs/generate.py")
    assert done.returncode == 0, done.stderr
    page = (checkout / "docs/rules/host-network.md").read_text()
    assert page.startswith("# host-network\n")
    assert "host-network.md" in (checkout / "docs/rules/README.md").read_text()
    explained = run(checkout, "-m", "rollsafe", "explain", "host-network")
    assert "takes its ports" in explained.stdout


def test_the_command_finds_it(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    done = run(checkout, "-m", "rollsafe", "check", str(tmp_path), "--format", "json")
    found = json.loads(done.stdout)["findings"]
    assert [(one["rule"], one["range"]["start"]) for one in found] == [
        ("host-network", {"line": 6, "column": 3})
    ]


def test_the_editor_shows_it_and_says_why_over_it(checkout: Path, tmp_path: Path) -> None:
    file = tmp_path / "pod.yaml"
    file.write_text(POD)
    with running(tmp_path, environment(checkout)) as client:
        client.initialize(tmp_path)
        uri = client.open(file)
        shown = client.diagnostics(uri, version=1)
        assert "host-network" in [one["code"] for one in shown]
        position = {"textDocument": {"uri": uri}, "position": {"line": 5, "character": 4}}
        hover = client.result("textDocument/hover", position)["contents"]["value"]
    assert "takes its ports" in hover
