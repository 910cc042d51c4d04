"""A PostgreSQL server of the tests' own, and psql, which runs everything on it.

psql cuts a script into statements itself, so that nothing here leans on how rollsafe reads SQL.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from tests.installed import cache

OLDEST = 15
"""The oldest server that tests of more than one version's facts run on."""
PACKAGED = (10, 11, 12, 13, 14, 16, 17, 18)
"""The servers that `versions/install.sh` installs."""
DIRECTORIES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
_PATIENCE = 1_000
"""Questions asked before a wait counts as one without an end."""
_CONFIGURATION = """
listen_addresses = ''
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
max_connections = 40
shared_buffers = 32MB
deadlock_timeout = 5s
"""
"""No port, no disk flushes, and nobody but the test reads or writes tables."""


class Refused(Exception):  # noqa: N818 - what the server says, not a fault
    """The server refused a statement."""


@dataclass(frozen=True)
class Database:
    """A database and a way to talk to it; `server` is the major version."""

    psql: str
    socket: str
    name: str
    server: int

    def command(self, *words: str, label: str = "test") -> list[str]:
        settings = f"host={self.socket} user=postgres dbname={self.name} application_name={label}"
        shape = ["-X", "-q", "-A", "-t", "-F\x1f", "-R\x1e", "-v", "ON_ERROR_STOP=1"]
        return [self.psql, *shape, *words, settings]

    def run(self, sql: str, *words: str) -> list[list[str]]:
        """Run a script, each statement on its own unless `words` say otherwise; return the rows."""
        return self._finished(self.command(*words, "-f", "-"), sql)

    def send(self, sql: str) -> list[list[str]]:
        """Send a script as one message, which makes several statements one transaction."""
        return self._finished(self.command("-c", sql), "")

    def play(self, *words: str) -> list[list[str]]:
        """Run what psql is told by its own options, one after the other in one session."""
        return self._finished(self.command(*words), "")

    def wrapped(self, sql: str) -> list[list[str]]:
        """Run a script in one transaction."""
        return self.run(sql, "-1")

    def accepts(self, sql: str) -> bool:
        """Say whether a script runs through."""
        try:
            self.run(sql)
        except Refused:
            return False
        return True

    def until(self, question: str) -> None:
        """Wait until a query answers true."""
        for _ in range(_PATIENCE):
            if self.run(question) == [["t"]]:
                return
            time.sleep(0.01)
        raise AssertionError(f"never true: {question}\n{self.run('TABLE pg_stat_activity')}")

    def _finished(self, command: list[str], sql: str) -> list[list[str]]:
        done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Refused(f"{done.stderr.strip()}\n{done.stdout[-200:]}")
        return rows_of(done.stdout)


def rows_of(output: str) -> list[list[str]]:
    """Return psql's unaligned output as rows of fields; results follow each other."""
    lines = re.split(r"[\x1e\n]", output)
    return [line.split("\x1f") for line in lines if line]


