"""The commands of the server: plan, explain, apply a fix that the client cannot apply itself."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from rollsafe.engine.discovery import installed_agents
from rollsafe.engine.project import Project
from rollsafe.engine.rule_index import cards_of
from rollsafe.lsp.actions import find
from rollsafe.lsp.asking import FAILED, Asking
from rollsafe.lsp.background import in_background
from rollsafe.lsp.edits import Change, change_of, plain_changes, workspace_edit
from rollsafe.lsp.from_lsp import JsonObject, text_at
from rollsafe.lsp.planning import BadRequestError, OnPart, Planning, PlanningError, kinds
from rollsafe.lsp.progress import Progress, Progresses, Token
from rollsafe.lsp.protocol import PARTIAL
from rollsafe.lsp.reader import Reader
from rollsafe.lsp.roots import Root
from rollsafe.lsp.session import Session
from rollsafe.lsp.shapes import Kind, Written
from rollsafe.lsp.uris import path_of, uri_of
from rollsafe.rules import Rule
from rollsafe.rules.pages import page
from rollsafe.text import nearest

if TYPE_CHECKING:
    from rollsafe.plans.model import PlanDocument

T = TypeVar("T")


class Commands:
    """Carries out commands for one session."""

    def __init__(
        self,
        session: Session,
        reader: Reader,
        asking: Asking,
        progresses: Progresses,
    ) -> None:
        self._session = session
        self._reader = reader
        self._asking = asking
        self._progresses = progresses
        self._directory: tempfile.TemporaryDirectory[str] | None = None

    async def plan(self, arguments: JsonObject, token: Token | None) -> Written:
        """Make a plan, open it where the client does not do that itself, and return it.

        `arguments`: `kind` (`deploy`), `uri` of a file of the project, `base` to compare with, `environment`,
        `subject` and `options` (name to value or values) as the command line has them. With a
        `partialResultToken` the text is sent section by section under that token, nothing is opened, and the
        answer's own text is empty.
        """
        parts = _token(arguments.get(PARTIAL))
        written, _ = await self.written_plan(arguments, token, parts)
        if parts is None:
            await self.open(written)
        return written

    async def written_plan(
        self, arguments: JsonObject, token: Token | None, parts: Token | None = None
    ) -> tuple[Written, Project]:
        """Make a plan as `plan` does and return it with its project; nothing is opened."""
        kind = text_of(arguments, "kind", "deploy")
        project = await self._read(arguments.get("uri"))
        async with self._progresses.begin(token, f"Planning: {kind}") as progress:
            on_part = partial(progress.part_from_thread, parts) if parts is not None else None
            planning = self._planning(kind, arguments, project, progress, on_part)
            return await _worked(planning, planning.run), project

    async def deployment_plan(self, arguments: JsonObject, token: Token | None) -> "tuple[PlanDocument, str]":
        """Make the deployment plan that `arguments` ask for, as those of `plan`; return its project, too."""
        project = await self._read(arguments.get("uri"))
        async with self._progresses.begin(token, "Planning: deploy") as progress:
            planning = self._planning("deploy", arguments, project, progress, None)
            return await _worked(planning, planning.make), project.snapshot.root

    def _planning(
        self, kind: str, arguments: JsonObject, project: Project, progress: Progress, on_part: OnPart | None
    ) -> Planning:
        planning = Planning(
            kind=kind,
            subject=text_of(arguments, "subject", ""),
            options=_options(arguments.get("options")),
            directory=project.snapshot.root,
            moment=project.moment(),
            configuration=self._session.configuration,
            base=text_of(arguments, "base", "") or None,
            environment=text_of(arguments, "environment", "") or None,
            progress=progress.report_from_thread,
            on_part=on_part,
        )
        progress.on_cancel = planning.stopped.set
        return planning

    async def plan_kinds(self, arguments: JsonObject, token: Token | None) -> list[Kind]:
        """Return the kinds of plans and what each is asked for."""
        return await in_background(kinds)

    async def explain(self, arguments: JsonObject, token: Token | None) -> Written:
        """Return a rule's page; `arguments`: `rule`."""
        rule = _rule(text_at(arguments, "rule"))
        written: Written = {"title": rule.name, "markdown": page(rule)}
        await self.open(written)
        return written

    async def apply_fix(self, arguments: JsonObject, token: Token | None) -> JsonObject:
        """Apply a fix that creates files, after asking; `arguments`: `uri`, `fingerprint`, `fix`."""
        located = self._session.located(text_at(arguments, "uri"))
        found = find(self._session, located, text_at(arguments, "fingerprint")) if located else None
        if located is None or found is None:
            raise JsonRpcException("the finding is not there any more", code=FAILED)
        title = text_at(arguments, "fix")
        fix = next((fix for fix in found.fixes if fix.title == title), None)
        change = change_of(located.root, found, fix) if fix is not None else None
        if change is None:
            raise JsonRpcException(f"`{title}` cannot be applied any more", code=FAILED)
        names = ", ".join(f"`{new.path}`" for new in change.creates)
        question = f"{title}: create {names}?" if names else f"{title}?"
        if not await self._asking.confirm(question, "Apply"):
            return {"applied": False}
        return {"applied": await self.apply(change, title)}

    def close(self) -> None:
        """Remove the documents that were written for the client to open."""
        if self._directory is not None:
            self._directory.cleanup()

    async def _read(self, uri: object) -> Project:
        await self._reader.all_read()
        project = self.root_of(uri).project
        assert project is not None
        return project

    def root_of(self, uri: object) -> Root:
        """Return the project of a document or folder, or without one the first project.

        Raises:
            JsonRpcException: there is none.
        """
        located = self._session.located(uri) if isinstance(uri, str) else None
        if located is not None:
            root: Root | None = located.root
        else:
            path = path_of(uri) if isinstance(uri, str) else None
            # What lies in a folder belongs to its project, whereas the folder may lie in another one.
            known = self._session.territory.known(os.path.join(path, "x")) if path is not None else None
            root = known or next(iter(self._session.territory.roots.values()), None)
        if root is None or root.project is None:
            raise JsonRpcException("there is no project to plan for", code=FAILED)
        return root

    async def apply(self, change: Change, title: str) -> bool:
        """Apply through the client what it can apply, and write the files it cannot create."""
        edit = workspace_edit(self._session, change)
        if edit is not None:
            return await self._asking.apply(edit, title)
        if change.edits and not await self._asking.apply(
            {"changes": plain_changes(self._session, change)}, title
        ):
            return False
        for new in change.creates:
            path = os.path.join(change.root.path, new.path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "x", encoding="utf-8", newline="") as stream:
                stream.write(new.text)
            change.root.replace(new.path, None, exists=True)
        self._reader.want(change.root.top)
        return True

    async def open(self, written: Written) -> None:
        """Show a document: a client of ours does it itself, others open a file or are told where it is."""
        client = self._session.client
        if client.shows_documents:
            return
        path = self._write(written)
        if not await self._asking.show_document(uri_of(path)):
            self._asking.tell(f"{written['title']}: {path}")

    def _write(self, written: Written) -> str:
        if self._directory is None:
            self._directory = tempfile.TemporaryDirectory(prefix="rollsafe-")
        name = "".join(c if c.isalnum() or c in " .-" else "-" for c in written["title"])[:80]
        path = os.path.join(self._directory.name, f"{name.strip(' .-') or 'rollsafe'}.md")
        with open(path, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(written["markdown"])
        return path


async def _worked(planning: Planning, work: Callable[[], T | None]) -> T:
    """Return the plan that `work` makes; it is stopped when nobody waits any more.

    Raises:
        JsonRpcException: there is no such plan.
    """
    try:
        made = await in_background(work)
    except BadRequestError as error:
        raise JsonRpcInvalidParams(str(error)) from None
    except PlanningError as error:
        raise JsonRpcException(str(error), code=FAILED) from None
    finally:
        planning.stopped.set()
    if made is None:
        raise asyncio.CancelledError
    return made


def text_of(arguments: JsonObject, name: str, without: str) -> str:
    """Return an argument that may be left out, or be null.

    Raises:
        BadParamsError: it is there and no text.
    """
    return without if arguments.get(name) is None else text_at(arguments, name)


def _token(given: object) -> Token | None:
    return given if isinstance(given, int | str) else None


def _options(given: object) -> dict[str, tuple[str, ...]]:
    """Return the options of a plan by name; what is neither a text nor a list of texts is left out."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in (cast("dict[str, object]", given) if isinstance(given, dict) else {}).items():
        values = cast("list[object]", value) if isinstance(value, list) else [value]
        found[name] = tuple(one for one in values if isinstance(one, str))
    return found


def _rule(name: str) -> Rule:
    """Return the rule of that name.

    Raises:
        JsonRpcInvalidParams: there is none; the message names the nearest.
    """
    known = {card.name: card for agent in installed_agents() for card in cards_of(agent)}
    card = known.get(name)
    if card is None:
        close = nearest(name, known)
        raise JsonRpcInvalidParams(f"no rule `{name}`" + (f"; nearest: `{close}`" if close else ""))
    return card.load()
