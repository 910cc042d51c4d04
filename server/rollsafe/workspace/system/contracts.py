"""Descriptions of interfaces and catalogues of components, found by path and content."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts import ApiDocument, ContractDocument, ContractFile, EventDocument
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node
from rollsafe.formats.yaml import read_yaml
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.workspace.system.facts import Contract, ContractKind, Entity, Place, place_of

_MARK = lazily(
    r"""^\s*["']?(?P<language>openapi|swagger|asyncapi)["']?\s*:\s*["']?(?P<version>\d[\w.]*)""", re.M
)
_HEAD: Final = 2_000
_CATALOGUES: Final = frozenset({"catalog-info.yaml", "catalog-info.yml"})
_FOREIGN = lazily(r"(?:^|/)(?:vendor|third_party|thirdparty|node_modules|google|googleapis)/")
_BY_NAME: Final = (
    (re.compile(r"\.proto$"), ContractKind.PROTO),
    (re.compile(r"(?:^|/)schema\.graphqls?$|\.graphqls$"), ContractKind.GRAPHQL),
)


def is_catalogue(path: str) -> bool:
    """Say whether a file is a catalogue of components."""
    return path.rpartition("/")[2] in _CATALOGUES


def contracts_of(artefact: ContractFile) -> Iterator[Contract]:
    """Yield the interface a document describes, unless it is there for development."""
    for document in artefact.elements:
        if isinstance(document, ContractDocument) and not is_development_path(artefact.file.path):
            root, place = document.root, place_of(artefact.file, document.mark)
            version = root.text_at("info", "version") or ""
            operations = tuple(sorted(_operations(document)))
            yield Contract(_kind_of(document), artefact.file.path, document.title, version, operations, place)


def contract_of(file: SourceFile) -> Contract | None:
    """Return the interface that a YAML or JSON file describes whose document is not read."""
    found = _MARK.search(file.text, 0, _HEAD)
    if found is None or is_development_path(file.path):
        return None
    kind = ContractKind.ASYNCAPI if found["language"] == "asyncapi" else ContractKind.OPENAPI
    return Contract(kind, file.path, "", "", (), place_of(file, Span(*found.span("language"))))


def contracts_by_name(paths: frozenset[str]) -> tuple[Contract, ...]:
    """Return the interfaces in languages nobody reads here, by the names of their files."""
    found: list[Contract] = []
    for path in paths:
        if path.endswith((".proto", ".graphql", ".graphqls")):
            kind = next((kind for pattern, kind in _BY_NAME if pattern.search(path)), None)
            if kind is not None and not _FOREIGN.search(path) and not is_development_path(path):
                found.append(Contract(kind, path, "", "", (), Place(path, 1)))
    return tuple(sorted(found))


def entities_of(file: SourceFile) -> Iterator[Entity]:
    """Yield the components a catalogue names."""
    for root in read_yaml(file.text).documents:
        name = root.at("metadata", "name")
        kind = root.text_at("kind")
        if name is not None and kind is not None:
            owner = root.text_at("spec", "owner") or ""
            yield Entity(kind, root.text_at("metadata", "name") or "", owner, place_of(file, name))


def _kind_of(document: ContractDocument) -> ContractKind:
    return ContractKind.ASYNCAPI if isinstance(document, EventDocument) else ContractKind.OPENAPI


def _operations(document: ContractDocument) -> Iterator[str]:
    if isinstance(document, EventDocument):
        yield from (name for name, _ in _pairs(document.root.at("channels")))
    elif isinstance(document, ApiDocument):
        yield from (operation.label for operation in document.operations)


def _pairs(node: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Mapping):
        yield from node.pairs()
