"""Plans for the editor: made in a thread from a snapshot, so that typing goes on meanwhile."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from rollsafe.engine.moment import Moment
from rollsafe.lsp.configuration import Configuration
from rollsafe.lsp.shapes import Kind, Written
from rollsafe.workspace.facts import Base

if TYPE_CHECKING:
    from rollsafe.plans.model import PlanDocument

OnProgress = Callable[[str, int], None]
"""Told what is being worked on, and the percentage that is done."""

OnPart = Callable[[Written], None]
"""Given the plan's title and the next piece of its text; all pieces together are the whole of it."""


class PlanningError(Exception):
    """Why there is no plan; one line for the user."""


class BadRequestError(PlanningError):
    """What is wrong with the request itself."""


class _StoppedError(Exception):
    """Nobody wants the plan any more."""


@dataclass(frozen=True)
class Planning:
    """One request for a plan of the project in `directory`.

    `kind`, `subject`, `options` and `environment` are as on the command line; `moment` is closed in the end.

    With `on_part` the text goes there piece by piece, and the result has none. Setting `stopped` ends it.
    """

    kind: str
    subject: str
    options: Mapping[str, tuple[str, ...]]
    directory: str
    moment: Moment
    configuration: Configuration
    base: str | None
    environment: str | None
    progress: OnProgress
    on_part: OnPart | None
    stopped: Event = field(default_factory=Event)

    def run(self) -> Written | None:
        """Make the plan and write it; None when it was stopped; see `make`."""
        plan = self.make()
        try:
            return {"title": plan.title, "markdown": "".join(self._text(plan))} if plan is not None else None
        except _StoppedError:
            return None

    def make(self) -> "PlanDocument | None":
        """Make the plan; None when it was stopped.

        Raises:
            BadRequestError: there is no such kind, or the request does not fit it.
            PlanningError: the revision to compare with does not exist.
        """
        from rollsafe.engine.planning import (
            PlanRequest,
            PlanRequestError,
            kind_named,
            make_plan,
            with_documents,
        )

        self.progress("Comparing with what is deployed", 0)
        try:
            kind = kind_named(self.kind)
            base, changed = self._difference(since_fork=kind.since_fork)
            request = with_documents(kind, PlanRequest(self.subject, self.options), self.directory)
            return make_plan(
                kind,
                self.moment,
                request,
                base=base,
                changed=changed,
                environment=self.environment,
                on_progress=self._report,
            )
        except _StoppedError:
            return None
        except PlanRequestError as error:
            raise BadRequestError(str(error)) from None
        finally:
            self.moment.close()

    def _text(self, plan: "PlanDocument") -> Iterator[str]:
        """Yield the plan's text section by section, or hand it over; between sections it can be stopped."""
        for title, text in plan.parts():
            self._check()
            self.progress(title, 100)
            if self.on_part is None:
                yield text
            else:
                self.on_part({"title": plan.title, "markdown": text})
        self._check()

    def _difference(self, *, since_fork: bool) -> tuple[Base, frozenset[str] | None]:
        """Return the base and what differs from it; neither in a workspace that is not trusted."""
        if not self.configuration.trusted:
            return Base(), None
        from rollsafe.workspace.git import GitError, compared, default_base

        directory = self.directory
        try:
            ref = self.base or self.configuration.user.base or default_base(directory)
            if ref is None:
                return Base(), None
            return compared(directory, ref, since_fork=since_fork)
        except GitError as error:
            raise PlanningError(str(error)) from None

    def _report(self, what: str, done: int, of: int) -> None:
        self._check()
        self.progress(what, 100 * done // max(of, 1))

    def _check(self) -> None:
        if self.stopped.is_set():
            raise _StoppedError


def kinds() -> list[Kind]:
    """Return the kinds of plans there are, by name."""
    from rollsafe.engine.planning import plan_kinds

    return [
        {
            "name": kind.name,
            "title": kind.title,
            "summary": kind.summary,
            "agent": kind.agent,
            "subject": kind.subject,
            "needsSubject": kind.needs_subject,
            "options": [{"name": one.name, "help": one.help, "metavar": one.metavar} for one in kind.options],
            "forms": list(kind.forms),
            "takesWords": bool(kind.slots),
        }
        for kind in plan_kinds()
    ]
