"""A model's review of one open file: asked for by command, shown as remarks until the text changes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pygls.exceptions import JsonRpcException

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.roster import Member
from rollsafe.lsp.asking import FAILED
from rollsafe.lsp.client import Client
from rollsafe.lsp.configuration import UserSettings
from rollsafe.lsp.roots import Root
from rollsafe.lsp.session import Located, Session
from rollsafe.lsp.shapes import Diagnostic, Origin
from rollsafe.lsp.to_lsp import range_in
from rollsafe.review import (
    MODELS,
    Provenance,
    Remark,
    Reviewed,
    ReviewRequest,
    ReviewSettings,
    questions_about,
)
from rollsafe.review.added import Seen, looking
from rollsafe.review.facts import facts_by_path
from rollsafe.review.settings import review_settings
from rollsafe.workspace.settings import ConfigurationError
from rollsafe.workspace.user_settings import own_user_settings

_SEVERITIES: Final = {"info": 3, "hint": 4}


def settings_of(user: UserSettings, root: Root) -> ReviewSettings:
    """Return how the user wants a model to be asked.

    Editors let a workspace add to the user's settings: a model has to be one of those with a name of ours,
    and everything else comes from the user's own file.

    Raises:
        ConfigurationError: that file cannot be read.
    """
    own = own_user_settings(root.path).ai
    is_known = user.ai_model in MODELS and own.provider == "anthropic"
    return replace(review_settings(own, user.ai_model if is_known else None), enabled=user.ai_enabled)


def allowed(session: Session, uri: str) -> tuple[Located, ReviewSettings]:
    """Return an open document a model may be shown, and how it is asked.

    Raises:
        JsonRpcException: the user or the project does not allow it, or there is no such document.
    """
    _require_enabled(session)
    located = session.located(uri)
    if located is None or located.document is None:
        raise JsonRpcException("there is no such open document", code=FAILED)
    return located, allowed_in(session, located.root)


def allowed_in(session: Session, root: Root) -> ReviewSettings:
    """Return how a model is asked about a project.

    Raises:
        JsonRpcException: the user or the project does not allow it.
    """
    _require_enabled(session)
    if not root.configured.settings.ai.allowed:
        raise JsonRpcException("this project's settings allow no review by a model", code=FAILED)
    try:
        return settings_of(session.configuration.user, root)
    except ConfigurationError as error:
        raise JsonRpcException(str(error), code=FAILED) from None


def _require_enabled(session: Session) -> None:
    if not session.configuration.ai_enabled:
        raise JsonRpcException("the review by a model is not enabled", code=FAILED)


def questions_for(
    root: Root, file: SourceFile, members: Sequence[Member] = (), *, by_name: bool = False
) -> list[ReviewRequest]:
    """Return a question for each built-in agent that looks at the file, and for each of files in `members`.

    With `by_name` a user has chosen the members, and those that do not say what they look at are asked, too.
    """
    artefact = root.artefact(file.path)
    if artefact is None:
        return []
    beside = root.snapshot.files.values()
    facts = facts_by_path(root.project, [file.path])[file.path] if root.project is not None else ()
    reviewed = Reviewed(file.path, artefact, root.findings(file.path), root.path, facts)
    seen = Seen(file.path, file.path, artefact.kind)
    added = looking(members, [seen], by_name=by_name)
    return questions_about([reviewed], root.today, beside, added)


def remark(file: SourceFile, said: Remark, client: Client) -> Diagnostic:
    """Return what is shown of a remark; it never looks like a finding of a rule."""
    why = f": {said.why}" if said.why else ""
    found = "".join(f"\nFound: {told}" for told in said.evidence)
    made: Diagnostic = {
        "range": range_in(file.lines, said, client.encoding),
        "severity": _SEVERITIES.get(said.severity, 4),
        "code": said.name,
        "source": f"rollsafe ({said.mark})",
        "message": f"{said.message}{why} ({said.provenance.said_for}){found}",
    }
    if client.diagnostic_data:
        made["data"] = {"fingerprint": said.fingerprint, "origin": _origin(said.provenance)}
    return made


def _origin(origin: Provenance) -> Origin:
    return {
        "agent": origin.agent,
        "agentFile": origin.origin,
        "model": origin.model,
        "requestId": origin.request_id,
        "prompt": f"{origin.prompt_version} {origin.persona}",
        "cached": origin.cached,
    }
