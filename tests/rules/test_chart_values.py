"""Values of charts: what templates read and no file has, and the other way round."""

import pytest

from tests.checking import check_rule

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
VALUES = "image:\n  repository: a/b\n  tag: '1'\nport: 80\nextra: {}\n"
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"


def undefined(line: str, values: str = VALUES, **files: str) -> list[str]:
    """Return what is said of a template with one line of data."""
    project = {"c/Chart.yaml": CHART, "c/values.yaml": values, "c/templates/a.yaml": f"{HEAD}  {line}\n"}
    found = check_rule("undefined-chart-value", project | files)
    assert all(one.line == 5 for one in found)
    return [one.message.split("`")[3] for one in found]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("a: {{ .Values.port }}", []),
        ("a: {{ .Values.prot }}", ["prot"]),
        ("a: {{ $.Values.image.tga | quote }}", ["image.tga"]),
        ("a: {{ .Values.other.name }}", ["other.name"]),
        ("a: {{ .Values.other | default 1 }}", []),
        ('a: {{ required "x" .Values.other }}', []),
        ('a: {{ fail "set .Values.other" }}', []),
        ("a: {{/* .Values.other */}}1", []),
        ("{{ if .Values.other }}a: {{ .Values.other.name }}{{ end }}", []),
        ("{{ if .Values.other }}{{ end }}a: {{ .Values.other }}", ["other"]),
        ("{{ with .Values.image }}a: {{ .tag }}{{ end }}", []),
        ("a: {{ .Values.global.name }}", []),
        ("a: {{ toYaml .Values | quote }}", []),
        ("a: {{ .Values.prot", []),
    ],
)
def test_values_that_templates_read(line: str, names: list[str]) -> None:
    assert undefined(line) == names


@pytest.mark.parametrize(
    ("path", "text", "is_told"),
    [
        ("c/values-production.yaml", "prot: 81\n", False),
        ("values-production.yaml", "prot: 81\n", False),
        ("c/values-production.yaml", "port: 81\n", True),
        ("c/values/production.yaml", "prot: 81\n", False),
        ("c/charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n", False),
        ("d/Chart.yaml", f"{CHART.replace('shop', 'all')}dependencies: [{{name: shop}}]\n", False),
        ("c/Chart.yaml", f"{CHART}type: library\n", False),
    ],
)
def test_values_may_come_from_elsewhere(path: str, text: str, is_told: bool) -> None:
    files = {
        "c/Chart.yaml": CHART,
        "c/values.yaml": VALUES,
        "c/templates/a.yaml": f"{HEAD}  a: {{{{ .Values.prot }}}}\n",
        path: text,
    }
    assert bool(check_rule("undefined-chart-value", files)) is is_told


def unused(values: str, **files: str) -> list[int]:
    """Return the lines of an environment's values that nothing reads."""
    template = "{{ .Values.image.tag }}{{ .Values.port }}{{ with .Values.extra }}{{ .a }}{{ end }}"
    project = {
        "c/Chart.yaml": CHART,
        "c/values.yaml": VALUES.replace("  repository: a/b\n", ""),
        "c/templates/a.yaml": f"{HEAD}  a: {template}\n",
        "c/values-production.yaml": values,
    }
    found = check_rule("unused-chart-value", project | {f"c/{name}": text for name, text in files.items()})
    return [one.line for one in found]


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ("image:\n  tag: '2'\nport: 81\nextra: {b: 1}\nglobal: {a: 1}\n", []),
        ("image:\n  tga: '2'\nprot: 81\nother: {b: 1}\n", [2, 3, 4]),
        ("image: latest\n", []),
    ],
)
def test_values_that_nothing_reads(values: str, lines: list[int]) -> None:
    assert unused(values) == lines


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("templates/NOTES.txt", "{{ .Values.other }}", []),
        ("templates/more/_a.tpl", '{{ define "a" }}{{ .Values.other }}{{ end }}', []),
        ("templates/all.yaml", "{{ toYaml .Values }}\n", []),
        ("templates/all.yaml", "{{ tpl .Values.port . }}\n", []),
        ("templates/data.json", "{}", []),
        ("templates/b.yaml", "{{ .Values.port }}\n", [1]),
    ],
)
def test_values_may_be_read_anywhere(name: str, text: str, lines: list[int]) -> None:
    assert unused("other: 1\n", **{name: text}) == lines


LOOP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  {{- range $host := .Values.hosts }}
  {{ $host }}: "1"
  {{- end }}
"""


@pytest.mark.parametrize(
    ("value", "count"),
    [
        *(("a.example.com", 1), ('"a b"', 1), ("true", 1), ("3", 1)),
        *(("[a]", 0), ("{a: 1}", 0), ('""', 0), ("false", 0), ("", 0)),
    ],
)
def test_a_value_that_a_template_loops_over_has_parts(value: str, count: int) -> None:
    files = {
        "chart/Chart.yaml": "apiVersion: v2\nname: orders\nversion: 1.0.0\n",
        "chart/values.yaml": f"hosts: {value}\n",
        "chart/templates/settings.yaml": LOOP,
    }
    assert len(check_rule("looped-chart-value", files)) == count
    either = '{{ if kindIs "string" .Values.hosts }}{{ else }}' + LOOP + "{{ end }}"
    assert check_rule("looped-chart-value", {**files, "chart/templates/settings.yaml": either}) == []
