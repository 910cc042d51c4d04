"""The state of one editor session: documents, projects, what the client has been told.

Everything here is synchronous and takes no longer than one analysis. Several edits that have arrived
are one analysis: callers change documents first and call `flush` once.
"""

import os
from collections.abc import Iterable
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING

from rollsafe.artefacts.source import SourceFile
from rollsafe.lsp.client import Client
from rollsafe.lsp.configuration import (
    CONFIG_NAMES,
    Configuration,
    ConfigurationProblem,
    config_path,
    problem_in,
)
from rollsafe.lsp.documents import Document
from rollsafe.lsp.from_lsp import Change
from rollsafe.lsp.indexing import Indexed
from rollsafe.lsp.log import note, note_failure
from rollsafe.lsp.publish import Publisher
from rollsafe.lsp.roots import Root
from rollsafe.lsp.shapes import Diagnostic
from rollsafe.lsp.territory import Territory
from rollsafe.lsp.to_lsp import configuration_diagnostic, diagnostics
from rollsafe.lsp.transport import Outbox
from rollsafe.lsp.uris import inside, path_of, uri_of
from rollsafe.text import LineIndex
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.disk import read_inside

if TYPE_CHECKING:
    from rollsafe.review import Remark


class Located(NamedTuple):
    """A document that is analysed: its project and its text as of the newest analysis."""

    root: Root
    file: SourceFile
    document: Document | None


