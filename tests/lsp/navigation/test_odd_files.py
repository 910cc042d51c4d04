"""Files in the middle of being typed, files that mean harm, and places where nothing is named."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.lsp.conftest import Start, write
from tests.lsp.navigation.marked import ask, places, put, read
from tests.lsp.navigation.projects import GITHUB
from tests.lsp.stdio import Client, running

CI = ".github/workflows/ci.yml"
CIRCLES = """\
openapi: 3.1.0
info: {title: a, version: "1"}
components:
  schemas:
    A: {$ref: "«b:#/components/schemas/B»"}
    «=b:B»: {$ref: "#/components/schemas/A"}
    C: {$ref: "«0:#/components/schemas/C/properties/x»"}
    D: {$ref: "«1:https://example.com/a.yaml#/A»"}
    E: {$ref: "«2:../../../../etc/passwd»"}
    F: {$ref: "«3:#/components/schemas/%ZZ~9»"}
    G: {$ref: "«4:#/info/title/deeper/999999999999999999999»"}
    H: {$ref: "«5:./nowhere.yaml#/A»"}
    I: {$ref: "«6:#»"}
    J: {$ref: "«7:##//»"}
    K: {$ref: [a], operationRef: {}}
"""
NOWHERE = {
    "a.yaml": "a: «0:*b»\nc: &b [«1:*c», *b]\nd: *\ne: & x\n",
    "b.asl.json": '{"StartAt": "«0:No»", "States": {"A": {"Next": ["B"], "Choices": 3, "Catch": {}}}}\n',
    ".gitlab-ci.yml": (
        "include: «0:/ci/none.yml»\nx:\n  needs: {job: 3}\n  extends: [«1:none», [], 3]\n  a: !reference []\n"
    ),
    ".circleci/config.yml": (
        "jobs: [a]\nworkflows: {w: {jobs: [«0:b», {c: [d]}, 3]}}\ncommands: {a: {steps: {b: c}}}\n"
    ),
    "azure-pipelines.yml": "stages:\n  - template: «0:../../x.yml»\n  - stage: [a]\n    dependsOn: {a: b}\n",
    ".github/workflows/ci.yml": (
        "jobs:\n  a:\n    needs: [«0:b», {c: d}]\n    uses: «1:./../../x.yml»\n    steps: {a: b}\n"
        "    if: ${{ steps.«2:a».outputs.«3:b» && needs.«4:*» && steps[«5:github».x] && matrix.«6:x» }}\n"
    ),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Client, Path]]:
    root = tmp_path_factory.mktemp("odd") / "w"
    put(root, GITHUB)
    write(root, {"api.yaml": read("api.yaml", CIRCLES)[0]})
    with running(root.parent) as client:
        client.initialize(root)
        client.settled()
        yield client, root


@pytest.mark.parametrize(
    "typed",
    [
        "  half:\n    needs: [build, \n",
        "  half:\n    steps:\n      - run: echo ${{ needs.\n",
        "  half\n",
        '  half: {needs: "\n',
        "\t- half: &\n",
    ],
)
def test_what_is_being_typed_does_not_blind_the_rest(served: tuple[Client, Path], typed: str) -> None:
    client, root = served
    text, marks = read(CI, GITHUB[CI])
    uri = client.open(root / CI, text + typed)
    wanted = places([one for one in marks if one.name == "build" and one.defines])
    uses = [one for one in marks if one.name == "build" and not one.defines]
    assert [ask(client, "definition", root, CI, one.middle) for one in uses] == [wanted] * len(uses)
    client.close(uri)


def test_circles_and_ways_that_lead_nowhere(served: tuple[Client, Path]) -> None:
    client, root = served
    text, marks = read("api.yaml", CIRCLES)
    found = {
        one.name: ask(client, "definition", root, "api.yaml", one.middle) for one in marks if not one.defines
    }
    assert found.pop("b") == places([one for one in marks if one.defines])
    assert found.pop("6") == ["api.yaml:0:0-0"]
    assert set(map(tuple, found.values())) == {()}
    assert len(text.splitlines()) == 15


def test_a_chain_that_goes_on_and_on(served: tuple[Client, Path]) -> None:
    client, root = served
    marked = "".join(f"k{at}: {{$ref: '«{at}:#/k{at + 1}/x»'}}\n" for at in range(2_000))
    text, marks = read("chain.json.yaml", marked)
    uri = client.open(root / "chain.json.yaml", text)
    assert ask(client, "definition", root, "chain.json.yaml", marks[0].middle) == []
    client.close(uri)


@pytest.mark.parametrize("path", NOWHERE)
def test_names_of_nothing(served: tuple[Client, Path], path: str) -> None:
    client, root = served
    text, marks = read(path, NOWHERE[path])
    uri = client.open(root / path, text)
    for one in marks:
        assert ask(client, "definition", root, path, one.middle) == []
    end = {"line": text.count("\n"), "character": 0}
    assert ask(client, "references", root, path, end, context={"includeDeclaration": True}) == []
    client.close(uri)


def test_text_that_names_nothing(served: tuple[Client, Path]) -> None:
    client, root = served
    asked = {"textDocument": {"uri": (root / CI).as_uri()}, "position": {"line": 13, "character": 6}}
    assert client.result("textDocument/definition", asked) is None
    assert (
        client.result("textDocument/references", {**asked, "context": {"includeDeclaration": True}}) is None
    )


def test_a_definition_that_was_just_typed(served: tuple[Client, Path]) -> None:
    client, root = served
    path = ".github/workflows/deploy.yml"
    text = GITHUB[path].replace("«=env:environment»", "\n      # moved\n      «=env:environment»")
    plain, marks = read(path, text)
    uri = client.open(root / path, plain)
    call = next(one for one in read(CI, GITHUB[CI])[1] if one.name == "env")
    wanted = places([one for one in marks if one.name == "env" and one.defines])
    assert ask(client, "definition", root, CI, call.middle) == wanted
    client.close(uri)


def test_a_file_outside_of_any_project(tmp_path: Path, start: Start) -> None:
    client = start(None)
    text, marks = read("a.yaml", "a: «=x:&x» {}\nb: «x:*x»\n")
    uri = client.open(tmp_path / "loose/a.yaml", text)
    use = next(one for one in marks if not one.defines)
    found = client.result("textDocument/definition", {"textDocument": {"uri": uri}, "position": use.middle})
    assert [one["range"]["start"] for one in found] == [{"line": 0, "character": 3}]


@pytest.mark.parametrize("uri", ["untitled:x", "file:///nowhere/README.md"])
def test_files_that_nobody_reads(served: tuple[Client, Path], uri: str) -> None:
    asked = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    assert served[0].result("textDocument/definition", asked) is None
