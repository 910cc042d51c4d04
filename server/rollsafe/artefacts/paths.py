"""Paths written in a file, as paths of the project."""

import re
from posixpath import join, normpath

_ELSEWHERE = re.compile(r"\Z|[/~\\]|[A-Za-z]:|[a-z][a-z+.-]*://")
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
