"""Build stages: what each begins with, what it inherits, which of them ships."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.base import Section
from rollsafe.artefacts.dockerfile.elements import DockerfileElement, DockerInstruction
from rollsafe.artefacts.dockerfile.facts import (
    CopySource,
    ExposedPort,
    HealthCheck,
    User,
    copy_sources,
    exposed_by,
    user_of,
)
from rollsafe.artefacts.images import ImageReference, parse_image
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.dockerfile_nodes import Comment, DockerfileTree, Pair
from rollsafe.formats.dockerfile_words import Word
from rollsafe.formats.interpolation import DollarEscape, expand
from rollsafe.text import Span
from rollsafe.text.cached import cached_property

_LONGEST_LINEAGE: Final = 16
_COPYING: Final = frozenset({"COPY", "ADD", "RUN"})
SEEN_FROM_STAGES: Final = frozenset(
    {
        *("escape", "expand_globally", "file", "global_values", "is_development", "number_of_stage"),
        *("sets_shells", "shipped", "stage_names", "stages_by_name"),
    }
)
"""What of a `Dockerfile` its `surroundings` tell all of."""


class Dockerfile(DockerfileElement):
    """A whole file: `preamble` before the first FROM, then the stages.

    `sets_shells` tells that there is a SHELL anywhere.
    """

    def __init__(self, file: SourceFile, tree: DockerfileTree) -> None:
        super().__init__(file, 0, len(file.text))
        self.tree = tree
        self.preamble: list[DockerInstruction] = []
        self.stages: list[Stage] = []
        self.sets_shells = False
        shell: DockerInstruction | None = None
        for node in tree.instructions:
            if node.keyword == "FROM":
                self.stages.append(Stage(self, len(self.stages)))
                shell = None
            stage = self.stages[-1] if self.stages else None
            siblings = self.preamble if stage is None else stage.instructions
            instruction = DockerInstruction(file, node, stage, siblings, shell)
            if node.keyword == "SHELL":
                shell, self.sets_shells = instruction, True
            if stage is None:
                self.preamble.append(instruction)
            else:
                stage.take(instruction)

    @property
    def instructions(self) -> Iterator[DockerInstruction]:
        """All instructions in source order."""
        yield from self.preamble
        for stage in self.stages:
            yield from stage.instructions

    @property
    def comments(self) -> tuple[Comment, ...]:
        """All comments in source order, those inside instructions too."""
        return self.tree.comments

    @property
    def final_stage(self) -> "Stage | None":
        """The stage that is built when no target is named."""
        return self.stages[-1] if self.stages else None

    @cached_property
    def is_development(self) -> bool:
        """Whether the path says that the image is for development or tests only."""
        return is_development_path(self.file.path)

    @cached_property
    def global_args(self) -> dict[str, Pair]:
        """The ARGs before the first FROM, by name."""
        return {
            pair.name.text: pair
            for instruction in self.preamble
            if instruction.keyword == "ARG"
            for pair in instruction.pairs
        }

    @cached_property
    def global_values(self) -> dict[str, str]:
        """The defaults of the global ARGs that are known, variables in them replaced."""
        values: dict[str, str] = {}
        for name, pair in self.global_args.items():
            written = pair.value.text if pair.value is not None else None
            text = expand(written, DollarEscape.BACKSLASH, values.get) if written else written
            if text is not None:
                values[name] = text
        return values

    def expand_globally(self, text: str) -> str | None:
        """Return `text` with global ARGs replaced; None when one has no known value."""
        return expand(text, DollarEscape.BACKSLASH, self.global_values.get)

    def stage_called(self, name: str, before: "Stage | None" = None) -> "Stage | None":
        """Return the stage of this name or number, the last such one before the stage `before`."""
        number = self.number_of_stage(name, before.index if before is not None else len(self.stages))
        return self.stages[number] if number is not None else None

    def number_of_stage(self, name: str, limit: int) -> int | None:
        """Return the number of the stage of this name or number, the last such one below `limit`."""
        if name.isascii() and name.isdigit() and len(name) < 6:
            return int(name) if int(name) < limit else None
        candidates = self.stages_by_name.get(name.lower(), [])
        at = bisect_left(candidates, limit)
        return candidates[at - 1] if at > 0 else None

    @property
    def escape(self) -> str:
        """The escape character in force."""
        return self.tree.escape

    @cached_property
    def stage_names(self) -> tuple[str | None, ...]:
        """The names of the stages, as written."""
        return tuple(stage.name for stage in self.stages)

    @cached_property
    def surroundings(self) -> tuple[object, ...]:
        """What stages see of each other that do not build on each other, without places."""
        beginnings = tuple(stage.from_instruction.node.body for stage in self.stages)
        above = tuple(instruction.said for instruction in self.preamble)
        return (self.escape, self.sets_shells, above, beginnings)

    def graph_keys(self) -> Iterable[str]:
        """Return `path:` with the file's path."""
        return (f"path:{self.file.path}",)

    @cached_property
    def stages_by_name(self) -> dict[str, list[int]]:
        """The numbers of the stages of each name, ascending."""
        found: dict[str, list[int]] = {}
        for stage in self.stages:
            if stage.name is not None:
                found.setdefault(stage.name.lower(), []).append(stage.index)
        return found

    @cached_property
    def shipped(self) -> frozenset[int]:
        """The numbers of the stages the final image is made of."""
        final = self.final_stage
        return frozenset(stage.index for stage in final.lineage) if final is not None else frozenset()


