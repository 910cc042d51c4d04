"""A pipeline runs a command that empties or drops the database it deploys to.

## What it does
Reports commands that reset, drop or empty a database (`prisma migrate reset`, `db push --accept-data-loss`,
`rails db:schema:load`, `flyway clean`, `migrate:fresh`, `dropdb`, `DROP DATABASE`) in jobs that go to production, that
deploy, or whose connection comes from a secret. Databases of the job itself, and environments that are called test,
review, sandbox or staging are left alone.

## Why it matters
It works on the first day, when there is nothing to lose. On the next push it takes the data of every customer with
it, and what was written since the last backup does not come back.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  deploy:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: npx prisma migrate reset --force  # <-
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Good
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  deploy:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: npx prisma migrate deploy
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Puts the command that only applies pending migrations in its place. Unsafe: a database that was never migrated step by
step has to be told which migrations it has.

## References
- [Prisma: migrate deploy](https://www.prisma.io/docs/orm/prisma-client/deployment/deploy-database-changes-with-prisma-migrate)

## Equivalent rules
None known.
"""

import itertools
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Activity, Job, Step
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import EnvironmentKind, Role
from rollsafe.formats.shell import ShellCommand
from rollsafe.rules import Confidence, Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.intent import justified
from rollsafe.rules.pipeline_jobs import place_of, written_at
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import jobs_running, production_of
from rollsafe.workspace.pipelines import AnyJob, Certainty, activities_of, deploys

_EXPENDABLE: Final = frozenset(
    {EnvironmentKind.PREVIEW, EnvironmentKind.DEVELOPMENT, EnvironmentKind.STAGING}
)
_BY_HAND: Final = frozenset({"workflow_dispatch", "workflow_call"})


_DETAIL: Final = (
    "every run of `{job}` starts from an empty schema; what was in the tables is only in the last backup"
)


class Instead(NamedTuple):
    """The words that do the harm, and those that only apply what is pending; `drops` are flags to leave out."""

    words: tuple[str, ...]
    safe: str
    drops: tuple[str, ...] = ()


_INSTEAD: Final = (
    Instead(("migrate", "reset"), "migrate deploy", ("--force", "-f", "--skip-seed", "--skip-generate")),
    Instead(("db", "push"), "migrate deploy", ("--accept-data-loss", "--force-reset", "--skip-generate")),
    Instead(("db:reset",), "db:migrate"),
    Instead(("db:setup",), "db:migrate"),
    Instead(("db:schema:load",), "db:migrate"),
    Instead(("db:structure:load",), "db:migrate"),
    Instead(("db:migrate:reset",), "db:migrate"),
    Instead(("migrate:fresh",), "migrate", ("--seed",)),
    Instead(("migrate:refresh",), "migrate", ("--seed",)),
    Instead(("ecto.reset",), "ecto.migrate"),
    Instead(("schema:sync",), "migration:run"),
)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(step: Step | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each command of a step that destroys the data of a lasting database."""
    if isinstance(step, OtherJob):
        yield from _elsewhere(step, graph)
        return
    if not any(Role.DESTROY_DATA in one for one in step.recognised):
        return
    acts = [one for one in step.activities if Role.DESTROY_DATA in one]
    for job in jobs_running(step, graph):
        if _is_lasting(job, step, graph):
            yield from (_finding(act, job, graph) for act in acts if not justified(step.file, act))
            return


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each such command of a job of another kind of pipeline."""
    production = production_of(job, graph)
    certain = production.is_production and production.strong
    if production.kind in _EXPENDABLE or not (certain or deploys(job, graph) is Certainty.CERTAIN):
        return
    for act in activities_of(job, graph):
        if Role.DESTROY_DATA in act and not act.after_failure and not justified(act.file, act.where):
            here = act.file is job.file
            yield Finding(
                place_of(act, job),
                f"`{act.title}` destroys the data in {_database(job, graph)}",
                fixes=tuple(_fixes(act.command)) if here else (),
                related=written_at(act, job),
                severity=None if certain and not job.is_manual else Severity.WARNING,
                confidence=None if production.strong else Confidence.MEDIUM,
                detail=_DETAIL.format(job=job.id),
            )


def _database(job: AnyJob, graph: Graph) -> str:
    if production_of(job, graph).is_production:
        return "the production database"
    return f"the database of `{job.id}`"


def _is_lasting(job: Job, step: Step, graph: Graph) -> bool:
    """Say whether the job's database outlives it, as far as the workflow tells."""
    production = production_of(job, graph)
    if production.kind in _EXPENDABLE:
        return False
    if (production.is_production and production.strong) or deploys(job, graph) is Certainty.CERTAIN:
        return True
    variables = {**job.workflow.env, **job.env, **step.env}
    return any(
        "secrets." in value and ("DATABASE" in name or "DB_" in name) for name, value in variables.items()
    )


def _finding(activity: Activity, job: Job, graph: Graph) -> Finding:
    command = activity.raw_command
    words = " ".join(command.texts) if command is not None else activity.classification.tool
    shown = words if len(words) <= 60 else words[:57] + "…"
    production = production_of(job, graph)
    certain = production.is_production and not {run.event for run in job.runs} <= _BY_HAND
    return Finding(
        activity,
        f"`{shown}` destroys the data in {_database(job, graph)}",
        fixes=tuple(_fixes(activity.command)),
        severity=None if certain else Severity.WARNING,
        confidence=None if production.strong else Confidence.MEDIUM,
        detail=_DETAIL.format(job=job.id),
    )


def _fixes(command: ShellCommand | None) -> Iterator[Fix]:
    if command is None:
        return
    for row in _INSTEAD:
        edits = _replacement(command, row)
        if edits:
            yield Fix(f"Run `{row.safe}` instead", Safety.UNSAFE, edits=edits)
            return


def _replacement(command: ShellCommand, row: Instead) -> tuple[Edit, ...]:
    """Return the edits that put the safe words in place of the harmful ones and take their flags away."""
    texts = command.texts
    size = len(row.words)
    at = next((i for i in range(1, len(texts)) if tuple(texts[i : i + size]) == row.words), None)
    if at is None:
        return ()
    words = command.words
    edits = [Edit(Span(words[at].start, words[at + size - 1].end), row.safe)]
    edits += [
        Edit(Span(before.end, word.end), "")
        for before, word in itertools.pairwise(words)
        if word.text in row.drops
    ]
    return tuple(edits)
