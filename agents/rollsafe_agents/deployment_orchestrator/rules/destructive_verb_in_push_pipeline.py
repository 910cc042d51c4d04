"""Every push tears something down in production.

## What it does
Reports commands that remove infrastructure or lasting objects (`terraform destroy`, `helm uninstall`, `kubectl delete`
of namespaces, claims, deployments and files, `pulumi destroy`, `cdk destroy`, deleting a stack, emptying a bucket) in
jobs that deploy to production and that a push, a release or a schedule starts. Jobs, pods and objects of a migration
are replaced that way on purpose and are left alone, as are steps that clean up after a failure.

## Why it matters
What comes after it in the job builds the thing again, as long as that works. The day it does not, or the selector
matches more than it used to, production is gone, and with a claim or a bucket so are the data.

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
      - run: kubectl delete namespace shop-sessions  # <-
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
  workflow_dispatch:
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
      - if: github.event_name == 'workflow_dispatch'
        run: kubectl delete namespace shop-sessions
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Lets only a person who starts the workflow run the step. Unsafe: pushes no longer do it, and what comes after has to
work without.

## References
- [GitHub: workflow_dispatch](https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_dispatch)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.github_workflow.runs import step_runs
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import Role
from rollsafe.rules import Confidence, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.rules.pipeline_edits import started_by_hand
from rollsafe.rules.pipeline_jobs import place_of, written_at
from rollsafe.rules.workflow_edits import add_condition, add_trigger
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import jobs_running, production_of
from rollsafe.workspace.pipelines import Act, activities_of, acts_of_step

_BY_CHANGE: Final = frozenset(
    {"push", "release", "schedule", "merge_group", "repository_dispatch", "workflow_run"}
)
_REPLACED: Final = lazily(r"(?i)\b(jobs?|migrat\w*|seed|tests?|debug|tmp|temp|preview|canary|old|legacy)\b")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(step: Step | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each command of a step that tears down what production uses."""
    if isinstance(step, OtherJob):
        yield from _elsewhere(step, graph)
        return
    if not step.recognised and not step.calls_others:
        return
    acts = [act for act in acts_of_step(step, graph) if _tears_down(act)]
    if not acts or _is_cleaning(step) or justified(step.file, acts[0].where if not acts[0].hops else step):
        return
    for job in jobs_running(step, graph):
        events = sorted({run.event for run in job.runs if run.event in _BY_CHANGE and step_runs(step, run)})
        if events and production_of(job, graph).is_production:
            yield from (_finding(act, step, job, events[0], graph) for act in acts)
            return


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each command of a job of another kind of pipeline that nobody has to start."""
    asked = job.is_manual or job.asks is not None or job.follows_gate
    if asked or job.is_aside or job.repairs or not production_of(job, graph).is_production:
        return
    for act in activities_of(job, graph):
        if not _tears_down(act) or act.after_failure or justified(act.file, act.where):
            continue
        strong = production_of(job, graph).strong
        yield Finding(
            place_of(act, job),
            f"`{act.title}` runs against production in every pipeline with `{job.id}`",
            fixes=tuple(_by_hand(job)),
            related=written_at(act, job),
            severity=None if strong else Severity.WARNING,
            confidence=None if strong else Confidence.MEDIUM,
            detail=f"until `{job.id}` has built it again it is not there, and when that fails it stays away",
        )


def _by_hand(job: OtherJob) -> Iterator[Fix]:
    edit = started_by_hand(job)
    if edit is not None:
        yield Fix("Run it only when started by hand", Safety.UNSAFE, edits=(edit,))


def _tears_down(act: Act) -> bool:
    if Role.TEARDOWN not in act or Role.DESTROY_DATA in act:
        return False
    return not _REPLACED.search(" ".join(act.texts[1:]))


def _is_cleaning(step: Step) -> bool:
    return step.if_ is not None and (step.if_.after_failure or "always()" in step.if_.text)


def _finding(act: Act, step: Step, job: Job, event: str, graph: Graph) -> Finding:
    production = production_of(job, graph)
    away = (Related(act.file, act.where, "written here"),) if act.file is not step.file else ()
    return Finding(
        act.where if act.file is step.file else step.script_node or step,
        f"`{act.title}` runs against production on every `{event}`",
        fixes=tuple(_fixes(step, job)),
        related=away,
        severity=None if production.strong else Severity.WARNING,
        confidence=None if production.strong else Confidence.MEDIUM,
        detail=f"until `{job.id}` has built it again it is not there, and when that fails it stays away",
    )


def _fixes(step: Step, job: Job) -> Iterator[Fix]:
    condition = add_condition(step, "github.event_name == 'workflow_dispatch'")
    if condition is None or step.owner is not job:
        return
    workflow = job.workflow
    trigger = None if workflow.has_event("workflow_dispatch") else add_trigger(workflow, "workflow_dispatch")
    if trigger is not None or workflow.has_event("workflow_dispatch"):
        edits = (condition,) if trigger is None else (trigger, condition)
        yield Fix("Run it only when started by hand", Safety.UNSAFE, edits=edits)
