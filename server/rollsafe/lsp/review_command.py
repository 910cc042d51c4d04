"""The command `rollsafe.review`: every agent that looks at a document is asked, or the one that is named."""

from typing import TYPE_CHECKING

from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from rollsafe.engine.roster import Member, find_member
from rollsafe.lsp.agents import Agents
from rollsafe.lsp.asking import FAILED, Asking
from rollsafe.lsp.commands import text_of
from rollsafe.lsp.from_lsp import JsonObject, text_at
from rollsafe.lsp.progress import Progresses, Token
from rollsafe.lsp.reviewing import allowed, questions_for, remark
from rollsafe.lsp.session import Located, Session
from rollsafe.review import run_reviews_async

if TYPE_CHECKING:
    from rollsafe.review import Remark, ReviewRequest


class ReviewCommand:
    """Carries out reviews for one session."""

    def __init__(self, session: Session, asking: Asking, progresses: Progresses, agents: Agents) -> None:
        self._session = session
        self._asking = asking
        self._progresses = progresses
        self._agents = agents

    async def review(self, arguments: JsonObject, token: Token | None) -> JsonObject:
        """Let a model look at an open document; `arguments`: `uri`, `agent` to ask that one alone.

        Its remarks are shown beside the findings until the text changes.
        """
        uri, name = text_at(arguments, "uri"), text_of(arguments, "agent", "")
        located, settings = allowed(self._session, uri)
        self._agents.refresh()
        chosen = self._named(located, name) if name else None
        questions = self._questions(located, chosen)
        title = f"Reviewing with {chosen.profile.name}" if chosen else "Reviewing"
        async with self._progresses.begin(token, title) as progress:
            run = await progress.cancelling(run_reviews_async(questions, settings))
        self._show(uri, located, list(run.remarks), questions if chosen else None)
        notes = [run.line, *run.notes] if run.reviewed else list(run.notes or ("AI review: nothing to ask",))
        for note in notes:
            self._asking.tell(note)
        return {"remarks": len(run.remarks), "notes": notes}

    def _named(self, located: Located, name: str) -> Member:
        """Return the agent of that name, if it takes part.

        Raises:
            JsonRpcInvalidParams: there is none.
            JsonRpcException: it takes no part; the message says why.
        """
        member = find_member(self._agents.of(located.root), name)
        if member is None:
            raise JsonRpcInvalidParams(f"no agent `{name}`")
        if not member.takes_part:
            raise JsonRpcException(f"`{name}` takes no part: {member.reason}", code=FAILED)
        return member

    def _questions(self, located: Located, chosen: Member | None) -> "list[ReviewRequest]":
        members = self._agents.of(located.root) if chosen is None else [chosen]
        asked = questions_for(located.root, located.file, members, by_name=chosen is not None)
        if chosen is None:
            return asked
        is_added = chosen.agent is None
        mine = [one for one in asked if (one.agent, bool(one.origin)) == (chosen.profile.name, is_added)]
        if not mine:
            raise JsonRpcException(f"`{chosen.profile.name}` does not look at this file", code=FAILED)
        return mine

    def _show(
        self, uri: str, located: Located, made: "list[Remark]", asked: "list[ReviewRequest] | None"
    ) -> None:
        """Show remarks; what other agents said before stays where only one was `asked`."""
        again = {(one.agent, one.origin) for one in asked or ()}
        before = self._session.remarks(located.root, located.file.path) if asked else []
        kept = [it for it in before if (it[0].provenance.agent, it[0].provenance.origin) not in again]
        client = self._session.client
        shown = [(it, remark(located.file, it, client)) for it in made]
        self._session.remark(uri, located.file, [*kept, *shown])
        self._session.flush()
