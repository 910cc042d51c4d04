"""What steps belong to: a job or a composite action."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from rollsafe.artefacts.base import Frame
from rollsafe.formats.problems import Problem

if TYPE_CHECKING:
    from rollsafe.artefacts.github_workflow.step import Activity, Step


class StepOwner(Protocol):
    """What a step has to know about the job or action it belongs to."""

    is_whole: bool
    """Whether all of its text is understood."""

    @property
    def root(self) -> str:
        """The repository's directory, as the file's path names it."""
        ...

    @property
    def default_shell(self) -> str:
        """The shell of steps that name none; empty for the runner's."""
        ...

    @property
    def default_directory(self) -> str:
        """The working directory of steps that name none."""
        ...

    @property
    def runs_on_windows(self) -> bool:
        """Whether the runner's shell is PowerShell."""
        ...

    @property
    def problems(self) -> Sequence[Problem]:
        """What the reader of the file stumbled over, if that may be here."""
        ...

    @property
    def step_shape(self) -> str:
        """The name of the shape its steps have."""
        ...

    @property
    def is_disabled(self) -> bool:
        """Whether none of its steps ever runs."""
        ...

    @property
    def frame(self) -> Frame | None:
        """What it stands in, so that findings in its steps can be kept; None where they are not."""
        ...

    def activities_of(self, step: "Step") -> "Sequence[Activity]":
        """Return what the step does, its surroundings taken into account."""
        ...
