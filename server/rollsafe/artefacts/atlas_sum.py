"""`atlas.sum`: which migrations Atlas takes for unchanged.

The hash of a file is one over the names and texts of all files up to it, so that one edited file changes the
entries of those behind it as well. The first line is a hash over all entries.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.purposes import is_practice
from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_HEAD = lazily(r"h1:(?P<hash>\S+)[ \t\r]*$", re.M)
_ENTRY = lazily(r"^(?P<name>[^\r\n]+?)[ \t]+h1:(?P<hash>\S+)[ \t\r]*$", re.M)
_DIRECTIVE = lazily(r"[ -~]*atlas:sum +ignore\r?\n")
_MAX_ENTRIES: Final = 20_000


class Entry(NamedTuple):
    """A migration and its hash in Base64."""

    name: str
    hash: str


class AtlasSum(Element):
    """The file with its entries in order; `places` are their lines, `head` is the hash over all of them."""

    family: ClassVar[str] = "migrations"

    def __init__(self, file: SourceFile, head: re.Match[str]) -> None:
        super().__init__(file, 0, len(file.text))
        found = [one for one in _ENTRY.finditer(file.text, head.end())][:_MAX_ENTRIES]
        self.head = head["hash"]
        self.head_place = Span(*head.span())
        self.entries = tuple(Entry(one["name"], one["hash"]) for one in found)
        self.places = tuple(Span(one.start(), one.end("hash")) for one in found)
        self.is_practice = is_practice(file.directory)
        """Whether it is one of tests or examples, by the directories it lies in."""

    def __repr__(self) -> str:
        return f"AtlasSum({self.file.path!r})"

    def graph_keys(self) -> Iterable[str]:
        """Return `path:` with the file's path."""
        return (f"path:{self.file.path}",)


class AtlasSumFile(Artefact):
    """An `atlas.sum` as its only element."""

    kind: ClassVar[str] = "migration-checksums"


def recognise(file: SourceFile) -> AtlasSumFile | None:
    """Return the view of an `atlas.sum`; None for what does not begin with a hash."""
    head = _HEAD.match(file.text)
    return AtlasSumFile(file, (AtlasSum(file, head),)) if head is not None else None


def entries_of(files: Iterable[tuple[str, str]]) -> tuple[Entry, ...]:
    """Return the entries of migrations, which are names and texts in order."""
    total, found = sha256(), list[Entry]()
    for name, text in files:
        total.update(name.encode())
        if _DIRECTIVE.match(text) is None:
            total.update(text.encode("utf-8", "surrogatepass"))
            found.append(Entry(name, b64encode(total.digest()).decode()))
    return tuple(found)


def head_of(entries: Iterable[Entry]) -> str:
    """Return the hash over entries."""
    return b64encode(sha256("".join(one.name + one.hash for one in entries).encode()).digest()).decode()


def written(entries: tuple[Entry, ...]) -> str:
    """Return the text of an `atlas.sum`."""
    return f"h1:{head_of(entries)}\n" + "".join(f"{one.name} h1:{one.hash}\n" for one in entries)
