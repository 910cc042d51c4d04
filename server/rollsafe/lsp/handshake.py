"""What the server says about itself: the answer to `initialize`.

It needs neither the engine nor the protocol library, so that the client has its answer while those load.
"""

from collections.abc import Sequence
from typing import Final

from rollsafe import __version__
from rollsafe.lsp.client import Client
from rollsafe.lsp.from_lsp import JsonObject

FIX_ALL: Final = "source.fixAll.rollsafe"
COMMANDS: Final = ("rollsafe.plan", "rollsafe.explain", "rollsafe.applyFix")
REVIEW_COMMAND: Final = "rollsafe.review"
"""Announced only where the user allows a model to be asked."""

_INCREMENTAL: Final = 2
_EVERY_FILE: Final = {"filters": [{"scheme": "file", "pattern": {"glob": "**/*"}}]}


def answer(client: Client, commands: Sequence[str]) -> JsonObject:
    """Return the result of `initialize`."""
    capabilities: JsonObject = {
        "positionEncoding": client.encoding.value,
        "textDocumentSync": {"openClose": True, "change": _INCREMENTAL, "save": {"includeText": False}},
        "hoverProvider": True,
        "codeActionProvider": {"codeActionKinds": ["quickfix", FIX_ALL], "resolveProvider": False},
        "codeLensProvider": {"resolveProvider": False},
        "executeCommandProvider": {"commands": list(commands), "workDoneProgress": True},
        "workspace": {
            "workspaceFolders": {"supported": True, "changeNotifications": True},
            "fileOperations": dict.fromkeys(("didCreate", "didRename", "didDelete"), _EVERY_FILE),
        },
    }
    return {"capabilities": capabilities, "serverInfo": {"name": "rollsafe", "version": __version__}}
