"""Every message the files of a project describe."""

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Final

from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml import read_yaml
from rollsafe.workspace.messages.asyncapi import messages_in
from rollsafe.workspace.messages.fields import Document, fields_of
from rollsafe.workspace.messages.model import Message, MessageField
from rollsafe.workspace.messages.schemas import avro_in, json_schema_in, openapi_in, proto_in
from rollsafe.workspace.view import View

_LARGEST: Final = 300_000
_HEAD: Final = 2_000
_MOST_FILES: Final = 600
_TREES: Final = (".yaml", ".yml", ".json", ".avsc")
_FOREIGN = re.compile(r"(?:^|/)(?:vendor|third_party|thirdparty|node_modules|google|googleapis)/")
_INTERFACE = re.compile(r"""^\s*["']?(?P<language>openapi|swagger|asyncapi)["']?\s*:""", re.M)
_SCHEMA = re.compile(r"""["']?\$schema["']?\s*:\s*["']?https?://json-schema\.org/""")
_RECORD = re.compile(r""""type"\s*:\s*"record\"""")


def messages_of(view: View) -> tuple[Message, ...]:
    """Return the messages of a project, by path and place; development files are left out."""
    reader = _Reader(view)
    return tuple(sorted((one for path in reader.paths() for one in reader.inside(path)), key=_order))


def _order(one: Message) -> tuple[str, int, str]:
    return one.place.path, one.place.line, one.name


class _Reader:
    """Reads the files of a view; one that another file refers to is read once more, and only its fields."""

    def __init__(self, view: View) -> None:
        self._view = view

    def paths(self) -> list[str]:
        kept = (path for path in self._view.paths if path.endswith((*_TREES, ".proto")))
        wanted = (path for path in kept if not _FOREIGN.search(path) and not is_development_path(path))
        return sorted(wanted)

    def inside(self, path: str) -> Iterator[Message]:
        file = self._view.read(path)
        if file is None or len(file.text) > _LARGEST:
            return
        if path.endswith(".proto"):
            yield from proto_in(file)
            return
        language = _language(file)
        document = _document(file) if language else None
        if document is None:
            return
        if language == "asyncapi":
            yield from messages_in(document, self.fields)
        elif language in ("openapi", "swagger"):
            yield from openapi_in(document)
        elif language == "record":
            yield from avro_in(document)
        else:
            yield from json_schema_in(document)

    def fields(self, file: SourceFile, reference: str) -> tuple[MessageField, ...] | None:
        """Return the fields behind `./schemas/order.json#/definitions/Order`."""
        path, _, pointer = reference.partition("#")
        target = self._view.read(normpath(join(dirname(file.path), path))) if "://" not in path else None
        if target is None or len(target.text) > _LARGEST:
            return None
        document = _document(target)
        if document is None:
            return None
        if document.root.text_at("type") == "record":
            return next((one.fields for one in avro_in(document)), None)
        parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.strip("/").split("/") if part]
        return fields_of(document, document.root.at(*parts[:20]))


def _language(file: SourceFile) -> str:
    head = file.text[:_HEAD]
    found = _INTERFACE.search(head)
    if found is not None:
        return found["language"]
    if file.path.endswith(".avsc"):
        return "record" if _RECORD.search(file.text) else ""
    is_schema = _SCHEMA.search(head) is not None or file.path.endswith((".schema.json", ".schema.yaml"))
    return "schema" if is_schema and "properties" in file.text else ""


def _document(file: SourceFile) -> Document | None:
    documents = read_yaml(file.text).documents
    root = documents[0] if documents else None
    return Document(file, root) if isinstance(root, Mapping) else None
