"""Charts on the service map: what they run in each environment, and what only Helm could tell."""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from rollsafe.cli import main
from tests.plans.repositories import Change, Files, repository
from tests.plans.walking import Json, objects

HELPERS = """\
{{/* The name everything is called by. */}}
{{- define "web.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}
{{- define "web.labels" -}}
app.kubernetes.io/name: {{ include "web.fullname" . }}
{{- end }}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.fullname" . }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "web.labels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "web.labels" . | nindent 8 }}
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          ports:
            - name: http
              containerPort: {{ .Values.service.port }}
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
            {{- with .Values.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          readinessProbe:
            httpGet: {path: /ready, port: http}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {{ include "web.fullname" . }}
spec:
  selector:
    {{- include "web.labels" . | nindent 4 }}
  ports:
    - {port: 80, targetPort: http}
"""
JOB = """\
{{- if .Values.cleanup.enabled }}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ include "web.fullname" . }}-cleanup
spec:
  schedule: {{ .Values.cleanup.schedule | quote }}
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: cleanup
              image: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
"""
TEST = """\
apiVersion: v1
kind: Pod
metadata:
  name: probe
  annotations: {"helm.sh/hook": test}
spec:
  containers:
    - {name: probe, image: busybox:1}
"""
VALUES = """\
replicaCount: 2
image:
  repository: registry.example/web
  tag: ""
service:
  port: 8080
autoscaling:
  enabled: false
cleanup:
  enabled: false
  schedule: "0 4 * * *"
env:
  LEVEL: info
  API_URL: http://api
extraEnv:
  - name: TOKEN
    valueFrom:
      secretKeyRef: {name: web, key: token}
"""
CHART = {
    "deploy/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: 1.8.0\n",
    "deploy/web/values.yaml": VALUES,
    "deploy/web/values-prod.yaml": "replicaCount: 6\nenv:\n  LEVEL: warn\ncleanup:\n  enabled: true\n",
    "deploy/web/values-staging.yaml": "image:\n  tag: 1.9.0-rc1\nenv:\n  EXTRA: x\n",
    "deploy/web/templates/_helpers.tpl": HELPERS,
    "deploy/web/templates/deployment.yaml": DEPLOYMENT,
    "deploy/web/templates/service.yaml": SERVICE,
    "deploy/web/templates/cleanup.yaml": JOB,
    "deploy/web/templates/tests/test.yaml": TEST,
    "deploy/web/templates/NOTES.txt": "{{ .Values.nothing }}\n",
}


def mapped(root: Path, files: Files, form: str = "json") -> str:
    repository(root, Change(files))
    with io.TextIOWrapper(io.BytesIO(), "utf-8") as stream:
        with redirect_stdout(stream):
            assert main(["map", str(root), "--format", form]) == 0
        stream.seek(0)
        return stream.read()


@pytest.fixture
def charted(tmp_path: Path) -> Callable[..., Json]:
    """Return the map of the chart above with some files put over it."""

    def make(changes: Files | None = None) -> Json:
        files = {path: text for path, text in {**CHART, **(changes or {})}.items() if text is not None}
        found: Json = json.loads(mapped(tmp_path / "repository", files))
        return found

    return make


def one(rows: list[Json], **wanted: object) -> Json:
    (found,) = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    return found


def names(found: Json) -> list[str]:
    return [service["name"] for service in found["services"]]


def unknowns(found: Json) -> list[str]:
    return [claim["text"] for claim in found["unknowns"]]


def test_a_chart_is_rendered_with_the_values_of_each_environment(charted: Callable[..., Json]) -> None:
    found = charted()
    assert found["environments"] == ["production", "staging"]
    web = one(found["services"], name="web")
    assert (web["environments"], web["ports"]) == (["production", "staging"], [8080])
    assert set(web["images"]) == {"registry.example/web:1.8.0", "registry.example/web:1.9.0-rc1"}
    assert (web["replicas"]["text"], web["probes"]["text"]) == ("6 in production", "readinessProbe")


