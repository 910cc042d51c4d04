"""What rules about deployments leave unsaid: of tests and examples, and where something else decides."""

import pytest

from rollsafe.workspace.settings import LevelName, Settings
from tests.checking import check, check_rule

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  selector: {app: web}
  ports:
    - port: 8080
---
"""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web
          ports:
            - containerPort: 8080
"""
TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
  template:
    spec:
      containers:
        - name: web
          image: {image}
"""
HYGIENE = {
    "floating-image-tag",
    "missing-liveness-probe",
    "missing-readiness-probe",
    "missing-resource-requests",
    "single-replica",
}


def rules_at(path: str, text: str, level: LevelName = "regular") -> set[str]:
    return {one.rule for one in check({path: text}, Settings(level=level))}


@pytest.mark.parametrize("path", ["k8s/web.yaml", "staging/examples/web.yaml"])
def test_what_ships_is_judged(path: str) -> None:
    assert rules_at(path, SERVICE + WEB) >= HYGIENE


@pytest.mark.parametrize(
    "path", ["test/e2e/web.yaml", "examples/web.yaml", "config/samples/web.yaml", "dev-env/web.yaml"]
)
def test_hygiene_of_tests_and_examples_is_pedantic(path: str) -> None:
    assert not rules_at(path, SERVICE + WEB) & HYGIENE
    assert rules_at(path, SERVICE + WEB, "pedantic") >= HYGIENE


@pytest.mark.parametrize("port", ["metricshttps", "frrmetrics", "http-metrics"])
def test_a_service_that_only_metrics_are_asked_of(port: str) -> None:
    service = SERVICE.replace("- port: 8080", f"- port: 8080\n      name: {port}")
    assert "missing-readiness-probe" in rules_at("k8s/web.yaml", SERVICE + WEB)
    assert "missing-readiness-probe" not in rules_at("k8s/web.yaml", service + WEB)


@pytest.mark.parametrize(("image", "found"), [("non-existing", 0), ("placeholder", 0), ("alpine", 1)])
def test_a_base_that_the_build_has_to_name(image: str, found: int) -> None:
    text = f"ARG root_image={image}\nFROM $root_image\n"
    assert len(check_rule("floating-image-tag", {"Dockerfile": text})) == found


def test_a_manifest_that_a_program_fills_in() -> None:
    assert rules_at("k8s/web.yaml", TEMPLATE, "auditor") == set()


def test_a_mapping_for_a_name_is_a_mistake() -> None:
    text = WEB.replace("  name: web\nspec", "  name: {first: web}\nspec")
    assert "wrong-manifest-type" in rules_at("k8s/web.yaml", text)


@pytest.mark.parametrize(
    ("image", "count"), [("BASEIMAGE", 0), ("registry/APP_NAME", 0), (":latest", 0), ("debian", 1)]
)
def test_an_image_that_is_put_in_place_of_a_word(image: str, count: int) -> None:
    found = check_rule("floating-image-tag", {"Dockerfile": f'FROM {image}\nUSER 1000\nCMD ["run"]\n'})
    assert len(found) == count


@pytest.mark.parametrize(
    ("dockerfile", "names"),
    [
        ("ARG V=1\nFROM debian:12.4 AS base\nARG V\nFROM base\nRUN echo $V\n", []),
        ("ARG V=1\nFROM debian:12.4 AS base\nARG V\nFROM debian:12.4\nRUN echo $V\n", ["V"]),
        ("ARG PYTHON_VERSION=3.12\nFROM python:${PYTHON_VERSION}\nRUN echo $PYTHON_VERSION\n", []),
        ("ARG PYTHON_VERSION=3.12\nFROM debian:12.4\nRUN echo $PYTHON_VERSION\n", ["PYTHON_VERSION"]),
        (
            "FROM debian:12.4 AS base-x\nENV TARGETARCH=x\nFROM base-${TARGETARCH}\nRUN echo $TARGETARCH\n",
            [],
        ),
        (
            "FROM debian:12.4 AS other\nENV TARGETARCH=x\nFROM base-${TARGETARCH}\nRUN echo $TARGETARCH\n",
            ["TARGETARCH"],
        ),
    ],
)
def test_what_a_stage_inherits(dockerfile: str, names: list[str]) -> None:
    found = check_rule("unset-build-variable", {"Dockerfile": dockerfile})
    assert [one.message.split("`")[1] for one in found] == names


@pytest.mark.parametrize(("word", "count"), [("CROSS_BUILD_COPY", 0), ("HEALTH_CHECK", 1), ("INSTAL", 1)])
def test_a_word_that_a_preprocessor_replaces(word: str, count: int) -> None:
    text = f'FROM debian:12.4\n{word} qemu /usr/bin/\nCMD ["run"]\n'
    assert len(check_rule("unreadable-dockerfile", {"Dockerfile": text})) == count


@pytest.mark.parametrize(
    ("more", "count"), [("", 1), ("        - name: log\n          image: registry.example/log:1.0.0\n", 0)]
)
def test_a_container_that_declares_no_port_may_serve_any(more: str, count: int) -> None:
    text = SERVICE.replace("port: 8080", "port: 9000") + WEB + more
    assert len(check_rule("unserved-target-port", {"k8s/web.yaml": text})) == count


@pytest.mark.parametrize(("namespace", "severity"), [("shop", "error"), ("kube-system", "warning")])
def test_pods_of_the_cluster_itself_may_be_elsewhere(namespace: str, severity: str) -> None:
    service = SERVICE.replace("{app: web}", "{app: dns}").replace(
        "spec", f"  namespace: {namespace}\nspec", 1
    )
    web = WEB.replace("name: web\nspec", f"name: web\n  namespace: {namespace}\nspec", 1)
    found = check_rule("service-without-pods", {"k8s/web.yaml": service + web})
    assert [one.severity for one in found] == [severity]


@pytest.mark.parametrize(("name", "count"), [("elasticsearch", 1), ("fluentd-elasticsearch", 0)])
def test_what_talks_to_a_slow_starter_is_none(name: str, count: int) -> None:
    probe = "          livenessProbe:\n            tcpSocket: {port: 8080}\n            periodSeconds: 10\n"
    text = WEB.replace("registry.example/web", f"registry.example/{name}:1.4.0") + probe
    assert len(check_rule("slow-start-without-startup-probe", {"k8s/web.yaml": text})) == count


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("ENV POSTHOG_TOKEN=phc_0123456789abcdefghijklmnopqrstuvwxyz", 0),
        ("ARG S3_NO_CREDENTIALS=0", 0),
        ("ARG S3_CREDENTIALS", 1),
    ],
)
def test_what_is_no_secret(line: str, count: int) -> None:
    text = f'FROM debian:12.4\n{line}\nUSER 1000\nCMD ["run"]\n'
    assert len(check_rule("secret-in-image", {"Dockerfile": text})) == count


def test_a_pod_without_a_name_is_called_by_what_its_name_begins_with() -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: load-\nspec:\n"
        "  terminationGracePeriodSeconds: 0\n  containers:\n    - name: load\n"
        "      image: registry.example/load:1.0.0\n"
    )
    (found,) = check_rule("killed-at-once", {"k8s/pod.yaml": text})
    assert "`load-`" in found.message


def test_a_secret_that_whoever_installs_the_chart_fills() -> None:
    files = {
        "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "chart/values.yaml": "secrets: {}\n",
        "chart/templates/secret.yaml": (
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\ndata:\n"
            "  {{- range $key, $value := .Values.secrets }}\n  {{ $key }}: {{ $value | b64enc }}\n"
            "  {{- end }}\n"
        ),
        "chart/templates/web.yaml": WEB
        + "          env:\n            - name: TOKEN\n              valueFrom:\n"
        + "                secretKeyRef: {name: shop, key: token}\n",
    }
    assert check_rule("missing-config-key", files) == []
    files["chart/values.yaml"] = "secrets:\n  other: x\n"
    assert len(check_rule("missing-config-key", files)) == 1
