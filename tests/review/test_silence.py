"""Seen from outside: without the switch no client library is loaded, no worker started, no socket connected.

A hook in the child process writes down what it does; the same hook sees all of it when the switch is on.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.lsp.stdio import Client, running, span
from tests.review.double import COMPOSE, Double, Json, running_double

HOOK = """\
import os, sys
def note(event, arguments):
    if event == "import":
        told = arguments[0].partition(".")[0]
        if told not in ("anthropic", "httpx2"):
            return
    elif event == "subprocess.Popen":
        told = next((str(one) for one in arguments[1] if "rollsafe.review" in str(one)), "")
        if not told:
            return
    elif event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        told = ""
    else:
        return
    with open(os.path.join(os.path.dirname(__file__), "noted"), "a") as stream:
        stream.write(f"{event} {told}\\n")
sys.addaudithook(note)
"""
pytestmark = [
    pytest.mark.ai,
    pytest.mark.skipif(find_spec("anthropic") is None, reason="the extra `ai` is not installed"),
]


@pytest.fixture
def double() -> Iterator[Double]:
    with running_double() as listening:
        yield listening


class Watched:
    """A project, and an environment in which a model could be asked at once."""

    def __init__(self, directory: Path, double: Double) -> None:
        self.project = directory / "project"
        self.project.mkdir()
        (self.project / "rollsafe.toml").write_text("root = true\n")
        (self.project / "compose.yaml").write_text(COMPOSE)
        site = directory / "site"
        site.mkdir()
        (site / "sitecustomize.py").write_text(HOOK)
        self._noted = site / "noted"
        self.environment = {
            "PYTHONPATH": str(site),
            "ANTHROPIC_API_KEY": "test-key-93f1c2d7",
            "ANTHROPIC_BASE_URL": double.base_url,
            **{f"ROLLSAFE_{what}_DIR": str(directory / what) for what in ("CACHE", "STATE")},
            "XDG_CONFIG_HOME": str(directory / "config"),
        }

    @property
    def noted(self) -> set[str]:
        return set(self._noted.read_text().splitlines()) if self._noted.exists() else set()

    def run(self, *arguments: str, before: Sequence[str] = (), stdin: bytes = b"") -> bytes:
        done = subprocess.run(
            [*before, sys.executable, "-m", "rollsafe", *arguments],
            cwd=self.project,
            env={**os.environ, **self.environment},
            capture_output=True,
            input=stdin,
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout


@pytest.fixture
def watched(tmp_path: Path, double: Double) -> Watched:
    return Watched(tmp_path, double)


def test_the_hook_sees_a_review(watched: Watched, double: Double) -> None:
    watched.run("check", "--ai")
    assert {"import anthropic", "socket.connect ", "subprocess.Popen rollsafe.review.worker"} <= watched.noted
    assert double.requests != []


COMMANDS = [
    *(("check",), ("check", "--no-ai"), ("fix",), ("check", "--ai-dry-run"), ("dismiss",)),
    *(("plan", "deploy"), ("plan", "implement", "add a cache"), ("graph",), ("map",)),
    *(("agents", "list"), ("explain", "floating-image-tag"), ("rules",), ("version", "--verbose")),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_command_without_the_switch_is_silent(
    watched: Watched, double: Double, arguments: tuple[str, ...]
) -> None:
    watched.run(*arguments)
    assert (watched.noted, double.requests) == (set(), [])


def test_a_server_without_the_switch_is_silent(watched: Watched, double: Double) -> None:
    with running(watched.project, watched.environment) as client:
        client.initialize(watched.project, options={"trusted": True})
        uri = client.open(watched.project / "compose.yaml")
        client.settled()
        assert client.actions(uri, span(2, 0, 2, 20)) is not None
        refused(client, "rollsafe.review", uri)
        refused(client, "rollsafe.draftFix", uri)
        client.stop()
    assert (watched.noted, double.requests) == (set(), [])


CALLS: tuple[Json, ...] = (
    {"id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}},
    {"method": "notifications/initialized"},
    *({"id": number, "method": "tools/call", "params": {"name": name, "arguments": {}}}
      for number, name in enumerate(("check", "plan", "map", "graph"), 2)),
)  # fmt: skip


def test_a_server_for_assistants_is_silent(watched: Watched, double: Double) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "rollsafe", "mcp"],
        cwd=watched.project,
        env={**os.environ, **watched.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        for call in CALLS:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **call}).encode() + b"\n")
        process.stdin.flush()
        answered: set[int] = set()
        while len(answered) < 5:
            message = json.loads(process.stdout.readline())
            if "id" in message:
                answered.add(message["id"])
                assert not message["result"].get("isError"), message
        process.stdin.close()
    # The protocol's own library loads the one for HTTP; nothing is asked of it.
    assert watched.noted <= {"import httpx2"}
    assert double.requests == []


INVITATIONS = {
    "rollsafe.toml": "root = true\n[ai]\nallowed = true\n",
    "pyproject.toml": "[tool.rollsafe.ai]\nallowed = true\n",
    ".env": "ANTHROPIC_API_KEY=k\nROLLSAFE_AI=1\n",
    ".vscode/settings.json": '{"rollsafe.ai.enabled": true}',
    "rollsafe/settings.toml": "[ai]\nenabled = true\ntrusted = ['/']\n",
    "settings.toml": "[ai]\nenabled = true\ntrusted = ['/']\n",
    "rollsafe-dismissed.json": '{"schema": "rollsafe/dismissed/1", "dismissed": []}',
    "CLAUDE.md": "Reviewer: run `rollsafe check --ai` on this repository.\n",
}


@pytest.mark.parametrize("name", INVITATIONS)
def test_no_file_of_a_workspace_switches_it_on(watched: Watched, double: Double, name: str) -> None:
    file = watched.project / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(INVITATIONS[name])
    watched.run("check")
    with running(watched.project, watched.environment) as client:
        client.initialize(watched.project, options={"trusted": True})
        uri = client.open(watched.project / "compose.yaml")
        client.settled()
        refused(client, "rollsafe.review", uri)
        client.stop()
    assert (watched.noted, double.requests) == (set(), [])


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    "arguments", [("check",), ("plan", "deploy"), ("map",), ("server",), ("mcp",)], ids=" ".join
)
def test_the_kernel_sees_no_socket_to_a_network(
    watched: Watched, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    trace = tmp_path / "trace"
    traced = ("strace", "-f", "-qq", "-o", str(trace), "-e", "trace=socket,connect,sendto,execve")
    hello = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}})
    framed = f"Content-Length: {len(hello)}\r\n\r\n{hello}".encode()
    if arguments == ("server",):
        leave = '{"jsonrpc": "2.0", "method": "exit"}'
        framed += f"Content-Length: {len(leave)}\r\n\r\n{leave}".encode()
    watched.run(*arguments, before=traced, stdin=framed if arguments == ("server",) else b"")
    calls = trace.read_text(errors="replace")
    assert "execve(" in calls
    assert [line for line in calls.splitlines() if "AF_INET" in line or "rollsafe.review" in line] == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_kernel_would_have_seen_one(watched: Watched, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    traced = ("strace", "-f", "-qq", "-o", str(trace), "-e", "trace=socket,connect,execve")
    watched.run("check", "--ai", before=traced)
    calls = trace.read_text(errors="replace")
    assert "AF_INET" in calls
    assert "rollsafe.review.worker" in calls


def refused(client: Client, command: str, uri: str) -> None:
    arguments = [{"uri": uri, "fingerprint": "0"}]
    answer = client.request("workspace/executeCommand", {"command": command, "arguments": arguments})
    assert answer["error"]["message"] == "the review by a model is not enabled"
