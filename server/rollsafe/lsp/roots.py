"""The projects of a session: where a file belongs, and what is known about it at each moment."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.analysis import Engine
from rollsafe.engine.found import Found
from rollsafe.engine.project import Project
from rollsafe.lsp.configuration import ProjectSettings
from rollsafe.workspace.disk import is_root, load_settings
from rollsafe.workspace.settings import ConfigurationError, Settings
from rollsafe.workspace.snapshot import Snapshot

_MOST_ROUNDS: Final = 12
"""How often a document is practised on: some of its parts are never known better."""


@dataclass
class Root:
    """One project root.

    Until the whole project has been read (`project` is None, for files outside of any project that is
    always), only the open documents are looked at, and only by rules that need no other file.
    `top` is the directory whose reading brings this project along: the root itself, or an outer one.
    """

    path: str
    configured: ProjectSettings
    today: date
    top: str = ""
    project: Project | None = None
    open: dict[str, SourceFile] = field(default_factory=dict[str, SourceFile])
    is_stale: bool = False
    """Whether something changed since the last analysis."""
    failure: str | None = None
    """What kind of error ended the last analysis; None when it came to its end."""
    _early: Engine = field(init=False)
    _rounds: dict[str, int] = field(default_factory=dict[str, int])
    """How often each open document was practised on."""
    _changed: dict[str, SourceFile | None] = field(default_factory=dict[str, SourceFile | None])
    _gone: set[str] = field(default_factory=set[str])
    _new: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self.top = self.top or self.path
        self._early = local_engine(self.configured.settings, self.today)

    @property
    def engine(self) -> Engine:
        """The newest analysis."""
        return self.project.engine if self.project is not None else self._early

    @property
    def snapshot(self) -> Snapshot:
        """The files as of the newest analysis."""
        if self.project is not None:
            return self.project.snapshot
        return Snapshot(self.path, self.configured.settings, dict(self.open), frozenset(self.open))

    def findings(self, path: str) -> tuple[Found, ...]:
        """Return the findings of a file as of the newest analysis."""
        return self.engine.findings(path)

    def artefact(self, path: str) -> Artefact | None:
        """Return the typed view of a file as of the newest analysis."""
        return self.engine.artefact(path)

    def edit(self, source: SourceFile) -> None:
        """Take in the text of an open document; it counts instead of the file's."""
        self.open[source.path] = source
        self._changed[source.path] = source
        self.is_stale = True

    def close(self, path: str, on_disk: SourceFile | None) -> None:
        """Go back to what a closed document is on disk; None when it is nothing there."""
        self.open.pop(path, None)
        self._rounds.pop(path, None)
        self.replace(path, on_disk, exists=on_disk is not None)

    def replace(self, path: str, source: SourceFile | None, *, exists: bool) -> None:
        """Take in what became of a file on disk; `source` is None for one that is not read."""
        if path in self.open:
            return
        self._changed[path] = source
        self._gone.discard(path)
        self._new.discard(path)
        (self._new if exists else self._gone).add(path)
        self.is_stale = True

    def analyse(self) -> set[str]:
        """Bring the analysis up to what was taken in; return the paths whose findings may differ."""
        self.is_stale = False
        if self.project is None:
            # What happens to closed files meanwhile is kept until the whole project has been read.
            return self._early.update(self.snapshot)
        self.project.snapshot = self._brought_forward(self.project.snapshot)
        self._changed.clear()
        self._gone.clear()
        self._new.clear()
        return self.project.analyse()

    def practise(self) -> bool:
        """Have an open document looked at as if it had been edited; say whether one needs that."""
        engine = self.engine
        for path in self.open:
            rounds = self._rounds.get(path, 0)
            if rounds < _MOST_ROUNDS and not engine.is_practised(path):
                self._rounds[path] = rounds + 1
                engine.practise(path)
                self.is_stale = True
                return True
        return False

    def take_over(self, project: Project, configured: ProjectSettings) -> None:
        """Follow the whole project from now on; open documents stay as they are in the editor."""
        self.project = project
        self._rounds.clear()
        project.engine.defers_search = True
        self.configured = configured
        self._changed |= self.open
        self.is_stale = True

    def reconfigure(self, configured: ProjectSettings, today: date) -> None:
        """Judge open documents by other settings until the project has been read again."""
        self.configured = configured
        self.today = today
        self._early = local_engine(configured.settings, today)
        self.is_stale = True

    def _brought_forward(self, snapshot: Snapshot) -> Snapshot:
        files = dict(snapshot.files)
        for path, source in self._changed.items():
            if source is None:
                files.pop(path, None)
            else:
                files[path] = source
        paths = snapshot.paths
        new = (self._new | self._changed.keys() & self.open.keys()) - paths
        if new or not self._gone.isdisjoint(paths):
            paths = (paths | new) - self._gone
        return replace(snapshot, files=files, paths=paths)


def local_engine(settings: Settings, today: date) -> Engine:
    """Return an engine with the rules that look at one file only."""
    nothing = Snapshot("", settings)
    return Project.open(nothing, today, cross_file=False).engine


def project_directory(path: str) -> str | None:
    """Return the nearest directory at or above `path` that is a project; None without one.

    A repository that is somebody's whole home is not a project.
    """
    home = os.path.expanduser("~")
    for directory in _upwards(path):
        if directory in (home, os.path.dirname(directory)):
            return None
        if is_root(directory) or _has_settings(directory):
            return directory
    return None


def nested_directory(path: str, outer: str) -> str | None:
    """Return the nearest project declared between `outer` and the file at `path`; None without one."""
    for directory in _upwards(os.path.dirname(path)):
        if len(directory) <= len(outer):
            return None
        if _has_settings(directory) and _declares_root(directory):
            return directory
    return None


def _declares_root(directory: str) -> bool:
    try:
        return load_settings(directory).root
    except ConfigurationError:
        return True


def _has_settings(directory: str) -> bool:
    return any(os.path.isfile(os.path.join(directory, name)) for name in ("rollsafe.toml", ".rollsafe.toml"))


def _upwards(path: str) -> Iterator[str]:
    directory = path if os.path.isdir(path) else os.path.dirname(path)
    while True:
        yield directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return
        directory = parent
