"""CODEOWNERS: which people or teams answer for which paths."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_MAX_LINES: Final = 20_000
_SECTION = lazily(r"\^?\[[^\]]*\]")
_COMMENT = lazily(r"(?:^|\s)#.*")


class OwnerRule(NamedTuple):
    """One line: a pattern as in a `.gitignore`, and who owns what it matches (nobody, for an empty list)."""

    pattern: str
    owners: tuple[str, ...]
    start: int
    end: int


class CodeOwners(Element):
    """The rules of the file in source order; of several that match a path the last one counts."""

    family = "ownership"

    def __init__(self, file: SourceFile) -> None:
        super().__init__(file, 0, len(file.text))
        self.rules: tuple[OwnerRule, ...] = tuple(_rules(file))

    def __repr__(self) -> str:
        return f"CodeOwners({self.file.path!r})"

    def graph_keys(self) -> Iterable[str]:
        """Return `path:` with the file's path."""
        return (f"path:{self.file.path}",)


class CodeOwnersFile(Artefact):
    """A CODEOWNERS file as its only element."""

    kind: ClassVar[str] = "codeowners"

    def __init__(self, owners: CodeOwners) -> None:
        super().__init__(owners.file, (owners,))
        self.owners = owners


def recognise(file: SourceFile) -> CodeOwnersFile | None:
    """Return the view of a CODEOWNERS file; None for any other name."""
    return CodeOwnersFile(CodeOwners(file)) if file.name == "CODEOWNERS" else None


def _rules(file: SourceFile) -> Iterator[OwnerRule]:
    inherited: tuple[str, ...] = ()
    for line in range(min(len(file.lines), _MAX_LINES)):
        span = Span(file.lines.line_start(line), file.lines.line_end(line))
        words = _COMMENT.sub("", file.slice(span)).split()
        if not words:
            continue
        if _SECTION.match(words[0]):
            # GitLab: a section's own owners answer for the lines below that name none.
            inherited = tuple(word for word in words if _is_owner(word))
            continue
        named = tuple(word for word in words[1:] if _is_owner(word))
        yield OwnerRule(words[0], named or inherited, span.start, span.end)


def _is_owner(word: str) -> bool:
    return word.startswith("@") or "@" in word
