"""A composite action: steps that workflows and other actions call."""

from collections.abc import Iterable, Iterator, Sequence
from posixpath import dirname
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.github_workflow.circumstances import settle
from rollsafe.artefacts.github_workflow.grammar import NOTHING_READ, Reading, read_part
from rollsafe.artefacts.github_workflow.references import root_of
from rollsafe.artefacts.github_workflow.step import Activity, Step, pins_of, steps_of
from rollsafe.artefacts.github_workflow.values import strings_and_nodes
from rollsafe.artefacts.github_workflow.written import Written, written_expressions
from rollsafe.artefacts.recognition import Role, roles_of
from rollsafe.artefacts.recognition.circumstances import Circumstances
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node
from rollsafe.formats.problems import Problem
from rollsafe.text.cached import cached_property

_NO_ACTIVITIES: Final[tuple[Activity, ...]] = ()


class CompositeAction(Element):
    """The whole of an `action.yml`; an action that is not composite has no steps."""

    family: ClassVar[str] = "workflows"

    def __init__(self, file: SourceFile, node: Mapping, problems: Sequence[Problem] = ()) -> None:
        super().__init__(file, node.start, node.end)
        self.node = node
        self.problems = problems
        self.is_whole = not problems

    def __repr__(self) -> str:
        return f"CompositeAction({self.file.path!r})"

    def graph_keys(self) -> Iterable[str]:
        """The file's path and its directory, by which `uses: ./…` names it, and what its steps pin."""
        directory = dirname(self.file.path)
        return (f"path:{self.file.path}", f"path:{directory}", *pins_of(self.steps))

    @property
    def name(self) -> str:
        """The action's name; empty without one."""
        return self.node.text_at("name") or ""

    @property
    def frame(self) -> None:
        """Nothing: findings in steps of an action are not kept."""

    @property
    def using(self) -> str:
        """What runs the action: `composite`, `node24`, `docker`."""
        return self.node.text_at("runs", "using") or ""

    @property
    def inputs(self) -> dict[str, Node]:
        """The declared inputs by name."""
        return strings_and_nodes(self.node.at("inputs"))

    @property
    def outputs(self) -> dict[str, Node]:
        """The declared outputs by name."""
        return strings_and_nodes(self.node.at("outputs"))

    @cached_property
    def steps(self) -> list[Step]:
        """The steps that are mappings, in order."""
        return steps_of(self.file, self.node.at("runs", "steps"), self)

    @cached_property
    def expressions(self) -> tuple[Written, ...]:
        """The expressions of the whole file, in source order."""
        return tuple(written_expressions(self.file, self.node))

    @property
    def own_expressions(self) -> Iterator[Written]:
        """The expressions outside of the steps."""
        yield from written_expressions(self.file, self.node, without="runs")
        runs = self.node.map_at("runs")
        if runs is not None:
            yield from written_expressions(self.file, runs, without="steps")

    @property
    def root(self) -> str:
        """The repository's directory, as the file's path names it."""
        return root_of(self.file.path)

    @cached_property
    def reading(self) -> Reading:
        """What the file holds outside of its steps, held against the grammar."""
        if self.problems:
            return NOTHING_READ
        around = read_part(self.node, "action.action-root-strict", without="runs")
        runs = self.node.map_at("runs")
        if runs is None:
            return around
        inside = read_part(runs, "action.runs-strict", without="steps")
        return Reading((*around.faults, *inside.faults), (*around.sites, *inside.sites))

    @property
    def step_shape(self) -> str:
        """The name of the shape its steps have."""
        return "action.composite-step"

    @property
    def default_shell(self) -> str:
        """Nothing: every step of a composite action names its shell."""
        return ""

    @property
    def default_directory(self) -> str:
        """Nothing: steps start in the caller's directory."""
        return ""

    @property
    def runs_on_windows(self) -> bool:
        """Unknown, hence no."""
        return False

    @property
    def is_disabled(self) -> bool:
        """No: callers decide whether it runs."""
        return False

    def activities_of(self, step: Step) -> Sequence[Activity]:
        """Return what one of the action's steps does here."""
        return self._activities_by_step.get(step.index, _NO_ACTIVITIES)

    @cached_property
    def _activities_by_step(self) -> dict[int, tuple[Activity, ...]]:
        return settle(self.steps, Circumstances({}, frozenset()))

    @cached_property
    def activities(self) -> list[Activity]:
        """What the steps do, in order."""
        return [found for step in self.steps for found in self.activities_of(step)]

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles of the action's activities."""
        return roles_of(activity.classification for activity in self.activities)


class GithubAction(Artefact):
    """An action file; its elements are the action and its steps."""

    kind: ClassVar[str] = "github-action"

    def __init__(self, file: SourceFile, action: CompositeAction, problems: Sequence[Problem]) -> None:
        super().__init__(file, [action, *action.steps], problems)
        self.action = action
