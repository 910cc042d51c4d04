"""Paths as users see them: relative to the current directory, with forward slashes."""

import os

from rollsafe.cli.failures import CommandError


class Shown:
    """Turns project paths into paths relative to the directory the command runs in."""

    def __init__(self, directory: str | None = None) -> None:
        self.directory = directory or _current_directory()
        self._known: dict[tuple[str, str], str] = {}

    def __call__(self, root: str, path: str = "") -> str:
        """Return how to call `path` of the project at `root`."""
        known = self._known.get((root, path))
        if known is None:
            directory, _, name = path.rpartition("/")
            known = self._in(self(root, directory), name) if directory else self._of(root, path)
            self._known[root, path] = known
        return known

    def _of(self, root: str, path: str) -> str:
        return self._relative(os.path.join(root, path))

    @staticmethod
    def _in(directory: str, name: str) -> str:
        return name if directory == "." else f"{directory}/{name}"

    def _relative(self, absolute: str) -> str:
        try:
            relative = os.path.relpath(absolute, self.directory)
        except ValueError:
            relative = absolute  # another drive
        return relative.replace(os.sep, "/")


def _current_directory() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        raise CommandError(f"the current directory cannot be read: {error.strerror}") from None
