"""A MariaDB server of the tests' own, and its client, which runs everything on it.

The client cuts a script into statements itself, so that nothing here leans on how rollsafe reads SQL.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_DIRECTORIES = ("/usr/sbin", "/usr/libexec", "/usr/local/bin")
_IN_MEMORY = ("/dev/shm",)
"""Where files are not written to a disk: cases make and drop a database each."""
_PATIENCE = 600
"""Questions asked before a server counts as one that does not start."""
_SETTINGS = (
    *("--skip-networking", "--skip-grant-tables", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0"),
    *("--innodb-flush-method=nosync", "--innodb-doublewrite=0", "--sync-frm=0", "--lc-messages=en_US"),
    *("--innodb-buffer-pool-size=16M", "--innodb-log-file-size=4M"),
    *("--sql-mode=STRICT_TRANS_TABLES", "--character-set-server=utf8mb4"),
)
"""No port, no disk flushes; strict, as the server is unless told otherwise."""
_ERROR = re.compile(r"^ERROR (\d+) \(\w+\) at line (\d+)[^:]*: (.*)$", re.M)


@dataclass(frozen=True)
class Case:
    """A statement, and what is there before it; each has a database of its own."""

    before: str
    sql: str


@dataclass(frozen=True)
class Server:
    """A running server."""

    client: str
    socket: str

    def errors(self, cases: Sequence[Case]) -> list[str]:
        """Run the cases in one session; return what the server says against each, empty for nothing."""
        lines: list[str] = []
        places: list[int] = []
        for case in cases:
            before, sql = (text.replace("\n", " ") for text in (case.before, case.sql))
            lines += ["DROP DATABASE IF EXISTS one;", "CREATE DATABASE one;", "USE one;", before, sql]
            places.append(len(lines))
        command = [self.client, "--no-defaults", f"--socket={self.socket}", "--force", "--batch"]
        done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=False)
        said = {int(line): f"{number} {words}" for number, line, words in _ERROR.findall(done.stderr)}
        strange = {line: words for line, words in said.items() if line not in places}
        assert not strange, f"what is there before a case is refused: {strange}"
        return [said.get(place, "") for place in places]


def find_binary(*names: str) -> str | None:
    """Return the first program of these names there is."""
    for name in names:
        found = shutil.which(name) or next(
            (path for directory in _DIRECTORIES if (path := shutil.which(name, path=directory))), None
        )
        if found:
            return found
    return None


def _owner() -> str | None:
    """Return the user the server runs as: anybody but root; None for the one who runs the tests."""
    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return next(name for name in ("mysql", "nobody") if name in names)


@contextmanager
def running_server(server: str, install: str, client: str) -> Generator[Server]:
    """Start a server on a socket in a directory of its own; both are gone after the block."""
    owner = _owner()
    where = next((one for one in _IN_MEMORY if os.access(one, os.W_OK)), None)
    with tempfile.TemporaryDirectory(
        prefix="rollsafe-my-", dir=where, ignore_cleanup_errors=True
    ) as directory:
        if owner is not None:
            shutil.chown(directory, owner)
        data, socket = f"{directory}/data", f"{directory}/socket"
        made = subprocess.run(
            [
                *(install, "--no-defaults", f"--datadir={data}", "--skip-test-db", "--skip-name-resolve"),
                "--auth-root-authentication-method=normal",
            ],
            user=owner,
            cwd=directory,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        log = Path(directory) / "log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [server, "--no-defaults", f"--datadir={data}", f"--socket={socket}", *_SETTINGS],
                user=owner,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            _wait_for(client, socket, process, log)
            yield Server(client, socket)
        finally:
            process.kill()
            process.wait()


def _wait_for(client: str, socket: str, process: subprocess.Popen[bytes], log: Path) -> None:
    command = [client, "--no-defaults", f"--socket={socket}", "--execute=SELECT 1"]
    for _ in range(_PATIENCE):
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(f"the server does not answer: {log.read_text()}")
