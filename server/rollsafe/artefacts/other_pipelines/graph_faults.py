"""What CircleCI and Azure refuse in a file: jobs, stages, executors and commands that are not there."""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines.faults import Fault
from rollsafe.formats.nodes import Mapping


def circleci(root: Mapping) -> Iterator[Fault]:
    """Yield what is wrong in a configuration of CircleCI."""
    yield from ()


def azure(root: Mapping) -> Iterator[Fault]:
    """Yield what is wrong in a pipeline of Azure."""
    yield from ()
