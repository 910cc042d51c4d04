"""Charts as they are deployed: what rules find in rendered objects, and where they tell it."""

import pytest

from rollsafe.rules import Rule, Safety
from rollsafe.workspace.settings import Settings
from tests.checking import ALL_RULES, Seen, check, check_rule, open_project, try_fixes

CHART = """\
apiVersion: v2
name: orders
version: 1.0.0
appVersion: "2.4.0"
"""
HELPERS = """\
{{- define "orders.labels" -}}
app: {{ .Chart.Name }}
{{- end }}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  strategy:
    type: {{ .Values.strategy }}
  selector:
    matchLabels:
      {{- include "orders.labels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "orders.labels" . | nindent 8 }}
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            - containerPort: 8080
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector:
    {{- include "orders.labels" . | nindent 4 }}
  ports:
    - port: 80
      targetPort: 8080
"""
VALUES = """\
replicas: 2
strategy: RollingUpdate
image:
  repository: registry.example.com/orders
  tag: ""
resources:
  limits:
    memory: 512Mi
"""


def chart(values: str = VALUES, deployment: str = DEPLOYMENT, **others: str) -> dict[str, str]:
    """Return the files of a chart; `values_x="…"` is a file `values-x.yaml`."""
    return {
        "chart/Chart.yaml": CHART,
        "chart/values.yaml": values,
        "chart/templates/_helpers.tpl": HELPERS,
        "chart/templates/deployment.yaml": deployment,
        "chart/templates/service.yaml": SERVICE,
        **{f"chart/{name.replace('_', '-')}.yaml": text for name, text in others.items()},
    }


def places(found: list[Seen]) -> list[tuple[str, int]]:
    return [(one.path, one.line) for one in found]


def test_a_value_is_judged_where_it_is_written() -> None:
    found = check_rule("recreate-strategy", chart(VALUES.replace("RollingUpdate", "Recreate")))
    assert places(found) == [("chart/values.yaml", 2)]


def test_what_the_template_says_is_told_there() -> None:
    text = DEPLOYMENT.replace("{{ .Values.strategy }}", "Recreate")
    assert places(check_rule("recreate-strategy", chart(deployment=text))) == [
        ("chart/templates/deployment.yaml", 8)
    ]


def test_a_default_of_the_chart_counts_where_the_value_is_empty() -> None:
    assert check_rule("floating-image-tag", chart()) == []
    found = check_rule("floating-image-tag", chart(VALUES.replace('""', "latest")))
    assert places(found) == [("chart/templates/deployment.yaml", 19)]


def test_what_a_whole_value_brings_is_there() -> None:
    assert check_rule("missing-memory-limit", chart()) == []
    bare = VALUES[: VALUES.index("resources")] + "resources: {}\n"
    assert places(check_rule("missing-memory-limit", chart(bare))) == [
        ("chart/templates/deployment.yaml", 18)
    ]


def test_objects_of_several_templates_see_each_other() -> None:
    """Labels of all of them come from a helper, so that the selector is known after rendering only."""
    assert check_rule("service-without-pods", chart()) == []
    files = chart()
    files["chart/templates/service.yaml"] = SERVICE.replace(
        '{{- include "orders.labels" . | nindent 4 }}', "app: web"
    )
    assert places(check_rule("service-without-pods", files)) == [("chart/templates/service.yaml", 7)]


def test_what_is_not_known_is_not_missing() -> None:
    for condition in ("lookup `v1` `Secret` .Release.Namespace `x`", ".Capabilities.APIVersions.Has `x/y`"):
        probe = f"{{{{- if {condition} }}}}\n          readinessProbe: {{}}\n          {{{{- end }}}}"
        text = DEPLOYMENT.replace("          ports:", f"          {probe}\n          ports:")
        assert check_rule("missing-readiness-probe", chart(deployment=text)) == []


def test_unknown_text_may_hold_anything() -> None:
    tag = '          {{- tpl (.Files.Get "probe.yaml") . | nindent 10 }}\n'
    text = DEPLOYMENT.replace("          ports:", f"{tag}          ports:")
    assert check_rule("missing-readiness-probe", chart(deployment=text)) == []


TEMPLATE = "chart/templates/deployment.yaml"
PRODUCTION = "replicas: 3\nstrategy: Recreate\n"


def test_values_of_environments_are_judged_too() -> None:
    found = check_rule("recreate-strategy", chart(values_production=PRODUCTION))
    assert places(found) == [("chart/values-production.yaml", 2)]


