"""What commands that make plans do first: find the base, read the project, ask for the plan."""

from datetime import date
from functools import partial
from threading import Thread

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.failures import CommandError
from rollsafe.cli.options import Overrides
from rollsafe.cli.overlay import SettingsSource
from rollsafe.cli.paths import Shown
from rollsafe.engine import UnknownRuleError
from rollsafe.engine.moment import Moment
from rollsafe.engine.planning import kind_named, make_plan
from rollsafe.engine.project import Project
from rollsafe.plans.model import DeploymentPlan
from rollsafe.workspace.disk import load_projects
from rollsafe.workspace.facts import Base
from rollsafe.workspace.git import GitError, compared, default_base


def deployment_plan(root: str, arguments: Arguments) -> DeploymentPlan:
    """Return the deployment plan of a project.

    Raises:
        CommandError: a revision or the settings are no good.
    """
    moment, base, changed = compared_moment(root, arguments.one("--base"))
    made = make_plan(
        kind_named("deploy"),
        moment,
        base=base,
        changed=changed,
        environment=arguments.one("--env"),
    )
    if not isinstance(made, DeploymentPlan):
        raise CommandError("the plan `deploy` is no deployment plan")
    return made


def compared_moment(
    root: str, ref: str | None, *, since_fork: bool = False
) -> tuple[Moment, Base, frozenset[str] | None]:
    """Return the project as it is, the base and what differs from it; git is asked while files are read.

    Raises:
        CommandError: as for `difference` and `moment_of`.
    """
    asking = _Asking(root, ref, since_fork=since_fork)
    asking.start()
    try:
        moment = moment_of(root)
    finally:
        asking.join()
    return moment, *asking.answer()


class _Asking(Thread):
    """Finds out the difference from a base meanwhile."""

    def __init__(self, root: str, ref: str | None, *, since_fork: bool) -> None:
        super().__init__(daemon=True)
        self._asked = partial(difference, root, ref, since_fork=since_fork)
        self._found: tuple[Base, frozenset[str] | None] | None = None
        self._failure: Exception = CommandError("git was not asked")

    def run(self) -> None:
        try:
            self._found = self._asked()
        except Exception as error:
            # It is raised where the answer is wanted, in the thread that can tell the user.
            self._failure = error

    def answer(self) -> tuple[Base, frozenset[str] | None]:
        """Return what was found out.

        Raises:
            CommandError: as for `difference`.
        """
        if self._found is None:
            raise self._failure
        return self._found


def difference(root: str, ref: str | None, *, since_fork: bool = False) -> tuple[Base, frozenset[str] | None]:
    """Return the base and what differs from it; without a revision to compare with, no paths at all.

    `since_fork` compares with where the branch left the revision.

    Raises:
        CommandError: there is no such revision.
    """
    wanted = ref or default_base(root)
    if wanted is None:
        return Base(), None
    try:
        return compared(root, wanted, since_fork=since_fork)
    except GitError as error:
        raise CommandError(f"--base: {error}") from None


def moment_of(root: str) -> Moment:
    """Return the project in a directory as it is; a file is judged when a plan asks for its findings.

    Raises:
        CommandError: its settings are no good.
    """
    settings_of = SettingsSource(Overrides(), Shown())
    snapshot = load_projects(root, settings_of=settings_of, wanted=lambda _: False)[0]
    try:
        project = Project.open(snapshot, date.today(), judged=lambda _: False)
    except UnknownRuleError as error:
        raise CommandError(f"{settings_of.place(root)}: {error}") from None
    project.analyse()
    return project.moment()
