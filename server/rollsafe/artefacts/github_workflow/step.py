"""A step of a job or of a composite action."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Final

from rollsafe.artefacts.base import Element, Frame
from rollsafe.artefacts.dialects import dialect_of
from rollsafe.artefacts.github_workflow.grammar import NOTHING_READ, Reading, read_step
from rollsafe.artefacts.github_workflow.part import Part
from rollsafe.artefacts.github_workflow.references import used
from rollsafe.artefacts.github_workflow.step_owner import StepOwner
from rollsafe.artefacts.github_workflow.values import strings_and_nodes
from rollsafe.artefacts.github_workflow.written import Written, written_expressions
from rollsafe.artefacts.recognition import (
    Classification,
    Indirection,
    Role,
    Script,
    called,
    classify_action,
    command_input,
    is_known_action,
    joined,
    read_script,
    roles_of,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, resolve
from rollsafe.formats.nodes import Sequence as ListNode
from rollsafe.formats.scalar_text import ScalarOffsets, script_offsets
from rollsafe.formats.shell import Dialect, ShellCommand, ShellWord
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

_EMPTY: Final = Script((), (), (), (), ())
_REMOTE_SCRIPTS: Final = frozenset({"appleboy/ssh-action"})


_COMMIT: Final = 40
_ALIASED = lazily(r"<<|\*\w")
_HEX: Final = lazily(r"[0-9a-f]+")


_KEYS: Final = frozenset(
    {"id", "name", "uses", "run", "with", "env", "if", "shell", "working-directory"}
    | {"continue-on-error", "timeout-minutes"}
)
_OF_JOB: Final = frozenset(
    {"root", "default_shell", "default_directory", "runs_on_windows", "is_disabled"}
    | {"problems", "is_whole", "step_shape", "frame", "family"}
)
"""Attributes of a job that `Step.identity` holds, or that are the same for all jobs of a workflow."""


class Activity:
    """Something a step does: a command of its script, or its action.

    `start` and `end` are the command's place, or that of the action's name.
    """

    __slots__ = ("_index", "classification", "step")

    def __init__(self, step: "Step", classification: Classification, index: int | None) -> None:
        self.step = step
        self.classification = classification
        self._index = index

    def __repr__(self) -> str:
        return f"Activity({self.classification.tool!r}, {sorted(self.classification.roles)})"

    def __contains__(self, role: Role) -> bool:
        return role in self.classification.roles

    def with_roles(self, classification: Classification) -> "Activity":
        """Return the same activity, judged differently."""
        return Activity(self.step, classification, self._index)

    @property
    def command(self) -> ShellCommand | None:
        """The command, with offsets of the file; None for an action."""
        return None if self._index is None else self.step.commands[self._index]

    @property
    def index(self) -> int | None:
        """The index of the command among the script's; None for an action."""
        return self._index

    @property
    def raw_command(self) -> ShellCommand | None:
        """The command with offsets of its script: cheaper when its place does not matter."""
        return None if self._index is None else self.step.script.commands[self._index]

    @property
    def start(self) -> int:
        """Offset of the command or of the action's name."""
        command = self.command
        return (command or self.step.uses or self.step).start

    @property
    def end(self) -> int:
        """Offset after the command or the action's name."""
        command = self.command
        return (command or self.step.uses or self.step).end


class WordPlace:
    """Where a word of a step's script stands; looked up only when somebody asks."""

    __slots__ = ("_command", "_step", "_word")

    def __init__(self, step: "Step", command: int, word: int) -> None:
        self._step = step
        self._command = command
        self._word = word

    def _found(self) -> ShellWord:
        return self._step.script.commands[self._command].word(self._word)

    @property
    def start(self) -> int:
        """Offset of the word."""
        return self._step.offsets(self._found().start)

    @property
    def end(self) -> int:
        """Offset after the word."""
        return self._step.offsets(self._found().end)


