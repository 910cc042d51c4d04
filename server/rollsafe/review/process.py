"""The worker as a process: started for one job, and gone when there is an answer or none is wanted."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

_POLL_S = 0.05
_INHERITED = (
    *("PATH", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL"),
    *("LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)


class Cancel(Protocol):
    """A flag another thread may raise, such as `threading.Event`."""

    def is_set(self) -> bool:
        """Say whether the answer is no longer wanted."""
        ...


class CancelledError(Exception):
    """The answer was not wanted any more; the worker is gone."""


class LateError(Exception):
    """The worker did not answer in time and is gone."""


def exchange(job: bytes, deadline_s: float, cancel: Cancel | None) -> bytes:
    """Give `job` to a worker and return what it prints.

    Raises:
        CancelledError: `cancel` was raised.
        LateError: the deadline passed.
        OSError: the worker could not be started.
    """
    ends = time.monotonic() + deadline_s
    worker = _start()
    given: bytes | None = job
    try:
        while True:
            try:
                printed, _ = worker.communicate(given, timeout=_POLL_S)
                return bytes(printed)
            except subprocess.TimeoutExpired:
                given = None
            if cancel is not None and cancel.is_set():
                raise CancelledError
            if time.monotonic() >= ends:
                raise LateError
    except BaseException:
        _stop(worker)
        raise


def _start() -> "subprocess.Popen[bytes]":
    """Start a worker in a process group of its own.

    `-P` and the absolute path keep the directory rollsafe was started in, which belongs to the
    files under review, out of where the worker looks for modules.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "rollsafe.review.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parent,
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Return what the worker inherits: nothing that holds a key, a proxy or another address."""
    package = Path(__file__).resolve().parents[2]
    paths = [str(package), *filter(os.path.isabs, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


def _stop(worker: "subprocess.Popen[bytes]") -> None:
    """End the worker and everything in its group, and wait for it."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.pid, signal.SIGKILL)
    worker.kill()
    worker.communicate()