def test_a_finding_of_one_environment_alone_names_its_values() -> None:
    text = DEPLOYMENT.replace(
        "{{ .Values.strategy }}", '{{ eq .Values.strategy "Recreate" | ternary "Recreate" "RollingUpdate" }}'
    )
    files = chart(deployment=text, values_production="replicas: 3\n", values_staging=PRODUCTION)
    (found,) = check_rule("recreate-strategy", files)
    assert (found.path, found.line) == ("chart/templates/deployment.yaml", 8)
    assert "with `values-staging.yaml`" in found.message


def test_a_finding_of_all_environments_is_told_once() -> None:
    files = chart(
        VALUES.replace("RollingUpdate", "Recreate"),
        values_production="replicas: 3\n",
        values_staging="replicas: 4\n",
    )
    assert places(check_rule("recreate-strategy", files)) == [("chart/values.yaml", 2)]


def test_values_for_development_are_nobodys_business() -> None:
    assert check_rule("recreate-strategy", chart(values_dev=PRODUCTION)) == []


def test_what_the_template_tells_anyway_is_not_told_twice() -> None:
    found = check(chart(VALUES[: VALUES.index("resources")]), Settings(level="auditor"))
    marks = [(one.path, one.line, one.rule) for one in found if one.path.endswith("deployment.yaml")]
    assert len(marks) == len(set(marks))


def test_a_key_that_a_pipeline_sets_is_not_known() -> None:
    workflow = """\
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: helm upgrade --install orders ./chart --set strategy=Recreate --atomic
"""
    files = chart(VALUES.replace("RollingUpdate", "Recreate"))
    assert check_rule("recreate-strategy", files | {".github/workflows/deploy.yaml": workflow}) == []


def test_parts_of_a_chart_get_their_values_from_it() -> None:
    files = {path.replace("chart/", "chart/charts/orders/"): text for path, text in chart().items()}
    files |= {
        "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "chart/values.yaml": "orders:\n  strategy: Recreate\n",
    }
    assert places(check_rule("recreate-strategy", files)) == [("chart/values.yaml", 2)]


def test_a_part_that_is_switched_off_is_not_deployed() -> None:
    files = {path.replace("chart/", "chart/charts/orders/"): text for path, text in chart().items()}
    top = """\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - name: orders
    version: 1.0.0
    condition: orders.enabled
"""
    values = "orders:\n  enabled: {}\n  strategy: Recreate\n"
    for is_on, count in (("true", 1), ("false", 0)):
        files |= {"chart/Chart.yaml": top, "chart/values.yaml": values.format(is_on)}
        assert len(check_rule("recreate-strategy", files)) == count


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("chart/values.yaml", "RollingUpdate", "Recreate", [("chart/values.yaml", 2)]),
        (TEMPLATE, "{{ .Values.strategy }}", "Recreate", [(TEMPLATE, 8)]),
        ("chart/values.yaml", "replicas: 2", "# how many\n\nreplicas: 2", []),
        ("chart/templates/_helpers.tpl", "app:", "name:", []),
    ],
)  # fmt: skip
def test_after_an_edit_the_same_is_told_as_at_the_start(
    path: str, old: str, new: str, expected: list[tuple[str, int]]
) -> None:
    files = chart()
    project = open_project(files)
    for text in (files[path].replace(old, new), files[path], files[path].replace(old, new)):
        project.replace({path: text})
        fresh = open_project({**files, path: text}).engine.all_findings()
        told = [(one.path, one.span, one.rule.name, one.message) for one in project.engine.all_findings()]
        assert told == [(one.path, one.span, one.rule.name, one.message) for one in fresh]
    found = [one for one in project.engine.all_findings() if one.rule.name == "recreate-strategy"]
    assert [(one.path, one.file.line_number(one.span)) for one in found] == expected


def test_a_finding_moves_with_the_line_it_is_on() -> None:
    files = chart(VALUES.replace("RollingUpdate", "Recreate"))
    project = open_project(files)
    project.replace({"chart/values.yaml": f"# one\n{files['chart/values.yaml']}"})
    found = [one for one in project.engine.all_findings() if one.rule.name == "recreate-strategy"]
    assert [one.file.line_number(one.span) for one in found] == [3]


# Fixes --------------------------------------------------------------------------------------------


def rule_named(name: str) -> Rule:
    return next(rule for rule in ALL_RULES if rule.name == name)


