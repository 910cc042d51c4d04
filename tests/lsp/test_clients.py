"""The same session with the capabilities of real editors.

The client fails a test by itself when the server sends what the editor has not announced, or what does
not fit the protocol's types.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import cast

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from tests.lsp.conftest import SHOP, write

EDITORS = ["neovim@v0.7", "neovim@v0.10", "neovim@v0.11", "visual-studio-code@v1.65", "emacs@v29"]
ORDERS = "k8s/orders.yaml"
SHARED = pytest.mark.asyncio(loop_scope="module")


def make_client() -> LanguageClient:
    """Return a client that answers everything this server may ask."""
    client = make_test_lsp_client()

    def registered(params: types.RegistrationParams) -> None:
        """Answer null."""

    def refreshed(params: None) -> None:
        """Answer null."""

    client.feature(types.CLIENT_REGISTER_CAPABILITY)(registered)
    client.feature(types.WORKSPACE_CODE_LENS_REFRESH)(refreshed)
    client.feature(types.WORKSPACE_INLAY_HINT_REFRESH)(refreshed)
    return client


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("clients") / "shop", SHOP)


@pytest_lsp.fixture(  # type: ignore[untyped-decorator] # pyright: ignore[reportUnknownMemberType]
    scope="module",
    params=EDITORS,
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "rollsafe", "server"], client_factory=make_client
    ),
)
async def client(
    request: pytest.FixtureRequest, lsp_client: LanguageClient, root: Path
) -> AsyncIterator[None]:
    lsp_client.set_configuration({"rollsafe": {"level": "regular"}})
    folder = types.WorkspaceFolder(uri=root.as_uri(), name="shop")
    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=client_capabilities(request.param),
            root_uri=root.as_uri(),
            workspace_folders=[folder],
        )
    )
    text = (root / ORDERS).read_text()
    item = types.TextDocumentItem(uri=uri_of(root, ORDERS), language_id="yaml", version=1, text=text)
    lsp_client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
    yield
    await lsp_client.shutdown_session()


def uri_of(root: Path, name: str) -> str:
    return (root / name).as_uri()


async def finding(client: LanguageClient, root: Path, rule: str, name: str = ORDERS) -> types.Diagnostic:
    """Wait until a rule speaks in a file."""
    async with asyncio.timeout(20):
        while True:
            for one in client.diagnostics.get(uri_of(root, name), ()):
                if one.code == rule:
                    return one
            await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)


async def actions(
    client: LanguageClient, root: Path, about: types.Diagnostic
) -> list[types.CodeAction | types.Command]:
    params = types.CodeActionParams(
        text_document=types.TextDocumentIdentifier(uri=uri_of(root, ORDERS)),
        range=about.range,
        context=types.CodeActionContext(diagnostics=[about]),
    )
    return list(await client.text_document_code_action_async(params) or [])


def can(client: LanguageClient, *path: str) -> object:
    found: object = client.capabilities
    for step in path:
        found = getattr(found, step, None)
    return found


@SHARED
async def test_findings_say_as_much_as_the_editor_shows(client: LanguageClient, root: Path) -> None:
    found = await finding(client, root, "missing-readiness-probe")
    shows = can(client, "text_document", "publish_diagnostics", "related_information") is True
    assert bool(found.related_information) is shows
    assert ("see k8s/service.yaml:" in found.message) is not shows
    linked = can(client, "text_document", "publish_diagnostics", "code_description_support") is True
    assert bool(found.code_description) is linked


@SHARED
async def test_hover_in_a_format_the_editor_shows(client: LanguageClient, root: Path) -> None:
    found = await finding(client, root, "missing-readiness-probe")
    shown = await client.text_document_hover_async(
        types.HoverParams(types.TextDocumentIdentifier(uri_of(root, ORDERS)), found.range.start)
    )
    assert shown is not None
    assert isinstance(shown.contents, types.MarkupContent)
    formats = cast("Sequence[object]", can(client, "text_document", "hover", "content_format") or ())
    assert shown.contents.kind in formats


@SHARED
async def test_fixes_in_a_form_the_editor_applies(client: LanguageClient, root: Path) -> None:
    found = await finding(client, root, "rollback-disabled")
    fix, *_ = await actions(client, root, found)
    assert isinstance(fix, types.CodeAction)
    assert fix.edit is not None
    if can(client, "workspace", "workspace_edit", "document_changes"):
        assert fix.edit.document_changes
        assert fix.edit.changes is None
    else:
        assert fix.edit.changes
        assert fix.edit.document_changes is None


@SHARED
async def test_every_editor_gets_every_kind_of_action(client: LanguageClient, root: Path) -> None:
    found = await finding(client, root, "rollback-disabled")
    titles = [action.title for action in await actions(client, root, found)]
    for words in ("Explain `", "Plan this deployment", "Ignore `"):
        assert any(title.startswith(words) for title in titles), titles


@SHARED
async def test_lenses(client: LanguageClient, root: Path) -> None:
    await finding(client, root, "rollback-disabled")
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri_of(root, ORDERS)))
    lenses = await client.text_document_code_lens_async(params)
    assert [lens.command.title for lens in lenses or [] if lens.command] == ["Plan this deployment"]


@SHARED
async def test_explanation_reaches_the_user(client: LanguageClient, root: Path) -> None:
    shown, told = len(client.shown_documents), len(client.messages)
    params = types.ExecuteCommandParams("rollsafe.explain", [{"rule": "missing-readiness-probe"}])
    written = await client.workspace_execute_command_async(params)
    assert written is not None
    opens = can(client, "window", "show_document", "support") is True
    assert len(client.shown_documents) == shown + opens
    assert len(client.messages) == told + (not opens)


@SHARED
async def test_positions_are_counted_as_the_editor_wants(client: LanguageClient, root: Path) -> None:
    offered = cast("Sequence[object]", can(client, "general", "position_encodings") or ["utf-16"])
    uri = uri_of(root, "wide/compose.yaml")
    text = "services:\n  a: {image: 'x:1', depends_on: [😋b]}\n"
    item = types.TextDocumentItem(uri=uri, language_id="yaml", version=1, text=text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
    found = await finding(client, root, "undefined-compose-service", "wide/compose.yaml")
    ends = {"utf-8": 38, "utf-16": 36, "utf-32": 35}
    assert found.range.end.character == ends[str(getattr(offered[0], "value", offered[0]))]


@SHARED
async def test_hints_that_the_editor_shows(client: LanguageClient, root: Path) -> None:
    await finding(client, root, "rollback-disabled")
    everything = types.Range(types.Position(0, 0), types.Position(99, 0))
    document = types.TextDocumentIdentifier(uri_of(root, ORDERS))
    hints = await client.text_document_inlay_hint_async(types.InlayHintParams(document, everything))
    assert [hint.label for hint in hints or ()] == ["⟳ bad release noticed after 10 min"]