class Stage(DockerfileElement):
    """One build stage, from its FROM to the instruction before the next FROM.

    Questions about the image (`user`, `command`, …) are answered as the finished stage answers them: own
    instructions first, then those of the stages it builds on. What the base image brings is unknown.
    """

    def __init__(self, dockerfile: Dockerfile, index: int) -> None:
        super().__init__(dockerfile.file, 0, 0)
        self.dockerfile = dockerfile
        self.index = index
        self.instructions: list[DockerInstruction] = []

    def __repr__(self) -> str:
        return f"Stage({self.index}, {self.name!r})"

    def section(self) -> Section:
        """Return what is kept of it: what it builds on is looked up before anybody watches what is read."""
        text = self.file.text
        stages = self.lineage[1:]
        written = tuple([text[one.start : one.end] for one in stages])
        below = tuple([part for one in stages for part in (one, *one.instructions)])
        return Section(self.start, self.end, (self, *self.instructions), (self.index, written), below)

    def take(self, instruction: DockerInstruction) -> None:
        """Add the next instruction; the first one is the FROM."""
        if not self.instructions:
            self.start = instruction.start
        self.instructions.append(instruction)
        self.end = instruction.end

    @property
    def from_instruction(self) -> DockerInstruction:
        """The FROM that begins the stage."""
        return self.instructions[0]

    @property
    def title_span(self) -> Span:
        """Where to point when the stage as a whole is meant: its FROM."""
        return Span.of(self.from_instruction)

    @cached_property
    def name_word(self) -> Word | None:
        """The name as written behind `AS`."""
        match self.from_instruction.words:
            case (_, keyword, name, *_) if keyword.text.upper() == "AS":
                return name
            case _:
                return None

    @property
    def name(self) -> str | None:
        """The name, as written; names are compared in lower case."""
        texts = self.from_instruction.node.texts
        return texts[2] if len(texts) > 2 and texts[1].upper() == "AS" else None

    @cached_property
    def base_word(self) -> Word | None:
        """The image or stage named by FROM; None while nothing is written."""
        words = self.from_instruction.words
        return words[0] if words else None

    @cached_property
    def base_text(self) -> str | None:
        """What FROM names, global ARGs replaced; None when one of them has no known value."""
        texts = self.from_instruction.node.texts
        return self.dockerfile.expand_globally(texts[0]) if texts else None

    @cached_property
    def base_stage(self) -> "Stage | None":
        """The earlier stage this one builds on."""
        text = self.base_text
        if text is None or text.isdigit():
            return None
        return self.dockerfile.stage_called(text, before=self)

    @cached_property
    def image(self) -> ImageReference | None:
        """The base image; None when the stage builds on another one, or nothing is written.

        A name with a variable of unknown value is kept as written and `is_dynamic`.
        """
        if self.base_word is None or self.base_stage is not None:
            return None
        return parse_image(self.base_text if self.base_text is not None else self.base_word.text)

    @property
    def platform(self) -> str | None:
        """The `--platform` as written."""
        flag = self.from_instruction.flag("platform")
        return flag.value if flag is not None else None

    @property
    def is_final(self) -> bool:
        """Whether this is the last stage: the one built by default."""
        return self.index == len(self.dockerfile.stage_names) - 1

    @property
    def is_shipped(self) -> bool:
        """Whether the final image is this stage or is built on it."""
        return self.index in self.dockerfile.shipped

    @cached_property
    def lineage(self) -> tuple["Stage", ...]:
        """This stage, the one it builds on, and so on."""
        found: list[Stage] = [self]
        while len(found) < _LONGEST_LINEAGE and (base := found[-1].base_stage) is not None:
            found.append(base)
        return tuple(found)

    @property
    def root(self) -> "Stage":
        """The stage at the end of the lineage: the one whose `image` everything is built on."""
        return self.lineage[-1]

    def all(self, keyword: str) -> list[DockerInstruction]:
        """Return the stage's own instructions with this keyword, in source order."""
        return [one for one in self.instructions if one.node.keyword == keyword]

    def last(self, keyword: str) -> DockerInstruction | None:
        """Return the stage's own instruction with this keyword that counts: the last one."""
        return next((one for one in reversed(self.instructions) if one.node.keyword == keyword), None)

    def effective(self, keyword: str) -> DockerInstruction | None:
        """Return the instruction that counts in the finished stage, inherited ones included."""
        found = (stage.last(keyword) for stage in self.lineage)
        return next((one for one in found if one is not None), None)

    @cached_property
    def healthcheck(self) -> HealthCheck | None:
        """The health check; None when no stage has a HEALTHCHECK, disabled ones are returned."""
        instruction = self.effective("HEALTHCHECK")
        return HealthCheck(instruction) if instruction is not None else None

    @cached_property
    def user(self) -> User | None:
        """The user the image runs as; None when the base image decides."""
        instruction = self.effective("USER")
        if instruction is None or instruction.stage is None:
            return None
        return user_of(instruction, instruction.stage)

    @cached_property
    def exposed_ports(self) -> tuple[ExposedPort, ...]:
        """All exposed ports, inherited ones last."""
        return tuple(
            port
            for stage in self.lineage
            for instruction in stage.all("EXPOSE")
            for port in exposed_by(instruction, stage)
        )

    @cached_property
    def entrypoint(self) -> DockerInstruction | None:
        """The ENTRYPOINT that counts."""
        return self.effective("ENTRYPOINT")

    @cached_property
    def command(self) -> DockerInstruction | None:
        """The CMD that counts; a stage's own ENTRYPOINT discards the inherited one."""
        for stage in self.lineage:
            own = stage.last("CMD")
            if own is not None or stage.last("ENTRYPOINT") is not None:
                return own
        return None

    @cached_property
    def copy_sources(self) -> tuple[CopySource, ...]:
        """What the stage's own instructions take from other stages and images."""
        return tuple(
            source
            for instruction in self.instructions
            if instruction.keyword in _COPYING
            for source in copy_sources(instruction, self)
        )

    @property
    def environment(self) -> dict[str, str | None]:
        """The ENV variables of the finished stage; None for a value that is not known."""
        return self._scope.environment

    @cached_property
    def variables(self) -> dict[str, str | None]:
        """ENV and ARG as they stand at the end of the stage; None for a value that is not known."""
        return {**self._scope.arguments, **self._scope.environment}

    def expand(self, text: str) -> str | None:
        """Return `text` with the stage's variables replaced; None when one has no known value."""
        return text if "$" not in text else self._scope.expand(text)

    @cached_property
    def _scope(self) -> "_Scope":
        scope = _Scope(self.dockerfile.global_values)
        for stage in reversed(self.lineage):
            for instruction in stage.instructions:
                if instruction.keyword in ("ARG", "ENV"):
                    scope.take(instruction)
        return scope


class _Scope:
    """The variables known at one place of a build; both are handed on to the stages built on it."""

    def __init__(self, global_values: dict[str, str]) -> None:
        self.environment: dict[str, str | None] = {}
        self.arguments: dict[str, str | None] = {}
        self._global_values = global_values

    def take(self, instruction: DockerInstruction) -> None:
        """Add what an ENV or ARG sets; an ARG without a value has that of the global one."""
        sets_environment = instruction.keyword == "ENV"
        target = self.environment if sets_environment else self.arguments
        for pair in instruction.pairs:
            name = pair.name.text
            if pair.value is not None:
                target[name] = self.expand(pair.value.text)
            else:
                target[name] = "" if sets_environment else self._global_values.get(name)

    def expand(self, text: str) -> str | None:
        """Return `text` with variables replaced; None when one has no known value."""
        return expand(text, DollarEscape.BACKSLASH, self._value)

    def _value(self, name: str) -> str | None:
        values = self.environment if name in self.environment else self.arguments
        return values.get(name)
