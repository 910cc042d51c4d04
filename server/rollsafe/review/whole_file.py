"""Writing a file whole or not at all."""

import os
import tempfile
from contextlib import suppress


def write_whole(path: str, data: bytes) -> None:
    """Put a file in place: readers see the old one until the new one is complete; a link is not followed.

    Raises:
        OSError: it cannot be written.
    """
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path), suffix=".tmp")
    try:
        with open(descriptor, "wb") as stream:
            stream.write(data)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
