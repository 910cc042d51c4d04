"""The notification `rollsafe/status`: how much was read, what was found, what is off."""

from typing import Final, TypedDict

from rollsafe.lsp.reader import Reader
from rollsafe.lsp.session import Session

METHOD: Final = "rollsafe/status"


class Status(TypedDict):
    """What an editor shows in its status line; `off` says what does not run, and why, one line each."""

    files: int
    errors: int
    warnings: int
    state: str
    off: list[str]


class StatusLine:
    """Sends the status when it has changed."""

    def __init__(self, session: Session, reader: Reader) -> None:
        self._session = session
        self._reader = reader
        self._last: Status | None = None

    def send(self) -> None:
        """Send the status unless the client has been told exactly this."""
        status = self._status()
        if status != self._last:
            self._last = status
            self._session.outbox.send({"jsonrpc": "2.0", "method": METHOD, "params": status})

    def _status(self) -> Status:
        counts = self._session.publisher.counts
        read = sum(len(root.snapshot.files) for root in self._session.territory.all())
        return {
            "files": max(read, self._reader.files),
            "errors": counts.errors,
            "warnings": counts.warnings,
            "state": "indexing" if self._reader.is_reading else "ready",
            "off": self._off(),
        }

    def _off(self) -> list[str]:
        configuration = self._session.configuration
        found = list(configuration.user.odd)
        if not configuration.trusted:
            found += [
                "Comparison with git: the workspace is not trusted",
                "Review by a model: the workspace is not trusted",
            ]
        for root in self._session.territory.all():
            if root.failure is not None:
                found.append(f"Newest findings in {root.path}: {root.failure}; the log says more")
            found += [
                f"Rule `{one.rule}`: it failed on {one.path}: {one.error}"
                for one in root.engine.failures.values()
            ]
        return [*found, *self._reader.off]
