"""Paths written in a file, as paths of the project."""

from posixpath import join, normpath

from rollsafe.text.patterns import lazily

_ELSEWHERE = lazily(r"\Z|[/~\\]|[A-Za-z]:|[a-z][a-z+.-]*://")
"""Nothing, an absolute path, a home directory, a drive, a URL."""


def project_path(directory: str, written: str) -> str | None:
    """Return the path relative to the project root that `written` means in a file of `directory`.

    None for what lies outside of the project or cannot be told: absolute paths, home directories,
    URLs, variables. The root itself is the empty string.
    """
    if _ELSEWHERE.match(written) is not None or "$" in written or "\0" in written:
        return None
    path = normpath(join(directory, written.replace("\\", "/")))
    if path == ".." or path.startswith(("../", "/")):
        return None
    return "" if path == "." else path