def test_evidence_is_the_line_that_says_it(charted: Callable[..., Json]) -> None:
    found = charted()
    web = one(found["services"], name="web")
    assert web["claim"]["evidence"][0]["path"] == "deploy/web/templates/deployment.yaml"
    assert web["claim"]["evidence"][0]["line"] == 4
    assert web["replicas"]["evidence"] == [
        {"path": "deploy/web/values-prod.yaml", "line": 1, "commit": "WORKTREE"}
    ]
    level = one(found["keys"], subject="web", key="LEVEL")
    places = {
        cell["environment"]: (cell["evidence"]["path"], cell["evidence"]["line"]) for cell in level["cells"]
    }
    assert places == {
        "production": ("deploy/web/values-prod.yaml", 3),
        "staging": ("deploy/web/values.yaml", 13),
    }
    assert level["agreement"] == "differs"
    address = one(found["edges"], source="service:web")["addresses"][0]
    assert (address["variable"], address["evidence"]["path"], address["evidence"]["line"]) == (
        "API_URL",
        "deploy/web/values.yaml",
        14,
    )


def test_every_line_a_chart_is_quoted_for_is_there(charted: Callable[..., Json], tmp_path: Path) -> None:
    for part in objects(charted()):
        if {"path", "line", "commit"} <= part.keys():
            lines = (tmp_path / "repository" / part["path"]).read_text().splitlines()
            assert lines[part["line"] - 1].strip()


def test_what_values_switch_off_does_not_run(charted: Callable[..., Json]) -> None:
    found = charted()
    job = one(found["services"], name="web-cleanup")
    assert (job["environments"], job["schedule"]) == (["production"], "0 4 * * *")
    assert "probe" not in names(found)


def test_a_null_takes_a_value_away(charted: Callable[..., Json]) -> None:
    found = charted({"deploy/web/values-prod.yaml": "env:\n  LEVEL: null\n"})
    level = one(found["keys"], subject="web", key="LEVEL")
    assert {cell["environment"]: cell["state"] for cell in level["cells"]} == {
        "production": "unset",
        "staging": "set",
    }


def test_what_a_pipeline_sets_is_not_told_from_the_values(charted: Callable[..., Json]) -> None:
    job = (
        "on: push\njobs:\n  deploy:\n    runs-on: u\n    environment: production\n    steps:\n"
        "      - run: helm upgrade --install shop deploy/web -f deploy/web/values-prod.yaml"
        " --set image.tag=$GITHUB_SHA --set replicaCount=$N\n"
    )
    found = charted({".github/workflows/deploy.yml": job})
    web = one(found["services"], name="shop-web")
    assert web["replicas"]["status"] == "UNKNOWN"
    assert not any("1.8.0" in image for image in web["images"])
    deploy = one(one(found["coverage"], service="service:shop-web")["stages"], stage="deploy")
    assert [stage["text"] for stage in deploy["jobs"]] == ["deploy"]


def test_a_chart_without_environments_is_one(charted: Callable[..., Json]) -> None:
    found = charted({"deploy/web/values-prod.yaml": None, "deploy/web/values-staging.yaml": None})
    assert found["environments"] == ["deploy/web"]
    assert one(found["services"], name="web")["replicas"]["text"] == "2 in deploy/web"


@pytest.mark.parametrize(
    "name",
    [
        '{{ lookup "v1" "Secret" "a" "b" | toString | sha256sum }}',
        "{{ randAlphaNum 5 }}",
        "{{ .Release.Revision }}",
    ],
)
def test_a_name_only_helm_knows_is_unknown(name: str, charted: Callable[..., Json]) -> None:
    template = DEPLOYMENT.replace('{{ include "web.fullname" . }}', f"web-{name}", 1)
    found = charted({"deploy/web/templates/deployment.yaml": template})
    assert names(found) == ["web-cleanup"]
    assert any("what Deployment" in text and "of chart `web` is called" in text for text in unknowns(found))


@pytest.mark.parametrize(
    "condition",
    ["if .Release.IsUpgrade", "if nosuch .Values.x", 'with lookupThing "a"', "if (.Files.Get `x`)"],
)
def test_a_condition_nobody_knows_takes_its_way_out(condition: str, charted: Callable[..., Json]) -> None:
    template = DEPLOYMENT.replace(
        "  {{- if not .Values.autoscaling.enabled }}\n  replicas: {{ .Values.replicaCount }}\n  {{- end }}\n",
        f"  {{{{- {condition} }}}}\n  replicas: 1\n  {{{{- else }}}}\n  replicas: 4\n  {{{{- end }}}}\n",
    )
    found = charted({"deploy/web/templates/deployment.yaml": template})
    assert one(found["services"], name="web")["replicas"]["text"] == "4 in production"


