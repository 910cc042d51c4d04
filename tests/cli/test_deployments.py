"""What `check --verbose` tells about charts, overlays and Compose files."""

import pytest

from tests.cli.conftest import DEPLOYMENT, Repository

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"


def told(repository: Repository, *arguments: str) -> list[str]:
    lines = repository.run("check", "--verbose", "--exit-zero", *arguments).lines
    kinds = ("chart ", "overlay ", "compose ")
    return [line for line in lines if line.startswith(kinds) or ": not understood: " in line]


def chart(repository: Repository, **templates: str) -> None:
    repository.write("shop/Chart.yaml", CHART)
    repository.write("shop/values.yaml", "a: 1\n")
    for name, line in templates.items():
        repository.write(f"shop/templates/{name}.yaml", f"{OBJECT}  a: {line}\n")


def test_every_template_of_a_chart_is_counted(repository: Repository) -> None:
    chart(repository, one="{{ .Values.a }}", two="{{ .Values.b }}")
    repository.write("shop/templates/_shared.tpl", '{{ define "x" }}1{{ end }}')
    repository.write("shop/templates/NOTES.txt", "{{ .Values.a }}")
    repository.write("shop/values-production.yaml", "a: 2\n")
    assert told(repository) == [
        "chart shop: 2 templates with 2 files of values, 2 rendered, 0 not understood"
    ]


@pytest.mark.parametrize(
    ("line", "place", "reason"),
    [
        ('{{ $_ := set .Values "a" 2 }}', "1:1", "it changes values while it is rendered: `set`"),
        (
            "{{ range until 400 }}{{ range until 400 }}x{{ end }}{{ end }}",
            "1:1",
            "rendering it takes too much",
        ),
        ("{{ .Values.a | }}", "5:6", "`{{ .Values.a | }}` is no tag that can be read"),
    ],
)
def test_what_of_a_template_is_not_followed_has_a_reason(
    repository: Repository, line: str, place: str, reason: str
) -> None:
    chart(repository, one="1", two=line)
    first, last = told(repository)
    assert first == f"shop/templates/two.yaml:{place}: not understood: {reason}"
    rendered = 2 if place != "1:1" else 1
    assert last == f"chart shop: 2 templates with 1 file of values, {rendered} rendered, 1 not understood"


def test_charts_of_elsewhere_are_counted(repository: Repository) -> None:
    chart(repository, one="1")
    lines = "dependencies:\n  - {name: db, version: 1.0.0, repository: https://charts.example.com}\n"
    repository.write("shop/Chart.yaml", CHART + lines)
    gap, last = told(repository)
    assert gap.startswith("shop/Chart.yaml:5:5: not understood: chart `db` is not in the project")
    assert last.endswith("1 rendered, 1 chart not in the project, 0 not understood")


def test_every_overlay_is_counted(repository: Repository) -> None:
    repository.write("base/kustomization.yaml", "resources: [web.yaml, more.yaml]\n")
    repository.write("base/web.yaml", DEPLOYMENT)
    repository.write("base/more.yaml", f"{OBJECT}  a: '{{{{ .Values.a }}}}'\n")
    for name in ("live", "staging"):
        repository.write(f"overlays/{name}/kustomization.yaml", "resources: [../../base]\n")
    assert told(repository) == [
        "base/more.yaml:2:7: not understood: `ConfigMap` is not followed into overlays: "
        "something fills in its file before it is applied",
        "overlay overlays/live: 1 object of 4 files, 1 not understood",
        "overlay overlays/staging: 1 object of 4 files, 1 not understood",
    ]
    assert told(repository, "overlays/live")[-1].startswith("overlay overlays/live: ")


def test_every_compose_file_is_counted(repository: Repository) -> None:
    repository.write("compose.yaml", "services:\n  a: {image: 'a:1'}\n  b: {build: '${WHERE}'}\n")
    repository.write("compose.test.yaml", "services:\n  a: {image: 'a:2'}\n")
    first, *rest = told(repository)
    assert first.startswith("compose.yaml:3:14: not understood: ")
    assert rest == [
        "compose compose.test.yaml: 1 service, 0 not understood",
        "compose compose.yaml: 2 services, 1 not understood",
    ]
