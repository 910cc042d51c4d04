"""Pushes diagnostics: of open documents with their version, of closed files when they change.

A diagnostic never travels as an object of a protocol library: it is made as plain JSON and written
as bytes, because this happens on every keystroke.
"""

from collections.abc import Callable
from typing import Final

from rollsafe.lsp.shapes import Diagnostic
from rollsafe.lsp.transport import Outbox, encode
from rollsafe.text.tuples import NamedTuple

_ERROR: Final = 1
_WARNING: Final = 2
_MESSAGE: Final = (
    b'{"jsonrpc":"2.0","method":"textDocument/publishDiagnostics","params":'
    b'{"uri":%b,"version":%b,"diagnostics":%b}}'
)
_MESSAGE_WITHOUT_VERSION: Final = _MESSAGE.replace(b'"version":%b,', b"")


class Counts(NamedTuple):
    """How many errors and warnings the client has been told of."""

    errors: int
    warnings: int


class _Sent(NamedTuple):
    """What the client shows for a file; `mark` tells one list of diagnostics from another."""

    mark: int
    errors: int
    warnings: int


class Publisher:
    """Remembers what the client shows, so that what did not change is not sent again."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._sent: dict[str, _Sent] = {}
        self._errors = 0
        self._warnings = 0

    @property
    def counts(self) -> Counts:
        """The totals over all files."""
        return Counts(self._errors, self._warnings)

    def publish(self, uri: str, diagnostics: list[Diagnostic], version: int | None) -> None:
        """Send the diagnostics of a document; they replace those it had."""
        self._send(uri, diagnostics, encode(diagnostics), version)

    def publish_changed(self, uri: str, diagnostics: list[Diagnostic], version: int | None = None) -> None:
        """Send the diagnostics of a file unless the client shows exactly these."""
        known = self._sent.get(uri)
        encoded = encode(diagnostics)
        if known.mark != hash(encoded) if known else diagnostics:
            self._send(uri, diagnostics, encoded, version)

    def clear(self, uri: str) -> None:
        """Take back all diagnostics of a file."""
        if uri in self._sent:
            self.publish(uri, [], None)

    def clear_where(self, gone: Callable[[str], bool]) -> None:
        """Take back the diagnostics of all files whose URI is `gone`."""
        for uri in list(self._sent):
            if gone(uri):
                self.clear(uri)

    def _send(self, uri: str, diagnostics: list[Diagnostic], encoded: bytes, version: int | None) -> None:
        if version is None:
            self._outbox.send_body(_MESSAGE_WITHOUT_VERSION % (encode(uri), encoded))
        else:
            self._outbox.send_body(_MESSAGE % (encode(uri), encode(version), encoded))
        self._note(uri, diagnostics, hash(encoded))

    def _note(self, uri: str, diagnostics: list[Diagnostic], mark: int) -> None:
        known = self._sent.pop(uri, None)
        if known:
            self._errors -= known.errors
            self._warnings -= known.warnings
        if diagnostics:
            severities = [one["severity"] for one in diagnostics]
            sent = _Sent(mark, severities.count(_ERROR), severities.count(_WARNING))
            self._errors += sent.errors
            self._warnings += sent.warnings
            self._sent[uri] = sent
