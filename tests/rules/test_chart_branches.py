"""Parts of charts that no environment has, and what Helm makes of texts that are no plain YAML."""

from typing import Literal

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import Seen, check, check_rule, open_project
from tests.rules.test_rendered_charts import DEPLOYMENT, VALUES, chart

POLICY = """\
{{- if .Values.policy }}
{{- if .Capabilities.APIVersions.Has "policy/v1/PodDisruptionBudget" -}}
apiVersion: policy/v1
{{- else }}
apiVersion: policy/v1beta1
{{- end }}
kind: PodDisruptionBudget
metadata:
  name: orders
spec:
  maxUnavailable: 1
{{- end }}
"""
OLD = """\
{{- if .Values.old }}
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata:
  name: a
{{- end }}
"""
GONE = "removed-api-version"


@pytest.mark.parametrize(
    ("values", "others", "level"),
    [
        ("old: false\n", {}, "pedantic"),
        ("old: true\n", {}, "regular"),
        ("old: false\n", {"values_production": "old: true\n"}, "regular"),
        ("old: true\n", {"values_production": "old: false\n"}, "pedantic"),
        ("{}\n", {}, "pedantic"),
    ],
)
def test_what_no_environment_has_is_hygiene(values: str, others: dict[str, str], level: str) -> None:
    files = chart(VALUES + values, **{name: text for name, text in others.items()})
    files["chart/templates/old.yaml"] = OLD
    levels: tuple[Literal["regular", "pedantic"], ...] = ("regular", "pedantic")
    heard = [one for one in levels if _told(files, one)]
    assert heard == (["regular", "pedantic"] if level == "regular" else ["pedantic"])


def _told(files: dict[str, str], level: Literal["regular", "pedantic"]) -> list[Seen]:
    return [one for one in check(files, Settings(level=level)) if one.rule == GONE]


def test_versions_that_a_cluster_decides_about_are_left_alone() -> None:
    for given in ("true", "false"):
        files = chart(f"{VALUES}policy: {given}\n") | {"chart/templates/pdb.yaml": POLICY}
        assert not _told(files, "regular")
    assert _told({"chart/templates/pdb.yaml": POLICY}, "regular")


def test_switches_in_values_are_followed() -> None:
    files = chart(f"{VALUES}old: false\n") | {"chart/templates/old.yaml": OLD}
    project = open_project(files, Settings(select=(GONE,)))
    assert not project.engine.all_findings()
    project.replace({"chart/values.yaml": f"{VALUES}old: true\n"})
    assert [one.path for one in project.engine.all_findings()] == ["chart/templates/old.yaml"]
    project.replace({"chart/values.yaml": f"{VALUES}old: false\n"})
    assert not project.engine.all_findings()


PARTED = """\
{{- if true }}
---
kind: Role
apiVersion: rbac.authorization.k8s.io/v1
metadata: {name: a}
rules: []
---
{{- end -}}
# next
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
data: {}
"""


def test_manifests_are_parted_as_helm_parts_them() -> None:
    files = chart() | {"chart/templates/more.yaml": PARTED}
    assert not [one for one in check(files) if one.path == "chart/templates/more.yaml"]


SPREAD = """\
      topologySpreadConstraints:
        {{- range .Values.spread }}
        - {{ toYaml . | nindent 10 | trim }}
          {{- if not (hasKey . "labelSelector") }}
          labelSelector:
            matchLabels: {app: orders}
          {{- end }}
        {{- end }}
"""


def test_items_of_which_a_tag_prints_the_first_keys() -> None:
    text = DEPLOYMENT.replace("      containers:\n", f"{SPREAD}      containers:\n")
    for values in (
        "spread: []\n",
        "spread: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]\n",
    ):
        found = check(chart(VALUES + values, text))
        assert not [one for one in found if one.rule in ("wrong-manifest-type", "missing-manifest-field")]


SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: a}
spec:
  maxReplicas: 3
  scaleTargetRef: {kind: Deployment, name: orders, apiVersion: apps/v1}
  minimumReplicas: {{ .Values.replicas }}
"""


def test_what_a_template_tells_is_not_told_in_its_values() -> None:
    files = chart() | {"chart/templates/hpa.yaml": SCALER}
    for found in (check_rule("unknown-manifest-field", files) for _ in ("one project", "another one")):
        assert [(one.path, one.line) for one in found] == [("chart/templates/hpa.yaml", 7)]
