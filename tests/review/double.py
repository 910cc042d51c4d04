"""A stand-in for the model's service on 127.0.0.1, and what tests ask it about.

It speaks as much of the Messages API as a call without streaming needs, records every request as it
arrived, and answers what its script says, lies included.
"""

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias, cast

from rollsafe.review import ReviewFile, ReviewKey, ReviewLimits, ReviewRequest
from rollsafe.review.request import NodeRange

Json: TypeAlias = "dict[str, object]"

COMPOSE = """\
services:
  web:
    image: shop/web:latest
    restart: always
  worker:
    image: shop/worker:1.4
    restart: always
  cron:
    image: shop/cron:1.4
    stop_grace_period: 1s
"""
NODES = (
    NodeRange("services.web", 2, 4),
    NodeRange("services.worker", 5, 7),
    NodeRange("services.cron", 8, 10),
)
KEYS = (
    ReviewKey("short-shutdown-window", "the container is killed before its work is done"),
    ReviewKey("floating-image-tag", "the tag may point to another image tomorrow"),
)
PERSONA = "You watch rollouts, health checks and rollbacks. Secrets: never repeat one."


def compose_file(path: str = "compose.yaml", text: str = COMPOSE) -> ReviewFile:
    return ReviewFile(path, text, NODES)


def request_about(*files: ReviewFile, limits: ReviewLimits | None = None) -> ReviewRequest:
    return ReviewRequest(
        "deployment-orchestrator",
        PERSONA,
        KEYS,
        files or (compose_file(),),
        limits or ReviewLimits(),
    )


def item(**changes: object) -> Json:
    """Return a truthful item about the sample, or one that differs in `changes`."""
    truth: Json = {
        "file": "compose.yaml",
        "node_id": "services.cron",
        "line": 10,
        "quote": "    stop_grace_period: 1s",
        "key": "short-shutdown-window",
        "message": "`cron` gets 1 s to finish",
        "why": "Work in progress is cut off at every deployment.",
        "confidence": 0.95,
        "severity": "info",
    }
    return {**truth, **changes}


@dataclass
class Reply:
    """One scripted answer; `hang_s` waits before the headers, `write` makes the text of what was asked.

    After `drop_after` bytes of the body the socket is closed; `drip_s` waits after each byte. `raw` is sent
    instead of a message, piece by piece and without a length.
    """

    text: str = '{"findings": []}'
    stop_reason: str = "end_turn"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    hang_s: float = 0
    model: str = "claude-haiku-5-5"
    write: Callable[[Json], str] | None = None
    drop_after: int | None = None
    drip_s: float = 0
    raw: Iterable[bytes] | None = None

    def body(self, number: int) -> Json:
        if self.status >= 300:
            error = {"type": "api_error", "message": "scripted: " + self.text}
            return {"type": "error", "error": error, "request_id": f"req_{number}"}
        empty = self.stop_reason == "refusal"
        return {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [] if empty else [{"type": "text", "text": self.text}],
            "stop_reason": self.stop_reason,
            "stop_sequence": None,
            "usage": {"input_tokens": 10, "output_tokens": 5},
        }


def answers(*items: Json) -> Reply:
    return Reply(json.dumps({"findings": list(items)}))


@dataclass(frozen=True)
class Recorded:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        decoded: Json = json.loads(self.body)
        return decoded


class Double:
    """The scripted service; replies are used up in order, the last one again and again."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [Reply()]
        self.requests: list[Recorded] = []
        self.arrived = threading.Event()
        self.left = threading.Event()
        self.closing = threading.Event()
        self.base_url = ""
        self.reply_to: Callable[[Json], Reply] | None = None
        """Answers by what is asked instead of in order, where several questions come at once."""

    def next_reply(self, asked: Json) -> Reply:
        if self.reply_to is not None:
            return self.reply_to(asked)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    double: Double

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        double = cast("_Server", self.server).double
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        double.requests.append(Recorded(self.path, headers, body))
        number = len(double.requests)
        reply = double.next_reply(double.requests[-1].json)
        double.arrived.set()
        if reply.hang_s:
            self._hang(double, reply.hang_s)
        if reply.write is not None:
            question: Json = json.loads(cast("Any", double.requests[-1].json)["messages"][0]["content"])
            reply = replace(reply, text=reply.write(question))
        if reply.raw is not None:
            self._send_raw(reply)
            return
        data = json.dumps(reply.body(number)).encode()
        self.send_response(reply.status)
        standard = {"content-type": "application/json", "request-id": f"req_{number}"}
        for name, value in {**standard, "content-length": str(len(data)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.drip_s:
            self._drip(data, reply.drip_s)
            return
        self.wfile.write(data[: reply.drop_after])
        self.close_connection = reply.drop_after is not None

    def _send_raw(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {"content-type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in reply.raw or ():
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _hang(self, double: Double, seconds: float) -> None:
        """Say nothing for a while; notice when nobody listens any more."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and not double.closing.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.02)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                double.left.set()
                return

    def _drip(self, data: bytes, pause_s: float) -> None:
        double = cast("_Server", self.server).double
        for at in range(len(data)):
            self.wfile.write(data[at : at + 1])
            if double.closing.wait(pause_s):
                return

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def running_double() -> Generator[Double]:
    double = Double()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.double = double
    double.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield double
    finally:
        double.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
