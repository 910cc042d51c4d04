"""pygls' protocol as this server uses it: it answers every request, and nothing of ours leaks.

The connection hands over decoded messages one by one. They are given types here and not earlier, so a
message that does not fit its type is answered like any other. Life cycle, documents and cancelling of
what is still waiting are the connection's.
"""

import asyncio
import enum
import logging
from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, Final, cast

import cattrs
from lsprotocol import converters, types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import RPCMessage

from rollsafe import __version__
from rollsafe.lsp.from_lsp import BadParamsError, JsonObject, items, object_of, own_diagnostics
from rollsafe.lsp.log import note, note_failure
from rollsafe.lsp.to_lsp import SOURCE
from rollsafe.lsp.transport import Outbox

MessageId = int | str
Command = Callable[[JsonObject, "MessageId | None"], Awaitable[object]]

_METHOD_NOT_FOUND: Final = -32601
_INVALID_PARAMS: Final = -32602
_INTERNAL_ERROR: Final = -32603
_CANCELLED: Final = -32800

PARTIAL: Final = "partialResultToken"
"""Under which name a client hands over the token for parts of a result."""


class FeatureProtocol(LanguageServerProtocol):
    """Requests of the client to features and back, requests of ours to the client and back."""

    outbox: Outbox

    def __init__(self, server: "FeatureServer", converter: cattrs.Converter) -> None:
        super().__init__(server, converter)
        self.commands: dict[str, Command] = {}

    def introduce(self, params: JsonObject) -> None:
        """Take in what the client said in `initialize`; it has been answered already."""
        try:
            typed = self._converter.structure(params, types.InitializeParams)
        except Exception:
            note("parameters of `initialize` are odd; the client's abilities are taken from what is readable")
            typed = types.InitializeParams(capabilities=types.ClientCapabilities())
        for _ in self.lsp_initialize(typed):
            """pygls waits here for handlers of `initialize`; there are none."""

    def plain(self, value: object) -> object:
        """Return typed values as the JSON they came from."""
        return self._converter.unstructure(value)

    def receive(self, message: JsonObject) -> None:
        """Take a request, or a response to one of ours."""
        method, request = message.get("method"), message.get("id")
        if not isinstance(method, str):
            self._receive_response(message)
        elif isinstance(request, int | str):
            self._receive_request(request, method, message)

    def cancel(self, request: MessageId) -> None:
        """Stop working on a request; whatever runs for it is told, and the client is answered."""
        if request in self._request_futures:
            self._handle_cancel_notification(request)

    async def ask(self, method: str, params: JsonObject | None) -> object:
        """Send a request to the client and return its typed answer.

        Raises:
            JsonRpcException: the client refused, or its answer is not of the method's type.
        """
        typed: object = params
        if params is not None:
            typed = self._converter.structure(params, cast("type[Any]", types.METHOD_TO_TYPES[method][2]))
        # The shield keeps the request's own future alive when whoever asked is cancelled.
        return await asyncio.shield(self.send_request_async(method, typed))

    def _receive_request(self, request: MessageId, method: str, message: JsonObject) -> None:
        if not self._answers(method):
            self._refuse(request, _METHOD_NOT_FOUND, f"no method {method}")
            return
        try:
            structured = self._typed(_with_partial_token(_without_foreign(message)))
        except JsonRpcException:
            note(f"a request whose parameters are not those of {method}")
            self._refuse(request, _INVALID_PARAMS, f"the parameters are not those of {method}")
            return
        self.handle_message(structured)

    def _answers(self, method: str) -> bool:
        try:
            self._get_handler(method)
        except JsonRpcException:
            return False
        return True

    def _receive_response(self, message: JsonObject) -> None:
        request = message.get("id")
        future = self._request_futures.get(cast("MessageId", request)) if request is not None else None
        if future is None or future.done():
            # Nobody waits any more: the work that asked has been cancelled or has given up.
            self._request_futures.pop(cast("MessageId", request), None)
            return
        try:
            self.handle_message(self._typed(dict(message)))
        except JsonRpcException as error:
            self._request_futures.pop(cast("MessageId", request), None)
            future.set_exception(error)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # type: ignore[override]
        self, params: types.ExecuteCommandParams
    ) -> object:
        """Run a command as a task of the request itself, so that cancelling the request cancels it."""
        command = self.commands.get(params.command)
        if command is None:
            raise JsonRpcInvalidParams(f"no command {params.command}")
        arguments = object_of(next(iter(items(params.arguments)), None))
        return await command(arguments, params.work_done_token)

    def _typed(self, message: JsonObject) -> RPCMessage:
        return cast("RPCMessage", self.structure_message(message))

    def _send_handler_result(self, future: "Future[Any]", *, msg_id: MessageId) -> None:
        """Answer a request with what became of its handler; what went wrong is in the log alone."""
        self._request_futures.pop(msg_id, None)
        try:
            self._send_response(msg_id, future.result())
        except CancelledError:
            self._refuse(msg_id, _CANCELLED, "cancelled")
        except BadParamsError as error:
            self._refuse(msg_id, _INVALID_PARAMS, str(error))
        except JsonRpcException as error:
            note(f"a request was refused: {error.message}")
            self._refuse(msg_id, error.code, error.message, error.data)
        except Exception:
            note_failure("a request could not be answered")
            self._refuse(msg_id, _INTERNAL_ERROR, "internal error; the server's log says more")

    def _send_response(
        self,
        msg_id: MessageId,
        result: Any | None = None,
        error: types.ResponseError | None = None,
    ) -> None:
        if error is None:
            self._send_data({"jsonrpc": "2.0", "id": msg_id, "result": result})
        else:
            self._refuse(msg_id, error.code, error.message, error.data)

    def _send_data(self, data: Any) -> None:
        self.outbox.send(self._converter.unstructure(data))

    def _refuse(self, request: MessageId, code: int, message: str, data: object = None) -> None:
        error: JsonObject = {"code": code, "message": message}
        if data is not None:
            error["data"] = data
        self._send_data({"jsonrpc": "2.0", "id": request, "error": error})


