"""Two scheduled workflows change production in the same minute.

## What it does
Reports workflows of GitHub that change production (deploy, migrate, delete data) and whose schedules fire in the same minute as
that of another one that does, where no `concurrency` group keeps them apart.

## Why it matters
Both start from what was there before: a migration locks the tables that a clean-up works on, a deployment goes out in
the middle of the migration. Which one wins changes from day to day.

## Bad
```yaml title=".github/workflows/nightly-deploy.yml"
name: Nightly deploy
on:
  schedule:
    - cron: "0 3 * * *"
permissions: {}
concurrency: {group: deploy, cancel-in-progress: false}
jobs:
  deploy:
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    environment: production
    steps:
      - run: helm upgrade --install shop charts/shop --atomic --timeout 10m
```
```yaml title=".github/workflows/nightly-migrate.yml"
name: Nightly migrate
on:
  schedule:
    - cron: "0 3 * * 1-5"  # <-
permissions: {}
concurrency: {group: migrate, cancel-in-progress: false}
jobs:
  migrate:
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    environment: production
    steps:
      - run: npx prisma migrate deploy
```

## Good
```yaml title=".github/workflows/nightly-deploy.yml"
name: Nightly deploy
on:
  schedule:
    - cron: "0 3 * * *"
permissions: {}
concurrency: {group: deploy, cancel-in-progress: false}
jobs:
  deploy:
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    environment: production
    steps:
      - run: helm upgrade --install shop charts/shop --atomic --timeout 10m
```
```yaml title=".github/workflows/nightly-migrate.yml"
name: Nightly migrate
on:
  schedule:
    - cron: "30 3 * * 1-5"
permissions: {}
concurrency: {group: migrate, cancel-in-progress: false}
jobs:
  migrate:
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    environment: production
    steps:
      - run: npx prisma migrate deploy
```

## Fix
Moves the second one by half an hour. Unsafe: it runs at another time, and a run that takes longer still overlaps; one
`concurrency` group for both keeps them apart for certain.

## References
- [GitHub: schedule](https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.recognition import Role
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.plans.schedules import meet
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import roles_of_job

_CHANGING: Final = frozenset({Role.DEPLOY, Role.MIGRATE, Role.DESTROY_DATA})
_HALF: Final = 30


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workflow: Workflow, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each schedule that meets that of a workflow before it."""
    mine = _crons(workflow)
    job = _changing(workflow, graph) if mine else None
    if job is None:
        return
    others = (one for one in graph.every(Workflow, "path:") if one.file.path < workflow.file.path)
    for other in others:
        theirs = _crons(other)
        pair = next(((one, two) for one in mine for two in theirs if meet(one.text, two.text)), None)
        rival = _changing(other, graph) if pair is not None else None
        if pair is None or rival is None or _are_apart(workflow, job, other, rival):
            continue
        if explained(workflow.file, pair[0]) or explained(other.file, pair[1]):
            continue
        yield Finding(
            pair[0],
            f"`{job.id}` and `{rival.id}` of `{other.file.name}` change production in the same minute",
            fixes=_fixes(pair[0]),
            related=(Related(other.file, pair[1], f"starts `{rival.id}`"),),
        )
        return


def _crons(workflow: Workflow) -> list[Scalar]:
    clock = workflow.triggers.get("schedule")
    return clock.crons if clock is not None and not workflow.problems else []


def _changing(workflow: Workflow, graph: Graph) -> Job | None:
    """Return the first job that changes production."""
    if _CHANGING.isdisjoint(workflow.roles):
        return None
    jobs = (job for job in workflow.jobs if not job.is_disabled and _CHANGING & roles_of_job(job, graph))
    return next((job for job in jobs if production_of(job, graph).is_production), None)


def _are_apart(workflow: Workflow, job: Job, other: Workflow, rival: Job) -> bool:
    """Say whether both are in one group, so that one waits for the other."""
    groups = [
        {one.group_node.text for one in pair if one is not None and one.group_node is not None}
        for pair in ((workflow.concurrency, job.concurrency), (other.concurrency, rival.concurrency))
    ]
    return bool(groups[0] & groups[1]) or any("${{" in group for side in groups for group in side)


def _fixes(cron: Scalar) -> tuple[Fix, ...]:
    minute, blank, rest = cron.text.partition(" ")
    if not minute.isdigit() or cron.block or not blank:
        return ()
    meant = f"{(int(minute) + _HALF) % 60} {rest}"
    return (Fix(f"Start at `{meant}`", Safety.UNSAFE, edits=(set_value(cron, meant),)),)
