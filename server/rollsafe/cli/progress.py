"""A progress line on standard error, for runs that take longer than a second."""

import time
from typing import Final, TextIO

_FROM_S: Final = 1.0
_EVERY_S: Final = 0.1
_BAR: Final = 24


class Progress:
    """Draws one line over and over; draws nothing in the first second."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._next = time.monotonic() + _FROM_S
        self._width = 0

    def reading(self, count: int) -> None:
        """Take the number of files read so far."""
        if self._due():
            self._draw(f"reading: {count} files")

    def analysing(self, count: int, total: int) -> None:
        """Take the number of files analysed so far, and of all."""
        if self._due():
            filled = _BAR * count // max(total, 1)
            self._draw(f"[{'#' * filled}{' ' * (_BAR - filled)}] {count}/{total} files")

    def reviewing(self, count: int, total: int) -> None:
        """Take the number of a model's answers so far, and of all questions; drawn at once."""
        self._draw(f"asking the model: {count}/{total} answers")

    def clear(self) -> None:
        """Remove the line, so that results begin on a clean one."""
        if self._width:
            self._draw("")
            self._stream.write("\r")
            self._stream.flush()

    def _due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + _EVERY_S
        return True

    def _draw(self, line: str) -> None:
        # Blanks take away what is left of a longer line: some terminals know no escape sequences.
        self._stream.write(f"\r{line:<{self._width}}")
        self._stream.flush()
        self._width = len(line)
