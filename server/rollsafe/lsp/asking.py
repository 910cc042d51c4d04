"""Requests of ours to the client, each with what it means when the client cannot or does not answer."""

import asyncio
from typing import Final

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from rollsafe.lsp.client import Client
from rollsafe.lsp.from_lsp import JsonObject, items
from rollsafe.lsp.log import note
from rollsafe.lsp.protocol import FeatureServer
from rollsafe.lsp.shapes import WorkspaceEdit

FAILED: Final = -32803
"""The protocol's code for a request that was understood and cannot be carried out."""

_PATIENCE_S: Final = 10.0
_INFO: Final = 3


class Asking:
    """Asks one client."""

    def __init__(self, server: FeatureServer, client: Client) -> None:
        self._protocol = server.features
        self._client = client

    async def show_document(self, uri: str) -> bool:
        """Open a document in the editor; say whether it did."""
        if not self._client.show_document:
            return False
        answer = await self._ask(types.WINDOW_SHOW_DOCUMENT, {"uri": uri, "takeFocus": True})
        return isinstance(answer, types.ShowDocumentResult) and answer.success

    async def apply(self, edit: WorkspaceEdit, label: str) -> bool:
        """Apply an edit; say whether it was applied."""
        if not self._client.apply_edit:
            return False
        answer = await self._ask(types.WORKSPACE_APPLY_EDIT, {"label": label, "edit": edit})
        return isinstance(answer, types.ApplyWorkspaceEditResult) and answer.applied

    async def confirm(self, question: str, action: str) -> bool:
        """Ask the user; anything but pressing `action` means no. Waits as long as the user thinks."""
        params: JsonObject = {
            "type": _INFO,
            "message": question,
            "actions": [{"title": action}, {"title": "Cancel"}],
        }
        answer = await self._ask(types.WINDOW_SHOW_MESSAGE_REQUEST, params, patience=None)
        return isinstance(answer, types.MessageActionItem) and answer.title == action

    async def configuration(self) -> object:
        """Return the section `rollsafe` of the client's settings; None when there is none."""
        params: JsonObject = {"items": [{"section": "rollsafe"}]}
        answer = await self._ask(types.WORKSPACE_CONFIGURATION, params)
        return next(iter(items(answer)), None)

    async def register(self, method: str, options: JsonObject | None = None, what: str = "") -> None:
        """Ask for notifications that are registered while the server runs.

        `what` tells several registrations of one method apart.
        """
        registration = {"id": f"rollsafe-{what}{method}", "method": method, "registerOptions": options}
        await self._ask(types.CLIENT_REGISTER_CAPABILITY, {"registrations": [registration]})

    async def refresh_lenses(self) -> None:
        """Let the client ask for code lenses once more."""
        if self._client.lens_refresh:
            await self._ask(types.WORKSPACE_CODE_LENS_REFRESH, None)

    async def refresh_hints(self) -> None:
        """Let the client ask for inlay hints once more."""
        if self._client.hint_refresh:
            await self._ask(types.WORKSPACE_INLAY_HINT_REFRESH, None)

    def tell(self, message: str) -> None:
        """Show a line to the user."""
        params = types.ShowMessageParams(type=types.MessageType.Info, message=message)
        self._protocol.notify(types.WINDOW_SHOW_MESSAGE, params)

    async def _ask(
        self, method: str, params: JsonObject | None, patience: float | None = _PATIENCE_S
    ) -> object:
        try:
            return await asyncio.wait_for(self._protocol.ask(method, params), patience)
        except (JsonRpcException, TimeoutError) as error:
            note(f"the client did not answer {method}: {error or 'in time'}")
            return None
