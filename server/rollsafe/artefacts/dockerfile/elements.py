"""An instruction as a rule sees it: its source, and the stage it belongs to."""

from typing import TYPE_CHECKING

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.dockerfile_nodes import Flag, Heredoc, Instruction, Pair, Script
from rollsafe.formats.dockerfile_words import Word
from rollsafe.text import Span

if TYPE_CHECKING:
    from rollsafe.artefacts.dockerfile.stages import Stage


class DockerfileElement(Element):
    """A part of a Dockerfile."""

    family = "dockerfile"


class DockerInstruction(DockerfileElement):
    """One instruction of `stage`; None for what precedes the first FROM.

    `node` is the reader's instruction. What an ONBUILD holds is `node.trigger` and no element of its own,
    because it runs in another image's build.
    """

    def __init__(self, file: SourceFile, node: Instruction, stage: "Stage | None") -> None:
        super().__init__(file, node.start, node.end)
        self.node = node
        self.stage = stage

    def __repr__(self) -> str:
        return f"DockerInstruction({self.keyword})"

    @property
    def keyword(self) -> str:
        """The keyword in upper case."""
        return self.node.keyword

    @property
    def keyword_span(self) -> Span:
        """Where the keyword is written."""
        return self.node.keyword_span

    @property
    def words(self) -> tuple[Word, ...]:
        """The arguments behind the flags, the JSON form's items where it is used."""
        return self.node.words

    @property
    def argument(self) -> Word | None:
        """Everything behind the flags as one word."""
        return self.node.argument

    @property
    def flags(self) -> tuple[Flag, ...]:
        """The `--name=value` flags."""
        return self.node.flags

    def flag(self, name: str) -> Flag | None:
        """Return the last flag called `name` (without dashes)."""
        return self.node.flag(name)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """What ENV, LABEL or ARG sets."""
        return self.node.pairs

    @property
    def exec_form(self) -> tuple[Word, ...] | None:
        """The items of the JSON form; None in shell form."""
        return self.node.exec_form

    @property
    def script(self) -> Script | None:
        """The shell text of RUN, CMD, ENTRYPOINT or HEALTHCHECK CMD in shell form."""
        return self.node.script

    @property
    def heredocs(self) -> tuple[Heredoc, ...]:
        """The here-documents behind the instruction."""
        return self.node.heredocs
