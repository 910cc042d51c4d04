"""Frames over standard input and output: `Content-Length` headers and JSON bodies.

A thread of its own reads, so that whoever handles messages can see how many more have arrived. Only the
thread that handles messages writes.
"""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import BinaryIO, Final

import orjson

END: Final = b""
"""The frame that stands for the end of the input."""

_MAX_BYTES: Final = 1 << 28
_MAX_HEADER: Final = 1 << 13


class Inbox:
    """The frames the client has sent; ends with `END`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._frames: SimpleQueue[bytes] = SimpleQueue()
        self._arrived: Callable[[], None] = _nobody

    def start(self) -> None:
        """Begin to read."""
        Thread(target=self._read, name="rollsafe-reader", daemon=True).start()

    def wake(self, arrived: Callable[[], None]) -> None:
        """From now on call `arrived`, from the reading thread, after each frame; once now."""
        self._arrived = arrived
        arrived()

    def take(self, timeout: float | None) -> bytes | None:
        """Wait up to `timeout` seconds for a frame, for ever without; None when there was none."""
        try:
            return self._frames.get(timeout=timeout)
        except Empty:
            return None

    def drain(self) -> list[bytes]:
        """Return all frames that have arrived."""
        frames: list[bytes] = []
        with suppress(Empty):
            while True:
                frames.append(self._frames.get_nowait())
        return frames

    def _read(self) -> None:
        frame: bytes | None = None
        while frame != END:
            try:
                frame = _read_frame(self._stream)
            except (OSError, ValueError) as error:
                print(f"rollsafe: reading from the client failed: {error}", file=sys.stderr)
                frame = END
            self._frames.put(frame)
            with suppress(RuntimeError):  # the loop may have been closed in between
                self._arrived()


class Outbox:
    """Where messages to the client go; nothing happens after the client has closed its end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def send(self, message: Mapping[str, object]) -> None:
        """Send one message, a JSON object."""
        self.send_body(encode(message))

    def send_body(self, body: bytes) -> None:
        """Send one message that is JSON already."""
        with suppress(BrokenPipeError, ValueError):
            self._stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self._stream.flush()


def encode(value: object) -> bytes:
    """Return `value` as JSON; lone surrogates, which have no UTF-8, are escaped."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def decode(body: bytes) -> object:
    """Read JSON; lone surrogates, which editors send, are kept.

    Raises:
        ValueError: `body` is not JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _decode_slowly(body)


def _decode_slowly(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _read_frame(stream: BinaryIO) -> bytes:
    """Return the next frame that has a body, `END` where the input ends."""
    length = 0
    while True:
        header = stream.readline(_MAX_HEADER)
        if not header:
            return END
        name, _, value = header.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
        if header.strip() or not length > 0:
            continue
        if length > _MAX_BYTES:
            raise ValueError(f"a message of {length} bytes")
        body = stream.read(length)
        return body if len(body) == length else END


def _nobody() -> None:
    """Stand in until somebody wants to be woken."""
