"""Generated ConfigMaps and Secrets that keep their names."""

import pytest

from tests.checking import check_rule

RULE = "generated-name-without-hash"
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
"""
READS = "          envFrom: [{configMapRef: {name: web}}]\n"
MOUNTS = "      volumes: [{name: a, configMap: {name: web}}]\n"
LAYER = "resources: [web.yaml]\nconfigMapGenerator:\n  - name: web\n    literals: [A=b]\n"
OWN = "    options: {disableNameSuffixHash: true}\n"
ALL = "generatorOptions:\n  disableNameSuffixHash: true\n"


@pytest.mark.parametrize(
    ("layer", "web", "line"),
    [
        (LAYER + OWN, WEB + READS, 5),
        (LAYER + ALL, WEB + READS, 6),
        (LAYER + "    options: {disableNameSuffixHash: false}\n" + ALL, WEB + READS, None),
        (LAYER, WEB + READS, None),
        (LAYER + OWN, WEB, None),
        (LAYER + OWN, WEB + MOUNTS, None),
        (LAYER + OWN.rstrip() + " # the operator looks for this name\n", WEB + READS, None),
        (LAYER + OWN, WEB.replace("{labels:", '{annotations: {"checksum/a": b}, labels:') + READS, None),
        (LAYER.replace("configMap", "secret") + OWN, WEB + READS, None),
        (LAYER + OWN, WEB.replace("kind: Deployment", "kind: Job").replace("apps/", "batch/") + READS, None),
    ],
)
def test_names_that_pods_start_with(layer: str, web: str, line: int | None) -> None:
    found = check_rule(RULE, {"kustomization.yaml": layer, "web.yaml": web})
    assert [one.line for one in found] == ([line] if line else [])
