"""Descriptions of interfaces and catalogues of components, found by path and content."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node
from rollsafe.formats.yaml import read_yaml
from rollsafe.text import Span
from rollsafe.workspace.system.facts import Contract, ContractKind, Entity, Place, place_of

_MARK = re.compile(
    r"""^\s*["']?(?P<language>openapi|swagger|asyncapi)["']?\s*:\s*["']?(?P<version>\d[\w.]*)""", re.M
)
_HEAD: Final = 2_000
_LARGEST: Final = 300_000
"""Characters up to which a description is read; of a larger one only the language is known."""
_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_CATALOGUES: Final = frozenset({"catalog-info.yaml", "catalog-info.yml"})
_FOREIGN = re.compile(r"(?:^|/)(?:vendor|third_party|thirdparty|node_modules|google|googleapis)/")
_BY_NAME: Final = (
    (re.compile(r"\.proto$"), ContractKind.PROTO),
    (re.compile(r"(?:^|/)schema\.graphqls?$|\.graphqls$"), ContractKind.GRAPHQL),
)


def is_catalogue(path: str) -> bool:
    """Say whether a file is a catalogue of components."""
    return path.rpartition("/")[2] in _CATALOGUES


def contract_of(file: SourceFile) -> Contract | None:
    """Return the interface a YAML or JSON file describes, if it describes one."""
    found = _MARK.search(file.text, 0, _HEAD)
    if found is None or is_development_path(file.path):
        return None
    kind = ContractKind.ASYNCAPI if found["language"] == "asyncapi" else ContractKind.OPENAPI
    root = _root(file) if len(file.text) <= _LARGEST else None
    place = place_of(file, Span(*found.span("language")))
    if root is None:
        return Contract(kind, file.path, "", "", (), place)
    title, version = root.text_at("info", "title") or "", root.text_at("info", "version") or ""
    return Contract(kind, file.path, title, version, tuple(sorted(_operations(kind, root))), place)


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


def _root(file: SourceFile) -> Mapping | None:
    documents = read_yaml(file.text).documents
    return documents[0] if documents and isinstance(documents[0], Mapping) else None


def _operations(kind: ContractKind, root: Mapping) -> Iterator[str]:
    key = "channels" if kind is ContractKind.ASYNCAPI else "paths"
    for path, node in _pairs(root.at(key)):
        if kind is ContractKind.ASYNCAPI:
            yield path
        else:
            yield from (f"{name.upper()} {path}" for name, _ in _pairs(node) if name.lower() in _METHODS)


def _pairs(node: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Mapping):
        yield from node.pairs()
