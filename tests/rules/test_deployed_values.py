"""Charts with the values they are deployed with: what is required, and what a schema allows."""

import json

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check, check_rule, open_project

CHART = "apiVersion: v2\nname: orders\nversion: 1.0.0\n"
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
REQUIRED = "missing-required-value"
WRONG = "wrong-chart-value"
ASKS = 'a: {{ required "say a" .Values.a | quote }}'


def chart(line: str, values: str = "a: ''\n", **others: str) -> dict[str, str]:
    """Return the files of a chart with a template of one line; `staging="…"` is a file of values."""
    return {
        "c/Chart.yaml": CHART,
        "c/values.yaml": values,
        "c/templates/a.yaml": f"{HEAD}  {line}\n",
        **{f"c/values-{name}.yaml": text for name, text in others.items()},
    }


@pytest.mark.parametrize(
    ("line", "staging", "production", "named"),
    [
        (ASKS, "a: x\n", "b: 1\n", "`a` is required and missing in `values-production.yaml`: say a"),
        (ASKS, "b: 1\n", "a: x\n", "`a` is required and missing in `values-staging.yaml`: say a"),
        (ASKS, "a: x\n", "a: y\n", None),
        (ASKS, "a: x\n", "a: 0\n", None),
        (ASKS, "a: x\n", "a: ''\n", "`a` is required and missing in `values-production.yaml`: say a"),
        ('a: {{ .Values.a | required "say a" }}', "a: x\n", "b: 1\n",
         "`a` is required and missing in `values-production.yaml`: say a"),
        (f"{{{{ if .Values.on }}}}{ASKS}{{{{ end }}}}", "a: x\n", "b: 1\n", None),
        (f"{{{{ if .Values.on }}}}{ASKS}{{{{ end }}}}", "a: x\non: true\n", "on: true\n",
         "`a` is required and missing in `values-production.yaml`: say a"),
        (f"{{{{ if .Release.IsUpgrade }}}}{ASKS}{{{{ end }}}}", "a: x\n", "b: 1\n", None),
        ('a: {{ required "say a" .Release.Namespace }}', "a: x\n", "b: 1\n", None),
        ('a: {{ required "say a" (.Files.Get "x") }}', "a: x\n", "b: 1\n", None),
    ],
)  # fmt: skip
def test_values_that_one_environment_lacks(
    line: str, staging: str, production: str, named: str | None
) -> None:
    found = check(chart(line, staging=staging, production=production), Settings(select=(REQUIRED,)))
    assert [(one.message, one.path, one.line, one.severity) for one in found] == (
        [(named, "c/templates/a.yaml", 5, "error")] if named else []
    )


def test_values_that_nobody_gives_are_hygiene() -> None:
    for others in ({}, {"production": "b: 1\n"}, {"production": "b: 1\n", "staging": "b: 2\n"}):
        files = chart(ASKS, **others)
        assert [one.severity for one in check_rule(REQUIRED, files)] == ["info"]
        assert not [one for one in check(files) if one.rule == REQUIRED]


def test_what_a_pipeline_sets_is_given() -> None:
    workflow = (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n"
        "      - run: helm upgrade --install orders c -f c/values-production.yaml --set a=$SHA\n"
    )
    files = chart(ASKS, production="b: 1\n", staging="a: 1\n")
    assert check_rule(REQUIRED, files)
    assert not check_rule(REQUIRED, files | {".github/workflows/a.yaml": workflow})


def test_a_helper_is_told_where_it_asks() -> None:
    files = chart('a: {{ include "x" . }}', production="b: 1\n", staging="a: 1\n")
    files["c/templates/_x.tpl"] = '{{- define "x" -}}\n{{ required "say a" .Values.a }}\n{{- end }}\n'
    (found,) = check_rule(REQUIRED, files)
    assert (found.path, found.line) == ("c/templates/_x.tpl", 2)


def schema(**properties: object) -> str:
    return json.dumps({"type": "object", "properties": properties, "additionalProperties": False})


WHOLE = {"type": "integer", "minimum": 1}
WORD = {"enum": ["info", "debug"]}
NAMED = {"type": "string", "pattern": "^[a-z]+$"}


