"""Names and selectors of manifests that lead nowhere, and those that only seem to."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check, check_rule

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: %s
      containers: [{name: main, image: "registry.example/web:1.4.2"}]
"""
AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}
  maxReplicas: 4
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: %s}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  defaultBackend: {service: {name: %s, port: {%s}}}
"""


def levels(rule: str, files: dict[str, str]) -> tuple[bool, bool]:
    """Say whether a rule is heard by everybody, and whether by auditors."""
    heard = [
        any(one.rule == rule for one in check(files, Settings(level=level)))
        for level in ("regular", "auditor")
    ]
    return heard[0], heard[1]


@pytest.mark.parametrize(
    ("neighbours", "regular"),
    [
        ({}, False),
        ({"elsewhere/api.yaml": DEPLOYMENT % ("unlike", "default")}, False),
        ({"k8s/api.yaml": DEPLOYMENT % ("unlike", "default")}, True),
        ({"elsewhere/api.yaml": DEPLOYMENT % ("webs", "default")}, True),
    ],
)
def test_what_is_missing_is_sure_with_neighbours_or_a_like_name(
    neighbours: dict[str, str], regular: bool
) -> None:
    files = {"k8s/hpa.yaml": AUTOSCALER % "web", **neighbours}
    assert levels("autoscaler-without-target", files) == (regular, True)


def test_what_is_there_is_not_missing() -> None:
    files = {"k8s/hpa.yaml": AUTOSCALER % "web", "base/web.yaml": DEPLOYMENT % ("web", "default")}
    assert check_rule("autoscaler-without-target", files) == []


def test_a_prefix_of_a_kustomization_makes_a_name() -> None:
    files = {
        "k8s/hpa.yaml": AUTOSCALER % "prod-web",
        "base/web.yaml": DEPLOYMENT % ("web", "default"),
        "prod/kustomization.yaml": "namePrefix: prod-\nresources: [../base]\n",
    }
    assert check_rule("autoscaler-without-target", files) == []


def test_charts_name_their_objects_when_they_are_rendered() -> None:
    files = {
        "chart/Chart.yaml": "name: web\nversion: 1.0.0\n",
        "chart/templates/hpa.yaml": AUTOSCALER % "web",
        "chart/templates/web.yaml": DEPLOYMENT % ("'{{ .Release.Name }}'", "web"),
    }
    assert check_rule("autoscaler-without-target", files) == []
    assert check_rule("missing-service-account", files) == []


@pytest.mark.parametrize(
    ("port", "found"),
    [
        ("number: 80", 0),
        ("name: http", 0),
        ("number: 8080", 1),
        ("name: https", 1),
        ("name: use-annotation", 0),
    ],
)
def test_ports_of_backends(port: str, found: int) -> None:
    files = {"k8s/ingress.yaml": INGRESS % ("web", port), "k8s/service.yaml": SERVICE % "web"}
    assert len(check_rule("ingress-without-service", files)) == found


MONITOR = """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: monitoring}
spec:
  namespaceSelector: {%s}
  selector: {matchLabels: {app: %s}}
"""
LABELLED = SERVICE.replace("{name: %s}", "{name: web, namespace: shop, labels: {app: web}}")


@pytest.mark.parametrize(
    ("spaces", "label", "found"),
    [
        ("any: true", "web", 0),
        ("matchNames: [shop]", "web", 0),
        ("matchNames: [other]", "web", 1),
        ("any: true", "wbe", 1),
    ],
)
def test_monitors_look_where_they_say(spaces: str, label: str, found: int) -> None:
    files = {"k8s/monitor.yaml": MONITOR % (spaces, label), "k8s/service.yaml": LABELLED}
    assert len(check_rule("selector-without-match", files)) == found


POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {%s}
  policyTypes: [Ingress, Egress]
"""


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("", 0),
        ("matchLabels: {app: web}", 0),
        ("matchLabels: {app: other}", 1),
        ("matchExpressions: [{key: app, operator: In, values: [api, web]}]", 0),
        ("matchExpressions: [{key: tier, operator: Exists}]", 1),
    ],
)
def test_policies_select_by_labels_and_expressions(selector: str, found: int) -> None:
    files = {"k8s/policy.yaml": POLICY % selector, "k8s/web.yaml": DEPLOYMENT % ("web", "default")}
    assert len(check_rule("selector-without-match", files)) == found
    assert len(check_rule("unisolated-pods", files)) == found


def test_labels_of_a_kustomization_are_not_in_the_files() -> None:
    files = {
        "k8s/policy.yaml": POLICY % "matchLabels: {team: shop}",
        "k8s/web.yaml": DEPLOYMENT % ("web", "default"),
        "k8s/kustomization.yaml": "resources: [web.yaml, policy.yaml]\ncommonLabels: {team: shop}\n",
    }
    assert check_rule("selector-without-match", files) == []


CONTAINER = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: main
      image: "registry.example/web:1.4.2"
      ports: [{name: %s, containerPort: %s}]
"""


@pytest.mark.parametrize(
    ("name", "number", "found"),
    [
        ("http", "8080", 0),
        ("n23456789012345", "8080", 0),
        ("n234567890123456", "8080", 1),
        ("'8080'", "8080", 1),
        ("a--b", "8080", 1),
        ("http-", "8080", 1),
        ("Http", "8080", 1),
        ("http", "70000", 1),
        ("http", "0", 1),
        ("http", "", 1),
        ("'{{ .Values.name }}'", "'{{ .Values.port }}'", 0),
    ],
)
def test_ports_the_api_server_refuses(name: str, number: str, found: int) -> None:
    assert len(check_rule("invalid-port", {"k8s/web.yaml": CONTAINER % (name, number)})) == found


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("app", "web", 0),
        ("app.kubernetes.io/name", "Web_1.2", 0),
        ("app", '""', 0),
        ("app", "{{ .Chart.Name }}", 0),
        ("version", "1.0+5", 1),
        ("app", "-web", 1),
        ("app", "a" * 64, 1),
        ("url", '"https://web.example"', 1),
        ("Not/A/Key", "web", 1),
        ("app/", "web", 1),
    ],
)
def test_labels_the_api_server_refuses(key: str, value: str, found: int) -> None:
    text = f'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  labels:\n    "{key}": {value}\n'
    assert len(check_rule("invalid-label", {"k8s/web.yaml": text})) == found


def test_expressions_of_a_selector_count() -> None:
    text = (DEPLOYMENT % ("web", "default")).replace(
        "selector: {matchLabels: {app: web}}",
        "selector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}",
    )
    assert len(check_rule("mismatched-selector", {"k8s/web.yaml": text})) == 1
    assert check_rule("mismatched-selector", {"k8s/web.yaml": DEPLOYMENT % ("web", "default")}) == []


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        ('nginx.ingress.kubernetes.io/auth-url: "https://$host/oauth2/auth"', 0),
        ('nginx.ingress.kubernetes.io/auth-tls-match-cn: "CN=(web|api)"', 0),
        ('nginx.ingress.kubernetes.io/auth-tls-match-cn: "CN=web|api"', 1),
        ('nginx.ingress.kubernetes.io/mirror-target: "https://mirror.example/;"', 1),
        ('nginx.ingress.kubernetes.io/configuration-snippet: "more_set_headers x;"', 1),
    ],
)
def test_annotations_of_nginx(annotation: str, found: int) -> None:
    text = (INGRESS % ("web", "number: 80")).replace(
        "{name: web}", "\n  name: web\n  annotations:\n    " + annotation
    )
    assert len(check_rule("unsafe-ingress-annotation", {"k8s/web.yaml": text})) == found
