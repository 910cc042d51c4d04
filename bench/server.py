"""Latency of the language server as an editor sees it, over its standard input and output."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from bench.scan import environment

COMMAND = (sys.executable, "-m", "rollsafe", "server")
CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {"publishDiagnostics": {"relatedInformation": True, "dataSupport": True}},
}


@dataclass(frozen=True)
class Latency:
    """Milliseconds: from start to first diagnostics, and percentiles of an edit's answer."""

    first: float
    p50: float
    p95: float
    p99: float
    burst: float
    memory_mb: float


class Editor:
    """A minimal client: opens one document and edits it."""

    def __init__(self, root: Path, command: tuple[str, ...] = COMMAND, *, trusted: bool = False) -> None:
        self.started = time.perf_counter()
        self._asked = 100
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=root,
            env=environment(),
        )
        self._arrived: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        self._send({"id": 1, "method": "initialize", "params": {
            "processId": os.getpid(), "rootUri": root.as_uri(), "capabilities": CAPABILITIES,
            "workspaceFolders": [{"uri": root.as_uri(), "name": "bench"}],
            "initializationOptions": {"trusted": trusted},
        }})  # fmt: skip
        self._until(lambda message: message.get("id") == 1)
        self._send({"method": "initialized", "params": {}})

    def open(self, path: Path, language: str, text: str) -> float:
        """Open a document; return the time from the process's start to its diagnostics, in ms."""
        self._uri = path.as_uri()
        document = {"uri": self._uri, "languageId": language, "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        return (self._published(1) - self.started) * 1000

    def settle(self, seconds: float) -> None:
        """Wait until the server has been quiet for `seconds`."""
        while True:
            try:
                self._arrived.get(timeout=seconds)
            except Empty:
                return

    def edit(self, version: int, line: int, *, wait: bool = True) -> float:
        """Insert or remove a character; return the milliseconds until diagnostics for it arrived."""
        start, end, text = (0, 0, "#") if version % 2 == 0 else (0, 1, "")
        began = self._change(version, line, start, end, text)
        return (self._published(version) - began) * 1000 if wait else began

    def rewrite(self, version: int, line: int, text: str) -> float:
        """Replace a line; return the milliseconds until diagnostics for it arrived."""
        began = self._change(version, line, 0, 10_000, text)
        return (self._published(version) - began) * 1000

    def _change(self, version: int, line: int, start: int, end: int, text: str) -> float:
        change = {
            "range": {
                "start": {"line": line, "character": start}, "end": {"line": line, "character": end},
            },
            "text": text,
        }  # fmt: skip
        began = time.perf_counter()
        self._send({"method": "textDocument/didChange", "params": {
            "textDocument": {"uri": self._uri, "version": version}, "contentChanges": [change],
        }})  # fmt: skip
        return began

    def plan(self, kind: str) -> float:
        """Ask for a plan; return the milliseconds until it is there."""
        self._asked += 1
        identity = self._asked
        began = time.perf_counter()
        self._send({"id": identity, "method": "workspace/executeCommand", "params": {
            "command": "rollsafe.plan", "arguments": [{"kind": kind}],
        }})  # fmt: skip
        return (self._until(lambda message: message.get("id") == identity) - began) * 1000

    def last_after(self, version: int, since: float) -> float:
        """Return the milliseconds from `since` to the diagnostics of `version`."""
        return (self._published(version) - since) * 1000

    @property
    def memory_mb(self) -> float:
        """The resident set of the server."""
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.exists():
            return 0.0
        row = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(row.split()[1]) / 1024

    def close(self) -> None:
        """End the server."""
        self._process.kill()
        self._process.wait()

    def _send(self, message: dict[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline().strip():
                pass
            body = stream.read(length)
            self._arrived.put((time.perf_counter(), body))

    def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> float:
        while True:
            at, body = self._arrived.get(timeout=60)
            message = json.loads(body)
            if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": None})
            if wanted(message):
                return at

    def _published(self, version: int) -> float:
        return self._until(
            lambda m: (
                m.get("method") == "textDocument/publishDiagnostics"
                and m["params"]["uri"] == self._uri
                and m["params"].get("version") == version
            )
        )


@contextmanager
def editor(root: Path, *, trusted: bool = False) -> Iterator[Editor]:
    """Start a client on `root` and end it."""
    client = Editor(root, trusted=trusted)
    try:
        yield client
    finally:
        client.close()


def measure(root: Path, path: Path, language: str, text: str, edits: int = 200) -> Latency:
    """Open `path`, edit the middle of it `edits` times, then type 30 characters at 30 ms each."""
    line = text.count("\n") // 2
    with editor(root) as client:
        first = client.open(path, language, text)
        client.settle(0.5)
        for version in range(2, 22):
            client.edit(version, line)
        times = sorted(client.edit(version, line) for version in range(22, 22 + edits))
        burst = _burst(client, 22 + edits, line)
        quantiles = statistics.quantiles(times, n=100)
        return Latency(first, statistics.median(times), quantiles[94], quantiles[98], burst, client.memory_mb)


def _burst(client: Editor, version: int, line: int) -> float:
    began = 0.0
    for key in range(30):
        began = client.edit(version + key, line, wait=False)
        time.sleep(0.03)
    return client.last_after(version + 29, began)
