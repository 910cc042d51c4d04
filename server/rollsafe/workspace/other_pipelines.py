"""The pipelines of a project other than GitHub's, with what they include, for the plans that draw them."""

from rollsafe.artefacts.other_pipelines import OtherPipeline, PipelineFile, may_be, read_pipelines
from rollsafe.workspace.view import View


def other_pipelines(view: View) -> list[OtherPipeline]:
    """Return the pipelines of GitLab, Azure, CircleCI and Argo, by path and place."""
    found: list[OtherPipeline] = []
    for path in sorted(view.paths):
        held = view.artefacts.get(path)
        if not may_be(path) or not (held is None or isinstance(held, PipelineFile)):
            continue
        if isinstance(held, PipelineFile) and held.is_part:
            continue
        file = view.read(path)
        if file is not None:
            found += read_pipelines(file, view.read)
    return found
