"""Pushes diagnostics: of open documents with their version, of closed files when they change.

A diagnostic never travels as an object of a protocol library: it is made as plain JSON and written
as bytes, because this happens on every keystroke.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, NamedTuple

from rollsafe.lsp.shapes import Diagnostic
from rollsafe.lsp.transport import Outbox, encode

_ERROR: Final = 1
_WARNING: Final = 2


class Counts(NamedTuple):
    """How many errors and warnings the client has been told of."""

    errors: int
    warnings: int


@dataclass(slots=True)
class _Sent:
    """What the client shows for a file."""

    mark: bytes
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

    @property
    def uris(self) -> list[str]:
        """The URIs of the files that have diagnostics."""
        return list(self._sent)

    def publish(self, uri: str, diagnostics: list[Diagnostic], version: int | None) -> None:
        """Send the diagnostics of a document; they replace those it had."""
        self._send(uri, diagnostics, version)
        self._note(uri, diagnostics, _mark(diagnostics))

    def publish_changed(
        self, uri: str, diagnostics: list[Diagnostic], version: int | None = None
    ) -> None:
        """Send the diagnostics of a file unless the client shows exactly these."""
        mark = _mark(diagnostics)
        known = self._sent.get(uri)
        if known.mark != mark if known else diagnostics:
            self._send(uri, diagnostics, version)
            self._note(uri, diagnostics, mark)

    def clear(self, uri: str) -> None:
        """Take back all diagnostics of a file."""
        if uri in self._sent:
            self._send(uri, [], None)
            self._note(uri, [], b"")

    def clear_where(self, gone: Callable[[str], bool]) -> None:
        """Take back the diagnostics of all files whose URI is `gone`."""
        for uri in self.uris:
            if gone(uri):
                self.clear(uri)

    def _send(self, uri: str, diagnostics: list[Diagnostic], version: int | None) -> None:
        params: dict[str, object] = {"uri": uri, "diagnostics": diagnostics}
        if version is not None:
            params["version"] = version
        self._outbox.send(
            {"jsonrpc": "2.0", "method": "textDocument/publishDiagnostics", "params": params}
        )

    def _note(self, uri: str, diagnostics: list[Diagnostic], mark: bytes) -> None:
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


def _mark(diagnostics: list[Diagnostic]) -> bytes:
    return blake2b(encode(diagnostics), digest_size=12).digest() if diagnostics else b""