@pytest.mark.parametrize(
    ("value", "allowed", "said"),
    [
        ("a: 3", WHOLE, None),
        ("a: '3'", WHOLE, "`a` is the text `3` and not a whole number"),
        ("a: 1.0", WHOLE, None),
        ("a: 0", WHOLE, "`a` is `0`, which is off its limit (`minimum 1`)"),
        ("a: null", WHOLE, None),
        ("a: inof", WORD, "`a` is `inof`, which is none of `info`, `debug`"),
        ("a: Big", NAMED, "`a` is `Big`, which is not of the form `^[a-z]+$`"),
        ("a: yes", {"type": "boolean"}, None),
        ("a: {c: 1}", {"type": "object", "properties": {"b": {}}}, None),
        ("a: {c: 1}", {"oneOf": [{"required": ["b"]}, {"required": ["c"]}]}, None),
        ("a: {c: 1}", {"not": {"required": ["b"]}}, None),
        ("b: 1", {}, "`values.schema.json` allows no `b`"),
        ("global: {b: 1}", {}, None),
        ("a: 1", {"$ref": "#/definitions/none"}, None),
        ("a: xx", {"pattern": "^(x+x+)+y$"}, None),
    ],
)
def test_values_are_held_against_the_schema(value: str, allowed: object, said: str | None) -> None:
    files = chart("a: {{ .Values.a | quote }}", "{}\n", production=f"{value}\n")
    files["c/values.schema.json"] = schema(a=allowed)
    found = check_rule(WRONG, files)
    assert [(one.message, one.path) for one in found] == (
        [(said, "c/values-production.yaml")] if said else []
    )


def test_defaults_that_everybody_replaces_are_left_alone() -> None:
    wrong = chart("a: {{ .Values.a }}", "a: ''\n") | {"c/values.schema.json": schema(a=WHOLE)}
    assert check_rule(WRONG, wrong)
    assert not check_rule(WRONG, wrong | {"c/values-production.yaml": "a: 3\n"})
    assert check_rule(
        WRONG, wrong | {"c/values-production.yaml": "a: 3\n", "c/values-staging.yaml": "b: 1\n"}
    )


def test_keys_that_are_required_come_from_the_file_or_the_defaults() -> None:
    required = json.dumps({"required": ["a"], "properties": {"b": {"required": ["c"]}}})
    files = chart("a: {{ .Values.a }}", "b: {}\n") | {"c/values.schema.json": required}
    messages = [one.message for one in check_rule(WRONG, files)]
    assert [text.split("`")[1] for text in messages] == ["a", "b.c"]
    assert not check_rule(WRONG, files | {"c/values-production.yaml": "a: 1\nb: {c: 2}\n"})
    (found,) = check_rule(WRONG, files | {"c/values-production.yaml": "a: 1\n"})
    assert found.path == "c/values-production.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"properties": {"a": {"items": 3, "additionalProperties": 1}}}',
        '{"$ref": "#"}',
        '{"properties": {"a": 3}}',
        "true",
        "",
    ],
)
def test_schemas_that_say_nothing(text: str) -> None:
    files = chart("a: {{ .Values.a }}", "a: 1\n") | {"c/values.schema.json": text}
    assert not check_rule(WRONG, files)


def test_edits_are_followed() -> None:
    project = open_project(
        chart(ASKS, staging="a: x\n", production="b: 1\n"),
        Settings(level="pedantic", select=(REQUIRED, WRONG)),
    )
    assert project.engine.all_findings()
    project.replace({"c/values-production.yaml": "a: y\n"})
    assert not project.engine.all_findings()
    project.replace({"c/values.schema.json": schema(a=WHOLE)})
    assert {one.path for one in project.engine.all_findings()} == {
        "c/values-production.yaml",
        "c/values-staging.yaml",
    }
    project.replace({"c/values.schema.json": None, "c/templates/a.yaml": f"# first\n{HEAD}  {ASKS}\n"})
    assert not project.engine.all_findings()
    project.replace({"c/values-production.yaml": "{}\n"})
    (found,) = project.engine.all_findings()
    assert found.file.text[found.span.start : found.span.end].startswith('{{ required "say a"')


def test_a_chart_may_stop_being_one() -> None:
    files = chart(ASKS, staging="a: x\n", production="b: 1\n")
    project = open_project(files, Settings(level="pedantic", select=(REQUIRED,)))
    for text in ("name: [", "", CHART):
        project.replace({"c/Chart.yaml": text})
        project.replace({"c/values.yaml": f"a: ''\n# {len(text)}\n"})
    assert [one.rule.name for one in project.engine.all_findings()] == [REQUIRED]
