"""What the rules about refused pipelines of GitLab, CircleCI and Azure share."""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import Fault, FaultKind, PipelineConfiguration
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import nearest


def of_kind(configuration: PipelineConfiguration, *kinds: FaultKind) -> Iterator[Fault]:
    """Yield the faults of some kinds, in source order."""
    for fault in configuration.faults:
        if fault.kind in kinds:
            yield fault


def refused(configuration: PipelineConfiguration) -> str:
    """Return what a fault leads to."""
    return (
        f"{configuration.dialect} refuses `{configuration.file.path}` as a whole and starts none of its jobs"
    )


def near(fault: Fault) -> tuple[str, tuple[Fix, ...]]:
    """Return the end of a message with the name that may be meant, and the fix that writes it."""
    close = nearest(fault.key, fault.words)
    if close is None:
        return "", ()
    hint = f"; the nearest is `{close}`"
    if not isinstance(fault.where, Scalar) or fault.where.text != fault.key:
        return hint, ()
    return hint, (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(set_value(fault.where, close),)),)
