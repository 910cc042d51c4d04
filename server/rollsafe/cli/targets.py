"""What PATH arguments mean: which projects to read, and which of their files are asked for."""

import os
import stat
import sys
from collections.abc import Iterable

from rollsafe.cli.failures import CommandError
from rollsafe.cli.paths import Shown
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.disk import find_root, is_root, settings_file
from rollsafe.workspace.settings import ConfigurationError


class Target(NamedTuple):
    """One PATH: absolute, as given, and what it is. `text` is what `-` brought, None for a file on disk."""

    path: str
    given: str
    is_directory: bool
    text: str | None = None


class Scope(NamedTuple):
    """The asked paths of one project, relative to it; a directory ends in a slash, `""` is all of it.

    Directories `elsewhere` are projects that are read by themselves, though this one holds them, too.
    """

    files: frozenset[str]
    directories: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Say whether `path` is asked for."""
        if path in self.files:
            return True
        return path.startswith(self.directories) and not path.startswith(self.elsewhere)


class Asked:
    """What is asked for: the targets, sorted by the root each belongs to."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._directories: list[str] = []
        self._files: dict[str, list[Target]] = {}
        self.projects: set[str] = set()
        targets = list(targets)
        home = _Homes(target.path for target in targets if target.is_directory)
        for target in targets:
            root, is_project = home.of(target)
            if is_project:
                self.projects.add(root)
            if target.is_directory:
                self._directories.append(os.path.join(target.path, ""))
            else:
                self._files.setdefault(root, []).append(target)

    @property
    def loose(self) -> set[str]:
        """Directories of files that belong to no project; each such file is read alone."""
        return self._files.keys() - self.projects

    def files(self, root: str) -> list[Target]:
        """Return the files named explicitly that belong to the project at `root`."""
        return self._files.get(root, [])

    def wants(self, root: str) -> bool:
        """Say whether anything is asked of the project at `root`."""
        inside = os.path.join(root, "")
        touching = (own.startswith(inside) or inside.startswith(own) for own in self._directories)
        return root in self._files or any(touching)

    def scope(self, root: str, others: Iterable[str]) -> Scope:
        """Return what is asked of the project at `root`; the roots of `others` are read by themselves."""
        inside = os.path.join(root, "")
        directories = [own[len(inside) :] for own in self._directories if own.startswith(inside)]
        if any(inside.startswith(own) for own in self._directories):
            directories.append("")
        files = (target.path[len(inside) :] for target in self.files(root))
        inner = (os.path.join(other, "")[len(inside) :] for other in others if other.startswith(inside))
        return Scope(
            frozenset(map(_posix, files)), tuple(map(_posix, directories)), tuple(map(_posix, inner))
        )


def read_targets(paths: Iterable[str], stdin_filename: str | None, shown: Shown) -> list[Target]:
    """Look at what each PATH names.

    Raises:
        CommandError: one names nothing, or neither a file nor a directory.
    """
    if stdin_filename is not None:
        path = os.path.normpath(os.path.join(shown.directory, stdin_filename))
        return [Target(path, stdin_filename, is_directory=False, text=_standard_input(stdin_filename))]
    return [_target(path, shown) for path in paths]


class _Homes:
    """Finds the root of each target; `directories` are the ones asked for."""

    def __init__(self, directories: Iterable[str]) -> None:
        self._directories = tuple(directories)
        self._known: dict[str, tuple[str, bool]] = {}

    def of(self, target: Target) -> tuple[str, bool]:
        """Return the target's root, and whether that is a project rather than just a directory."""
        directory = target.path if target.is_directory else os.path.dirname(target.path)
        known = self._known.get(directory)
        if known is None:
            known = self._known[directory] = self._find(directory)
        return known

    def _find(self, directory: str) -> tuple[str, bool]:
        root = find_root(directory)
        if is_root(root):
            return root, True
        inside = os.path.join(directory, "")
        asked = [path for path in self._directories if inside.startswith(os.path.join(path, ""))]
        home = min(asked, key=len) if asked else _with_settings(directory)
        return (home, True) if home else (root, False)


def _with_settings(directory: str) -> str | None:
    """Return the nearest directory at or above `directory` that has settings, though it is no root."""
    while True:
        if _has_settings(directory):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def _has_settings(directory: str) -> bool:
    try:
        return settings_file(directory) is not None
    except ConfigurationError:
        return False  # somebody's unreadable pyproject.toml far above says nothing about this file


def _target(given: str, shown: Shown) -> Target:
    path = os.path.normpath(os.path.join(shown.directory, given))
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise CommandError(f"{given}: {error.strerror}") from None
    except ValueError as error:
        raise CommandError(f"{given!r}: {error}") from None
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise CommandError(f"{given}: neither a file nor a directory")
    return Target(path, given, stat.S_ISDIR(mode))


def _standard_input(name: str) -> str:
    data = sys.stdin.buffer.read() if hasattr(sys.stdin, "buffer") else sys.stdin.read().encode()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{name}: standard input is not UTF-8 at byte {error.start}") from None


def _posix(path: str) -> str:
    return path.replace(os.sep, "/")
