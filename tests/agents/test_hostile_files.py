"""Whatever an agent file holds: it is loaded or told about, nothing crashes, and the work stays small.

Looked at from outside: every file of a project, and every one of a user's own directories, is accounted for
in what the command line prints, and what another reader of YAML refuses is told.
"""

import io
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from types import FrameType
from typing import Any

import pytest
import yaml

from rollsafe.cli import call
from rollsafe.workspace.settings import AgentSettings, AgentSource, Settings
from tests.agents.hostile import HostileFile, hostile_files
from tests.checking import check

FILES = list(hostile_files())
SOURCES: tuple[AgentSource, ...] = ("rollsafe", "claude", "copilot", "cursor", "opencode")
OWN = {
    ".rollsafe/agents": ".config/rollsafe/agents",
    ".claude/agents": ".claude/agents",
    ".github/agents": ".copilot/agents",
    ".cursor/agents": ".cursor/agents",
    ".opencode/agents": ".config/opencode/agents",
}
"""Where the files of a fixture's directory lie when they are a user's own."""
MOST_CALLS = 100_000
"""Calls of Python functions that reading and judging one file may take."""

Listing = dict[str, Any]


def answer(*words: str) -> Any:
    """Run a command and return its JSON."""
    out, err = io.StringIO(), io.StringIO()
    assert call(words, out, err) in (0, 1), err.getvalue()
    assert "internal error" not in err.getvalue()
    return json.loads(out.getvalue())


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))


def listed(listing: Listing) -> dict[str, Any]:
    return {one["path"]: one for one in listing["agents"] if one["path"]}


def unaccounted(paths: Iterable[str], listing: Listing) -> set[str]:
    """Return the paths that the list neither shows as taking part nor gives a reason for."""
    shown = listed(listing)
    taking = {
        one["name"].casefold() for one in listing["agents"] if one["standing"] in ("loaded", "built-in")
    }

    def is_told(path: str) -> bool:
        one = shown.get(path)
        if one is None:
            return False
        if one["standing"] == "loaded":
            return bool(one["name"] and one["description"] and not one["reason"])
        is_explained = one["standing"] == "unreadable" or one["name"].casefold() in taking
        return bool(one["reason"]) and is_explained

    return {path for path in paths if not is_told(path)}


def is_refused(text: str) -> bool:
    """Say whether another reader takes the front matter for something else than fields."""
    match = re.match(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", text, re.S)
    if match is None:
        return False
    try:
        return not isinstance(yaml.safe_load(match[1]) or {}, dict)
    except yaml.constructor.ConstructorError as error:
        return "unhashable" not in str(error)
    except (yaml.YAMLError, RecursionError, ValueError):
        return True


@pytest.fixture(scope="module", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Path]:
    """A home directory for this module; its settings ask for every source."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("USERPROFILE", str(home))
        patch.setenv("APPDATA", str(home / ".config"))
        for name in ("XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR"):
            patch.delenv(name, raising=False)
        write(home / ".config/rollsafe/settings.toml", f"[agents]\nsources = {json.dumps(SOURCES)}\n")
        yield home


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, HostileFile]]:
    """A project with all hostile files, each in a directory of its own."""
    root = tmp_path_factory.mktemp("project")
    write(root / "rollsafe.toml", f"root = true\n[agents]\nsources = {json.dumps(SOURCES)}\n")
    files = {f"m{number:03}/{file.path}": file for number, file in enumerate(FILES)}
    for path, file in files.items():
        write(root / path, file.text)
    return root, files


@pytest.fixture(scope="module")
def listing(project: tuple[Path, object]) -> Listing:
    found: Listing = answer("agents", "--trust", "--format=json", "list", str(project[0]))
    return found


@pytest.fixture(scope="module")
def report(project: tuple[Path, object]) -> Any:
    root = str(project[0])
    return answer("check", "--format=json", "--select=agent-files", root)


def below(root: Path, path: str) -> str:
    return Path(os.path.relpath(root / path)).as_posix()


def test_there_are_enough() -> None:
    assert len(FILES) >= 200
    assert len({file.text for file in FILES}) >= 200


def test_every_file_of_a_project_is_loaded_or_the_reason_is_told(
    project: tuple[Path, Mapping[str, HostileFile]], listing: Listing
) -> None:
    assert unaccounted(project[1], listing) == set()
    standings = [one["standing"] for one in listed(listing).values()]
    assert {"loaded", "shadowed", "unreadable"} == set(standings)


def test_the_account_can_fail(project: tuple[Path, Mapping[str, HostileFile]], listing: Listing) -> None:
    """A file that is left out of the list, or in it without a reason, is missed."""
    for path in project[1]:
        without = {"agents": [one for one in listing["agents"] if one["path"] != path]}
        assert path in unaccounted([path], without)
        mute = {"agents": [{**one, "reason": ""} for one in listing["agents"]]}
        is_loaded = listed(listing)[path]["standing"] == "loaded"
        assert (unaccounted([path], mute) == set()) is is_loaded


def test_what_a_strict_reader_refuses_is_told(
    project: tuple[Path, Mapping[str, HostileFile]], listing: Listing, report: Any
) -> None:
    root, files = project
    shown = listed(listing)
    found = {one["path"] for one in report["findings"] if one["rule"].endswith("-agent-front-matter")}
    refused = [path for path, file in files.items() if is_refused(file.text)]
    assert len(refused) >= 60
    silent = [path for path in refused if below(root, path) not in found]
    assert [path for path in silent if shown[path]["standing"] != "unreadable"] == []


def test_nothing_fails_on_them(report: Any) -> None:
    assert report["findings"]
    assert not [one for one in report["findings"] if "fail" in one["message"]]


def test_every_file_of_a_users_own_is_loaded_or_the_reason_is_told(own_home: Path, tmp_path: Path) -> None:
    write(tmp_path / "rollsafe.toml", "root = true\n")
    paths: list[str] = []
    for number, file in enumerate(FILES):
        fixture = PurePosixPath(file.path)
        directory = OWN[fixture.parts[0] + "/agents"]
        path = own_home / directory / f"m{number:03}-{fixture.name}"
        write(path, file.text)
        paths.append(str(path))
    found = answer("agents", "--format=json", "list", str(tmp_path))
    assert unaccounted(paths, found) == set()
    assert "loaded" in {one["standing"] for one in listed(found).values()}


@pytest.mark.parametrize("file", FILES, ids=[file.how for file in FILES])
def test_the_work_is_bounded(file: HostileFile) -> None:
    """Counted in calls, which are the same on every machine."""
    settings = Settings(select=("agent-files",), agents=AgentSettings(SOURCES))
    check({file.path: "---\nname: first\n---\n"}, settings)  # what is imported once is not counted
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        check({file.path: file.text}, settings)
    finally:
        sys.setprofile(before)
    assert calls < MOST_CALLS
