"""The same session with the capabilities of real editors.

The client fails a test by itself when the server sends what the editor has not announced, or what does
not fit the protocol's types.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from tests.lsp.conftest import SHOP, write

EDITORS = ["neovim@v0.7", "neovim@v0.10", "neovim@v0.11", "visual-studio-code@v1.65", "emacs@v29"]
ORDERS = "k8s/orders.yaml"


class Editor(LanguageClient):
    """An editor with a workspace."""

    root = Path()

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    async def open(self, name: str) -> str:
        """Open a file and return its URI once its findings are those of the whole project."""
        uri = self.uri(name)
        text = (self.root / name).read_text()
        item = types.TextDocumentItem(uri=uri, language_id="yaml", version=1, text=text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
        await self.find(uri, "missing-readiness-probe")
        return uri

    async def find(self, uri: str, rule: str) -> types.Diagnostic:
        """Wait until a rule speaks in a file."""
        async with asyncio.timeout(20):
            while True:
                for one in self.diagnostics.get(uri, ()):
                    if one.code == rule:
                        return one
                await self.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)

    async def actions(self, uri: str, about: types.Diagnostic) -> list[types.CodeAction]:
        context = types.CodeActionContext(diagnostics=[about])
        identifier = types.TextDocumentIdentifier(uri=uri)
        params = types.CodeActionParams(text_document=identifier, range=about.range, context=context)
        offered = await self.text_document_code_action_async(params)
        return [one for one in offered or [] if isinstance(one, types.CodeAction)]


def make_editor() -> LanguageClient:
    editor = make_test_lsp_client(client_cls=Editor) if False else Editor()
    return editor


