"""Which files are contracts, and where their references lead."""

import pytest

from rollsafe.artefacts.contracts import (
    ApiDocument,
    ContractText,
    EventDocument,
    Resolver,
    reference_in,
)
from rollsafe.artefacts.registry import parts_of, read
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.project import Project
from rollsafe.formats.nodes import Node, Scalar
from tests.checking import open_project

CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  versions:
    - schema:
        openAPIV3Schema:
          type: object
"""


def kinds(path: str, text: str) -> list[type]:
    artefact = read(SourceFile(path, text))
    return [type(one) for one in artefact.elements] if artefact is not None else []


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("a.yaml", "openapi: 3.0.3\npaths: {}\n", ApiDocument),
        ("any/name.json", '{"swagger": "2.0", "paths": {}}', ApiDocument),
        ("events.yml", "asyncapi: '2.6.0'\nchannels: {}\n", EventDocument),
        ("parts.yaml", "Order:\n  type: object\n", None),
        ("redocly.yaml", "openapi: docs/openapi.yaml\nlint: true\n", None),
        ("settings.yaml", "openapi: 3.0\ngenerator: go\n", None),
        ("tool.yaml", "swagger: true\n", None),
    ],
)
def test_what_a_file_is_follows_from_its_content(path: str, text: str, kind: type | None) -> None:
    assert kinds(path, text) == ([kind] if kind is not None else [])


def test_a_custom_resource_is_no_contract() -> None:
    assert not any(issubclass(one, ContractText) for one in kinds("crd.yaml", CRD))


FILES = {
    "api/openapi.yaml": """openapi: 3.1.0
paths:
  /a~b:
    $ref: 'paths/a.yaml#/item'
  /loop:
    $ref: '#/paths/~1loop'
  /away:
    $ref: 'https://example.com/paths.yaml'
  /outside:
    $ref: '../../etc/passwd'
components:
  schemas:
    One:
      $ref: '#/components/schemas/Two'
    Two:
      type: string
""",
    "api/paths/a.yaml": "item:\n  get:\n    schema:\n      $ref: '../openapi.yaml#/components/schemas/One'\n",
}


def resolver() -> Resolver:
    def root_of(path: str) -> Node | None:
        file = SourceFile(path, FILES.get(path, ""))
        artefact = read(file)
        elements = artefact.elements if artefact is not None else parts_of(file)
        return next((one.root for one in elements if isinstance(one, ContractText)), None)

    return Resolver(root_of)


def test_references_lead_through_files() -> None:
    found = resolver().target("#/paths/~1a~0b/get/schema", "api/openapi.yaml")
    assert found is not None
    assert found.path == "api/openapi.yaml"
    assert found.node.text_at("type") == "string"


@pytest.mark.parametrize("name", ["~1loop", "~1away", "~1outside", "~1missing"])
def test_a_reference_that_leads_nowhere_ends(name: str) -> None:
    assert resolver().target(f"#/paths/{name}", "api/openapi.yaml") is None


def test_a_long_chain_of_references_ends() -> None:
    chain = "".join(f"  s{n}:\n    $ref: '#/definitions/s{n + 1}'\n" for n in range(3000))
    file = SourceFile("long.yaml", f"swagger: '2.0'\ndefinitions:\n{chain}")
    artefact = read(file)
    assert artefact is not None
    document = artefact.elements[0]
    assert isinstance(document, ApiDocument)
    assert Resolver(lambda _: document.root).target("#/definitions/s0", "long.yaml") is None
    written = reference_in(document.root.at("definitions", "s0"))
    assert isinstance(written, Scalar)
    assert written.text == "#/definitions/s1"


def test_an_edit_that_only_indents_a_line_is_judged_anew() -> None:
    text = (
        "openapi: 3.0.3\ninfo: {title: Orders, version: 1.0.0}\npaths:\n  /orders:\n    get:\n"
        "      summary: List what customers ordered, the newest first, a hundred at most, of one shop only\n"
        "      responses:\n        '200': {description: All orders}\n"
    )
    indented = text.replace("    get:", "      get:")
    project = open_project({"openapi.yaml": text})
    project.replace({"openapi.yaml": indented})
    assert told(project) == told(open_project({"openapi.yaml": indented}))
    assert ("unknown-contract-key", indented.index("responses")) in told(project)


def told(project: Project) -> set[tuple[str, int]]:
    return {(found.rule.name, found.span.start) for found in project.engine.all_findings()}
