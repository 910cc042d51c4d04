"""Reading and analysing whole projects, in a thread beside the event loop.

Nothing here touches the session: what was read is handed over when it is complete, and what the user
typed meanwhile is taken in then.
"""

import os
from dataclasses import dataclass, field
from datetime import date
from threading import Event
from typing import Final

from rollsafe.engine.project import Project
from rollsafe.lsp.configuration import (
    CONFIG_NAMES,
    Configuration,
    ProjectSettings,
    project_settings,
)
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.disk import load_projects
from rollsafe.workspace.facts import Base
from rollsafe.workspace.settings import Settings

Stamp = tuple[int, int]
"""When a file was modified, in nanoseconds, and how long it is."""
NOTHING: Final[Stamp] = (0, 0)
"""The stamp of a file that is not there."""


DECISIVE: Final = (*CONFIG_NAMES, ".gitignore", ".git/logs/HEAD")
"""Files of a root that decide what is read, and with what it is compared."""

LONGEST_PAUSE_S: Final = 0.5


def _calm() -> Event:
    calm = Event()
    calm.set()
    return calm


class Indexed(NamedTuple):
    """A project that was read and analysed; `stamps` say which state of its files was read."""

    project: Project
    configured: ProjectSettings
    stamps: dict[str, Stamp]


@dataclass
class Reading:
    """One reading of the project at `top` and those nested in it.

    `files` counts what was read so far. While `calm` is not set, the reading pauses between two files.
    """

    top: str
    configuration: Configuration
    today: date
    files: int = 0
    calm: Event = field(default_factory=_calm)
    off: list[str] = field(default_factory=list[str])
    _configured: dict[str, ProjectSettings] = field(default_factory=dict[str, ProjectSettings])

    def run(self) -> list[Indexed]:
        """Read and analyse; the outer project comes first."""
        snapshots = load_projects(self.top, progress=self._count, settings_of=self._settings)
        base = self._base()
        indexed: list[Indexed] = []
        for snapshot in snapshots:
            prefix = os.path.relpath(snapshot.root, self.top).replace(os.sep, "/")
            own = base if prefix == "." else base.below(prefix)
            project = Project.open(snapshot, self.today, base=own, prefix="" if prefix == "." else prefix)
            watched = (*snapshot.files, *DECISIVE)
            stamps = {path: stamp(os.path.join(snapshot.root, path)) for path in watched}
            project.analyse(lambda _done, _of: self._pause())
            indexed.append(Indexed(project, self._configured[snapshot.root], stamps))
        return indexed

    def _count(self, files: int) -> None:
        self.files = files
        self._pause()

    def _pause(self) -> None:
        self.calm.wait(LONGEST_PAUSE_S)

    def _settings(self, root: str) -> Settings:
        self._configured[root] = project_settings(root, self.configuration.user)
        return self._configured[root].settings

    def _base(self) -> Base:
        if not self.configuration.trusted:
            return Base()
        base, reason = git_base(self.top, self.configuration.user.base)
        if reason:
            self.off.append(f"Comparison with git: {reason}")
        return base


def git_base(root: str, ref: str | None) -> tuple[Base, str]:
    """Return the revision to compare with, and why there is none although `ref` was asked for."""
    from rollsafe.workspace.git import GitError, default_base, resolve_base

    try:
        chosen = ref or default_base(root)
        return (resolve_base(root, chosen) if chosen else Base()), ""
    except GitError as error:
        return Base(), str(error) if ref else ""


def stamp(path: str) -> Stamp:
    """Return a file's stamp."""
    try:
        info = os.stat(path)
    except OSError:
        return NOTHING
    return (info.st_mtime_ns, info.st_size)
