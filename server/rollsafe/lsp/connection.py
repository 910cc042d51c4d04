"""The connection to one client: receives messages in order and keeps the protocol's life cycle.

What every session needs is done here: handshake, documents, changes of files and settings, cancelling,
the end. Every other request is left to the features, which may still be loading; until they are there,
requests wait. A message that cannot be handled is answered or logged and costs nothing else.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, Protocol, cast

from rollsafe.lsp.client import Client
from rollsafe.lsp.from_lsp import (
    BadParamsError,
    FileEvent,
    JsonObject,
    at,
    changes_of,
    document_uri,
    document_version,
    file_events,
    folder_changes,
    folder_uris,
    object_of,
    operation_events,
    text_at,
)
from rollsafe.lsp.handshake import answer
from rollsafe.lsp.log import note, note_failure
from rollsafe.lsp.transport import END, Outbox, decode
from rollsafe.lsp.uris import path_of

if TYPE_CHECKING:
    from rollsafe.lsp.session import Session

INVALID_REQUEST: Final = -32600
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
PARSE_ERROR: Final = -32700
NOT_INITIALIZED: Final = -32002
CANCELLED: Final = -32800

MessageId = int | str


class Features(Protocol):
    """What answers the requests that are not the connection's own."""

    def receive(self, message: JsonObject) -> None:
        """Take a request, or the response to a request of ours."""
        ...

    def cancel(self, request: MessageId) -> None:
        """Stop working on a request and answer that it was cancelled."""
        ...

    def cancel_progress(self, token: MessageId) -> None:
        """Stop the work that a progress token stands for."""
        ...

    def settings_changed(self) -> None:
        """Ask the client for its settings."""
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


