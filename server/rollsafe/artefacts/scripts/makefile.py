"""Makefiles: the targets that are spelled out, with their recipes as shell commands."""

from collections.abc import Iterable
from typing import ClassVar

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.recognition import Indirection, ReferenceKind
from rollsafe.artefacts.scripts.make_rules import MAX_CHARS, MAX_LINES, MakeRule, read_rules
from rollsafe.artefacts.scripts.runnable import Runnable
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.problems import Problem
from rollsafe.formats.scalar_text import Piece, ScalarOffsets
from rollsafe.formats.shell import Offsets
from rollsafe.text import Span
from rollsafe.text.cached import cached_property


class MakeTarget(Runnable):
    """A target of a Makefile; `key` is its name, `prerequisites` what is made before it."""

    def __init__(self, file: SourceFile, key: Span, rule: MakeRule) -> None:
        super().__init__(file, key.start, max(key.end, rule.end), rule.recipe, file.slice(key))
        self.key = key
        self.prerequisites = rule.prerequisites
        self._pieces = rule.pieces

    def graph_keys(self) -> Iterable[str]:
        """The target as `make` is asked for it in the Makefile's directory."""
        return (f"make:{self.directory}#{self.name}",)

    @cached_property
    def offsets(self) -> Offsets:
        """Maps offsets in `text` to offsets in the file."""
        return ScalarOffsets(self._pieces or [Piece(0, self.start)], self.end)

    @cached_property
    def indirections(self) -> list[Indirection]:
        """The prerequisites, and what the recipe calls that other targets and files define."""
        own = [
            Indirection(ReferenceKind.MAKE, name, self.key, f"make:{self.directory}#{name}")
            for name in self.prerequisites
        ]
        return [*own, *super().indirections]


class Makefile(Artefact):
    """A Makefile; its elements are its targets, pattern rules and special ones left out."""

    kind: ClassVar[str] = "makefile"


def recognise_makefile(file: SourceFile) -> Makefile | None:
    """Return the view of a Makefile; None when it has no targets."""
    if len(file.text) > MAX_CHARS or len(file.lines) > MAX_LINES:
        message = f"larger than {MAX_CHARS} characters or {MAX_LINES} lines"
        return Makefile(file, [], [Problem(0, 0, message, fatal=True)])
    targets = [MakeTarget(file, key, rule) for rule in read_rules(file.text) for key in rule.keys]
    return Makefile(file, targets) if targets else None
