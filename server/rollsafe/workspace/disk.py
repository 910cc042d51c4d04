"""Reading projects from disk: roots, ignored paths, size and type limits.

Nothing here follows symbolic links, opens devices or FIFOs, or raises for a file it cannot read: such a
file becomes a `Skipped` entry.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from rollsafe.artefacts.registry import is_candidate
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.records import field, state
from rollsafe.workspace.ignore_files import IgnoreFile, read_ignore_file
from rollsafe.workspace.settings import ConfigurationError, Settings, parse_settings
from rollsafe.workspace.snapshot import Skipped, Snapshot

MAX_BYTES: Final = 4_194_304
MAX_PATHS: Final = 300_000
_NEVER: Final = frozenset({
    ".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".mypy_cache",
    ".pytest_cache", ".ruff_cache", ".terraform", ".next", ".yarn", "bower_components",
})  # fmt: skip
QUIET: Final = frozenset({"vendor", "third_party", "testdata", "fixtures", "__fixtures__", "__snapshots__"})
"""Directories of copies and test inputs: their files are known by name but not judged."""
_CONFIG_NAMES: Final = ("rollsafe.toml", ".rollsafe.toml")
CONFIG_NAMES: Final = (*_CONFIG_NAMES, "pyproject.toml")
"""The files a project's settings may be in; the first one that speaks of rollsafe counts."""

Progress = Callable[[int], None]


def find_root(path: str) -> str:
    """Return the project root of an absolute file or directory path.

    The nearest ancestor that declares itself a root or holds `.git`; without one, the directory itself.
    """
    start = path if os.path.isdir(path) else os.path.dirname(path)
    at = start
    while True:
        if is_root(at):
            return at
        parent = os.path.dirname(at)
        if parent == at:
            return start
        at = parent


def is_root(directory: str) -> bool:
    """Say whether an absolute directory is a project by itself: it says so, or it holds `.git`."""
    return _declares_root(directory) or os.path.exists(os.path.join(directory, ".git"))


def settings_file(root: str) -> str | None:
    """Return the file that holds the settings of the project at `root`, or None.

    Raises:
        ConfigurationError: a `pyproject.toml` that cannot be read.
    """
    for name in CONFIG_NAMES:
        path = os.path.join(root, name)
        ours = os.path.isfile(path) and (
            name != "pyproject.toml" or "[tool.rollsafe" in _configuration_text(path)
        )
        if ours:
            return path
    return None


def load_settings(root: str) -> Settings:
    """Return the settings of the project at `root`; defaults when it has none.

    Raises:
        ConfigurationError: the file cannot be read or is not valid; the message names it.
    """
    path = settings_file(root)
    return Settings() if path is None else read_settings(path)


def read_settings(path: str) -> Settings:
    """Return the settings in one configuration file.

    Raises:
        ConfigurationError: as for `load_settings`.
    """
    return parse_settings(_configuration_text(path), path)


def load_projects(
    directory: str,
    settings: Settings | None = None,
    progress: Progress | None = None,
    *,
    settings_of: Callable[[str], Settings] = load_settings,
    wanted: Callable[[str], bool] | None = None,
) -> list[Snapshot]:
    """Read the project at `directory` and every nested one, each with its own settings.

    `settings` replaces those of the outer project; `progress` is told the number of files read so far.
    `settings_of` finds the settings of a root; nested roots that are not `wanted` are left out.

    Raises:
        ConfigurationError: as for `load_settings`.
    """
    pending = [os.path.abspath(directory)]
    projects: list[Snapshot] = []
    done = 0
    while pending:
        root = pending.pop()
        own = settings if settings is not None and not projects else settings_of(root)
        walk = _Walk(root, own)
        files: dict[str, SourceFile] = {}
        for path in walk.candidates():
            source = read_file(root, path)
            if isinstance(source, SourceFile):
                files[path] = source
            elif source is not None:
                walk.skipped.append(source)
            done += 1
            if progress is not None:
                progress(done)
        projects.append(Snapshot(root, own, files, frozenset(walk.paths), tuple(sorted(walk.skipped))))
        nested = (path for path in walk.nested if wanted is None or wanted(path))
        pending += sorted(nested, reverse=True)
    return projects


def list_files(root: str, settings: Settings) -> tuple[list[str], frozenset[str]]:
    """Return the paths that would be read in the project at `root`, and the names of all its files."""
    walk = _Walk(root, settings)
    candidates = list(walk.candidates())
    return candidates, frozenset(walk.paths)


def belongs(root: str, settings: Settings, path: str) -> bool:
    """Say whether a walk over the project at `root` would come to the file at `path`."""
    parts = path.split("/")
    if not _NEVER.isdisjoint(parts[:-1]):
        return False
    walk = _Walk(root, settings)
    ignores = walk.outer_ignores()
    for depth, name in enumerate(parts):
        directory = "/".join(parts[:depth])
        ignores += _ignore_files(os.path.join(root, directory, ".gitignore"), directory)
        here = f"{directory}/{name}" if directory else name
        if _ignored(ignores, here, is_directory=depth + 1 < len(parts)):
            return False
    return True


