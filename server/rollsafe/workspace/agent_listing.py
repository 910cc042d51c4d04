"""Looks through a directory of agents: what is called like an agent there, whatever it is."""

import os
from collections.abc import Iterator
from itertools import islice
from typing import Final

from rollsafe.artefacts.agent_file import AgentPlace, is_agent_name
from rollsafe.text.tuples import NamedTuple

MOST_FILES: Final = 1_000
"""Entries of directories below one place that are looked at."""
_MOST_SORTED: Final = 20_000
_DEEPEST: Final = 8
LINK: Final = "a symbolic link, which is not followed"


class Entry(NamedTuple):
    """Something that is called like an agent's file; `why` says what keeps it from being read."""

    path: str
    why: str = ""


def entries_below(base: str, directory: str, place: AgentPlace, *, follow: bool = False) -> Iterator[Entry]:
    """Yield what lies in `directory`, a path below `base` with forward slashes, and is called like an agent.

    With `follow` links to files are followed, and the directory itself may be one: it is a user's own.
    """
    for part in _prefixes(directory):
        if not follow and os.path.islink(os.path.join(base, part)):
            yield Entry(part, LINK)
            return
    yield from _Listing(base, place, follow=follow).below(directory, 0)


class _Listing:
    def __init__(self, base: str, place: AgentPlace, *, follow: bool) -> None:
        self._base = base
        self._place = place
        self._follow = follow
        self._seen = 0

    def below(self, directory: str, depth: int) -> Iterator[Entry]:
        """Yield the entries of a directory and, for tools that look deeper, of those in it."""
        try:
            with os.scandir(os.path.join(self._base, directory)) as found:
                entries = sorted(islice(found, _MOST_SORTED), key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            yield Entry(directory, error.strerror or "cannot be read")
            return
        for entry in entries:
            self._seen += 1
            if self._seen > MOST_FILES:
                if self._seen == MOST_FILES + 1:
                    yield Entry(
                        directory, f"holds more than {MOST_FILES:,} files; the others are not looked at"
                    )
                return
            yield from self._of(entry, f"{directory}/{entry.name}", depth)

    def _of(self, entry: "os.DirEntry[str]", path: str, depth: int) -> Iterator[Entry]:
        is_directory = entry.is_dir(follow_symlinks=False)
        if self._is_named(entry.name):
            yield Entry(path, self._objection(entry, is_directory=is_directory))
        elif entry.is_symlink() and self._place.is_deep and os.path.isdir(entry.path):
            yield Entry(path, LINK)
        if is_directory and self._place.is_deep:
            if depth < _DEEPEST:
                yield from self.below(path, depth + 1)
            else:
                yield Entry(path, f"lies deeper than {_DEEPEST} directories")

    def _objection(self, entry: "os.DirEntry[str]", *, is_directory: bool) -> str:
        if is_directory:
            return "a directory"
        if entry.is_symlink():
            leads = self._follow and os.path.isfile(entry.path)
            return "" if leads else LINK if not self._follow else "a symbolic link that leads to no file"
        return "" if entry.is_file(follow_symlinks=False) else "not a regular file"

    def _is_named(self, name: str) -> bool:
        ending = ".agent.md" if self._place.name == "copilot" else ".md"
        return name.endswith(ending) and len(name) > len(ending) and is_agent_name(name)


def _prefixes(directory: str) -> Iterator[str]:
    parts = directory.split("/")
    yield from ("/".join(parts[: count + 1]) for count in range(len(parts)))