def test_a_part_of_the_repository_is_rendered_with_the_values_it_is_given(
    charted: Callable[..., Json],
) -> None:
    inner = {
        path.replace("deploy/web/", "deploy/shop/charts/web/"): text
        for path, text in CHART.items()
        if "values-" not in path
    }
    chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n  - {name: web, version: 1.0.0, condition: web.enabled}\n"
    outer = {
        "deploy/shop/Chart.yaml": chart,
        "deploy/shop/values.yaml": "web:\n  enabled: true\n  replicaCount: 3\n",
    }
    gone = dict.fromkeys(CHART)
    found = charted({**gone, **inner, **outer})
    assert one(found["services"], name="shop-web")["replicas"]["text"] == "3 in deploy/shop"
    off = {"deploy/shop/values.yaml": "web:\n  enabled: false\n"}
    assert names(charted({**gone, **inner, **outer, **off})) == []


FOREIGN = {
    "helm/api/Chart.yaml": (
        "apiVersion: v2\nname: api\nversion: 0.1.0\ndependencies:\n"
        "  - {name: generic-service, version: 3.1.0, repository: 'https://charts.example'}\n"
        "  - {name: postgresql, version: 15.0.0, repository: 'https://charts.example', condition: postgresql.enabled}\n"
        "  - {name: generic-alerts, version: 1.1.0, repository: 'https://charts.example'}\n"
    ),
    "helm/api/values.yaml": (
        "generic-service:\n  image:\n    repository: registry.example/api\n    tag: set_by_pipeline\n    port: 8080\n"
        "  replicaCount: 4\n  ingress:\n    tlsSecretName: cert\n  env:\n    LEVEL: info\n"
        "  namespace_secrets:\n    database:\n      DB_PASS: password\n"
        "postgresql:\n  enabled: true\n"
    ),
    "helm/values-prod.yaml": (
        "generic-service:\n  ingress:\n    host: api.example.org\n  env:\n    USERS_URL: https://users.example.org\n"
    ),
    "helm/values-dev.yaml": "generic-service:\n  replicaCount: 1\npostgresql:\n  enabled: false\n",
}


def test_a_chart_from_elsewhere_is_known_by_the_values_it_is_given(tmp_path: Path) -> None:
    found = json.loads(mapped(tmp_path / "repository", FOREIGN))
    api = one(found["services"], name="api")
    assert (api["kind"], api["ports"], api["environments"]) == (
        "service",
        [8080],
        ["development", "production"],
    )
    assert api["replicas"]["text"] == "4 in production"
    assert api["probes"]["status"] == "UNKNOWN"
    assert one(found["services"], kind="store")["product"] == "PostgreSQL"
    assert one(found["services"], kind="store")["environments"] == ["production"]
    secret = one(found["keys"], subject="api", key="DB_PASS")
    assert {cell["state"] for cell in secret["cells"]} == {"secret"}
    way = one(found["entrances"], target="service:api")
    assert (way["name"], way["is_encrypted"]) == ("api.example.org/", True)
    text = "what chart `generic-alerts` 1.1.0 deploys for `api`: it is not in the repository"
    assert text in unknowns(found)


def test_a_chart_that_would_never_end_is_said_to_be_too_much(charted: Callable[..., Json]) -> None:
    endless = '{{- define "a" -}}{{ include "a" . }}{{ include "a" . }}{{- end -}}\n'
    doubling = (
        '{{- $x := "aaaaaaaa" }}{{ range until 400 }}{{ $x = printf "%s%s" $x $x }}{{ end }}k: {{ $x }}\n'
    )
    found = charted(
        {
            "deploy/web/templates/_endless.tpl": endless,
            "deploy/web/templates/endless.yaml": 'k: {{ include "a" . }}\n',
            "deploy/web/templates/doubling.yaml": doubling,
            "deploy/web/templates/wide.yaml": "{{ range until 2000 }}{{ range until 2000 }}x{{ end }}{{ end }}\n",
        }
    )
    assert "web" in names(found)
    assert any("templates/endless.yaml" in text for text in unknowns(found))


def test_a_secret_in_the_values_is_told_nowhere(tmp_path: Path) -> None:
    values = VALUES + "password: hunter2hunter2\n"
    template = DEPLOYMENT.replace(
        "          readinessProbe:",
        "            - {name: PASSWORD, value: {{ .Values.password }}}\n          readinessProbe:",
    )
    files = {**CHART, "deploy/web/values.yaml": values, "deploy/web/templates/deployment.yaml": template}
    for number, form in enumerate(("json", "markdown")):
        text = mapped(tmp_path / str(number), files, form)
        assert "PASSWORD" in text
        assert "hunter2" not in text