class Step(Part):
    """One entry of `steps:`; `index` counts from 0."""

    known_keys: ClassVar[frozenset[str]] = _KEYS
    outline: ClassVar[tuple[str, ...]] = (
        "keys",
        "is_disabled",
        "is_skipped",
        "has_expressions",
        "is_plain",
    )
    profile: ClassVar[tuple[str, ...]] = ("identity",)
    follows: ClassVar[tuple[str, ...]] = ("node", "fields", "run", "script")
    of_holder: ClassVar[frozenset[str]] = _OF_JOB

    def __init__(self, file: SourceFile, node: Mapping, index: int, owner: StepOwner) -> None:
        super().__init__(file, node.start, node)
        self.index = index
        self.owner = owner
        self.is_whole = owner.is_whole

    def __repr__(self) -> str:
        return f"Step({self.index}, {self.label!r})"

    @property
    def holder(self) -> Element | None:
        """Its job."""
        return self.owner if isinstance(self.owner, Element) else None

    @property
    def frame(self) -> Frame | None:
        """What its job stands in; steps of an action have none."""
        return self.owner.frame

    @property
    def pinned(self) -> str:
        """The name of the action of which it names a full commit; empty where it does not."""
        uses = self.uses
        return "" if uses is None or len(uses.ref) < _COMMIT or not _HEX.fullmatch(uses.ref) else uses.name

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """What it says, its place among the steps, and how well it is read; with aliases, all of its file."""
        own, owner = self.file.slice(self), self.owner
        around = (owner.root, owner.default_shell, owner.default_directory, owner.runs_on_windows)
        aliased = self.file.text if _ALIASED.search(own) else ""
        return (own, aliased, self.index, around, owner.is_disabled, self.is_whole)

    @cached_property
    def run(self) -> Scalar | None:
        """The script of a step that runs one."""
        return self.scalar("run")

    @property
    def id(self) -> str:
        """The step's id; empty without one."""
        return self._text_at("id")

    @property
    def name(self) -> str:
        """The step's name; empty without one."""
        return self._text_at("name")

    def _text_at(self, key: str) -> str:
        return (self.node.text_at(key) or "") if key in self.keys else ""

    @property
    def label(self) -> str:
        """What a person calls the step: its name, its action, its id, the first line it runs."""
        run = self.run
        first = run.text.strip().partition("\n")[0] if run is not None else ""
        uses = self.uses
        return self.name or (uses.name if uses else "") or self.id or first

    @property
    def uses_text(self) -> str:
        """The text of `uses:`; empty without one."""
        scalar = self.scalar("uses")
        return "" if scalar is None else scalar.text.strip()

    @cached_property
    def behind_uses(self) -> str:
        """What stands behind the reference of `uses:` on its line: often the version a commit belongs to."""
        uses = self.uses
        if uses is None:
            return ""
        return self.file.rest_of_line((uses.ref_span or uses).end)

    def input(self, name: str) -> Node | None:
        """Return the value of an input, case ignored as the runner does."""
        nodes = strings_and_nodes(self.field("with"))
        return next((node for key, node in nodes.items() if key.lower() == name.lower()), None)

    @property
    def env_node(self) -> Mapping | None:
        """The mapping of `env:`."""
        return self.node.map_at("env") if "env" in self.keys else None

    @property
    def shell(self) -> str:
        """The shell the script runs in; empty for the runner's default."""
        own = self.scalar("shell")
        return own.text if own is not None else self.owner.default_shell

    @cached_property
    def _read(self) -> Reading:
        if not self.is_whole:
            return NOTHING_READ
        return read_step(self.file.slice(self), self.node, self.owner.step_shape)

    def _written(self) -> Iterator[Written]:
        return written_expressions(self.file, self.node)

    @property
    def is_skipped(self) -> bool:
        """Whether the step never runs, by its own condition or by its job's."""
        return self.is_disabled or self.owner.is_disabled

    @property
    def directory(self) -> str | None:
        """The directory the script starts in, from the repository's; None when not literal."""
        return joined("", self._text_at("working-directory") or self.owner.default_directory)

    @property
    def script_node(self) -> Scalar | None:
        """The scalar that holds a shell script: `run`, or the input of an action that takes one."""
        if self.run is not None:
            return self.run
        name = command_input(self.uses_text)
        node = self.input(name) if name else None
        return node if isinstance(node, Scalar) and not node.is_null else None

    @cached_property
    def script(self) -> Script:
        """The script as read; offsets count in the text of `script_node`."""
        if self.run is None:
            return self._input_script()
        dialect = dialect_of(self.shell, windows=self.owner.runs_on_windows)
        return _EMPTY if dialect is None else read_script(self.run.text, dialect)

    def _input_script(self) -> Script:
        scalar = self.script_node
        if scalar is None:
            return _EMPTY
        remote = self.uses_text.partition("@")[0].lower() in _REMOTE_SCRIPTS
        return read_script(scalar.text, Dialect.POSIX, ("ssh",) if remote else ())

    @cached_property
    def offsets(self) -> ScalarOffsets:
        """Maps offsets in the script's text to offsets in the file."""
        scalar = self.script_node or Scalar(self.start, self.start, "")
        return script_offsets(self.file.text_for(scalar), scalar)

    @cached_property
    def commands(self) -> list[ShellCommand]:
        """The commands of the script, with offsets of the file."""
        if not self.script.commands:
            return []
        place = self.offsets
        return [command.at(place) for command in self.script.commands]

    @cached_property
    def recognised(self) -> tuple[Activity, ...]:
        """What the step would do on its own, whatever the job around it is like."""
        classified = self.script.classified
        action = None
        if self.run is None and is_known_action(self.uses_text):
            action = classify_action(self.uses_text, self.inputs)
        if action is not None and not (action.probable and classified):
            return (
                Activity(self, action, None),
                *(Activity(self, found, index) for index, found in classified),
            )
        return tuple([Activity(self, found, index) for index, found in classified])

    @property
    def activities(self) -> Sequence[Activity]:
        """What the step does: nothing when it is switched off or only works on what the job made."""
        return self.owner.activities_of(self)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles of the step's activities."""
        return roles_of(activity.classification for activity in self.activities)

    @property
    def calls_others(self) -> bool:
        """Whether it calls something another file may define; cheaper to ask than `indirections`."""
        return bool(self.script.references) or self.uses_text.startswith((".", "$/"))

    @property
    def calls(self) -> Iterator[Indirection]:
        """What the step calls that other files define; places count in the step's script.

        The action of the step has its place in the file.
        """
        use = used(self.uses, self.owner.root) if self.uses is not None else None
        if use is not None:
            yield use
        for reference in self.script.references:
            yield called(reference, reference.word, self.owner.root, self.directory)

    @cached_property
    def indirections(self) -> list[Indirection]:
        """What the step calls that other files define."""
        found: list[Indirection] = []
        for call in self.calls:
            word = call.where
            found.append(call._replace(where=word.at(self.offsets)) if isinstance(word, ShellWord) else call)
        return found


def pins_of(steps: Iterable[Step]) -> Iterable[str]:
    """Return graph keys for the actions that steps pin to a commit: `pinned:` and the name."""
    return dict.fromkeys(f"pinned:{step.pinned}" for step in steps if step.pinned)


def steps_of(file: SourceFile, node: Node | None, owner: StepOwner) -> list[Step]:
    """Return the entries of a `steps:` that are mappings, in order."""
    items = node.items if isinstance(node, ListNode) else []
    resolved = enumerate(resolve(item) for item in items)
    return [Step(file, item, at, owner) for at, item in resolved if isinstance(item, Mapping)]
