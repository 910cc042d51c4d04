"""The MCP server as an assistant uses it: the SDK's client over a pipe to a real process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from tests.plans.repositories import CHANGES, repository

TOOLS = ["check", "explain", "graph", "map", "plan", "route"]
pytestmark = pytest.mark.asyncio(loop_scope="function")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", CHANGES["release"])


def connected(root: Path) -> Client:
    """Return a client; it has to be entered and left in the same task, so it is no fixture."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "rollsafe", "mcp"], cwd=str(root), env=dict(os.environ)
    )
    return Client(server)


async def call(root: Path, tool: str, arguments: dict[str, str]) -> CallToolResult:
    async with connected(root) as client:
        return await client.call_tool(tool, arguments)


def text(result: CallToolResult) -> str:
    return "".join(part.text for part in result.content if isinstance(part, TextContent))


async def test_all_tools_only_read(root: Path) -> None:
    async with connected(root) as client:
        tools = (await client.list_tools()).tools
    assert sorted(tool.name for tool in tools) == TOOLS
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.description


async def test_check_lists_findings(root: Path) -> None:
    result = await call(root, "check", {"path": "."})
    found = json.loads(text(result))
    assert found["schema"] == "rollsafe/findings/1"
    assert {one["path"] for one in found["findings"]} <= {
        str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()
    }
    assert found["findings"]


async def test_check_takes_rules_and_a_level(root: Path) -> None:
    result = await call(root, "check", {"select": "missing-lock-timeout", "level": "pedantic"})
    assert {one["rule"] for one in json.loads(text(result))["findings"]} == {"missing-lock-timeout"}


async def test_explain_gives_the_page_of_a_rule(root: Path) -> None:
    result = await call(root, "explain", {"rule": "disarmed-gate"})
    assert text(result).startswith("# disarmed-gate")


async def test_plan_is_the_one_of_the_command_line(root: Path) -> None:
    result = await call(root, "plan", {"kind": "deploy", "environment": "staging"})
    command = (sys.executable, "-m", "rollsafe", "plan", "deploy", "--env", "staging")
    assert (
        text(result) == subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    )


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("map", {"environment": "staging"}, ("map", "--env", "staging")),
        ("graph", {}, ("graph",)),
        ("route", {"task": "roll back the release"}, ("agents", "route", "roll back the release")),
    ],
)
async def test_other_tools_are_the_commands_too(
    root: Path, tool: str, arguments: dict[str, str], words: tuple[str, ...]
) -> None:
    result = await call(root, tool, arguments)
    done = subprocess.run(
        (sys.executable, "-m", "rollsafe", *words), cwd=root, capture_output=True, check=True, text=True
    )
    assert not result.is_error
    assert text(result) == done.stdout


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("explain", {"rule": "disarmed-gat"}, "disarmed-gate"),
        ("plan", {"kind": "destroy"}, "destroy"),
        ("check", {"level": "loud"}, "loud"),
        ("check", {"path": "nowhere"}, "nowhere"),
        ("check", {"path": "--fix"}, "--fix"),
    ],
)
async def test_what_cannot_be_done_is_said(
    root: Path, tool: str, arguments: dict[str, str], words: str
) -> None:
    before = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    result = await call(root, tool, arguments)
    assert result.is_error
    assert words in text(result)
    assert before == {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}


@pytest.mark.parametrize("path", ["..", "/etc", "k8s/../../x"])
async def test_nothing_outside_is_read(root: Path, path: str) -> None:
    result = await call(root, "check", {"path": path})
    assert result.is_error
    assert "outside of the directory" in text(result)


async def test_a_link_that_leads_outside_is_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (root / "inside").symlink_to(tmp_path / "other")
    assert (await call(root, "check", {"path": "inside"})).is_error


async def test_other_commands_do_not_import_the_sdk(root: Path) -> None:
    code = "import sys; from rollsafe.cli import main; main(['check', '.']); sys.exit('mcp' in sys.modules)"
    assert (
        subprocess.run((sys.executable, "-c", code), cwd=root, capture_output=True, check=False).returncode
        == 0
    )


async def test_words_behind_the_command_are_refused(root: Path) -> None:
    command = (sys.executable, "-m", "rollsafe", "mcp", "--port", "1")
    done = subprocess.run(command, cwd=root, capture_output=True, check=False, text=True)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
