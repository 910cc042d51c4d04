"""Production is changed by night, when nobody is there.

## What it does
Reports schedules that start a deployment to production or a migration of its database. Level `pedantic`. Rebuilding a
site, renewing certificates, cleaning up, back-ups and environments that recreate what is lost are left alone.

In GitLab rules that let a schedule start the job count, in CircleCI and Azure the times in the file.

## Why it matters
What the schedule releases is whatever has been merged by then. When it breaks, everybody is asleep, and nobody remembers
having released anything.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
  schedule:  # <-
    - cron: "0 3 * * *"
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
  schedule:
    - cron: "0 3 * * *"
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
    if: github.event_name != 'schedule'
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Leaves the job out of scheduled runs. Unsafe: what relied on the schedule is no longer released.

## References
- [GitHub: schedule](https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.github_workflow.runs import Run, step_runs
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob, Said
from rollsafe.artefacts.recognition import EnvironmentKind, Role
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.rules.pipeline_edits import insist
from rollsafe.rules.workflow_edits import add_condition
from rollsafe.workspace.exclusion import Harm, harm_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import goes_to, goes_to_production, production_of
from rollsafe.workspace.pipelines import Act, deployments, migrations

_ROUTINE: Final = re.compile(
    r"drift|back.?up|cert|renew|clean|prune|purge|refresh|sync|rebuild|docs?|site|pages|cache|restart|scale|report|sitemap"
    r"|rotate|warm|seed|snapshot|restore|nightly|update",
    re.I,
)


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workflow: Workflow | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a schedule that reaches a production deployment."""
    if isinstance(workflow, OtherJob):
        yield from _elsewhere(workflow, graph)
        return
    trigger = workflow.triggers.get("schedule")
    if (
        trigger is None
        or justified(workflow.file, trigger)
        or _ROUTINE.search(f"{workflow.name} {workflow.file.name}")
    ):
        return
    hit = [job for job in workflow.jobs if _is_reached(job, graph)]
    if not hit:
        return
    job = hit[0]
    act = next(act for act in (*deployments(job, graph), *migrations(job, graph)))
    edit = add_condition(job, "github.event_name != 'schedule'")
    yield Finding(
        trigger.key,
        f"the schedule runs `{job.id}`, which changes production by `{act.title}`",
        fixes=() if edit is None else (Fix("Leave scheduled runs out", Safety.UNSAFE, edits=(edit,)),),
        related=(Related(job.file, job.key, "is reached by the schedule"),),
        detail="what has been merged by then is released while nobody is there to look",
    )


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a schedule of another service and the first job of production that it reaches."""
    said = job.on_schedule
    if said is None or not _is_reached_elsewhere(job, graph) or justified(job.file, job.place(said)):
        return
    if any(one.on_schedule is said and _is_reached_elsewhere(one, graph) for one in _before(job)):
        return
    act = next(act for act in (*deployments(job, graph), *migrations(job, graph)))
    yield Finding(
        job.place(said),
        f"the schedule runs `{job.id}`, which changes production by `{act.title}`",
        fixes=tuple(_asking(job, said)),
        related=(Related(job.file, job.key, "is reached by the schedule"),),
        detail="what has been merged by then is released while nobody is there to look",
    )


def _asking(job: OtherJob, said: Said) -> Iterator[Fix]:
    if job.pipeline.dialect is Dialect.AZURE:
        edit = insist(job, "ne(variables['Build.Reason'], 'Schedule')")
        if edit is not None:
            yield Fix("Leave scheduled runs out", Safety.UNSAFE, edits=(edit,))
    elif (
        isinstance(said.where, Mapping) and said.where.entry("when") is None and said.file in (None, job.file)
    ):
        edit = add_entry(job.file.text, said.where, "when", "manual")
        yield Fix("Let somebody start it", Safety.UNSAFE, edits=(edit,))


def _before(job: OtherJob) -> list[OtherJob]:
    return job.pipeline.jobs[: next(at for at, one in enumerate(job.pipeline.jobs) if one is job)]


def _is_reached_elsewhere(job: OtherJob, graph: Graph) -> bool:
    if job.on_schedule is None or job.is_manual or job.asks or job.follows_gate:
        return False
    if _ROUTINE.search(f"{job.id} {job.pipeline.name.rpartition('#')[2]}"):
        return False
    if not goes_to(job, EnvironmentKind.PRODUCTION, graph):
        return False
    acts = [*deployments(job, graph), *migrations(job, graph)]
    return any(not act.classification.probable and not act.is_conditional for act in acts)


def _is_reached(job: Job, graph: Graph) -> bool:
    production = production_of(job, graph)
    if not production.is_production or not production.strong or _ROUTINE.search(f"{job.id} {job.name}"):
        return False
    if harm_of(job, graph) is Harm.NONE and not migrations(job, graph):
        return False
    acts = [*deployments(job, graph), *migrations(job, graph)]
    live = [act for act in acts if not act.classification.probable and Role.TEARDOWN not in act]
    live = [act for act in live if goes_to_production(act, job, graph)]
    return any(run.event == "schedule" and any(_happens(act, run) for act in live) for run in job.runs)


def _happens(act: Act, run: Run) -> bool:
    steps = {id(step): step for step in (act.step, act.inner) if step is not None}
    return not act.is_conditional and all(step_runs(step, run) for step in steps.values())
