"""The server's log: standard error, which editors show in an output channel."""

import sys


def note(message: str) -> None:
    """Write one line."""
    print(f"rollsafe: {message}", file=sys.stderr, flush=True)


def note_failure(what: str) -> None:
    """Write one line about the exception that is being handled, and its traceback."""
    import traceback

    note(what)
    traceback.print_exc(file=sys.stderr)
