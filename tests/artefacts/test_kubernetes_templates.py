"""Manifests inside of Helm charts: what a template may add is unknown, never absent."""

import pytest

from rollsafe.artefacts.kubernetes import TEMPLATED, ConfigMap, Container, Service, Workload
from tests.artefacts.kubernetes_files import container, elements, only, source_of, workload

CHART = """\
{{- if .Values.web.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.fullname" . }}-web
  labels:
    {{- include "shop.labels" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "shop.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        app: web
        {{- include "shop.selectorLabels" . | nindent 8 }}
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          {{- with .Values.readinessProbe }}
          readinessProbe:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
---
{{- end }}
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    {{- include "shop.selectorLabels" . | nindent 4 }}
  ports:
    - port: {{ .Values.port }}
"""


def test_a_chart_template_is_read_around_its_tags() -> None:
    web = only(Workload, CHART, "charts/shop/templates/web.yaml")
    assert web.name == '{{ include "shop.fullname" . }}-web'
    assert not web.has_static_name
    assert list(web.graph_keys()) == ["file:charts/shop/templates/web.yaml", "label:app=web"]
    assert (web.replicas, web.replica_count) == (TEMPLATED, None)
    assert web.selector is not None
    assert not web.selector.is_known
    assert not web.pod_labels_are_known


def test_what_a_tag_fills_is_there_but_unknown() -> None:
    main = only(Container, CHART)
    probe = main.readiness_probe
    assert probe is not None
    assert not probe.is_known
    assert (probe.handler, probe.period, probe.budget) == (None, TEMPLATED, None)
    assert not main.lacks("readinessProbe")
    assert not main.lacks("resources", "limits", "memory")
    assert main.is_templated(main.node.at("resources"))
    assert main.image is not None
    assert main.image.is_dynamic


def test_what_no_tag_can_bring_is_absent() -> None:
    main = only(Container, CHART)
    assert main.lacks("livenessProbe")
    assert main.lacks("lifecycle", "preStop")
    web = main.workload
    assert web.lacks("spec", "strategy")
    assert web.lacks("spec", "template", "spec", "terminationGracePeriodSeconds")


def test_a_service_selecting_by_an_include_is_unknown() -> None:
    service = only(Service, CHART)
    assert service.label_selector is not None
    assert not service.label_selector.is_known
    assert service.ports[0].port is TEMPLATED


@pytest.mark.parametrize(
    ("tag", "absent"),
    [
        ("{{- toYaml .Values.extra | nindent 10 }}", False),
        ("{{- toYaml .Values.extra | indent 10 }}", False),
        ('{{ include "extra" . }}', False),
        ("{{- toYaml .Values.pod | nindent 6 }}", True),
        ("{{- if .Values.x }}", True),
        ("{{- end }}", True),
        ("{{- /* a comment */ -}}", True),
        ("{{- $x := .Values.x }}", True),
        ("# {{ .Values.x }}", True),
        ("", True),
    ],
)
def test_a_tag_adds_keys_where_it_is_indented_to(tag: str, absent: bool) -> None:
    text = f"""\
apiVersion: v1
kind: Pod
metadata: {{name: "{{{{ .x }}}}"}}
spec:
  containers:
        - name: main
          image: a
          {tag}
"""
    assert only(Container, text).lacks("readinessProbe") is absent


def test_a_tag_between_keys_counts_too() -> None:
    main = container("{{- toYaml .Values.probes | nindent 10 }}\ntty: true")
    assert not main.lacks("readinessProbe")


def test_flow_style_and_placeholders_of_other_tools() -> None:
    main = container("livenessProbe: ${PROBE}\ncommand: [sh, -c, 'echo $HOME']")
    assert main.liveness_probe is not None
    assert not main.liveness_probe.is_known
    assert main.is_templated(main.node.at("livenessProbe"))
    assert not main.is_templated(main.node.at("name"))


@pytest.mark.parametrize(
    ("data", "known"),
    [
        ("  a: 1", True),
        ("  a: {{ .Values.a }}", True),
        ("  {{ .Values.key }}: 1", False),
        ("  a: 1\n  {{- toYaml .Values.more | nindent 2 }}", False),
        ('  {{- (.Files.Glob "conf/*").AsConfig | nindent 2 }}', False),
    ],
)
def test_keys_of_a_config_map(data: str, known: bool) -> None:
    found = only(ConfigMap, f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n{data}\n")
    assert found.keys_are_known is known


def test_conditional_duplicates_are_read_as_the_last_one() -> None:
    web = workload("{{- if .a }}\nserviceAccountName: x\n{{- else }}\nserviceAccountName: y\n{{- end }}")
    assert web.service_account is not None
    assert web.service_account.name == "y"


def test_an_unfinished_tag_is_survived() -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: '{{ x }}'}\nspec:\n  a:\n  {{ broken\n"
    for found in elements(Workload, text):
        assert found.lacks("spec", "containers") in (True, False)
        assert source_of(found, found.title_node) == "'{{ x }}'"
