"""Writing files: whole or not at all, inside the project, never through a symbolic link."""

import os
import stat

from rollsafe.cli.failures import CommandError
from rollsafe.text.tuples import NamedTuple


class Change(NamedTuple):
    """A file's text before (None: it does not exist) and after; `path` is relative to `root`."""

    root: str
    path: str
    shown: str
    before: str | None
    after: str

    @property
    def file(self) -> str:
        """The absolute path."""
        return os.path.join(self.root, *self.path.split("/"))


def apply(changes: list[Change]) -> None:
    """Write all changes, after it is known that every one of them can be written.

    Raises:
        CommandError: one cannot; the line names it. Nothing is written when it is found out beforehand.
    """
    for change in changes:
        _check_place(change)
        _check_content(change)
    for change in changes:
        write_file(change.file, change.after.encode("utf-8"), change.shown)


def write_file(file: str, data: bytes, shown: str) -> None:
    """Write a file beside itself and put it in place; the mode of an existing one is kept.

    A device, a pipe or the target of a link (`/dev/null`, `/dev/stdout`) is written to where it is.

    Raises:
        CommandError: it cannot be written; `shown` names it.
    """
    try:
        if os.path.lexists(file) and not stat.S_ISREG(os.lstat(file).st_mode):
            with open(file, "wb") as stream:
                stream.write(data)
        else:
            _put_in_place(file, data)
    except OSError as error:
        raise CommandError(f"{shown}: cannot be written: {error.strerror}") from None


def _put_in_place(file: str, data: bytes) -> None:
    directory, name = os.path.split(file)
    beside = os.path.join(directory, f".{name}.{os.getpid()}.rollsafe")
    os.makedirs(directory or ".", exist_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        if os.path.exists(file):
            os.chmod(beside, stat.S_IMODE(os.stat(file).st_mode))
        os.replace(beside, file)
    except BaseException:
        os.unlink(beside)
        raise


def _check_place(change: Change) -> None:
    parts = change.path.split("/")
    if not change.path or os.path.isabs(change.path) or not {"", ".", ".."}.isdisjoint(parts):
        raise CommandError(f"{change.shown}: not written, it lies outside of the project")
    at = change.root
    for part in parts:
        at = os.path.join(at, part)
        if os.path.islink(at):
            raise CommandError(f"{change.shown}: not written, it is reached through a symbolic link")


def _check_content(change: Change) -> None:
    """Refuse to overwrite what is not what the fix was made for."""
    if change.before is None:
        if os.path.lexists(change.file):
            raise CommandError(f"{change.shown}: not written, a file of that name exists")
        return
    try:
        with open(change.file, "rb") as stream:
            current = stream.read()
    except OSError as error:
        raise CommandError(f"{change.shown}: cannot be read: {error.strerror}") from None
    if current != change.before.encode("utf-8"):
        raise CommandError(f"{change.shown}: not written, it changed meanwhile")
