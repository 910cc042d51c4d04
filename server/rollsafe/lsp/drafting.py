"""What a user may ask a model about one finding or remark: to draft a fix, or to explain it."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from pygls.exceptions import JsonRpcException

from rollsafe.engine.project import Project
from rollsafe.lsp.actions import find
from rollsafe.lsp.asking import FAILED, Asking
from rollsafe.lsp.commands import Commands, text_of
from rollsafe.lsp.edits import Change
from rollsafe.lsp.from_lsp import JsonObject, text_at
from rollsafe.lsp.progress import Progresses, Token
from rollsafe.lsp.reviewing import allowed, allowed_in
from rollsafe.lsp.session import Located, Session
from rollsafe.lsp.shapes import Written
from rollsafe.plans.writing import fence
from rollsafe.review import Draft, Hazard, Provenance, ReviewSettings, draft, explain, in_thread
from rollsafe.review.plain import escaped
from rollsafe.review.process import Cancel

T = TypeVar("T")


class Drafting:
    """Carries out the commands about one hazard."""

    def __init__(self, session: Session, asking: Asking, progresses: Progresses, commands: Commands) -> None:
        self._session = session
        self._asking = asking
        self._progresses = progresses
        self._commands = commands

    async def explain_finding(self, arguments: JsonObject, token: Token | None) -> JsonObject:
        """Let a model explain a finding or a remark; `arguments`: `uri`, `fingerprint`."""
        located, hazard, settings = self._asked(arguments)
        today = located.root.today
        said = await self._worked(
            token,
            f"Explaining `{hazard.name}`",
            lambda cancel: explain(_own_project(located), hazard, today, settings, cancel),
        )
        if said.reason:
            self._asking.tell(said.reason)
            return {"explained": False, "reason": said.reason}
        lines = (escaped(line) for line in said.paragraphs)
        return await self._shown(
            hazard, f"{hazard.name} explained", [*lines], said.origin, {"explained": True}
        )

    async def draft_fix(self, arguments: JsonObject, token: Token | None) -> JsonObject:
        """Let a model draft a fix; `arguments`: `uri`, `fingerprint`.

        What the rules accept is applied when the user agrees; anything else is only shown.
        """
        located, hazard, settings = self._asked(arguments)
        today = located.root.today
        made = await self._worked(
            token,
            f"Drafting a fix of `{hazard.name}`",
            lambda cancel: draft(_own_project(located), hazard, today, settings, cancel),
        )
        if made.reason:
            self._asking.tell(made.reason)
            return {"verified": False, "applied": False, "reason": made.reason}
        told: JsonObject = {"verified": bool(made.edits), "objections": list(made.objections)}
        title = f"{hazard.name}: a drafted fix"
        shown = await self._shown(hazard, title, [*_draft_lines(made, hazard)], made.origin, told)
        applied = bool(made.edits) and await self._apply(located, made, f"Draft of {hazard.agent}")
        return {**shown, "applied": applied}

    async def plan_in_words(self, arguments: JsonObject, token: Token | None) -> JsonObject:
        """Make a plan with a model's words beside it; `arguments`: as those of `rollsafe.plan`."""
        # Only a user who wants words pays for loading what plans are made with.
        from rollsafe.engine.planning import kind_named
        from rollsafe.review.prose import write_prose

        settings = allowed_in(self._session, self._commands.root_of(arguments.get("uri")))
        written, project = await self._commands.written_plan(arguments, None)
        name, sources = text_of(arguments, "kind", "deploy"), tuple(project.snapshot.files.values())
        prose = await self._worked(
            token,
            f"Writing beside the plan: {name}",
            lambda cancel: write_prose(kind_named(name), written["markdown"], sources, settings, cancel),
        )
        if prose.reason:
            self._asking.tell(prose.reason)
        document: Written = {**written, "markdown": written["markdown"] + prose.markdown()}
        await self._commands.open(document)
        return {**document, "reason": prose.reason, "withheld": prose.withheld}

    def _asked(self, arguments: JsonObject) -> tuple[Located, Hazard, ReviewSettings]:
        """Return the document and what is asked about.

        Raises:
            JsonRpcException: it is not allowed, or no longer there.
        """
        located, settings = allowed(self._session, text_at(arguments, "uri"))
        mark, path = text_at(arguments, "fingerprint"), located.file.path
        found = find(self._session, located, mark)
        if found is not None:
            return located, Hazard(path, found.rule.agent, found), settings
        for said, _ in self._session.remarks(located.root, path):
            if said.fingerprint == mark:
                return located, Hazard(path, said.provenance.agent, said), settings
        raise JsonRpcException("the finding is not there any more", code=FAILED)

    async def _worked(self, token: Token | None, title: str, work: Callable[[Cancel], T]) -> T:
        async with self._progresses.begin(token, title) as progress:
            return await progress.cancelling(in_thread(work))

    async def _shown(
        self, hazard: Hazard, title: str, lines: list[str], origin: Provenance | None, told: JsonObject
    ) -> JsonObject:
        markdown = "\n\n".join(
            [f"# {escaped(title)}", escaped(hazard.about.message), *lines, _origin(origin)]
        )
        written: Written = {"title": title, "markdown": f"{markdown}\n"}
        await self._commands.open(written)
        return {**told, **written}

    async def _apply(self, located: Located, made: Draft, label: str) -> bool:
        """Apply a draft the rules accept, unless the text has changed or the user does not want it."""
        if located.root.snapshot.files.get(located.file.path) is not located.file:
            self._asking.tell("The draft is for a text that has changed since")
            return False
        change = Change(located.root, {located.file.path: made.edits}, (), is_safe=False)
        previews = self._session.client.change_annotations and self._session.client.document_changes
        if not previews and not await self._asking.confirm(f"{label}: apply the change?", "Apply"):
            return False
        return await self._commands.apply(change, label)


def _own_project(located: Located) -> Project:
    """Return the project as it is now, analysed once more for a caller that changes it."""
    root = located.root
    project = Project.open(
        root.snapshot,
        root.today,
        settings=root.configured.settings,
        cross_file=root.project is not None,
    )
    project.analyse()
    return project


def _draft_lines(made: Draft, hazard: Hazard) -> Iterator[str]:
    if not made.edits:
        yield f"Not offered as a change: {escaped('; '.join(made.objections))}."
    elif hazard.is_remark:
        yield "Every rule has looked at the result: the line is changed and nothing new is found."
        yield "Whether that answers the remark no rule can tell."
    else:
        yield "Every rule has looked at the result: the finding is gone and nothing new is found."
    if made.diff:
        yield "\n".join(fence(made.diff, "diff"))
    if made.why:
        yield escaped(made.why)


def _origin(origin: Provenance | None) -> str:
    if origin is None:
        return ""
    cached = ", from the cache" if origin.cached else ""
    return (
        f"Written by a model for {escaped(origin.agent)}, unverified: {escaped(origin.model)}, "
        f"request {escaped(origin.request_id)}, {origin.prompt_version}{cached}."
    )
