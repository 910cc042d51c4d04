"""What the server says about itself: the answer to `initialize`.

It needs neither the engine nor the protocol library, so that the client has its answer while those load.
"""

from typing import Final

from rollsafe import __version__
from rollsafe.lsp.client import Client
from rollsafe.lsp.from_lsp import JsonObject, at

FIX_ALL: Final = "source.fixAll.rollsafe"
REVIEW: Final = "source.review.rollsafe"
COMMANDS: Final = (
    "rollsafe.plan",
    "rollsafe.planKinds",
    "rollsafe.explain",
    "rollsafe.applyFix",
    "rollsafe.run",
    "rollsafe.agents",
)
REVIEW_COMMANDS: Final = (
    *("rollsafe.review", "rollsafe.draftFix", "rollsafe.explainFinding", "rollsafe.dismissRemark"),
    "rollsafe.planInWords",
)
"""Announced only where the user allows a model to be asked."""

_INCREMENTAL: Final = 2
_EVERY_FILE: Final = {"filters": [{"scheme": "file", "pattern": {"glob": "**/*"}}]}


def answer(client: Client, options: object) -> JsonObject:
    """Return the result of `initialize`; `options` are the client's `initializationOptions`."""
    commands = [*COMMANDS, *REVIEW_COMMANDS] if allows_review(options) else [*COMMANDS]
    capabilities: JsonObject = {
        "positionEncoding": client.encoding.value,
        "textDocumentSync": {"openClose": True, "change": _INCREMENTAL, "save": {"includeText": False}},
        "hoverProvider": True,
        "definitionProvider": True,
        "referencesProvider": True,
        "codeActionProvider": {"codeActionKinds": ["quickfix", FIX_ALL, REVIEW], "resolveProvider": False},
        "codeLensProvider": {"resolveProvider": False},
        "inlayHintProvider": {"resolveProvider": False},
        "executeCommandProvider": {"commands": commands, "workDoneProgress": True},
        "workspace": {
            "workspaceFolders": {"supported": True, "changeNotifications": True},
            "fileOperations": dict.fromkeys(("didCreate", "didRename", "didDelete"), _EVERY_FILE),
        },
    }
    return {"capabilities": capabilities, "serverInfo": {"name": "rollsafe", "version": __version__}}


def allows_review(options: object) -> bool:
    """Say whether the user allows a model to be asked: in the settings, and for a trusted workspace."""
    is_trusted = at(options, "trusted") in (None, True)
    return is_trusted and at(options, "settings", "ai", "enabled") is True
