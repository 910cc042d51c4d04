"""Documents that are open in the editor."""

from collections.abc import Iterable

from rollsafe.artefacts.source import SourceFile
from rollsafe.lsp.from_lsp import Change
from rollsafe.lsp.roots import Root
from rollsafe.text import Encoding


class Document:
    """An open document: its newest text and version.

    `source` is the text as the engine sees it, under `place`: the document's path relative to its
    project. Each change makes another `SourceFile`, because identity is what the engine compares.
    `root` is that project; None for a document that is not analysed.
    """

    def __init__(self, uri: str, path: str | None, version: int | None, text: str) -> None:
        self.uri = uri
        self.path = path
        self.version = version
        self.source = SourceFile(path or uri, text)
        self.root: Root | None = None

    @property
    def text(self) -> str:
        """The document's text, line ends as the client sent them."""
        return self.source.text

    def move(self, place: str) -> None:
        """Give the text another path, relative to the project it belongs to."""
        if self.source.path != place:
            self.source = SourceFile(place, self.text)

    def change(self, changes: Iterable[Change], version: int | None, encoding: Encoding) -> None:
        """Apply content changes, each to the result of the one before it."""
        source = self.source
        for change in changes:
            source = SourceFile(source.path, _applied(source, change, encoding))
        self.source = source
        self.version = version


def _applied(source: SourceFile, change: Change, encoding: Encoding) -> str:
    if change.start is None or change.end is None:
        return change.text
    start = source.lines.offset(change.start, encoding)
    end = source.lines.offset(change.end, encoding)
    return source.text[:start] + change.text + source.text[end:]
