"""What the tests of the server share: workspaces, servers, and an agent that says what it is told.

The agent is installed for the server under test only: its folder and an entry point are put on the
server's path.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.lsp.stdio import Client, Json, running

AGENT = Path(__file__).parent / "agent"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  replicas: 2
  revisionHistoryLimit: 0
  selector:
    matchLabels: {app: orders}
  template:
    metadata:
      labels: {app: orders}
    spec:
      containers:
        - name: orders
          image: registry.example/orders:1.2.3
          ports:
            - name: http
              containerPort: 8080
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: orders
spec:
  selector: {app: orders}
  ports:
    - port: 80
      targetPort: http
"""
MIGRATION = """\
ALTER TABLE orders DROP COLUMN note;
"""
SHOP = {
    "rollsafe.toml": "root = true\n",
    "k8s/orders.yaml": DEPLOYMENT,
    "k8s/service.yaml": SERVICE,
    "db/migrations/0002_drop_note.up.sql": MIGRATION,
    "db/migrations/0001_orders.up.sql": "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\n",
}

Start = Callable[..., Client]
Enter = Callable[[Path], Client]


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files below `root`, byte for byte."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with a workload, its Service and two migrations."""
    return write(tmp_path / "shop", SHOP)


@pytest.fixture
def start(tmp_path: Path) -> Generator[Start]:
    """Start servers that end with the test."""
    own = {name: str(tmp_path / name) for name in ("ROLLSAFE_CACHE_DIR", "ROLLSAFE_STATE_DIR")}
    yield from _starter(tmp_path, own)


@pytest.fixture
def start_spoken(tmp_path: Path) -> Generator[Start]:
    """Start servers that have the agent of these tests."""
    yield from _starter(tmp_path, spoken_environment(tmp_path))


@pytest.fixture(scope="module")
def module_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for tests that share a server."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def spoken(module_directory: Path) -> Generator[Client]:
    """A server with the agent of these tests, shared by the tests of a module; see `visit`."""
    with running(module_directory, spoken_environment(module_directory)) as client:
        client.initialize(None)
        yield client


def visit(client: Client, root: Path, files: dict[str, str], name: str) -> str:
    """Write a project, open one of its files in a shared server and wait until all of it is read."""
    write(root, {"rollsafe.toml": "root = true\n", **files})
    for uri in set(client.opened):
        client.close(uri)
    client.sync()
    client.seen.clear()
    uri = client.open(root / name)
    client.settled()
    return uri


@pytest.fixture
def enter(spoken: Client) -> Generator[Enter]:
    """Open folders in the shared server, each with all of it read, and close them after the test."""
    entered: list[Path] = []

    def change(added: list[Path], removed: list[Path]) -> None:
        folders = {
            what: [{"uri": path.as_uri(), "name": path.name} for path in paths]
            for what, paths in (("added", added), ("removed", removed))
        }
        spoken.notify("workspace/didChangeWorkspaceFolders", {"event": folders})

    def begin(root: Path) -> Client:
        spoken.sync()
        spoken.seen.clear()
        change([root], [])
        entered.append(root)
        spoken.settled()
        return spoken

    yield begin
    for uri in set(spoken.opened):
        spoken.close(uri)
    change([], entered)


def spoken_environment(directory: Path) -> dict[str, str]:
    """Return the environment in which the agent of these tests is installed."""
    info = directory / "site" / "spoken_agent-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: spoken-agent\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[rollsafe.agents]\nspoken-agent = spoken_agent:AGENT\n")
    return {"PYTHONPATH": os.pathsep.join([str(info.parent), str(AGENT)])}


def _starter(directory: Path, environment: dict[str, str]) -> Generator[Start]:
    clients: list[Client] = []

    def begin(
        root: Path | list[Path] | None, capabilities: Json | None = None, options: Json | None = None
    ) -> Client:
        client = Client(directory, environment)
        clients.append(client)
        client.initialize(root, capabilities, options)
        return client

    try:
        yield begin
    finally:
        for client in clients:
            client.kill()
