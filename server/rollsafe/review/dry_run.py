"""Requests written down instead of being sent, for whoever wants to see what a model would be shown."""

import os
from collections.abc import Sequence

import msgspec


def write_requests(path: str, bodies: Sequence[object]) -> str:
    """Write the bodies of calls to a file that only the user may read; return a line that says so."""
    data = msgspec.json.format(msgspec.json.encode(bodies), indent=2) + b"\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as stream:
            stream.write(data)
    except OSError as error:
        return f"dry run: {path}: cannot be written: {error.strerror}; nothing was sent"
    count = f"{len(bodies)} request{'' if len(bodies) == 1 else 's'}"
    return f"dry run: {count} written to {path}, nothing was sent"
