"""Paths written in a file, as paths of the project."""

from posixpath import join, normpath


def project_path(directory: str, written: str) -> str | None:
    """Return the path relative to the project root that `written` means in a file of `directory`.

    None for what lies outside of the project or cannot be told: absolute paths, home directories,
    URLs, variables. The root itself is the empty string.
    """
    if not written or written[0] in "/~\\" or "://" in written or "$" in written or "\0" in written:
        return None
    path = normpath(join(directory, written.replace("\\", "/")))
    if path == ".." or path.startswith(("../", "/")) or path[1:2] == ":":
        return None
    return "" if path == "." else path
