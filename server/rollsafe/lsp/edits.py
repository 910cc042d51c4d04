"""Fixes as edits of the workspace, in the form the client understands."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.fixing import edits_by_path
from rollsafe.engine.found import Found
from rollsafe.lsp.client import Client
from rollsafe.lsp.roots import Root
from rollsafe.lsp.session import Session
from rollsafe.lsp.shapes import (
    ChangeAnnotation,
    CreateFile,
    DocumentEdit,
    SnippetTextEdit,
    TextEdit,
    WorkspaceEdit,
)
from rollsafe.lsp.to_lsp import text_edit
from rollsafe.lsp.uris import inside
from rollsafe.rules import Edit, Fix, NewFile, Safety

_ANNOTATION: Final = "changes-behaviour"
_LABEL: Final[ChangeAnnotation] = {
    "label": "Changes behaviour",
    "needsConfirmation": True,
    "description": "Changes what the system does, or the order of a deployment",
}


@dataclass(frozen=True)
class Change:
    """What a fix does to a project: edits per path, and files it creates."""

    root: Root
    edits: Mapping[str, tuple[Edit, ...]]
    creates: tuple[NewFile, ...]
    is_safe: bool

    @property
    def files(self) -> int:
        """How many files are touched."""
        return len({*self.edits, *(new.path for new in self.creates)})

    def source(self, path: str) -> SourceFile:
        """Return the file that edits are for, as of the newest analysis."""
        return self.root.snapshot.files[path]


def change_of(root: Root, found: Found, fix: Fix) -> Change | None:
    """Return what `fix` does; None when it cannot be applied to the project as it is."""
    edits = {path: tuple(own) for path, own in edits_by_path(found, fix).items()}
    snapshot = root.snapshot
    if any(path not in snapshot.files for path in edits):
        return None
    if not all(_can_create(root, new.path) for new in fix.creates):
        return None
    return Change(root, edits, fix.creates, fix.safety is Safety.SAFE)


def workspace_edit(session: Session, change: Change) -> WorkspaceEdit | None:
    """Return the change for the client to apply; None when it has no way to create files."""
    client = session.client
    if client.document_changes and (client.create_files or not change.creates):
        return _document_changes(session, change)
    return None if change.creates else {"changes": plain_changes(session, change)}


def plain_changes(session: Session, change: Change) -> dict[str, list[TextEdit | SnippetTextEdit]]:
    """Return the text edits alone, by URI."""
    return {
        session.uri(change.root, path): [*_edits(change.source(path), edits, session.client, None)]
        for path, edits in change.edits.items()
    }


def single_edit(
    session: Session, root: Root, path: str, edits: list[TextEdit | SnippetTextEdit]
) -> WorkspaceEdit:
    """Return edits of one document."""
    if session.client.document_changes:
        return {"documentChanges": [_document_edit(session, root, path, edits)]}
    return {"changes": {session.uri(root, path): edits}}


def _document_changes(session: Session, change: Change) -> WorkspaceEdit:
    is_labelled = session.client.change_annotations and not change.is_safe
    annotation = _ANNOTATION if is_labelled else None
    steps: list[DocumentEdit | CreateFile] = []
    for new in change.creates:
        steps += _creation(session, change.root, new, annotation)
    for path, edits in change.edits.items():
        own = _edits(change.source(path), edits, session.client, annotation)
        steps.append(_document_edit(session, change.root, path, [*own]))
    made: WorkspaceEdit = {"documentChanges": steps}
    if is_labelled:
        made["changeAnnotations"] = {_ANNOTATION: _LABEL}
    return made


def _creation(
    session: Session, root: Root, new: NewFile, annotation: str | None
) -> list[DocumentEdit | CreateFile]:
    uri = session.uri(root, new.path)
    create: CreateFile = {
        "kind": "create",
        "uri": uri,
        "options": {"overwrite": False, "ignoreIfExists": False},
    }
    fill: TextEdit = {
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
        "newText": new.text,
    }
    if annotation is not None:
        create["annotationId"] = annotation
        fill["annotationId"] = annotation
    return [create, {"textDocument": {"uri": uri, "version": None}, "edits": [fill]}]


def _document_edit(
    session: Session, root: Root, path: str, edits: list[TextEdit | SnippetTextEdit]
) -> DocumentEdit:
    identifier = session.uri(root, path)
    return {
        "textDocument": {"uri": identifier, "version": session.version(root, path)},
        "edits": edits,
    }


def _edits(file: SourceFile, edits: Iterable[Edit], client: Client, annotation: str | None) -> list[TextEdit]:
    made = [text_edit(file, edit, client.encoding) for edit in edits]
    if annotation is not None:
        for edit in made:
            edit["annotationId"] = annotation
    return made


def _can_create(root: Root, path: str) -> bool:
    full = os.path.normpath(os.path.join(root.path, path))
    return inside(full, root.path) is not None and not os.path.lexists(full)
