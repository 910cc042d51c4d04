"""Fields of Kubernetes objects: what the API does not take."""

import pytest

from rollsafe.workspace.settings import KubernetesSettings, Settings
from tests.checking import check_rule, open_project

POD = """apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example/web:1.0.0
"""
DEFINITION = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: backups.shop.example
spec:
  group: shop.example
  names:
    kind: Backup
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            spec:
              type: object
              required: [schedule]
              properties:
                schedule:
                  type: string
                keep:
                  type: integer
                extra:
                  type: object
                  x-kubernetes-preserve-unknown-fields: true
"""
BACKUP = """apiVersion: shop.example/v1
kind: Backup
metadata:
  name: nightly
spec:
"""


def of_version(version: str) -> Settings:
    return Settings(level="auditor", kubernetes=KubernetesSettings(version))


def found(rule: str, files: dict[str, str], settings: Settings | None = None) -> list[tuple[int, str]]:
    project = open_project(files, settings or Settings(level="auditor"))
    everything = (one for one in project.engine.all_findings() if one.rule.name == rule)
    return [(one.file.line_number(one.span), one.message) for one in everything]


def test_a_misspelt_field_is_told_with_the_nearest() -> None:
    text = POD + "      imagePullpolicy: Always\n"
    assert found("unknown-manifest-field", {"k8s/pod.yaml": text}) == [
        (9, "`Pod` has no field `spec.containers.imagePullpolicy`; the nearest is `imagePullPolicy`")
    ]


def test_a_field_of_another_place_is_no_slip() -> None:
    text = POD + "      securityContext:\n        fsGroup: 1000\n"
    assert found("unknown-manifest-field", {"k8s/pod.yaml": text}) == [
        (
            10,
            "`Pod` has no field `spec.containers.securityContext.fsGroup`; "
            "it belongs to `PodSecurityContext`",
        )
    ]


@pytest.mark.parametrize(
    "line",
    [
        "      {{ .Values.key }}: Always",
        "      ports: {{ toYaml .Values.ports }}",
        "      env: []",
        "      env: null",
        "      envFrom:",
        '      stdin: "${STDIN}"',
    ],
)
def test_what_is_filled_in_or_empty_is_left_alone(line: str) -> None:
    files = {"chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n"}
    files |= {"chart/templates/pod.yaml": f"{POD}{line}\n"}
    for rule in ("unknown-manifest-field", "wrong-manifest-type", "missing-manifest-field"):
        assert check_rule(rule, files) == []


@pytest.mark.parametrize("value", ["8080", "yes", "true", "1.5", "0x1F", "on"])
def test_what_yaml_does_not_read_as_text_is_no_value_of_a_variable(value: str) -> None:
    text = f"{POD}      env:\n        - name: A\n          value: {value}\n"
    assert [line for line, _ in found("wrong-manifest-type", {"k8s/pod.yaml": text})] == [11]


@pytest.mark.parametrize(
    "value", ['"8080"', "'yes'", "!!str 8080", "a8080", "", "1.2.3", "12:30", "2024-01-01"]
)
def test_what_yaml_reads_as_text_is_a_value_of_a_variable(value: str) -> None:
    text = f"{POD}      env:\n        - name: A\n          value: {value}\n"
    assert found("wrong-manifest-type", {"k8s/pod.yaml": text}) == []


def test_a_list_holds_objects_of_their_own() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n  - " + POD.replace("\n", "\n    ").rstrip() + "\n"
    broken = text.replace("image:", "imag:")
    assert found("unknown-manifest-field", {"k8s/list.yaml": text}) == []
    assert [line for line, _ in found("unknown-manifest-field", {"k8s/list.yaml": broken})] == [11]


def test_a_field_of_a_later_version_is_told_where_the_version_is_known() -> None:
    text = POD + "      restartPolicy: Always\n"
    assert found("unknown-manifest-field", {"k8s/pod.yaml": text}) == []
    assert found("unknown-manifest-field", {"k8s/pod.yaml": text}, of_version("1.31")) == []
    told = found("unknown-manifest-field", {"k8s/pod.yaml": text}, of_version("1.27"))
    assert [line for line, _ in told] == [9]
    assert "only from 1.28 on" in told[0][1]


def test_a_patch_lacks_nothing() -> None:
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n"
    kustomization = "resources: []\npatches:\n  - path: more.yaml\n"
    files = {"k8s/overlays/prod/kustomization.yaml": kustomization, "k8s/overlays/prod/more.yaml": patch}
    assert found("missing-manifest-field", files) == []
    assert len(found("missing-manifest-field", {"k8s/web.yaml": patch})) == 0
    whole = f"{patch}  template:\n    spec:\n      containers: [{{name: a, image: b:1}}]\n"
    assert [line for line, _ in found("missing-manifest-field", {"k8s/web.yaml": whole})] == [6]


def test_kinds_of_ones_own_are_read_from_their_definition() -> None:
    text = f"{BACKUP}  shedule: 0 3 * * *\n  keep: many\n  extra:\n    any: thing\n"
    files = {"crd.yaml": DEFINITION, "k8s/backup.yaml": text}
    assert [line for line, _ in found("unknown-manifest-field", files)] == [6]
    assert [line for line, _ in found("wrong-manifest-type", files)] == [7]
    assert [line for line, _ in found("missing-manifest-field", files)] == [6]
    del files["crd.yaml"]
    assert found("unknown-manifest-field", files) == []


@pytest.mark.parametrize(
    ("version", "lines"), [(None, [1]), ("1.24", [1]), ("1.25", [1]), ("1.20", []), ("1.31", [1])]
)
def test_removed_versions_follow_the_clusters_version(version: str | None, lines: list[int]) -> None:
    head = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\n"
    text = f"{head}metadata: {{name: a}}\nspec: {{maxUnavailable: 1}}\n"
    settings = of_version(version) if version is not None else None
    assert [line for line, _ in found("removed-api-version", {"k8s/pdb.yaml": text}, settings)] == lines


def test_a_beta_that_a_later_table_lacks_is_told_to_those_who_ask() -> None:
    text = "apiVersion: resource.k8s.io/v1alpha3\nkind: DeviceClass\nmetadata: {name: a}\nspec: {}\n"
    assert found("removed-api-version", {"k8s/cidr.yaml": text}, Settings()) == []


APPLICATION = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  project: default
  source: {repoURL: "https://git.example/shop", path: k8s, targetRevision: v1.4.0}
  destination: {name: production, namespace: shop}
  syncPolicy:
    automated: {prune: true, selfheal: true}
"""
ROLLOUT = """apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec:
  strategy:
    canary:
      steps:
        - setWeigth: 20
        - pause: {duration: 10m}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, imag: "registry.example/web:1.0.0"}]
"""
PIPELINE = """apiVersion: tekton.dev/v1beta1
kind: Pipeline
metadata: {name: release}
spec:
  tasks:
    - name: build
      taskRef: {name: build}
    - name: test
      runafter: [build]
      taskSpec:
        steps: [{name: test, image: registry.example/test, comand: [make]}]
"""


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        (APPLICATION, ["selfHeal"]),
        (ROLLOUT, ["setWeight", "image"]),
        (PIPELINE, ["runAfter", "command"]),
    ],
)
def test_what_argo_and_tekton_bring_is_known(text: str, nearest: list[str]) -> None:
    messages = [message for _, message in found("unknown-manifest-field", {"k8s/it.yaml": text})]
    assert [message.rpartition("`; the nearest is `")[2].rstrip("`") for message in messages] == nearest


def test_a_definition_in_the_workspace_is_believed_before_the_table() -> None:
    definition = DEFINITION.replace("shop.example", "argoproj.io").replace("Backup", "Application")
    definition = definition.replace("name: v1\n", "name: v1alpha1\n")
    messages = [
        message
        for _, message in found(
            "unknown-manifest-field", {"k8s/crd.yaml": definition, "k8s/it.yaml": APPLICATION}
        )
    ]
    assert "`Application` has no field `spec.project`" in messages


def test_a_parameter_of_an_application_is_a_text() -> None:
    text = APPLICATION.replace(
        "targetRevision: v1.4.0",
        'targetRevision: v1, helm: {parameters: [{name: count, value: 3}, {name: tag, value: "{{x}}"}]}',
    )
    assert found("wrong-manifest-type", {"k8s/it.yaml": text}) == [
        (6, "`spec.source.helm.parameters.value` of a `Application` is a text, not `3`")
    ]
