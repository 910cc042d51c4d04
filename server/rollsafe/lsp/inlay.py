"""Inlay hints: what a statement, a rollout or a schedule comes to, at the end of where it is written."""

from rollsafe.engine.hints import Hint, hints_of
from rollsafe.lsp.session import Located, Session
from rollsafe.lsp.shapes import InlayHint
from rollsafe.lsp.to_lsp import range_in
from rollsafe.text import Span


def inlay_hints(session: Session, located: Located, within: Span) -> list[InlayHint]:
    """Return the hints of a part of a file; none where the user has switched them off."""
    artefact = located.root.artefact(located.file.path)
    if artefact is None or not session.configuration.user.inlay_hints:
        return []
    settings, graph = located.root.configured.settings, located.root.engine.graph
    return [_shown(session, located, hint) for hint in hints_of(artefact, within, graph, settings)]


def _shown(session: Session, located: Located, hint: Hint) -> InlayHint:
    place = range_in(located.file.lines, Span(hint.at, hint.at), session.client.encoding)
    shown: InlayHint = {"position": place["start"], "label": hint.text, "paddingLeft": True}
    if hint.lines:
        shown["tooltip"] = {"kind": "markdown", "value": "\n".join(f"- {line}" for line in hint.lines)}
    return shown