class Session:
    """Documents, projects and published diagnostics."""

    def __init__(self, outbox: Outbox) -> None:
        self.client = Client()
        self.configuration = Configuration()
        self.outbox = outbox
        self.publisher = Publisher(outbox)
        self.territory = Territory(self.configuration, date.today())
        self.documents: dict[str, Document] = {}
        self.is_outdated = False
        """Whether whole projects were read on an earlier day, so that dates count differently."""
        self._edited: dict[str, Document] = {}
        self._pending: dict[tuple[str, str], Root] = {}
        self._uris: dict[str, str] = {}
        self._remarks: dict[str, tuple[SourceFile, list[tuple[Remark, Diagnostic]]]] = {}

    def begin(self, client: Client, configuration: Configuration, folders: list[str]) -> None:
        """Start with what the client says about itself."""
        self.client = client
        self.configuration = configuration
        self.territory = Territory(configuration, date.today())
        self.territory.set_folders(folders)

    # Documents

    def open(self, uri: str, version: int | None, text: str) -> None:
        """Take in a document that was opened."""
        document = Document(uri, path_of(uri), version, text)
        self.documents[uri] = document
        self._edited[uri] = document
        if document.path is not None:
            self._uris[document.path] = uri
            self._settle(document)
            if document.root is not None:
                # Who opens a migration wants to know what the code names now.
                document.root.engine.forget_uses()

    def change(self, uri: str, version: int | None, changes: Iterable[Change]) -> None:
        """Apply edits to a document; those of one that is not open are ignored."""
        document = self.documents.get(uri)
        if document is None:
            note(f"changes of a document that is not open: {uri}")
            return
        document.change(changes, version, self.client.encoding)
        self._edited[uri] = document
        if document.root is not None:
            document.root.edit(document.source)

    def close(self, uri: str) -> None:
        """Go back to what the file is on disk; without one, nothing is left of the document."""
        document = self.documents.pop(uri, None)
        self._edited.pop(uri, None)
        self._remarks.pop(uri, None)
        if document is None or document.path is None:
            self.publisher.clear(uri)
            return
        root, place = document.root, document.source.path
        on_disk = read_inside(root.path, place) if root is not None else None
        if root is not None:
            root.close(place, on_disk if isinstance(on_disk, SourceFile) else None)
        if on_disk is None or root is None or not self.territory.is_shown(root, place):
            self.publisher.clear(uri)
            self._show_configuration_of(document.path)

    def located(self, uri: str) -> Located | None:
        """Return where a document belongs; None for one that is not analysed."""
        document = self.documents.get(uri)
        if document is not None:
            return Located(document.root, document.source, document) if document.root else None
        path = path_of(uri)
        root = self.territory.known(path) if path else None
        if path is None or root is None:
            return None
        file = root.snapshot.files.get(inside(path, root.path) or "")
        return Located(root, file, None) if file is not None else None

    def uri(self, root: Root, path: str) -> str:
        """Return the URI of a path of `root`, as the client spells it if it has spelt it."""
        full = os.path.join(root.path, path)
        return self._uris.get(full) or uri_of(full)

    def version(self, root: Root, path: str) -> int | None:
        """Return the version of a path of `root` if it is open."""
        document = self.documents.get(self.uri(root, path))
        return document.version if document is not None else None

    # Analysis

    def flush(self) -> None:
        """Analyse what changed and tell the client; nothing happens when nothing did."""
        if date.today() != self.territory.today:
            self.reconfigure()
            self.is_outdated = True
        for root in list(self.territory.all()):
            if root.is_stale:
                self._analyse(root)
        for document in self._edited.values():
            if document.root is not None:
                self._pending.pop((document.root.path, document.source.path), None)
                found = self.diagnostics(document.root, document.source.path)
                self.publisher.publish(document.uri, found, document.version)
            self._show_problem_in(document)
        self._edited.clear()

    def _analyse(self, root: Root) -> None:
        # Readers do not raise. Should one do so all the same, the others' findings are still of use.
        try:
            self._pending.update(((root.path, path), root) for path in root.analyse())
            root.failure = None
        except Exception as error:
            if root.failure is None:
                note_failure(f"analysing {root.path} failed")
            root.failure = type(error).__name__

    def work_off(self, seconds: float) -> bool:
        """Publish files that changed along with others, for at most `seconds`; say whether any is left."""
        end = perf_counter() + seconds
        while self._pending and perf_counter() < end:
            (_, path), root = self._pending.popitem()
            self._publish(root, path)
        return bool(self._pending)

    def diagnostics(self, root: Root, path: str) -> list[Diagnostic]:
        """Return the newest diagnostics of a file, and the remarks about the very text it has."""
        found = diagnostics(root.findings(path), self.client, lambda other: self.uri(root, other))
        found += [shown for _, shown in self.remarks(root, path)]
        return found

    def remarks(self, root: Root, path: str) -> "list[tuple[Remark, Diagnostic]]":
        """Return the remarks about the very text a file has."""
        remarked = self._remarks.get(self.uri(root, path)) if self._remarks else None
        is_current = remarked is not None and root.snapshot.files.get(path) is remarked[0]
        return remarked[1] if remarked is not None and is_current else []

    def remark(self, uri: str, file: SourceFile, remarks: "list[tuple[Remark, Diagnostic]]") -> None:
        """Show remarks about a text beside the findings, for as long as the document has that text."""
        self._remarks[uri] = (file, remarks)
        document = self.documents.get(uri)
        if document is not None:
            self._edited[uri] = document

    def adopt(self, top: str, indexed: list[Indexed]) -> None:
        """Follow the projects that were read at `top`."""
        self._drop(self.territory.adopt(top, indexed))
        for one in indexed:
            root = self.territory.roots[one.project.snapshot.root]
            self._pending.update(((root.path, path), root) for path in root.snapshot.files)
            self._show_configuration(root.path, one.configured.problem)
        self.publisher.clear_where(lambda uri: self._is_stray(top, uri))

    def set_folders(self, folders: list[str]) -> None:
        """Take other workspace folders; projects that nothing needs any more are forgotten."""
        self.territory.set_folders(folders)
        open_tops = {doc.root.top for doc in self.documents.values() if doc.root is not None}
        wanted = {root.top for f in folders if (root := self.territory.known(os.path.join(f, "x")))}
        self._drop(self.territory.drop_outside(wanted | open_tops))
        self.publisher.clear_where(self._is_hidden)

    def reconfigure(self) -> None:
        """Judge by the newest settings and date; whole projects are judged when they are read again."""
        self.territory.configuration = self.configuration
        self.territory.reconfigure(date.today())
        self._edited.update(self.documents)

    def _drop(self, roots: list[Root]) -> None:
        """Find other projects for the documents of projects that are gone."""
        gone = {root.path for root in roots}
        for key in [key for key in self._pending if key[0] in gone]:
            del self._pending[key]
        for document in self.documents.values():
            if document.path is not None and self._settle(document):
                self._edited[document.uri] = document

    def _settle(self, document: Document) -> bool:
        """Find the project of a document; say whether it is another one than before."""
        assert document.path is not None
        root, place = self.territory.settle(document.path)
        chosen = root if self.territory.is_judged(root, place) else None
        if document.root is chosen and chosen is not None:
            return False
        if document.root is not None:
            document.root.close(document.source.path, None)
        document.move(place)
        document.root = chosen
        if chosen is not None:
            chosen.edit(document.source)
        else:
            self.publisher.clear(document.uri)
        return True

    # What the client is told

    def _publish(self, root: Root, path: str) -> None:
        uri = self.uri(root, path)
        if uri in self.documents or self.territory.is_shown(root, path):
            found = self.diagnostics(root, path)
            self.publisher.publish_changed(uri, found, self.version(root, path))

    def _is_stray(self, top: str, uri: str) -> bool:
        """Say whether diagnostics are shown for a file below `top` that is not there any more."""
        path = path_of(uri)
        if path is None or uri in self.documents or inside(path, top) is None:
            return False
        root = self.territory.known(path)
        is_file = root is not None and inside(path, root.path) in root.snapshot.files
        return not is_file and os.path.basename(path) not in CONFIG_NAMES

    def _is_hidden(self, uri: str) -> bool:
        path = path_of(uri)
        if path is None or uri in self.documents:
            return False
        return not any(inside(path, folder) is not None for folder in self.territory.folders)

    def _show_problem_in(self, document: Document) -> None:
        """Judge a configuration file while it is being edited."""
        path = document.path
        if path is not None and os.path.basename(path) in CONFIG_NAMES:
            problem = problem_in(document.text, path)
            self._send_problem(document.uri, document.source.lines, problem, document.version)

    def _show_configuration_of(self, path: str) -> None:
        if os.path.basename(path) in CONFIG_NAMES:
            root = self.territory.roots.get(os.path.dirname(path))
            if root is not None:
                self._show_configuration(root.path, root.configured.problem)

    def _show_configuration(self, root: str, problem: ConfigurationProblem | None) -> None:
        """Say what is wrong with a configuration file on disk; one that is open is judged as it is typed."""
        path = problem.path if problem is not None else config_path(root)
        uri = self._uris.get(path) or uri_of(path) if path else ""
        if path and uri not in self.documents:
            text = _text_of(path)
            self._send_problem(uri, LineIndex(text), problem, None)

    def _send_problem(
        self, uri: str, lines: LineIndex, problem: ConfigurationProblem | None, version: int | None
    ) -> None:
        found = [] if problem is None else [configuration_diagnostic(lines, problem.line, problem.message)]
        self.publisher.publish_changed(uri, found, version)


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""