class FeatureServer(LanguageServer):
    """pygls' server without a transport of its own: the connection reads, the outbox writes."""

    def __init__(self) -> None:
        # What pygls would log with pages of traceback is logged here, one line for what clients do wrong.
        logging.getLogger("pygls").setLevel(logging.CRITICAL)
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            "rollsafe",
            __version__,
            types.TextDocumentSyncKind.Incremental,
            protocol_cls=FeatureProtocol,
            converter_factory=lenient_converter,
            max_workers=1,
        )

    @property
    def features(self) -> FeatureProtocol:
        """The protocol, as the class it is."""
        assert isinstance(self.protocol, FeatureProtocol)
        return self.protocol

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """Write to the log what pygls would show to the user; it has been answered already."""
        note(f"{source.__name__}: {error}")


def lenient_converter() -> cattrs.Converter:
    """Return a converter that lets through values an enumeration does not have yet."""
    converter = converters.get_converter()
    for kind in vars(types).values():
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            converter.register_structure_hook(kind, _lenient)
    return converter


def _lenient(value: Any, kind: type[enum.Enum]) -> Any:
    try:
        return kind(value)
    except ValueError:
        note(f"{kind.__name__} has no {value!r}")
        return value


def _without_foreign(message: JsonObject) -> JsonObject:
    """Return a request without the diagnostics of other servers: they are not ours to judge."""
    params = object_of(message.get("params"))
    context = object_of(params.get("context"))
    if "diagnostics" not in context:
        return dict(message)
    own = own_diagnostics(context["diagnostics"], SOURCE)
    return {**message, "params": {**params, "context": {**context, "diagnostics": own}}}


def _with_partial_token(message: JsonObject) -> JsonObject:
    """Return a command's request with its `partialResultToken` among the arguments.

    The protocol has the token for requests whose results come in parts, but not for commands; the library
    drops what the protocol does not have.
    """
    params = object_of(message.get("params"))
    token = params.get(PARTIAL)
    if message.get("method") != types.WORKSPACE_EXECUTE_COMMAND or not isinstance(token, int | str):
        return message
    first, *rest = items(params.get("arguments")) or [{}]
    arguments = [{**object_of(first), PARTIAL: token}, *rest]
    return {**message, "params": {**params, "arguments": arguments}}
