"""Names of images that are refused, wherever they stand, and where that is said more quietly."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check, check_rule

MANIFEST = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: {}
"""
COMPOSE = "services:\n  web:\n    image: {}\n"
PLACES = (("k8s/web.yaml", MANIFEST, 8), ("compose.yaml", COMPOSE, 3), ("Dockerfile", "FROM {}\n", 1))


@pytest.mark.parametrize(("path", "text", "line"), PLACES)
def test_a_name_is_refused_wherever_it_stands(path: str, text: str, line: int) -> None:
    found = check_rule("malformed-image-name", {path: text.format("shop/web@2.4.0")})
    assert [one.line for one in found] == [line]
    assert check_rule("malformed-image-name", {path: text.format("shop/web:2.4.0")}) == []


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": "ARG VERSION\nFROM shop/web@${VERSION}\n"},
        {"compose.yaml": COMPOSE.format("shop/web@${VERSION}")},
        {"chart/Chart.yaml": "name: a\n", "chart/templates/a.yaml": MANIFEST.format('"a@{{ .Values.b }}"')},
    ],
)
def test_what_a_variable_decides_is_left_alone(files: dict[str, str]) -> None:
    assert check_rule("malformed-image-name", files) == []


def test_the_default_of_a_variable_is_judged() -> None:
    assert (
        len(check_rule("malformed-image-name", {"compose.yaml": COMPOSE.format("${IMAGE:-web@2.4.0}")})) == 1
    )
    assert len(check_rule("malformed-image-name", {"Dockerfile": "ARG BASE=web@2.4.0\nFROM $BASE\n"})) == 1


def test_in_tests_it_is_pedantic() -> None:
    files = {"tests/web.yaml": MANIFEST.format("shop/web@2.4.0")}
    assert "malformed-image-name" not in {one.rule for one in check(files)}
    assert "malformed-image-name" in {one.rule for one in check(files, Settings(level="pedantic"))}
