"""A client that speaks to the server on its standard input and output, byte by byte if need be."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

Json = dict[str, Any]

SERVER = [sys.executable, "-m", "rollsafe", "server"]
WAIT_S = 20.0

VSCODE: Json = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"showDocument": {"support": True}, "workDoneProgress": True},
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "didChangeConfiguration": {"dynamicRegistration": True},
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "rename", "delete"],
            "changeAnnotationSupport": {"groupsOnLabel": True},
        },
        "codeLens": {"refreshSupport": True},
    },
    "textDocument": {
        "publishDiagnostics": {
            "relatedInformation": True,
            "codeDescriptionSupport": True,
            "dataSupport": True,
        },
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {
            "isPreferredSupport": True,
            "dataSupport": True,
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source"]}},
        },
    },
}
"""The capabilities that make a difference, as VS Code has them."""


class ServerEndedError(Exception):
    """The server closed its output."""


class Client:
    """One server process and everything it has said."""

    def __init__(self, cwd: Path, environment: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            SERVER,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
        )
        self.seen: list[Json] = []
        self.log: list[str] = []
        self.opened: set[str] = set()
        self.capabilities: Json = {}
        self.answers: dict[str, Callable[[Json], Any]] = {
            "workspace/configuration": lambda _: [None],
            "window/showDocument": lambda _: {"success": True},
        }
        """What is answered to the server's requests, by method; null without an entry."""
        self._messages: queue.Queue[Json | None] = queue.Queue()
        self._next = 0
        self._reading = _thread(self._read, self._pipe(self.process.stdout))
        self._logging = _thread(self._read_log, self._pipe(self.process.stderr))

    # Sending

    def send_bytes(self, data: bytes) -> None:
        stdin = self._pipe(self.process.stdin)
        stdin.write(data)
        stdin.flush()

    def send_body(self, body: bytes) -> None:
        self.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send(self, message: Mapping[str, Any]) -> None:
        self.send_body(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any = None) -> int:
        """Send a request and return its id without waiting for the answer."""
        self._next += 1
        self.send({"id": self._next, "method": method, "params": params})
        return self._next

    # Receiving

    def answer(self, request: int | str | None, wait: float = WAIT_S) -> Json:
        """Return the answer to a request."""
        return self.until(lambda m: "method" not in m and m.get("id") == request, wait)

    def request(self, method: str, params: Any = None, wait: float = WAIT_S) -> Json:
        return self.answer(self.ask(method, params), wait)

    def result(self, method: str, params: Any = None, wait: float = WAIT_S) -> Any:
        answer = self.request(method, params, wait)
        assert "error" not in answer, answer
        return answer["result"]

    def until(self, wanted: Callable[[Json], bool], wait: float = WAIT_S) -> Json:
        """Return the first message, seen already or still to come, that is wanted, and forget it."""
        for at, message in enumerate(self.seen):
            if wanted(message):
                return self.seen.pop(at)
        end = time.monotonic() + wait
        while (left := end - time.monotonic()) > 0:
            try:
                message = self._take(left)
            except queue.Empty:
                break
            if wanted(message):
                return message
            self.seen.append(message)
        raise AssertionError(f"no such message in {wait} s; seen: {self.summary()}\n{self.text_of_log()}")

    def summary(self) -> str:
        """Return what has been seen, the newest last, as far as a person reads it."""
        return "\n".join(str(message)[:400] for message in self.seen[-30:])

    def notification(self, method: str, wait: float = WAIT_S) -> Any:
        return self.until(lambda m: m.get("method") == method, wait)["params"]

    def quiet(self, seconds: float = 0.15) -> list[Json]:
        """Collect what comes until nothing has come for `seconds`; return everything seen so far."""
        while True:
            try:
                self.seen.append(self._take(seconds))
            except queue.Empty:
                return self.seen

    def sync(self) -> list[Json]:
        """Wait until all that was sent has been handled; return everything seen so far.

        A request that is refused at once is answered in order; edits that came together with it are
        analysed after that, but before the next one.
        """
        for _ in range(2):
            self.request("initialize")
        return self.seen

    def diagnostics(self, uri: str, version: int | None = None, wait: float = WAIT_S) -> list[Json]:
        """Return the next diagnostics of a document, of this version or a newer one if given."""

        def wanted(message: Json) -> bool:
            if message.get("method") != "textDocument/publishDiagnostics":
                return False
            params = message["params"]
            return params["uri"] == uri and (version is None or params.get("version", -1) >= version)

        found: list[Json] = self.until(wanted, wait)["params"]["diagnostics"]
        return found

    def settled(self, wait: float = WAIT_S) -> Json:
        """Wait until the workspace has been read and return the status."""
        status: Json = self.until(
            lambda m: m.get("method") == "rollsafe/status" and m["params"]["state"] == "ready", wait
        )["params"]
        return status

    def shown(self, uri: str) -> list[Json] | None:
        """Return the last diagnostics seen so far for a document; None when it has had none."""
        found: list[Json] | None = None
        for message in self.seen:
            params: Json = message.get("params") or {}
            if message.get("method") == "textDocument/publishDiagnostics" and params.get("uri") == uri:
                found = params["diagnostics"]
        return found

    # Sessions

    def initialize(
        self,
        root: Path | list[Path] | None,
        capabilities: Json | None = None,
        options: Json | None = None,
    ) -> Json:
        """Shake hands; return the server's capabilities."""
        folders = root if isinstance(root, list) else [root] if root is not None else []
        params: Json = {
            "processId": None,
            "rootUri": folders[0].as_uri() if folders else None,
            "capabilities": VSCODE if capabilities is None else capabilities,
            "workspaceFolders": [{"uri": f.as_uri(), "name": f.name} for f in folders] or None,
        }
        if options is not None:
            params["initializationOptions"] = options
        result = self.result("initialize", params)
        self.notify("initialized", {})
        self.capabilities = result["capabilities"]
        return self.capabilities

    def open(self, path: Path | str, text: str | None = None, version: int = 1) -> str:
        """Open a document and return its URI; the text is the file's unless given."""
        uri = path if isinstance(path, str) else path.as_uri()
        if text is None:
            assert isinstance(path, Path)
            text = path.read_bytes().decode()
        item = {"uri": uri, "languageId": "yaml", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        self.opened.add(uri)
        return uri

    def change(self, uri: str, version: int, *changes: Json) -> None:
        identifier = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": list(changes)})

    def close(self, uri: str) -> None:
        self.opened.discard(uri)
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def command(self, name: str, *arguments: Any, wait: float = WAIT_S) -> Any:
        return self.result("workspace/executeCommand", {"command": name, "arguments": list(arguments)}, wait)

    def actions(self, uri: str, where: Json, diagnostics: list[Json] | None = None, **context: Any) -> Any:
        params = {
            "textDocument": {"uri": uri},
            "range": where,
            "context": {"diagnostics": diagnostics or [], **context},
        }
        return self.result("textDocument/codeAction", params)

    def stop(self) -> int:
        """Say goodbye and return the exit code."""
        self.result("shutdown")
        self.notify("exit")
        return self.process.wait(10)

    def kill(self) -> None:
        """End the process, whatever it does, and close its pipes."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._reading.join(5)
        self._logging.join(5)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with suppress(BrokenPipeError):
                self._pipe(pipe).close()

    def text_of_log(self) -> str:
        if self.process.poll() is not None:
            self._logging.join(2)
        return "".join(self.log)

    def _take(self, timeout: float) -> Json:
        message = self._messages.get(timeout=timeout)
        if message is None:
            raise ServerEndedError(self.text_of_log())
        if "method" in message and "id" in message:
            respond = self.answers.get(message["method"])
            if respond is not _silent:
                result = respond(message.get("params") or {}) if respond is not None else None
                self.send({"id": message["id"], "result": result})
        return message

    def _read(self, stream: IO[bytes]) -> None:
        length = 0
        while header := stream.readline():
            if header.lower().startswith(b"content-length:"):
                length = int(header.partition(b":")[2])
            elif not header.strip():
                self._messages.put(json.loads(stream.read(length)))
        self._messages.put(None)

    def _read_log(self, stream: IO[bytes]) -> None:
        for line in stream:
            self.log.append(line.decode("utf-8", "replace"))

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def _thread(work: Callable[[IO[bytes]], None], stream: IO[bytes]) -> threading.Thread:
    thread = threading.Thread(target=work, args=(stream,), daemon=True)
    thread.start()
    return thread


def silent(_params: Json) -> None:
    """As an entry of `Client.answers`: the request is never answered."""


_silent = silent


@contextmanager
def running(cwd: Path, environment: Mapping[str, str] | None = None) -> Generator[Client]:
    """Start a server; it is gone after the block."""
    client = Client(cwd, environment)
    try:
        yield client
    finally:
        client.kill()


def span(line: int, start: int, end_line: int, end: int) -> Json:
    """Return a range as JSON."""
    return {"start": {"line": line, "character": start}, "end": {"line": end_line, "character": end}}
