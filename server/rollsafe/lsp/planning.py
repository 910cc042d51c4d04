"""Plans for the editor: made in a thread from a snapshot, so that typing goes on meanwhile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event

from rollsafe.engine.project import Project
from rollsafe.lsp.configuration import Configuration
from rollsafe.lsp.roots import Root
from rollsafe.lsp.shapes import Written
from rollsafe.workspace.facts import Base

OnProgress = Callable[[str, int], None]
"""Told what is being worked on, and the percentage that is done."""


class PlanningError(Exception):
    """Why there is no plan; one line for the user."""


class BadRequestError(PlanningError):
    """What is wrong with the request itself."""


class _StoppedError(Exception):
    """Nobody wants the plan any more."""


@dataclass(frozen=True)
class Planning:
    """One request for a plan; `kind`, `subject` and `options` as on the command line."""

    kind: str
    subject: str
    options: Mapping[str, tuple[str, ...]]
    root: Root
    configuration: Configuration
    base: str | None
    progress: OnProgress
    stopped: Event

    def run(self) -> Written | None:
        """Make the plan; None when it was stopped.

        Raises:
            BadRequestError: there is no such kind, or the request does not fit it.
            PlanningError: the revision to compare with does not exist.
        """
        from rollsafe.engine.planning import PlanRequest, PlanRequestError, kind_named, make_plan

        self.progress("Comparing with what is deployed", 0)
        try:
            kind = kind_named(self.kind)
            base, changed = self._difference()
            project = Project.open(self.root.snapshot, self.root.today, base=base)
            project.analyse(lambda _done, _of: self._check())
            request = PlanRequest(self.subject, self.options)
            plan = make_plan(kind, project, request, base=base, changed=changed, on_progress=self._report)
            self._check()
        except _StoppedError:
            return None
        except PlanRequestError as error:
            raise BadRequestError(str(error)) from None
        return {"title": plan.title, "markdown": plan.render()}

    def _difference(self) -> tuple[Base, frozenset[str] | None]:
        """Return the base and what differs from it; neither in a workspace that is not trusted."""
        if not self.configuration.trusted:
            return Base(), None
        from rollsafe.workspace.git import GitError, changed_paths, default_base, resolve_base

        directory = self.root.path
        try:
            ref = self.base or self.configuration.user.base or default_base(directory)
            if ref is None:
                return Base(), None
            return resolve_base(directory, ref), changed_paths(directory, ref)
        except GitError as error:
            raise PlanningError(str(error)) from None

    def _report(self, what: str, done: int, of: int) -> None:
        self._check()
        self.progress(what, 100 * done // max(of, 1))

    def _check(self) -> None:
        if self.stopped.is_set():
            raise _StoppedError