def is_judged(path: str) -> bool:
    """Say by its name alone whether a file of a project is read."""
    return is_candidate(path) and QUIET.isdisjoint(path.split("/")[:-1])


def read_file(root: str, path: str) -> SourceFile | Skipped | None:
    """Read one regular file; a `Skipped` says why not, None that it vanished."""
    try:
        fd = os.open(os.path.join(root, path), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        return Skipped(path, error.strerror or "unreadable")
    with os.fdopen(fd, "rb", buffering=0) as stream:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            return Skipped(path, "not a regular file")
        if info.st_size > MAX_BYTES:
            return Skipped(path, f"larger than {MAX_BYTES >> 20} MiB")
        try:
            data = stream.read(info.st_size + 1)
            if len(data) != info.st_size:
                data += stream.read(MAX_BYTES + 1)  # it is being written, or does not know its size
        except OSError as error:
            return Skipped(path, error.strerror or "unreadable")
    return decode(path, data)


def read_small(path: str, limit: int) -> bytes | None:
    """Return what is in a regular file of at most `limit` bytes; None for anything else, links included."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as stream:
            info = os.fstat(stream.fileno())
            if not stat.S_ISREG(info.st_mode) or info.st_size > limit:
                return None
            return stream.read(limit + 1)
    except OSError:
        return None


def read_inside(root: str, path: str) -> SourceFile | Skipped | None:
    """Do what `read_file` does for a path of a project that may lead out of it by a symbolic link."""
    at = root
    for part in path.split("/"):
        at = os.path.join(at, part)
        if os.path.islink(at):
            return Skipped(path, "a symbolic link, which is not followed")
    return read_file(root, path)


def decode(path: str, data: bytes) -> SourceFile | Skipped:
    """Decode file content; line ends stay as they are."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Skipped(path, "UTF-16, not UTF-8")
    if b"\0" in data[:8192]:
        return Skipped(path, "binary file")
    try:
        return SourceFile(path, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Skipped(path, f"not UTF-8 at byte {error.start}")


def _declares_root(directory: str) -> bool:
    for name in _CONFIG_NAMES:
        path = os.path.join(directory, name)
        if os.path.isfile(path):
            try:
                return load_settings(directory).root
            except ConfigurationError:
                return True
    return False


def _configuration_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read(MAX_BYTES)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: cannot be read: not UTF-8 at byte {error.start}") from None


@state
class _Walk:
    """One pass over a project's directories; fills `paths`, `nested` and `skipped` as it goes."""

    root: str
    settings: Settings
    paths: set[str] = field(default_factory=set[str])
    nested: list[str] = field(default_factory=list[str])
    skipped: list[Skipped] = field(default_factory=list[Skipped])

    def candidates(self) -> Iterator[str]:
        """Yield the paths of files worth reading, sorted within each directory."""
        yield from self._directory("", self.outer_ignores())

    def outer_ignores(self) -> list[IgnoreFile]:
        """Return the rules that do not lie beside what they ignore: git's own file, and the settings."""
        own = _ignore_files(os.path.join(self.root, ".git", "info", "exclude"), "")
        return [*own, read_ignore_file("\n".join(self.settings.exclude), "")]

    def _directory(self, relative: str, ignores: list[IgnoreFile]) -> Iterator[str]:
        absolute = os.path.join(self.root, relative)
        ignores = ignores + _ignore_files(os.path.join(absolute, ".gitignore"), relative)
        try:
            entries = sorted(os.scandir(absolute), key=lambda entry: entry.name)
        except OSError as error:
            self.skipped.append(Skipped(relative or ".", error.strerror or "unreadable directory"))
            return
        for entry in entries:
            path = f"{relative}/{entry.name}" if relative else entry.name
            if len(self.paths) >= MAX_PATHS:
                return
            if entry.is_symlink():
                self._note_link(entry, path)
            elif entry.is_dir(follow_symlinks=False):
                if entry.name not in _NEVER and not _ignored(ignores, path, is_directory=True):
                    yield from self._enter(entry.path, path, ignores)
            elif not _ignored(ignores, path, is_directory=False):
                self.paths.add(path)
                if is_judged(path):
                    yield path

    def _note_link(self, entry: "os.DirEntry[str]", path: str) -> None:
        # A link's target is judged where it lies; its name still exists for those who refer to it.
        if os.path.exists(entry.path):
            self.paths.add(path)

    def _enter(self, absolute: str, path: str, ignores: list[IgnoreFile]) -> Iterator[str]:
        if _declares_root(absolute):
            self.nested.append(absolute)
        else:
            yield from self._directory(path, ignores)


def _ignored(ignores: Iterable[IgnoreFile], path: str, *, is_directory: bool) -> bool:
    verdict = False
    for ignore in ignores:
        said = ignore.verdict(path, is_directory=is_directory)
        verdict = verdict if said is None else said
    return verdict


def _ignore_files(path: str, base: str) -> list[IgnoreFile]:
    try:
        if not os.path.isfile(path):
            return []
        with open(path, encoding="utf-8", errors="replace") as stream:
            return [read_ignore_file(stream.read(MAX_BYTES), base)]
    except OSError:
        return []
