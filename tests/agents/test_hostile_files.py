"""Whatever an agent file holds: it is loaded or told about, nothing crashes, and the work stays small."""

import sys
from types import FrameType

import pytest

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.roster import Member, Standing, roster
from rollsafe.workspace.settings import AgentSettings, Settings
from rollsafe.workspace.snapshot import Snapshot
from tests.agents.hostile import HostileFile, hostile_files
from tests.checking import check

SOURCES = AgentSettings(("rollsafe", "claude", "copilot", "cursor", "opencode"))
SETTINGS = Settings(select=("agent-files",), agents=SOURCES)
FILES = list(hostile_files())
MOST_CALLS = 60_000
"""Calls of Python functions that reading and judging one file may take."""
each = pytest.mark.parametrize("file", FILES, ids=[file.how for file in FILES])


def member_of(file: HostileFile) -> Member:
    files = {file.path: SourceFile(file.path, file.text)}
    snapshot = Snapshot("/project", SETTINGS, files, frozenset(files))
    [member] = [one for one in roster(snapshot, trusted=True) if one.path]
    return member


def test_there_are_enough() -> None:
    assert len(FILES) >= 200
    assert len({file.text for file in FILES}) >= 200


@each
def test_it_is_loaded_or_the_reason_is_told(file: HostileFile) -> None:
    snapshot = Snapshot(
        "/project", SETTINGS, {file.path: SourceFile(file.path, file.text)}, frozenset({file.path})
    )
    [member] = [one for one in roster(snapshot, trusted=True) if one.path]
    assert member.standing in (Standing.LOADED, Standing.UNREADABLE, Standing.SHADOWED)
    assert bool(member.reason) is (member.standing is not Standing.LOADED)
    if member.standing is Standing.LOADED:
        assert member.profile.name
        assert member.profile.description


@each
def test_what_a_strict_reader_refuses_is_a_finding(file: HostileFile) -> None:
    snapshot = Snapshot(
        "/project", SETTINGS, {file.path: SourceFile(file.path, file.text)}, frozenset({file.path})
    )
    [member] = [one for one in roster(snapshot, trusted=True) if one.path]
    found = {one.rule for one in check({file.path: file.text}, SETTINGS)}
    problems = member.definition.front.problems if member.definition else ()
    if any(not problem.fatal for problem in problems):
        assert found & {"unreadable-agent-front-matter", "crlf-agent-front-matter"}


@each
def test_the_work_is_bounded(file: HostileFile) -> None:
    """Counted in calls, which are the same on every machine."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        check({file.path: file.text}, SETTINGS)
    finally:
        sys.setprofile(before)
    assert calls < MOST_CALLS