class Session:
    """A session that stays open; what is written to it is done when the server says so."""

    def __init__(self, database: Database, label: str) -> None:
        self.database = database
        self.label = label
        self.process = subprocess.Popen(
            database.command(label=label),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def write(self, sql: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{sql};\n")
        self.process.stdin.flush()

    def hold(self, sql: str) -> None:
        """Run statements in a transaction that stays open."""
        self.write(f"BEGIN;\n{sql};\nSET LOCAL application_name = '{self.label} holds'")
        mine = f"datname = current_database() AND application_name = '{self.label} holds'"
        self.database.until(
            f"SELECT count(*) = 1 FROM pg_stat_activity WHERE {mine} AND state = 'idle in transaction'"
        )

    def close(self) -> str:
        """End the session, which rolls back what is open; return what it said."""
        output, _ = self.process.communicate("\\q\n", timeout=60)
        return output


@contextmanager
def session(database: Database, label: str) -> Generator[Session]:
    """Open a session; it is gone after the block."""
    opened = Session(database, label)
    try:
        yield opened
    finally:
        if opened.process.poll() is None:
            opened.close()


def find_binaries() -> Path | None:
    """Return the directory of the newest server there is, from `OLDEST` on."""
    found = sorted((version, directory) for directory in _directories() if (version := version_of(directory)))
    return found[-1][1] if found and found[-1][0] >= OLDEST else None


def packaged(version: int) -> Path | None:
    """Return the directory of a server that a package brings; None if it is not installed."""
    installed = cache() / "postgres-versions"
    directory = installed / "node_modules" / f"postgres-{version}" / "native" / "bin"
    return directory if (installed / ".installed").is_file() and _psql(directory) else None


def _directories() -> Iterable[Path]:
    for name in ("initdb", "pg_config"):
        path = shutil.which(name)
        if path is not None:
            yield Path(path).resolve().parent
    if shutil.which("pg_config"):
        done = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        yield Path(done.stdout.strip())
    for pattern in DIRECTORIES:
        yield from Path("/").glob(pattern.lstrip("/"))


def version_of(directory: Path) -> int:
    """Return the major version of the server in a directory; 0 if there is none."""
    if not all((directory / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
        return 0
    done = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"\) (\d+)", done.stdout)
    return int(match[1]) if match else 0


def _owner() -> str | None:
    """Return the user the server runs as: anybody but root; None for the one who runs the tests."""
    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


@contextmanager
def running_server(binaries: Path) -> Generator[Database]:
    """Start a server on a socket in a directory of its own; both are gone after the block."""
    owner = _owner()
    with tempfile.TemporaryDirectory(prefix="rollsafe-pg-", ignore_cleanup_errors=True) as directory:
        if owner is not None:
            shutil.chown(directory, owner)

        def run(*words: str) -> None:
            done = subprocess.run(
                words,
                user=owner,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            )
            assert done.returncode == 0, Path(log.name).read_text()

        data = f"{directory}/data"
        binaries = _within_reach(binaries, owner, directory)
        with tempfile.NamedTemporaryFile("w+") as log:
            control = [str(binaries / "pg_ctl"), "-D", data, "-w"]
            run(str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "--no-locale", "-E", "UTF8")  # fmt: skip
            with (Path(data) / "postgresql.conf").open("a") as settings:
                settings.write(_CONFIGURATION)
            run(*control, "-o", f"-k {directory}", "start")
            try:
                yield Database(str(_psql(binaries)), directory, "postgres", version_of(binaries))
            finally:
                run(*control, "-m", "immediate", "stop")


def _within_reach(binaries: Path, owner: str | None, directory: str) -> Path:
    """Return the binaries where `owner` may run them: copied if they lie in somebody's private directory."""
    try:
        subprocess.run([binaries / "postgres", "--version"], user=owner, capture_output=True, check=True)
    except PermissionError:
        copied = shutil.copytree(binaries.parent, f"{directory}/server", symlinks=True)
        return Path(copied) / binaries.name
    return binaries


def _psql(binaries: Path) -> str | None:
    own = binaries / "psql"
    return str(own) if own.is_file() else shutil.which("psql")


_FORCE_SINCE, _STRATEGY_SINCE = 13, 15


class Databases:
    """Databases of tests on one server; those nobody uses any more make room for the next."""

    def __init__(self, server: Database) -> None:
        self.server = server
        self._numbers = count()
        self._unused: list[Database] = []

    def make(self, template: str = "template1") -> Database:
        """Make a database, empty or a copy of a template."""
        name = f"case_{next(self._numbers)}"
        force = " WITH (FORCE)" if self.server.server >= _FORCE_SINCE else ""
        strategy = " STRATEGY file_copy" if self.server.server >= _STRATEGY_SINCE else ""
        drops = [f"DROP DATABASE {one.name}{force}" for one in self._unused]
        self._unused.clear()
        self.server.run(";\n".join([*drops, f"CREATE DATABASE {name} TEMPLATE {template}{strategy}"]))
        return replace(self.server, name=name)

    def discard(self, database: Database) -> None:
        self._unused.append(database)
