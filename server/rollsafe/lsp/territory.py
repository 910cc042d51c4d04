"""Which project a file belongs to, and which projects there are."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from rollsafe.artefacts.registry import is_candidate
from rollsafe.lsp.configuration import Configuration, ProjectSettings, project_settings
from rollsafe.lsp.indexing import Indexed
from rollsafe.lsp.roots import Root, nested_directory, project_directory
from rollsafe.lsp.uris import inside
from rollsafe.workspace.disk import belongs, is_judged
from rollsafe.workspace.settings import Settings


@dataclass
class Territory:
    """The projects that are known, by directory, and the workspace folders.

    `loose` holds what has no project, under the directory `/` (a drive on Windows): files there are
    looked at one by one.
    """

    configuration: Configuration
    today: date
    folders: list[str] = field(default_factory=list[str])
    roots: dict[str, Root] = field(default_factory=dict[str, Root])
    loose: dict[str, Root] = field(default_factory=dict[str, Root])

    def all(self) -> Iterator[Root]:
        """Yield the projects, and what has none."""
        yield from self.roots.values()
        yield from self.loose.values()

    def set_folders(self, folders: list[str]) -> None:
        """Take other workspace folders; each is part of the project around it, or one by itself."""
        self.folders = folders
        for folder in folders:
            self._root(project_directory(folder) or folder)

    def known(self, path: str) -> Root | None:
        """Return the project that the file at an absolute path belongs to, if it is known already."""
        around = (root for root in self.roots.values() if inside(path, root.path) is not None)
        return max(around, key=lambda root: len(root.path), default=None)

    def settle(self, path: str) -> tuple[Root, str]:
        """Return the project of an absolute path, made known if need be, and the path in there."""
        root = self.known(path)
        if root is None:
            directory = project_directory(path)
            root = self._root(directory) if directory else self._loose(path)
        elif (nested := nested_directory(path, root.path)) is not None:
            root = self._root(nested, root.top)
        return root, inside(path, root.path) or ""

    def is_judged(self, root: Root, path: str) -> bool:
        """Say whether findings are wanted for a path of `root`: what the command line would check."""
        if root.path in self.loose:
            return is_candidate(path)
        if path in root.snapshot.files:
            return True
        return is_judged(path) and belongs(root.path, root.configured.settings, path)

    def is_shown(self, root: Root, path: str) -> bool:
        """Say whether a file that is not open has its findings shown: one of the workspace folders."""
        full = os.path.join(root.path, path)
        return any(inside(full, folder) is not None for folder in self.folders)

    def adopt(self, top: str, indexed: list[Indexed]) -> list[Root]:
        """Take in the projects read at `top`; return those that are gone."""
        for one in indexed:
            self._root(one.project.snapshot.root, top).take_over(one.project, one.configured)
        read = {one.project.snapshot.root for one in indexed}
        gone = [root for root in self.roots.values() if root.top == top and root.path not in read]
        for root in gone:
            del self.roots[root.path]
        return gone

    def drop_outside(self, tops: set[str]) -> list[Root]:
        """Forget the projects whose top is none of `tops`; return them."""
        gone = [root for root in self.roots.values() if root.top not in tops]
        for root in gone:
            del self.roots[root.path]
        return gone

    def reconfigure(self, today: date) -> None:
        """Judge by the newest settings what can be judged before projects have been read again."""
        self.today = today
        for root in self.roots.values():
            root.reconfigure(project_settings(root.path, self.configuration.user), today)
        for root in self.loose.values():
            root.reconfigure(self._defaults(), today)

    def _root(self, path: str, top: str = "") -> Root:
        root = self.roots.get(path)
        if root is None:
            configured = project_settings(path, self.configuration.user)
            root = self.roots[path] = Root(path, configured, self.today, top)
        return root

    def _loose(self, path: str) -> Root:
        drive = os.path.splitdrive(path)[0] + os.sep
        root = self.loose.get(drive)
        if root is None:
            root = self.loose[drive] = Root(drive, self._defaults(), self.today)
        return root

    def _defaults(self) -> ProjectSettings:
        level = self.configuration.user.level
        return ProjectSettings(Settings(level=level) if level else Settings())
