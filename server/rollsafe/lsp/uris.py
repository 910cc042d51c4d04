"""Between the client's URIs and paths of files."""

import os
from typing import Final
from urllib.parse import quote, unquote, urlsplit

_SAFE: Final = "/:@!$&'()*+,;=~-._"


def path_of(uri: str) -> str | None:
    """Return the absolute path a `file:` URI names; None for every other scheme or a broken URI."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    path = unquote(parts.path, errors="surrogateescape")
    if os.name == "nt":
        path = f"//{parts.netloc}{path}" if parts.netloc else path.removeprefix("/")
    return os.path.normpath(path) if path else None


def uri_of(path: str) -> str:
    """Return the `file:` URI of an absolute path."""
    posix = path.replace(os.sep, "/")
    quoted = quote(posix.encode("utf-8", "surrogateescape"), safe=_SAFE)
    return f"file://{quoted}" if posix.startswith("/") else f"file:///{quoted}"


def inside(path: str, directory: str) -> str | None:
    """Return `path` relative to `directory`, posix; None when it is not in there."""
    base = directory.rstrip(os.sep) + os.sep
    if not path.startswith(base):
        return None
    return path[len(base) :].replace(os.sep, "/")
