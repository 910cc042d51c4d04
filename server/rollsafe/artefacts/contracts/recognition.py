"""Which files describe interfaces."""

import re
from typing import Final

from rollsafe.artefacts.contracts.document import (
    LARGEST,
    ApiDocument,
    ContractDocument,
    ContractFile,
    ContractPart,
    EventDocument,
    SchemaPart,
)
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Scalar, Tree
from rollsafe.text.patterns import lazily

_VERSION = lazily(r"\d+\.\d+(?:\.\d+)?(?:-[\w.]+)?\Z", re.A)
_TAG = lazily(r"^\s*(?:-\s+)?\{[{%]|:\s+\{[{%]", re.M)
"""A tag of a template where a value or a whole line is."""
_KINDS: Final[dict[str, type[ContractDocument]]] = {
    "openapi": ApiDocument,
    "swagger": ApiDocument,
    "asyncapi": EventDocument,
}
_KNOWN: Final = frozenset(
    {
        "info",
        "paths",
        "components",
        "webhooks",
        "channels",
        "operations",
        "servers",
        "definitions",
        "host",
        "id",
    }
)
"""Keys of documents: settings of tools also say `openapi: 3.0`."""
_SCHEMA_NAME = lazily(r"\.schema\.(?:json|ya?ml)\Z")
_HEAD: Final = 2_000
_WORD = lazily(r"[a-z0-9]+")
_SETTINGS: Final = frozenset(
    {
        *("config", "configuration", "settings", "options", "values", "package", "manifest", "theme"),
        *("tsconfig", "workspace", "plugin", "cli", "form", "ui"),
    }
)
"""Words in names of schemas for files that people write: nobody reads or writes them elsewhere."""
_MESSAGES: Final = frozenset(
    {"events", "event", "messages", "topics", "payloads", "contracts", "event-schemas", "event_schemas"}
)
_SCHEMAS: Final = frozenset(
    {"schemas", "schema", "json-schemas", "json-schema", "jsonschema", "json_schemas"}
)


def recognise(file: SourceFile, tree: Tree) -> ContractFile | None:
    """Return the view of a file whose first document is a description of an interface, else None.

    Templates are not, since nobody reads them as they are; a text may speak of tags all the same.
    """
    root = tree.documents[0] if tree.documents else None
    if not isinstance(root, Mapping) or len(file.text) > LARGEST:
        return None
    if tree.templated and _TAG.search(file.text) is not None:
        return None
    mark = _mark(root)
    if mark is None:
        return None
    document = _KINDS[mark.name](file, root, mark, bool(tree.problems))
    return ContractFile(file, (document,), tree.problems)


def part_of(file: SourceFile) -> ContractPart:
    """Return a file that references may lead into; it is not read yet."""
    *directories, name = file.path.lower().split("/")
    is_schema = _SCHEMA_NAME.search(name) is not None or "json-schema.org/" in file.text[:_HEAD]
    if not is_schema or not _SETTINGS.isdisjoint(_WORD.findall(name)) or is_development_path(file.path):
        return ContractPart(file)
    is_of_messages = not _MESSAGES.isdisjoint(directories)
    if is_of_messages or not _SCHEMAS.isdisjoint(directories):
        return SchemaPart(file, is_of_messages=is_of_messages)
    return ContractPart(file)


def _mark(root: Mapping) -> Entry | None:
    """Return the entry that says which language a document is in."""
    for name in _KINDS:
        entry = root.entry(name)
        value = entry.value if entry is not None else None
        if not isinstance(value, Scalar) or not _VERSION.match(value.text):
            continue
        is_document = _KNOWN.intersection(root.keys()) or value.text.count(".") == 2 or name == "swagger"
        return entry if is_document and root.entry("apiVersion") is None else None
    return None
