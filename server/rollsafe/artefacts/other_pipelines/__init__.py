"""Pipelines that no rule judges yet and plans read all the same: GitLab, Azure, CircleCI, Argo Workflows.

They are read when a plan asks for them, into one model: what waits for what, and when a job runs. What a
reader does not follow, such as a template in another repository, is among `unread`.
"""

from collections.abc import Callable

from rollsafe.artefacts.other_pipelines import argo, azure, circleci, gitlab
from rollsafe.artefacts.other_pipelines.model import Act, Dialect, OtherJob, OtherPipeline, Said, Wait, When
from rollsafe.artefacts.source import SourceFile

__all__ = ["Act", "Dialect", "OtherJob", "OtherPipeline", "Said", "Wait", "When", "may_be", "read_pipelines"]

ReadFile = Callable[[str], SourceFile | None]


def may_be(path: str) -> bool:
    """Say by its name alone whether a file may hold such a pipeline."""
    return path.endswith((".yml", ".yaml"))


def read_pipelines(file: SourceFile, read: ReadFile) -> list[OtherPipeline]:
    """Return the pipelines of a file; `read` returns other files of the project, None where there is none."""
    if gitlab.is_pipeline(file):
        return gitlab.read(file, read)
    if circleci.is_pipeline(file):
        return circleci.read(file)
    if argo.is_pipeline(file):
        return argo.read(file)
    return azure.read(file) if azure.is_pipeline(file) else []
