"""What is shown over the names and calls in an expression of a workflow."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.lsp.conftest import spoken_environment, write
from tests.lsp.stdio import Client, running, span

WORKFLOW = """\
name: check
on:
  workflow_dispatch:
    inputs:
      target:
        description: where to
        type: choice
        options: [staging, production]
        default: staging
env:
  REGION: eu-1
  API_TOKEN: sk_live_9f8Qm2xTt71LpVe0
jobs:
  build:
    runs-on: ubuntu-24.04
    outputs:
      image: ${{ steps.tag.outputs.name }}
    steps:
      - id: tag
        run: make tag
  test:
    needs: build
    if: contains(github.ref, 'main') && needs.build.result == 'success'
    strategy:
      matrix:
        node: [20, 22]
        os: ${{ fromJSON(vars.SYSTEMS) }}
    runs-on: ubuntu-24.04
    steps:
      - run: |
          echo ${{ matrix.node }} ${{ matrix.os }}
          echo ${{ needs.build.outputs.image }} ${{ inputs.target }}
      - run: echo ${{ env.REGION }} ${{ env.API_TOKEN }} ${{ secrets.KEY }}
"""


@pytest.fixture(scope="module")
def served(module_directory: Path) -> Generator[tuple[Client, str]]:
    root = write(module_directory / "w", {".github/workflows/check.yml": WORKFLOW})
    with running(module_directory, spoken_environment(module_directory)) as client:
        client.initialize(root)
        client.settled()
        yield client, (root / ".github/workflows/check.yml").as_uri()


def over(served: tuple[Client, str], text: str, part: str) -> tuple[list[str], object]:
    """Return the lines and the range shown over `part` of `text`, which stands once in the file."""
    client, uri = served
    at = WORKFLOW.index(text) + text.index(part) + 1
    before = WORKFLOW[:at]
    position = {"line": before.count("\n"), "character": at - (before.rfind("\n") + 1)}
    shown = client.result("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
    block = shown["contents"]["value"].rpartition("\n\n---\n\n")[2]
    return [line.removeprefix("- ") for line in block.splitlines() if line], shown["range"]


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("matrix.node", "node", ["**`matrix.node`**", "A number", "One of `20`, `22`"]),
        ("matrix.os", "os", ["**`matrix.os`**", "Any value", "Made when the workflow runs"]),
        (
            "needs.build.outputs.image",
            "image",
            ["**`needs.build.outputs.image`**", "A string", "`${{ steps.tag.outputs.name }}` of job `build`"],
        ),
        ("needs.build.outputs.image", "outputs", ["**`needs.build.outputs`**", "An object with `image`"]),
        (
            "inputs.target",
            "target",
            [
                "**`inputs.target`**",
                "A string",
                "Input of a start by hand · `staging` unless given",
                "One of `staging`, `production`",
                "where to",
            ],
        ),
        ("env.REGION", "REGION", ["**`env.region`**", "A string", "`eu-1` from the workflow"]),
        (
            "steps.tag.outputs",
            "tag",
            ["**`steps.tag`**", "An object with `conclusion`, `outcome`, `outputs`"],
        ),
        (
            "needs.build.result",
            "result",
            ["**`needs.build.result`**", "A string", "One of `success`, `failure`, `cancelled`, `skipped`"],
        ),
    ],
)
def test_names_show_their_type_and_where_they_come_from(
    served: tuple[Client, str], text: str, part: str, expected: list[str]
) -> None:
    assert over(served, text, part)[0] == expected


def test_a_secret_is_never_repeated(served: tuple[Client, str]) -> None:
    assert over(served, "env.API_TOKEN", "TOKEN")[0][1:] == ["A string", "From the workflow"]
    assert over(served, "secrets.KEY", "KEY")[0][1:] == [
        "A string",
        "Set in the settings of the repository or its organisation",
    ]


def test_a_call_shows_what_it_takes_and_gives(served: tuple[Client, str]) -> None:
    lines, place = over(served, "contains(github.ref", "contains")
    assert lines[:2] == ["**Function `contains`**", "`contains(string, string)` gives a boolean"]
    assert place == span(22, 8, 22, 36)


def test_there_is_nothing_to_say_beside_of_expressions(served: tuple[Client, str]) -> None:
    client, uri = served
    position = {"textDocument": {"uri": uri}, "position": {"line": 19, "character": 15}}
    assert client.result("textDocument/hover", position) is None