class Connection:
    """One client and its session. `exit_code` is None until the connection is over."""

    def __init__(self, outbox: Outbox) -> None:
        self.exit_code: int | None = None
        self.initialize_params: JsonObject = {}
        self.on_events: Callable[[list[FileEvent]], None] = _nobody_cares
        self.on_moment: Callable[[], None] = _nothing
        """Called when the user did something after which files may have changed."""
        self.on_settings: Callable[[], None] = _nothing
        self.features: Features | None = None
        self.waiting: list[JsonObject] = []
        self._outbox = outbox
        self._has_features = True
        self._state: Literal["new", "running", "shut down"] = "new"
        self._session: Session | None = None
        self._handlers: dict[str, Callable[[JsonObject], None]] = {
            "textDocument/didOpen": self._did_open,
            "textDocument/didChange": self._did_change,
            "textDocument/didClose": self._did_close,
            "textDocument/didSave": self._did_save,
            "workspace/didChangeWatchedFiles": lambda params: self.on_events(file_events(params)),
            "workspace/didCreateFiles": lambda params: self.on_events(operation_events(params, 1)),
            "workspace/didRenameFiles": lambda params: self.on_events(operation_events(params, 2)),
            "workspace/didDeleteFiles": lambda params: self.on_events(operation_events(params, 3)),
            "workspace/didChangeConfiguration": self._did_change_configuration,
            "workspace/didChangeWorkspaceFolders": self._did_change_folders,
            "window/workDoneProgress/cancel": self._cancel_progress,
            "$/cancelRequest": self._cancel,
        }

    @property
    def session(self) -> "Session":
        """The session; there is one from `initialize` on."""
        assert self._session is not None
        return self._session

    @property
    def is_running(self) -> bool:
        """Whether the client has introduced itself and has not said goodbye."""
        return self._state == "running"

    @property
    def has_answered(self) -> bool:
        """Whether a document has been opened, or something was asked that needs the features."""
        return bool(self.waiting) or (self._session is not None and bool(self._session.documents))

    def receive(self, frames: Iterable[bytes]) -> None:
        """Handle what has arrived; edits among it are analysed once, together."""
        arrived = list(frames)
        messages = [message for frame in arrived if frame != END for message in self._read(frame)]
        cancelled = {
            request
            for message in messages
            if message.get("method") == "$/cancelRequest"
            and isinstance(request := at(message, "params", "id"), int | str)
        }
        for message in messages:
            if self.exit_code is None:
                self._handle(message, cancelled)
        self._guarded(self._flush)
        if END in arrived and self.exit_code is None:
            self.exit_code = 0

    def attach(self, features: Features) -> None:
        """Let the features answer, first what has been waiting for them."""
        self.features = features
        waiting, self.waiting = self.waiting, []
        for message in waiting:
            self._guarded(partial(features.receive, message))

    def do_without_features(self) -> None:
        """Refuse what has been waiting for the features, and whatever would wait from now on."""
        self._has_features = False
        for message in self.waiting:
            self._refuse(message.get("id"), INTERNAL_ERROR, "this server has no features; its log says why")
        self.waiting.clear()

    # Messages

    def _read(self, frame: bytes) -> list[JsonObject]:
        try:
            message = decode(frame)
        except ValueError as error:
            note(f"a message that is not JSON: {error}")
            self._refuse(None, PARSE_ERROR, "not JSON")
            return []
        if isinstance(message, dict):
            return [cast("JsonObject", message)]
        self._refuse(None, INVALID_REQUEST, "not an object")
        return []

    def _handle(self, message: JsonObject, cancelled: set[MessageId]) -> None:
        method, request = message.get("method"), message.get("id")
        if method is None:
            if self.features is not None:
                self._guarded(lambda: self._deliver(message))
        elif not isinstance(method, str):
            self._refuse(request, INVALID_REQUEST, "no method")
        elif "id" in message:
            self._request(message, method, request, cancelled)
        else:
            self._notification(method, object_of(message.get("params")))

    def _request(self, message: JsonObject, method: str, request: object, cancelled: set[MessageId]) -> None:
        if not isinstance(request, int | str):
            self._refuse(None, INVALID_REQUEST, "an id that is no number and no string")
        elif self._state == "shut down":
            self._refuse(request, INVALID_REQUEST, "the server is shutting down")
        elif self._state == "new" and method != "initialize":
            self._refuse(request, NOT_INITIALIZED, "the server is not initialized")
        elif method == "initialize":
            self._initialize(request, object_of(message.get("params")))
        elif request in cancelled:
            self._refuse(request, CANCELLED, "cancelled")
        elif method == "shutdown":
            self._state = "shut down"
            self._outbox.send({"jsonrpc": "2.0", "id": request, "result": None})
        elif not self._guarded(lambda: self._deliver(message)):
            self._refuse(request, INTERNAL_ERROR, "internal error; the server's log says more")

    def _notification(self, method: str, params: JsonObject) -> None:
        if method == "exit":
            self.exit_code = 0 if self._state == "shut down" else 1
        handler = self._handlers.get(method)
        if handler is not None and self._state == "running":
            self._guarded(lambda: handler(params))

    def _deliver(self, message: JsonObject) -> None:
        self._flush()
        if self.features is not None:
            self.features.receive(message)
        elif self._has_features:
            self.waiting.append(message)
        else:
            self._refuse(message.get("id"), INTERNAL_ERROR, "this server has no features; its log says why")

    def _flush(self) -> None:
        if self._state == "running":
            self.session.flush()

    def _guarded(self, work: Callable[[], None]) -> bool:
        """Do `work`; say whether it went well. What goes wrong is logged, never shown to the user."""
        try:
            work()
        except BadParamsError as error:
            note(f"a message with odd parameters: {error}")
            return False
        except Exception:
            note_failure("a message could not be handled")
            return False
        return True

    def _refuse(self, request: object, code: int, message: str) -> None:
        known = request if isinstance(request, int | str) else None
        error = {"code": code, "message": message}
        self._outbox.send({"jsonrpc": "2.0", "id": known, "error": error})

    # Life cycle

    def _initialize(self, request: MessageId, params: JsonObject) -> None:
        if self._state != "new":
            self._refuse(request, INVALID_REQUEST, "initialized already")
            return
        self._state = "running"
        self.initialize_params = params
        client = Client.of(params)
        options = params.get("initializationOptions")
        self._outbox.send({"jsonrpc": "2.0", "id": request, "result": answer(client, options)})
        # The engine is imported here, while the client reads the answer.
        from rollsafe.lsp.configuration import Configuration
        from rollsafe.lsp.session import Session

        session = self._session = Session(self._outbox)
        folders = [path for uri in folder_uris(params) if (path := path_of(uri)) is not None]
        self._guarded(lambda: session.begin(client, Configuration.of(options), folders))

    # Notifications

    def _did_open(self, params: JsonObject) -> None:
        text = text_at(params, "textDocument", "text")
        self.session.open(document_uri(params), document_version(params), text)
        self.on_moment()

    def _did_change(self, params: JsonObject) -> None:
        self.session.change(document_uri(params), document_version(params), changes_of(params))

    def _did_close(self, params: JsonObject) -> None:
        self.session.close(document_uri(params))
        self.on_moment()

    def _did_save(self, params: JsonObject) -> None:
        self.on_events([FileEvent(document_uri(params), 2)])
        self.on_moment()

    def _did_change_configuration(self, params: JsonObject) -> None:
        from rollsafe.lsp.configuration import UserSettings

        section = at(params, "settings", "rollsafe")
        if section is not None:
            self.session.configuration.user = UserSettings.of(section)
            self.session.reconfigure()
            self.on_settings()
        if self.features is not None:
            self.features.settings_changed()

    def _did_change_folders(self, params: JsonObject) -> None:
        added, removed = (
            [path for uri in uris if (path := path_of(uri)) is not None] for uris in folder_changes(params)
        )
        kept = [folder for folder in self.session.territory.folders if folder not in removed]
        self.session.set_folders([*kept, *(folder for folder in added if folder not in kept)])

    def _cancel(self, params: JsonObject) -> None:
        request = params.get("id")
        for message in self.waiting:
            if message.get("id") == request:
                self.waiting.remove(message)
                self._refuse(request, CANCELLED, "cancelled")
                return
        if self.features is not None and isinstance(request, int | str):
            self.features.cancel(request)

    def _cancel_progress(self, params: JsonObject) -> None:
        token = params.get("token")
        if self.features is not None and isinstance(token, int | str):
            self.features.cancel_progress(token)


def _nobody_cares(_events: list[FileEvent]) -> None:
    """Stand in until somebody wants to know of file events."""


def _nothing() -> None:
    """Stand in until somebody wants to know."""
