"""A process that has imported the client library, from which the workers of many reviews branch off.

Importing the library takes longer than all else of a review. A worker whose `PYTHONPATH` names a directory
made here is still started, given its job, listened to and ended by rollsafe; what it does is done by a copy
of the process that is ready, with the worker's environment, directory and ends. `test_calls` tests the
worker as it is.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

WORKER = "rollsafe.review.worker"
_READ_BY_A_CALL = ("anthropic", "anthropic.resources.messages", "rollsafe.review.wire", WORKER)
_HANDED_OVER = """\
import json, os, socket, sys

if sys.orig_argv[-2:] == ["-m", {worker!r}]:
    with socket.socket(socket.AF_UNIX) as ready:
        ready.connect({address!r})
        place = json.dumps([os.getcwd(), dict(os.environ)]).encode()
        socket.send_fds(ready, [len(place).to_bytes(4, "big")], [0, 1, 2])
        ready.sendall(place)
        status = ready.recv(1)
    os._exit(status[0] if status else 1)
"""
"""What every Python started with the directory on its path runs first."""


@contextmanager
def prepared(directory: Path) -> Generator[None]:
    """Make `directory` one that workers are to have on their path; the process is gone after the block."""
    address = str(directory / "ready")
    text = _HANDED_OVER.format(worker=WORKER, address=address)
    (directory / "sitecustomize.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-P", "-m", __name__, address]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe) as ready:
        assert ready.stdin is not None
        assert ready.stdout is not None
        try:
            assert ready.stdout.readline() == b"ready\n"
            yield
        finally:
            ready.stdin.close()


def main(address: str) -> None:
    """Branch off a worker for each connection until standard input ends."""
    for name in _READ_BY_A_CALL:
        importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)
        while select.select([sys.stdin, listener], [], [])[0] == [listener]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                try:
                    _work(connection)
                finally:
                    os._exit(1)
            connection.close()
            _forget_those_that_ended()


def _forget_those_that_ended() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _work(connection: socket.socket) -> None:
    """Be the worker that connected; end with it."""
    length, ends, _, _ = socket.recv_fds(connection, 4, 3)
    place = connection.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL)
    directory, environment = json.loads(place)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    for number, end in enumerate(ends):
        os.dup2(end, number)
        os.close(end)
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    status = importlib.import_module(WORKER).main()
    connection.sendall(bytes([status]))
    os._exit(status)


def _end_with(connection: socket.socket) -> None:
    connection.recv(1)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
