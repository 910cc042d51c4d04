"""Pipelines of GitLab, Azure, CircleCI and Argo Workflows in one model: who waits for whom, and when.

What a reader does not follow, such as a template in another repository, is among `unread`. Rules see the jobs
of GitLab, CircleCI and Azure; plans see all of them, with what they include from other files.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.other_pipelines.configuration import PipelineConfiguration
from rollsafe.artefacts.other_pipelines.faults import Fault, FaultKind
from rollsafe.artefacts.other_pipelines.included import Included, Templates
from rollsafe.artefacts.other_pipelines.model import Act, Dialect, OtherJob, OtherPipeline, Said, Wait, When
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Tree

__all__ = [
    "Act",
    "Dialect",
    "Fault",
    "FaultKind",
    "OtherJob",
    "OtherPipeline",
    "PipelineConfiguration",
    "PipelineFile",
    "Said",
    "Wait",
    "When",
    "may_be",
    "read_pipelines",
    "recognise",
]

ReadFile = Callable[[str], SourceFile | None]


def may_be(path: str) -> bool:
    """Say by its name alone whether a file may hold such a pipeline."""
    return path.endswith((".yml", ".yaml"))


class PipelineFile(Artefact):
    """The jobs of the pipelines that a file holds."""

    kind: ClassVar[str] = "pipeline"

    @property
    def is_part(self) -> bool:
        """Whether it is a template of Azure that a pipeline of the project takes in."""
        around = self.file.around
        return isinstance(around, Templates) and around.root != self.file.path


def read_pipelines(
    file: SourceFile, read: ReadFile, known: Sequence[Mapping] | None = None
) -> list[OtherPipeline]:
    """Return the pipelines of a file; `read` returns other files of the project, None where there is none.

    `known` are the mappings at the top of its documents, where these have been read.
    """
    from rollsafe.artefacts.other_pipelines import argo, azure, circleci, gitlab

    if gitlab.is_pipeline(file):
        return gitlab.read(file, read, known)
    if circleci.is_pipeline(file):
        return circleci.read(file, known)
    if argo.is_pipeline(file):
        return argo.read(file)
    return azure.read(file, read, known) if azure.is_pipeline(file) else []


def _nothing(_: str) -> SourceFile | None:
    return None


def _together(file: SourceFile, known: Sequence[Mapping]) -> list[OtherPipeline]:
    """Return the pipeline that a file is part of, read from all its files; `known` are its own roots."""
    from rollsafe.artefacts.other_pipelines import gitlab

    around = file.around
    if isinstance(around, Templates):
        return _with_templates(file, around, known)
    if not isinstance(around, Included):
        return []
    files = {path: file if path == file.path else SourceFile(path, text) for path, text in around.texts}
    home = around.root.rpartition("/")[0]
    return gitlab.read(files[around.root], lambda path: files.get(f"{home}/{path}" if home else path))


def _with_templates(file: SourceFile, around: Templates, known: Sequence[Mapping]) -> list[OtherPipeline]:
    """Return the pipeline of Azure that a file is part of; it is read once for all its files."""
    from rollsafe.artefacts.other_pipelines import azure

    if around.pipelines is None:
        root = around.files.get(around.root)
        own = known if root is file else None
        around.pipelines = azure.read(root, around.files.get, own) if root is not None else []
    return around.pipelines


def recognise(file: SourceFile, tree: Tree) -> PipelineFile | None:
    """Return the view of a file that holds a pipeline of GitLab, CircleCI or Azure, else None."""
    known = [one for one in tree.documents if isinstance(one, Mapping)]
    is_part = isinstance(file.around, (Included, Templates))
    found = _together(file, known) if is_part else read_pipelines(file, _nothing, known)
    elements: list[Element] = [job for one in found for job in _of_file(one, file)]
    configuration = _configuration(file, known, tree)
    if configuration is not None:
        elements = [configuration, *elements]
    return PipelineFile(file, elements, tree.problems) if elements else None


def _of_file(pipeline: OtherPipeline, file: SourceFile) -> list[OtherJob]:
    """Return the jobs that a file defines, each once: of several that it stands for, that of production."""
    own = [job for job in pipeline.jobs if job.file is file]
    if file is pipeline.file or pipeline.dialect is not Dialect.AZURE:
        return own
    found: dict[int, OtherJob] = {}
    for job in own:
        if job.key.start not in found or (
            job.production.is_production and not found[job.key.start].production.is_production
        ):
            found[job.key.start] = job
    return [*found.values()]


def _is_included(file: SourceFile) -> bool:
    """Say whether a pipeline of GitLab includes a file; that it names one in a script is not enough."""
    if not isinstance(file.around, Included):
        return False
    from rollsafe.artefacts.other_pipelines.gitlab_project import files_of

    return file.path in files_of(file.around)


def _configuration(file: SourceFile, known: Sequence[Mapping], tree: Tree) -> PipelineConfiguration | None:
    """Return the file as a whole; a header with inputs comes before the pipeline of GitLab."""
    from rollsafe.artefacts.other_pipelines import azure, circleci, gitlab

    if gitlab.is_pipeline(file) or _is_included(file):
        dialect = Dialect.GITLAB
    elif circleci.is_pipeline(file):
        dialect = Dialect.CIRCLECI
    elif azure.is_pipeline(file):
        dialect = Dialect.AZURE
    else:
        return None
    roots = [one for one in known if len(known) == 1 or one.at("spec") is None]
    return PipelineConfiguration(file, dialect, roots[0], tree.problems) if roots else None
