"""Seen from outside: without the switch no client library is loaded, no worker started, no socket connected.

A hook in the child process writes down what it does; the same hook sees all of it when the switch is on.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.lsp.stdio import Client, running, span
from tests.review.double import COMPOSE, Double, running_double

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

    def run(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "rollsafe", *arguments],
            cwd=self.project,
            env={**os.environ, **self.environment},
            capture_output=True,
        )
        assert done.returncode in (0, 1), done.stderr


@pytest.fixture
def watched(tmp_path: Path, double: Double) -> Watched:
    return Watched(tmp_path, double)


def test_the_hook_sees_a_review(watched: Watched, double: Double) -> None:
    watched.run("check", "--ai")
    assert {"import anthropic", "socket.connect ", "subprocess.Popen rollsafe.review.worker"} <= watched.noted
    assert double.requests != []


@pytest.mark.parametrize("arguments", [("check",), ("check", "--no-ai"), ("fix",), ("check", "--ai-dry-run")])
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


def refused(client: Client, command: str, uri: str) -> None:
    arguments = [{"uri": uri, "fingerprint": "0"}]
    answer = client.request("workspace/executeCommand", {"command": command, "arguments": arguments})
    assert answer["error"]["message"] == "the review by a model is not enabled"
