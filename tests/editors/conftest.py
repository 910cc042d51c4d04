"""What the editor tests share: the sample workspace, the server under test, processes that end.

A test skips, with the reason, where its editor is not installed. Where `CI` is `true` that is a failure:
there the editors are installed by the job, and a test that does not run says nothing.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from tests.installed import cache, missing

REPOSITORY = Path(__file__).resolve().parents[2]

SAMPLE = {
    "db/migrations/0001_create_orders.up.sql": """\
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL
);
""",
    "db/migrations/0001_create_orders.down.sql": "DROP TABLE orders;\n",
    "db/migrations/0002_add_index.up.sql": "CREATE INDEX idx ON orders (id);\n",
    "db/migrations/0002_add_index.down.sql": "DROP INDEX idx;\n",
    "k8s/orders.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  replicas: 3
  selector:
    matchLabels:
      app: orders
  template:
    metadata:
      labels:
        app: orders
    spec:
      containers:
        - name: orders
          image: registry.example/orders:latest
          ports:
            - containerPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: orders
spec:
  selector:
    app: orders
  ports:
    - port: 80
      targetPort: 8080
""",
    # What the tests plant beside the sample is not part of the change that is planned.
    ".gitignore": "/.venv/\n/.vscode/\n/tools/\n",
    "rollsafe.toml": """\
root = true

[migrations]
dialect = "postgres"
""",
}

DEPLOYED = (".gitignore", "rollsafe.toml", "k8s", "db/migrations/0001*")
"""What is committed, and therefore running; the second migration is the change."""

Running = subprocess.Popen[bytes]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A small repository: a Deployment and its Service, two migrations, a configuration."""
    return write_sample(tmp_path / "shop")


@pytest.fixture(scope="module")
def session_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for tests that look at one session from several sides."""
    return write_sample(tmp_path_factory.mktemp("editor") / "shop")


@pytest.fixture(scope="session")
def server() -> Path:
    """The `rollsafe` program of the environment that runs the tests."""
    program = Path(sys.executable).parent / "rollsafe"
    if not program.is_file():
        missing(f"{program} (install the project into this environment)")
    return program


@pytest.fixture(scope="session")
def editor_cache() -> Path:
    """Where editors/vscode/smoke/install.sh and editors/neovim/install.sh put what they install."""
    return cache()


@pytest.fixture(scope="session")
def absent() -> Callable[[str], NoReturn]:
    """Ends the test because something is not installed: skipped here, failed in CI."""
    return missing


@pytest.fixture(scope="session")
def running() -> Callable[..., AbstractContextManager[Running]]:
    """Starts a process in a group of its own; the whole group ends with the block."""
    return process_group


def write_sample(root: Path) -> Path:
    for name, text in SAMPLE.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if shutil.which("git") is None:
        missing("git (apt-get install git)")
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", *DEPLOYED)
    git(root, "commit", "--quiet", "--message", "Release 1")
    return root


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Sample", "-c", "user.email=sample@example.invalid")
    subprocess.run(["git", *who, "-c", "commit.gpgsign=false", *arguments], cwd=root, check=True)


@contextmanager
def process_group(command: list[str], log: Path, env: dict[str, str]) -> Generator[Running]:
    """Editors leave servers behind when only they are ended, so the group is."""
    program = shutil.which(command[0], path=env.get("PATH")) or command[0]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end_group(process)


def end_group(process: Running) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
