"""Changes of interfaces against git, and the code that still calls what is gone."""

from typing import Any

import pytest

from tests.cli.conftest import Git, Repository

_BOTH = """\
openapi: 3.0.3
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get: {responses: {"200": {description: all}}}
  /api/v1/orders/{id}/parts:
    get: {responses: {"200": {description: one}}}
"""
_ONE = _BOTH.partition("  /api")[0]


def told(repository: Repository, git: Git, after: str) -> list[Any]:
    repository.write("api/openapi.yaml", _BOTH)
    git("add", "-A")
    git("commit", "-q", "-m", "Both")
    repository.write("api/openapi.yaml", after)
    options = ("--base", "HEAD", "--format", "json", "--select=removed-api-operation")
    found: list[Any] = repository.run("check", *options, ".").json["findings"]
    return found


def test_the_detail_says_where_it_stood(repository: Repository, git: Git) -> None:
    (found,) = told(repository, git, _ONE)
    assert found["message"] == "`GET /api/v1/orders/{id}/parts` is gone, and nothing announced it"
    shown = repository.run(
        "check", "--base", "HEAD", "--select=removed-api-operation", "--format", "full", "."
    )
    assert "line 7 of `api/openapi.yaml` at `HEAD`" in " ".join("\n".join(shown.lines).split())


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("src/client.ts", "const one = get(`/orders/${id}/parts`);\n", [1]),
        ("src/client.ts", "\nfetch('https://orders.example.com/api/v1/orders/' + id)\n", [2]),
        ("src/client.py", 'requests.get(f"{HOST}/api/v1/orders/{number}/parts")\n', [1]),
        ("src/client.py", "# requests.get('/orders/1')\n", []),
        ("src/client.py", "requests.get('/orders')\n", []),
        ("src/client.py", "a = orders/b\n", []),
        ("src/client.test.ts", "get('/orders/1/parts')\n", []),
    ],
)
def test_code_that_still_calls_it_is_shown(
    repository: Repository, git: Git, path: str, text: str, lines: list[int]
) -> None:
    repository.write(path, text)
    (found,) = told(repository, git, _ONE)
    assert [(one["path"], one["range"]["start"]["line"]) for one in found["related"]] == [
        (path, line) for line in lines
    ]


def test_an_unchanged_document_is_silent(repository: Repository, git: Git) -> None:
    assert told(repository, git, _BOTH) == []
