"""A model's review of one open file: asked for by command, shown as remarks until the text changes."""

import os
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.lsp.configuration import UserSettings
from rollsafe.lsp.roots import Root
from rollsafe.lsp.shapes import Diagnostic
from rollsafe.lsp.to_lsp import range_in
from rollsafe.review import (
    MODELS,
    Remark,
    Reviewed,
    ReviewRequest,
    ReviewSettings,
    questions_about,
)
from rollsafe.review.anchoring import SOURCE
from rollsafe.text import Encoding

_SEVERITIES: Final = {"info": 3, "hint": 4}


def settings_of(user: UserSettings) -> ReviewSettings:
    """Return how the user wants a model to be asked.

    Editors let a workspace add to the user's settings. The address comes from the environment, which a
    workspace has no part in, and a model has to be one of those with a name of ours.
    """
    standard = ReviewSettings()
    return ReviewSettings(
        enabled=user.ai_enabled,
        model=user.ai_model if user.ai_model in MODELS else standard.model,
        base_url=os.environ.get("ANTHROPIC_BASE_URL") or standard.base_url,
    )


def questions_for(root: Root, file: SourceFile) -> list[ReviewRequest]:
    """Return a question for each agent that looks at files of this kind."""
    artefact = root.artefact(file.path)
    if artefact is None:
        return []
    beside = root.snapshot.files.values()
    return questions_about([Reviewed(file.path, artefact, root.findings(file.path))], root.today, beside)


def remark(file: SourceFile, said: Remark, encoding: Encoding) -> Diagnostic:
    """Return what is shown of a remark; it never looks like a finding of a rule."""
    why = f": {said.why}" if said.why else ""
    return {
        "range": range_in(file.lines, said, encoding),
        "severity": _SEVERITIES.get(said.severity, 4),
        "code": said.name,
        "source": SOURCE,
        "message": f"{said.message}{why} ({said.provenance.agent})",
    }
