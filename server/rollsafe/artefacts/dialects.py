"""Which dialect a shell speaks that is called by a name."""

from typing import Final

from rollsafe.formats.shell import Dialect

_DIALECTS: Final = {
    "bash": Dialect.POSIX,
    "sh": Dialect.POSIX,
    "zsh": Dialect.POSIX,
    "pwsh": Dialect.POWERSHELL,
    "powershell": Dialect.POWERSHELL,
    "cmd": Dialect.CMD,
}


def dialect_of(shell: str, *, windows: bool) -> Dialect | None:
    """Return the dialect of a `shell:`; None for what is no shell, such as `python`."""
    name = shell.split(" ", 1)[0].rpartition("/")[2]
    if not name:
        return Dialect.POWERSHELL if windows else Dialect.POSIX
    return _DIALECTS.get(name)
