"""Unified diffs of changes that were not written."""

from collections.abc import Iterable, Iterator
from difflib import unified_diff

from rollsafe.cli.output.text import plain
from rollsafe.cli.writing import Change

_NO_NEWLINE = "\n\\ No newline at end of file\n"


def diff(changes: Iterable[Change]) -> Iterator[str]:
    """Yield the lines of a diff that `git apply` and `patch -p1` take."""
    for change in changes:
        name = plain(change.shown)
        old = "/dev/null" if change.before is None else f"a/{name}"
        before, after = _lines(change.before or ""), _lines(change.after)
        yield from (_ended(line) for line in unified_diff(before, after, old, f"b/{name}"))


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _ended(line: str) -> str:
    return line if line.endswith("\n") else line + _NO_NEWLINE
