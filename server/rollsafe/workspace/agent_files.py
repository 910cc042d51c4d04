"""Finds agent files: in a project, in a user's own directories, at a git revision.

Every file that lies where agents are kept is found, also one that is not read: the reason is told. Nothing
here raises, follows a link out of a project, or looks into a user's directory unless the user asked for it.
"""

import os
import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.agent_file import PLACES, AgentPlace, is_agent_name
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.agent_listing import LINK, Entry, entries_below
from rollsafe.workspace.disk import is_judged, read_file
from rollsafe.workspace.facts import Base
from rollsafe.workspace.snapshot import Snapshot
from rollsafe.workspace.user_directories import agent_directories

_MOST_HOMES: Final = 50
_LEFT_OUT: Final = "left out by `.gitignore`, or by `exclude` of the settings"
_MAYBE: Final = re.compile(r"/agents?/[^\n]*\.md$")


class Scope(StrEnum):
    """Whose an agent is."""

    BUILT_IN = "built-in"
    PROJECT = "project"
    USER = "user"


class FoundFile(NamedTuple):
    """A file where agents are kept. `source` is None where it was not read, and `reason` says why.

    `path` is relative to the project, for a user's own file absolute.
    """

    scope: Scope
    place: AgentPlace
    path: str
    source: SourceFile | None = None
    reason: str = ""


def project_agent_files(snapshot: Snapshot) -> list[FoundFile]:
    """Return the agent files of a project, in the order in which its sources are searched."""
    skipped = {one.path: one.reason for one in snapshot.skipped}
    found: dict[str, FoundFile] = {}
    for path in (*snapshot.files, *snapshot.paths, *skipped):
        place = _place(path)
        if place is not None and path not in found:
            source = snapshot.files.get(path)
            reason = "" if source else skipped.get(path) or _why_unread(path, snapshot)
            found[path] = FoundFile(Scope.PROJECT, place, path, source, reason)
    homes = sorted({"", *(one.place.home_in(one.path) for one in found.values())})[:_MOST_HOMES]
    for home in homes:
        for one in _on_disk(snapshot.root, home):
            found.setdefault(one.path, one)
    return sorted(found.values(), key=lambda one: (PLACES.index(one.place), one.path))


def _on_disk(root: str, home: str) -> Iterator[FoundFile]:
    """Yield what lies in the directories of agents of one home; what a walk came to is known already."""
    for place in PLACES:
        for directory in place.directories:
            for entry in entries_below(root, f"{home}/{directory}" if home else directory, place):
                yield FoundFile(Scope.PROJECT, place, entry.path, None, entry.why or _LEFT_OUT)


def agent_files_at(base: Base) -> list[FoundFile]:
    """Return the agent files a project had at a revision, in the same order."""
    found: list[FoundFile] = []
    for path in sorted(base.list_paths()):
        place = _place(path)
        if place is not None and is_judged(path):
            text = base.read(path)
            source = SourceFile(path, text) if text is not None else None
            found.append(FoundFile(Scope.PROJECT, place, path, source, "" if source else "cannot be read"))
    return sorted(found, key=lambda one: PLACES.index(one.place))


def user_agent_files(sources: Collection[str], root: str) -> list[FoundFile]:
    """Return the agent files in a user's own directories of `sources`, beside the project at `root`.

    What really lies in the project is the project's, and not read here.
    """
    places = {place.name: place for place in PLACES}
    found: list[FoundFile] = []
    for name, directory in agent_directories():
        if name in sources:
            above, last = os.path.split(directory)
            for entry in entries_below(above, last, places[name], follow=True):
                found.append(_own(places[name], above, entry, root))
    return found


def unsearched_directories(sources: Collection[str]) -> list[tuple[str, str]]:
    """Return a user's own directories that are there and that none of `sources` asks for, by tool."""
    return [
        (name, directory)
        for name, directory in agent_directories()
        if name not in sources and os.path.isdir(directory)
    ]


def _own(place: AgentPlace, above: str, entry: Entry, root: str) -> FoundFile:
    path = os.path.join(above, *entry.path.split("/"))
    if entry.why:
        return FoundFile(Scope.USER, place, path, None, entry.why)
    if os.path.realpath(path).startswith(os.path.join(os.path.realpath(root), "")):
        return FoundFile(Scope.USER, place, path, None, "lies in the project, so it is not yours alone")
    read = read_file(os.path.dirname(path), os.path.basename(path))
    if isinstance(read, SourceFile):
        return FoundFile(Scope.USER, place, path, SourceFile(path.replace(os.sep, "/"), read.text))
    return FoundFile(Scope.USER, place, path, None, read.reason if read else "it vanished")


def _place(path: str) -> AgentPlace | None:
    """Return the place of a project's path; those of users' directories are none of its."""
    if not _MAYBE.search(path) or not is_agent_name(path.rpartition("/")[2]):
        return None
    return next((place for place in PLACES if place.path.search(path)), None)


def _why_unread(path: str, snapshot: Snapshot) -> str:
    if os.path.islink(os.path.join(snapshot.root, path)):
        return LINK
    return "not read" if is_judged(path) else "lies among test inputs or copies, which are not judged"
