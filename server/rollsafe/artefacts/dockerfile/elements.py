"""An instruction as a rule sees it: its source, and the stage it belongs to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.dockerfile.commands import NO_READING, Reading, read_run
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.dockerfile_nodes import Flag, Heredoc, Instruction, Pair, Said, Script
from rollsafe.formats.dockerfile_words import FILLER, Word
from rollsafe.text import Located, Span
from rollsafe.text.cached import cached_property

if TYPE_CHECKING:
    from rollsafe.artefacts.dockerfile.packages import Invocation
    from rollsafe.artefacts.dockerfile.stages import Stage
    from rollsafe.formats.shell import ShellCommand


_STARTING: Final = frozenset({"CMD", "ENTRYPOINT", "HEALTHCHECK"})


class DockerfileElement(Element):
    """A part of a Dockerfile."""

    family = "dockerfile"


class DockerInstruction(DockerfileElement):
    """One instruction of `stage`; None for what precedes the first FROM.

    `node` is the reader's instruction. What an ONBUILD holds is `held` and no element of its own, because
    it runs in another image's build. `siblings` are all instructions of the stage, or before the first one;
    `shell` is the SHELL above it there.
    """

    outline = ("deed", "tools", "is_continued")
    profile = ("said", "shell")

    def __init__(
        self,
        file: SourceFile,
        node: Instruction,
        stage: "Stage | None",
        siblings: "Sequence[DockerInstruction]" = (),
        shell: "DockerInstruction | None" = None,
    ) -> None:
        super().__init__(file, node.start, node.end)
        self.node = node
        self.stage = stage
        self.siblings = siblings
        self._place = len(siblings)
        self._shell = shell

    def __repr__(self) -> str:
        return f"DockerInstruction({self.keyword})"

    @cached_property
    def node(self) -> Instruction:
        """The reader's instruction; where only what it says is known, one that says the same."""
        return self.said.read()

    @property
    def said(self) -> Said:
        """What it says, wherever it stands."""
        return self.node.said

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

    @property
    def held(self) -> Instruction:
        """The reader's instruction that is carried out: of an ONBUILD the one it holds."""
        node = self.node
        return node.trigger or node if node.keyword == "ONBUILD" else node

    @property
    def deed(self) -> str:
        """The keyword of what is carried out: that of `held`."""
        return self.held.keyword

    @property
    def is_shipped(self) -> bool:
        """Whether the final image holds what it does; so does what stands before any stage."""
        return self.stage is None or self.stage.is_shipped

    @property
    def before(self) -> "Sequence[DockerInstruction]":
        """The instructions of the same stage that stand above it."""
        return self.siblings[: self._place]

    @property
    def after(self) -> "Sequence[DockerInstruction]":
        """The instructions of the same stage that stand below it."""
        return self.siblings[self._place + 1 :]

    @property
    def is_continued(self) -> bool:
        """Whether it goes on in a second line."""
        return FILLER in self.node.body

    @cached_property
    def shell(self) -> tuple[str, ...] | None:
        """The words of the SHELL that reads it; None for that of the base image, and where no shell does."""
        if self.deed != "RUN" and self.deed not in _STARTING:
            return None
        setting = self._shell
        if setting is None and self.stage is not None and self.stage.dockerfile.sets_shells:
            base = self.stage.base_stage
            setting = base.effective("SHELL") if base is not None else None
        return tuple(word.text for word in setting.words) if setting is not None else None

    @cached_property
    def _reading(self) -> Reading:
        held = self.held
        if held.keyword != "RUN":
            return NO_READING
        return read_run(held, self.shell).at(held.start)

    @property
    def commands(self) -> "tuple[ShellCommand, ...]":
        """The commands of a RUN that a POSIX shell reads; `span_of` tells where they stand."""
        return self._reading.commands

    @property
    def tools(self) -> frozenset[str]:
        """What the commands of a RUN are named, as far as rules ask for it; `|` stands for a pipe."""
        return self._reading.tools

    @property
    def invocations(self) -> "tuple[Invocation, ...]":
        """The commands of a RUN that are told to a package manager."""
        return self._reading.invocations

    def span_of(self, part: Located) -> Span:
        """Return where a command, or a word of one, stands in the file."""
        base = self._reading.start
        return Span(base + part.start, base + part.end)

    def mounts(self, kind: str) -> list[str]:
        """Return the targets of the `--mount`s of one type."""
        found: list[str] = []
        for flag in self.held.flags:
            words = [part.partition("=") for part in (flag.value or "").split(",")]
            parts = {name: value for name, _, value in words}
            if flag.name == "mount" and parts.get("type", "bind") == kind:
                found.append(parts.get("target") or parts.get("dst") or parts.get("destination") or "")
        return found
