"""The migrations of a deployment: which are new, what runs them, and in which steps."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.effects import Effect
from rollsafe.plans.commands import from_pipeline
from rollsafe.plans.contribution import Phase, PlanContext, place_in
from rollsafe.plans.migration_runners import RUNNERS, Runner
from rollsafe.plans.model import Evidence
from rollsafe.text.cached import cached_property
from rollsafe.text.records import open_record
from rollsafe.workspace.delivery import deploying_jobs, directory_of, written
from rollsafe.workspace.histories import Assessed, History, assess
from rollsafe.workspace.pipelines import migrations

_MOST_STEPS: Final = 6
"""More migrations than this are applied in one step per phase."""

_EMBEDDED: Final = "src/main/resources/"
"""Where the migrations lie that an application on the JVM applies when it starts."""

_TEMPLATE: Final = re.compile(r"\{\{-?\s*(?:\.\w|(?:index|if|range|end|env|template|with|else)\b)")
"""A tag that something has to fill in before a database takes the file."""


@open_record
class OwnCommand:
    """How the repository's own pipeline migrates; `text` is None when it cannot be repeated."""

    tool: str
    text: str | None
    directory: str
    evidence: Evidence
    swallows_failure: bool


@open_record
class Group:
    """Migrations that one step applies, in order."""

    assessed: tuple[Assessed, ...]
    phase: Phase

    @property
    def first(self) -> Assessed:
        """The one that runs first."""
        return self.assessed[0]

    @property
    def last(self) -> Assessed:
        """The one that runs last."""
        return self.assessed[-1]


@open_record
class Pending:
    """A history with new migrations, and the steps they are applied in."""

    history: History
    runner: Runner
    own: OwnCommand | None
    assessed: tuple[Assessed, ...]
    groups: tuple[Group, ...]

    @property
    def is_embedded(self) -> bool:
        """Whether the application applies them when it starts, so that nobody can do it apart."""
        return self.own is None and _EMBEDDED in f"{self.history.home}/"

    @cached_property
    def is_template(self) -> bool:
        """Whether something has to fill in the files, which the runner they are named for does not do."""
        return any(_TEMPLATE.search(one.migration.file.text) for one in self.assessed)

    @property
    def is_unread(self) -> bool:
        """Whether nobody can say what one of them does."""
        return any(Effect.UNKNOWN in one.effects for one in self.assessed)

    @property
    def command(self) -> str | None:
        """The repository's own command of this runner."""
        own = self.own
        return own.text if own is not None and own.tool == self.runner.program else None


def pending_of(context: PlanContext) -> list[Pending]:
    """Return the histories with new migrations."""
    owns = own_commands(context)
    told = {_runner(one).program for one in context.rollout.histories}
    others = [one for one in owns if one.tool not in told]
    return [_pending(context, one, owns, others) for one in context.rollout.histories if one.new]


def own_commands(context: PlanContext) -> list[OwnCommand]:
    """Return the commands by which the pipelines of the environment migrate, in their order."""
    key = ("own commands", context.environment)
    return [*context.after.graph.remember(key, lambda: tuple(_own_commands(context)))]


def _own_commands(context: PlanContext) -> Iterator[OwnCommand]:
    for job in deploying_jobs(context.after, context.environment):
        for act in migrations(job, context.after.graph):
            text, command = written(act), act.command
            yield OwnCommand(
                act.classification.tool,
                from_pipeline(text) if text else None,
                directory_of(act) or "",
                place_in(act.file, act.where),
                swallows_failure=command is not None and command.or_true,
            )


def _runner(history: History) -> Runner:
    return RUNNERS.get(history.tool, RUNNERS["plain"])


def _pending(
    context: PlanContext, history: History, owns: list[OwnCommand], others: list[OwnCommand]
) -> Pending:
    """Return what is pending in a history; of `others` nobody says which files they run."""
    runner = _runner(history)
    own = next((one for one in owns if one.tool == runner.program), next(iter(others), None))
    assessed = tuple(assess(one, context.after, context.postgres_version) for one in history.new)
    return Pending(history, runner, own, assessed, tuple(_grouped(history, runner, assessed)))


def _grouped(history: History, runner: Runner, assessed: tuple[Assessed, ...]) -> Iterator[Group]:
    """Cut the migrations into steps: before the code what it needs, after it what the old code needs.

    A runner applies migrations in their order, so everything up to the last one that adds something comes
    before the code, whatever else is among it.
    """
    if not history.is_pending_known:
        yield Group(assessed, Phase.EXPAND)
        return
    expanding = [at for at, one in enumerate(assessed) if _is_needed(one)]
    cut = expanding[-1] + 1 if expanding else 0
    if cut and not runner.can_stop:
        cut = len(assessed)
    yield from _stepwise(runner, assessed[:cut], Phase.EXPAND)
    rest = assessed[cut:]
    fills = next((at for at, one in enumerate(rest) if one.is_contracting), len(rest))
    if not runner.can_stop and fills < len(rest):
        fills = 0
    yield from _stepwise(runner, rest[:fills], Phase.BACKFILL)
    yield from _stepwise(runner, rest[fills:], Phase.CONTRACT)


def _is_needed(one: Assessed) -> bool:
    """Say whether new code may need the migration, or nobody can tell."""
    return not one.effects or bool(one.effects & {Effect.EXPAND, Effect.UNKNOWN})


def _stepwise(runner: Runner, assessed: tuple[Assessed, ...], phase: Phase) -> Iterator[Group]:
    if runner.can_stop and len(assessed) <= _MOST_STEPS:
        yield from (Group((one,), phase) for one in assessed)
    elif assessed:
        yield Group(assessed, phase)
