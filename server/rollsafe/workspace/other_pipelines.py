"""The pipelines of a project that no rule judges, for the plans that draw them."""

from rollsafe.artefacts.other_pipelines import OtherPipeline, may_be, read_pipelines
from rollsafe.workspace.view import View


def other_pipelines(view: View) -> list[OtherPipeline]:
    """Return the pipelines of GitLab, Azure, CircleCI and Argo, by path and place."""
    found: list[OtherPipeline] = []
    for path in sorted(path for path in view.paths if may_be(path) and path not in view.artefacts):
        file = view.read(path)
        if file is not None:
            found += read_pipelines(file, view.read)
    return found
