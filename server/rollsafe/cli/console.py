"""Where a command writes: results to standard output, everything said about them to standard error."""

import errno
import os
from typing import Final, TextIO

from rollsafe.cli.failures import CommandError
from rollsafe.text.tuples import NamedTuple

_SEVERITY_COLOURS: Final = {"error": "31;1", "warning": "33;1", "info": "36;1", "hint": "2;1"}
_NAME_COLOURS: Final = {
    "red": "31", "green": "32", "yellow": "33", "blue": "34", "purple": "35", "cyan": "36",
    "pink": "95", "orange": "38;5;208",
}  # fmt: skip
_DIFF_COLOURS: Final = {"+": "32", "-": "31", "@": "36"}
WIDTH: Final = 100
"""Columns text is wrapped at; a narrower terminal wins."""


class Paint(NamedTuple):
    """Colours and links, or the absence of both."""

    enabled: bool

    def bold(self, text: str) -> str:
        """Return `text` in bold."""
        return self._coded(text, "1")

    def dim(self, text: str) -> str:
        """Return `text` in a weaker colour."""
        return self._coded(text, "2")

    def severity(self, name: str, text: str) -> str:
        """Return `text` in the colour of a severity."""
        return self._coded(text, _SEVERITY_COLOURS[name])

    def named(self, colour: str, text: str) -> str:
        """Return a name in bold, in the colour that goes by that word if there is one."""
        return self._coded(text, f"{_NAME_COLOURS[colour]};1" if colour in _NAME_COLOURS else "1")

    def diff_line(self, line: str) -> str:
        """Return a line of a diff in the colour of its first character; its line end stays outside."""
        code = _DIFF_COLOURS.get(line[:1])
        body = line.rstrip("\r\n")
        return self._coded(body, code) + line[len(body) :] if code else line

    def link(self, text: str, url: str) -> str:
        """Return `text` as a link for terminals that know OSC 8; others show the text alone."""
        return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if self.enabled else text

    def _coded(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.enabled else text


class Console:
    """The two streams of a command.

    A reader that goes away (`| head`) is not an error: what is written after that goes nowhere, and the
    exit code is the one the command would have had.
    """

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err
        self.quiet = False
        self.verbose = False

    def beside(self) -> "Console":
        """Return a console that writes everything to standard error."""
        other = Console(self._err, self._err)
        other.quiet, other.verbose = self.quiet, self.verbose
        return other

    @property
    def is_terminal(self) -> bool:
        """Whether results go to a terminal."""
        return self._out.isatty()

    @property
    def progress_stream(self) -> TextIO | None:
        """Where progress may be drawn: standard error when it is a terminal and not told to be quiet."""
        return self._err if self._err.isatty() and not self.quiet else None

    def paint(self, choice: str) -> Paint:
        """Return how to colour results: `always`, `never`, or by the terminal and `NO_COLOR`."""
        if choice == "auto":
            dumb = os.environ.get("TERM") == "dumb"
            return Paint(self.is_terminal and not dumb and not os.environ.get("NO_COLOR"))
        return Paint(choice == "always")

    def width(self) -> int:
        """Return the number of columns text may take."""
        if not self.is_terminal:
            return WIDTH
        try:
            return max(40, min(WIDTH, os.get_terminal_size(self._out.fileno()).columns))
        except (OSError, ValueError):
            return WIDTH

    def write(self, text: str) -> None:
        """Write text for people."""
        if not text:
            return
        encoding = self._out.encoding or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = text.encode(encoding, "backslashreplace").decode(encoding)
        self._guarded(text)

    def write_document(self, data: bytes) -> None:
        """Write bytes for a program: UTF-8 whatever the terminal's encoding."""
        binary = getattr(self._out, "buffer", None)
        if binary is None:
            self._guarded(data.decode("utf-8"))
            return
        try:
            self._out.flush()
            binary.write(data)
        except OSError as error:
            self._gone(error)

    def flush(self) -> None:
        """Hand everything over to the reader."""
        try:
            self._out.flush()
        except OSError as error:
            self._gone(error)

    def complain(self, line: str) -> None:
        """Say on standard error, in one line, what could not be done."""
        self.note(f"rollsafe: {line}")

    def note(self, line: str) -> None:
        """Say something about the run on standard error."""
        encoding = self._err.encoding or "utf-8"
        line = " ".join(line.splitlines()).encode(encoding, "backslashreplace").decode(encoding)
        try:
            print(line, file=self._err, flush=True)
        except OSError:
            return

    def abandon(self) -> None:
        """Drop what was not read yet, so that leaving is quiet."""
        try:
            target = self._out.fileno()
        except (OSError, ValueError):
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, target)
        os.close(nowhere)

    def _guarded(self, text: str) -> None:
        try:
            self._out.write(text)
        except OSError as error:
            self._gone(error)

    def _gone(self, error: OSError) -> None:
        self.abandon()
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            raise CommandError(f"standard output: {error.strerror}") from None