KEPT = DEPLOYMENT.replace(
    "spec:\n  replicas", "spec:\n  revisionHistoryLimit: {{ .Values.history }}\n  replicas"
)


@pytest.mark.parametrize(
    ("rule", "files", "changed"),
    [
        (
            "rollback-disabled",
            chart(f"{VALUES}history: 0\n", KEPT),
            {"chart/values.yaml": ("history: 0", "history: 3")},
        ),
        (
            "rollback-disabled",
            chart(deployment=KEPT.replace("{{ .Values.history }}", "0")),
            {TEMPLATE: ("revisionHistoryLimit: 0", "revisionHistoryLimit: 3")},
        ),
    ],
)
def test_a_fix_is_written_where_the_words_stand(
    rule: str, files: dict[str, str], changed: dict[str, tuple[str, str]]
) -> None:
    (tried, *_) = try_fixes(files, rule_named(rule))
    assert tried.result == {path: files[path].replace(*words) for path, words in changed.items()}
    assert rule not in {one.rule.name for one in tried.after}


def test_a_fix_of_what_a_loop_makes_is_not_offered() -> None:
    """The words stand once and are printed several times: changing them changes more than the finding."""
    looped = """\
{{- range list "a" "b" }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ . }}
spec:
  replicas: 2
  strategy:
    type: {{ "Recreate" }}
  selector:
    matchLabels: {app: "{{ . }}"}
  template:
    metadata:
      labels: {app: "{{ . }}"}
    spec:
      containers:
        - name: web
          image: example.com/web:1.2.3
---
{{- end }}
"""
    for text in (looped, looped.replace('{{ "Recreate" }}', "Recreate")):
        assert [
            one.result for one in try_fixes(chart(deployment=text), rule_named("recreate-strategy"))
        ] == []


def test_every_fix_of_a_chart_keeps_it_a_chart() -> None:
    """Each fix at the level that says most is applied by itself; its finding goes, and nothing breaks."""
    files = chart(VALUES.replace("RollingUpdate", "Recreate"), values_production="replicas: 1\n")
    for rule in {one.rule for one in check(files, Settings(level="auditor"))}:
        for tried in try_fixes(files, rule_named(rule)):
            now = {**files, **tried.result}
            assert all(text.count("{{") == text.count("}}") for text in now.values())
            if tried.safety is not Safety.MANUAL:
                left = [one for one in tried.after if one.rule.name == rule]
                assert len(left) < len([one for one in tried.before if one.rule.name == rule]), tried.title


# Hostile charts -----------------------------------------------------------------------------------

HOSTILE = {
    "recursion": '{{ define "r" }}{{ include "r" . }}{{ include "r" . }}{{ end }}a: {{ include "r" . }}',
    "long loops": "{{ range until 1000000000 }}{{ range until 1000000000 }}x{{ end }}{{ end }}",
    "a large number": "{{ range .Values.replicas }}{{ range 100000000000000 }}x{{ end }}{{ end }}",
    "doubled text": '{{ $x := "aaaa" }}{{ range until 400 }}{{ $x = printf "%s%s" $x $x }}{{ end }}{{ $x }}',
    "doubled trees": '{{ $x := 1 }}{{ range until 99 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ toYaml $x }}',
    "deep blocks": "{{ if .Values.replicas }}" * 5_000 + "x: 1" + "{{ end }}" * 5_000,
    "deep parentheses": "{{ " + "(" * 5_000 + ".Values.replicas" + ")" * 5_000 + " }}",
    "a template of itself": "{{ tpl .Values.itself . }}",
    "an open tag": "{{ if .Values.replicas",
    "changed values": '{{ $_ := set .Values "strategy" "Recreate" }}',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_template_that_is_too_much_costs_its_own_findings_only(text: str) -> None:
    values = VALUES.replace("RollingUpdate", "Recreate") + "itself: '{{ tpl .Values.itself . }}'\n"
    body = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: |\n    {text}\n"
    files = {**chart(values), "chart/templates/hostile.yaml": body}
    assert places(check_rule("recreate-strategy", files)) == [("chart/values.yaml", 2)]


def test_values_without_end_are_not_known() -> None:
    large = VALUES.replace("RollingUpdate", "Recreate") + "".join(
        f"k{n}: {{a: 1, b: [2]}}\n" for n in range(20_000)
    )
    assert check_rule("recreate-strategy", chart(large)) == []
