"""Everything a client asks for, on pygls: registered here, carried out by the modules named after it.

Importing this module loads the protocol library; nothing of the core does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from rollsafe.lsp.actions import code_actions, may_ask_a_model, reviews
from rollsafe.lsp.agents import Agents
from rollsafe.lsp.asking import Asking
from rollsafe.lsp.background import in_background
from rollsafe.lsp.commands import Commands
from rollsafe.lsp.configuration import UserSettings
from rollsafe.lsp.from_lsp import JsonObject, items, object_of, text_at
from rollsafe.lsp.handshake import COMMANDS, FIX_ALL, REVIEW, REVIEW_COMMANDS
from rollsafe.lsp.hover import hover
from rollsafe.lsp.inlay import inlay_hints
from rollsafe.lsp.lens import code_lenses
from rollsafe.lsp.navigation import definition, references
from rollsafe.lsp.progress import Progresses
from rollsafe.lsp.protocol import FeatureServer
from rollsafe.lsp.reader import Reader
from rollsafe.lsp.session import Located, Session
from rollsafe.lsp.shapes import CodeAction, CodeLens, Hover, InlayHint, Location
from rollsafe.lsp.watching import PATTERNS
from rollsafe.text import Position, Span

if TYPE_CHECKING:
    from rollsafe.lsp.drafting import Drafting
    from rollsafe.lsp.running import Running

MessageId = int | str
Command = Callable[[JsonObject, MessageId | None], Awaitable[object]]

_WARM: Final = "file:///rollsafe-warms-up"


class LoadedFeatures:
    """The features of one session."""

    def __init__(
        self,
        session: Session,
        reader: Reader,
        on_settings: Callable[[], None],
        initialize_params: JsonObject,
    ) -> None:
        self._session = session
        self._on_settings = on_settings
        self._server = FeatureServer()
        self._protocol = self._server.features
        self._protocol.outbox = session.outbox
        self._asking = Asking(self._server, session.client)
        self._progresses = Progresses(self._server, session.client)
        self._commands = Commands(session, reader, self._asking, self._progresses)
        self._running: Running | None = None
        self._agents = Agents(session)
        self._tasks: set[asyncio.Task[None]] = set()
        self._register()
        self._protocol.introduce(initialize_params)

    def receive(self, message: JsonObject) -> None:
        """Take a request, or the response to a request of ours."""
        self._protocol.receive(message)

    def cancel(self, request: MessageId) -> None:
        """Stop working on a request and answer that it was cancelled."""
        self._protocol.cancel(request)

    def cancel_progress(self, token: MessageId) -> None:
        """Stop the work that a progress token stands for."""
        self._progresses.cancel(token)

    def settings_changed(self) -> None:
        """Ask the client for its settings, if it can be asked."""
        if self._session.client.configuration:
            task = asyncio.get_running_loop().create_task(self._ask_settings())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def introduce(self) -> None:
        """Ask the client for what is asked for once: its settings, and to be told of changes."""
        client = self._session.client
        if client.watched_files:
            watchers: list[object] = [{"globPattern": pattern} for pattern in PATTERNS]
            await self._asking.register(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, {"watchers": watchers})
        if client.configuration_changes:
            options: JsonObject = {"section": "rollsafe"}
            await self._asking.register(types.WORKSPACE_DID_CHANGE_CONFIGURATION, options)
        if client.configuration:
            await self._ask_settings()
        await self._asking.refresh_lenses()
        await self._asking.refresh_hints()

    def close(self) -> None:
        """Leave nothing behind."""
        self._commands.close()

    async def _ask_settings(self) -> None:
        section = await self._asking.configuration()
        if section is None:
            return
        user = UserSettings.of(section)
        if user != self._session.configuration.user:
            self._session.configuration.user = user
            self._session.reconfigure()
            self._on_settings()
            await self._asking.refresh_hints()

    def _register(self) -> None:
        feature, commands = self._server.feature, self._commands
        feature(types.TEXT_DOCUMENT_HOVER)(partial(self._hover))
        kinds = [types.CodeActionKind.QuickFix, FIX_ALL, REVIEW]
        options = types.CodeActionOptions(code_action_kinds=kinds)
        # pygls marks what it registers, which a bound method does not allow.
        feature(types.TEXT_DOCUMENT_CODE_ACTION, options)(partial(self._code_action))
        feature(types.TEXT_DOCUMENT_CODE_LENS)(partial(self._code_lens))
        feature(types.TEXT_DOCUMENT_INLAY_HINT)(partial(self._inlay_hints))
        feature(types.TEXT_DOCUMENT_DEFINITION)(partial(self._definition))
        feature(types.TEXT_DOCUMENT_REFERENCES)(partial(self._references))
        carried_out: tuple[Command, ...] = (
            commands.plan, commands.plan_kinds, commands.explain, commands.apply_fix, self._run,
            self._list_agents,
        )  # fmt: skip
        self._protocol.commands = dict(zip(COMMANDS, carried_out, strict=True))
        asked: tuple[Command, ...] = (
            self._review, self._draft_fix, self._explain_finding, self._dismiss_remark, self._plan_in_words,
        )  # fmt: skip
        self._protocol.commands |= dict(zip(REVIEW_COMMANDS, asked, strict=True))

    async def _run(self, arguments: JsonObject, token: MessageId | None) -> object:
        if self._running is None:
            # Of several requests that come before it is loaded, all are carried out by the same one.
            loaded = await in_background(self._load_running)
            self._running = self._running or loaded
        return await self._running.run(arguments, token)

    def _load_running(self) -> "Running":
        # Only a session in which a plan is carried out pays for loading it.
        from rollsafe.lsp.running import Running

        return Running(self._session, self._asking, self._commands)

    async def _list_agents(self, arguments: JsonObject, token: MessageId | None) -> object:
        """Return the agents of a document's project; `arguments`: `uri`."""
        uri = text_at(arguments, "uri")
        self._agents.refresh()
        return list(self._agents.offered(self._commands.root_of(uri), self._session.located(uri)))

    async def _review(self, arguments: JsonObject, token: MessageId | None) -> object:
        # Only a user who has switched it on pays for loading it.
        from rollsafe.lsp.review_command import ReviewCommand

        command = ReviewCommand(self._session, self._asking, self._progresses, self._agents)
        return await command.review(arguments, token)

    async def _draft_fix(self, arguments: JsonObject, token: MessageId | None) -> object:
        return await self._drafting().draft_fix(arguments, token)

    async def _explain_finding(self, arguments: JsonObject, token: MessageId | None) -> object:
        return await self._drafting().explain_finding(arguments, token)

    async def _plan_in_words(self, arguments: JsonObject, token: MessageId | None) -> object:
        return await self._drafting().plan_in_words(arguments, token)

    async def _dismiss_remark(self, arguments: JsonObject, token: MessageId | None) -> object:
        from rollsafe.lsp.dismissing import dismiss_remark

        return dismiss_remark(self._session, arguments)

    def _drafting(self) -> "Drafting":
        # Only a user who has switched it on pays for loading it.
        from rollsafe.lsp.drafting import Drafting

        return Drafting(self._session, self._asking, self._progresses, self._commands)

    def _hover(self, params: types.HoverParams) -> Hover | None:
        located = self._session.located(params.text_document.uri)
        return hover(self._session, located, self._offset(located, params.position)) if located else None

    def _definition(self, params: types.DefinitionParams) -> list[Location] | None:
        located = self._session.located(params.text_document.uri)
        return definition(self._session, located, self._offset(located, params.position)) if located else None

    def _references(self, params: types.ReferenceParams) -> list[Location] | None:
        located = self._session.located(params.text_document.uri)
        if located is None:
            return None
        at, declared = self._offset(located, params.position), params.context.include_declaration
        return references(self._session, located, at, declared=declared)

    def _code_action(self, params: types.CodeActionParams) -> list[CodeAction]:
        located = self._session.located(params.text_document.uri)
        if located is None:
            return []
        start, end = params.range.start, params.range.end
        where = Span(self._offset(located, start), self._offset(located, end))
        named = items(self._protocol.plain(params.context.diagnostics))
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
        offered = code_actions(self._session, located, where, [object_of(one) for one in named], only)
        # Nothing is offered to a client that asks by itself: it may carry out what it gets, as on saving.
        by_itself = params.context.trigger_kind is types.CodeActionTriggerKind.Automatic
        if not by_itself and may_ask_a_model(self._session, located):
            offered += reviews(self._session, located, self._agents.reviewers(located), only)
        return offered

    def _code_lens(self, params: types.CodeLensParams) -> list[CodeLens]:
        located = self._session.located(params.text_document.uri)
        return code_lenses(self._session, located) if located else []

    def _inlay_hints(self, params: types.InlayHintParams) -> list[InlayHint]:
        located = self._session.located(params.text_document.uri)
        if located is None:
            return []
        start, end = params.range.start, params.range.end
        within = Span(self._offset(located, start), self._offset(located, end))
        return inlay_hints(self._session, located, within)

    def _offset(self, located: Located, position: types.Position) -> int:
        place = Position(position.line, position.character)
        return located.file.lines.offset(place, self._session.client.encoding)


def load(
    session: Session,
    reader: Reader,
    on_settings: Callable[[], None],
    initialize_params: JsonObject,
) -> LoadedFeatures:
    """Return the features, ready to answer."""
    return LoadedFeatures(session, reader, on_settings, initialize_params)
