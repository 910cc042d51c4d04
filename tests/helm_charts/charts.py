"""Charts that need nothing but their own files: what templates of real charts do, in small."""

Files = dict[str, str]

CHART = "apiVersion: v2\nname: shop\nversion: 1.2.3\nappVersion: '4.5'\n"


def config(*lines: str) -> str:
    """Return a template of a ConfigMap with these lines below `data`."""
    body = "".join(f"{line}\n" for line in lines)
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: made\ndata:\n{body}"


VALUES = """\
name: web
empty: ""
count: 3
share: 0.5
isOn: true
isOff: false
nothing:
image:
  repository: example.com/web
  tag: ""
hosts:
  - name: a.example.com
    paths: [/, /api]
  - name: b.example.com
    paths: []
labels:
  zone: b
  area: a
limits: {cpu: 100m, memory: 1Gi}
template: "{{ .Values.name }}-{{ .Chart.Name }}"
script: |
  one
    two
"""

TEMPLATES: dict[str, str] = {
    "defaults": config(
        "  a: {{ .Values.empty | default .Values.name }}",
        "  b: {{ .Values.image.tag | default .Chart.AppVersion | quote }}",
        '  c: {{ coalesce .Values.nothing .Values.empty "last" }}',
        '  d: {{ required "needed" .Values.name }}',
        '  e: {{ ternary "on" "off" .Values.isOn }}',
        '  f: {{ .Values.image.tag | empty | ternary "none" "some" }}',
    ),
    "conditions": config(
        '  {{- if and .Values.isOn (not .Values.isOff) }}\n  a: "1"\n  {{- end }}',
        '  {{- if or .Values.isOff .Values.empty }}\n  b: "1"',
        '  {{- else if eq .Values.name "web" "api" }}\n  b: "2"\n  {{- else }}\n  b: "3"\n  {{- end }}',
        '  {{- if gt (int .Values.count) 2 }}\n  c: "1"\n  {{- end }}',
        '  {{- with .Values.nothing }}\n  d: {{ . }}\n  {{- else }}\n  d: "0"\n  {{- end }}',
        '  {{- if hasKey .Values.labels "zone" }}\n  e: {{ .Values.labels.zone }}\n  {{- end }}',
        '  {{- if semverCompare ">=1.21-0" .Capabilities.KubeVersion.Version }}\n  f: "1"\n  {{- end }}',
    ),
    "loops": config(
        "  {{- range $number, $host := .Values.hosts }}",
        "  host{{ $number }}: {{ $host.name }}",
        "  {{- range .paths }}",
        '  "{{ $number }}-{{ . | trimPrefix "/" }}": {{ $.Values.name | quote }}',
        "  {{- else }}",
        '  none{{ $number }}: ""',
        "  {{- end }}",
        "  {{- end }}",
        "  {{- range $key, $value := .Values.labels }}",
        "  {{ $key }}: {{ $value }}",
        "  {{- end }}",
        "  {{- range until 2 }}\n  n{{ . }}: x\n  {{- end }}",
    ),
    "structures": config(
        "  a: |\n    {{- toYaml .Values.limits | nindent 4 }}",
        "  b: |\n{{ toYaml .Values.hosts | indent 4 }}",
        "  c: {{ .Values.script | quote }}",
        "  d: |-\n    {{- .Values.script | nindent 4 }}",
        '  e: {{ index .Values.hosts 0 "name" }}',
        '  f: {{ dig "image" "pull" "Always" .Values.AsMap | default "x" }}'.replace(
            ".Values.AsMap", "(dict)"
        ),
        '  g: {{ join "," (index .Values.hosts 0).paths }}',
        "  h: {{ (first .Values.hosts).name }}",
        '  i: {{ get (merge (dict "a" "1") (dict "a" "2")) "a" | quote }}',
        "  j: {{ len .Values.hosts | quote }}",
    ),
    "texts": config(
        '  a: {{ printf "%s-%d" .Values.name (int .Values.count) }}',
        "  b: {{ .Values.name | upper | trunc 2 }}",
        '  c: {{ "a-b-" | trimSuffix "-" }}',
        "  d: {{ .Values.name | b64enc }}",
        '  e: {{ .Values.name | replace "w" "v" | squote }}',
        '  f: "{{ .Values.image.repository }}:{{ .Chart.AppVersion }}"',
        '  g: {{ contains "e" .Values.name | quote }}',
        "  h: {{ .Values.share | quote }}",
        "  i: {{ .Values.isOn | quote }}",
        "  j: {{ tpl .Values.template . }}",
        '  k: {{ splitList "." "a.b" | last }}',
        "  l: {{ add 1 .Values.count | quote }}",
        "  m: {{ .Release.Name }}-{{ .Release.Service }}",
        '  n: {{ .Chart.Version | replace "+" "_" }}',
        "  o: {{ mul 2 .Values.count | toString | quote }}",
        "  p: {{ title .Values.name }}",
    ),
    "variables": config(
        "  {{- $name := .Values.name }}",
        '  {{- if .Values.isOn }}{{ $name = "other" }}{{ end }}',
        "  a: {{ $name }}",
        "  {{- $all := list 1 2 }}",
        "  {{- $all = append $all 3 }}",
        '  b: {{ $all | join "-" | quote }}',
        '  {{- $known := dict "x" "1" }}',
        '  {{- $_ := set $known "y" "2" }}',
        "  c: {{ $known | toYaml | quote }}",
    ),
    "included": '{{- define "shop.name" -}}{{ .Values.name }}-{{ .Chart.Name }}{{- end -}}\n'
    '{{- define "shop.labels" }}\nname: {{ include "shop.name" . }}\n{{- with .Values.labels }}\n'
    "{{ toYaml . }}\n{{- end }}\n{{- end }}\n"
    + config(
        '  a: {{ include "shop.name" . }}',
        '  {{- include "shop.labels" . | nindent 2 }}',
        '  b: {{ template "shop.name" . }}',
        '  c: {{ include "shop.name" (dict "Values" (dict "name" "x") "Chart" .Chart) | quote }}',
    ),
}

SHOP: Files = {
    "Chart.yaml": CHART,
    "values.yaml": VALUES,
    **{f"templates/{name}.yaml": text for name, text in TEMPLATES.items()},
}

PARTS: Files = {
    "Chart.yaml": CHART
    + """\
dependencies:
  - name: cache
    version: 1.0.0
    alias: sessions
    condition: sessions.enabled
  - name: queue
    version: 1.0.0
    condition: queue.enabled
""",
    "values.yaml": """\
global:
  domain: example.com
sessions:
  enabled: true
  size: 2
queue:
  enabled: false
""",
    "values-production.yaml": "sessions:\n  size: 5\n  kind: null\nqueue:\n  enabled: true\n",
    "templates/own.yaml": config(
        "  a: {{ .Values.sessions.size | quote }}", "  b: {{ .Values.sessions.kind | quote }}"
    ),
    "charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
    "charts/cache/values.yaml": "size: 1\nkind: memory\nglobal:\n  domain: none\n  zone: a\n",
    "charts/cache/templates/cache.yaml": config(
        "  size: {{ .Values.size | quote }}",
        "  kind: {{ .Values.kind | quote }}",
        "  domain: {{ .Values.global.domain }}-{{ .Values.global.zone }}",
        "  chart: {{ .Chart.Name }}",
    ),
    "charts/queue/Chart.yaml": "apiVersion: v2\nname: queue\nversion: 1.0.0\n",
    "charts/queue/values.yaml": "length: 10\n",
    "charts/queue/templates/queue.yaml": config("  length: {{ .Values.length | quote }}"),
}
