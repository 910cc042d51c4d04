"""A push to any branch is deployed to production.

## What it does
Reports jobs that deploy to production and that a push to any branch starts: the trigger names no branches or tags, and
no condition of the job, of the jobs it needs or of the step asks for one. Environments may only admit some branches, so
jobs in one are reported at level `pedantic`. In CircleCI and GitLab these are jobs without filters or rules.

## Why it matters
Whoever pushes a branch to save his work releases it. The next push to another branch replaces it by something else.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
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
  deploy:  # <-
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
    if: github.ref_name == github.event.repository.default_branch
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
Adds a condition for the default branch. Unsafe: other branches are no longer deployed.

## References
- [GitHub: push](https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#push)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.github_workflow.runs import Run, step_runs
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.pipeline_edits import for_main_branch
from rollsafe.rules.workflow_edits import add_condition
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import environment_of, goes_to_production, production_of
from rollsafe.workspace.pipelines import Act, Certainty, deployments, deploys

_CONDITION = "github.ref_name == github.event.repository.default_branch"


@rule(severity=Severity.ERROR, since="0.1.0", level=Level.PEDANTIC, earliest=Level.REGULAR, fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a production deployment that every push starts."""
    if deploys(job, graph) is not Certainty.CERTAIN:
        return
    production = production_of(job, graph)
    if not production.is_production or not production.strong:
        return
    if isinstance(job, OtherJob):
        yield from _elsewhere(job)
        return
    trigger = job.workflow.triggers.get("push")
    if trigger is None or any((trigger.branches, trigger.tags, trigger.branches_ignore, trigger.tags_ignore)):
        return
    run = next((one for one in job.runs if one.event == "push" and one.is_sample), None)
    if run is None or not _is_reached(job, run, graph) or _asks(job):
        return
    edit = add_condition(job, _CONDITION)
    yield Finding(
        job.key,
        f"a push to any branch runs `{job.id}`, which deploys to production",
        fixes=() if edit is None else (Fix("Deploy the default branch only", Safety.UNSAFE, edits=(edit,)),),
        related=(Related(job.file, trigger, "names no branch"),),
        level=None if _is_in_environment(job, graph) else Level.REGULAR,
        detail="the next push to another branch replaces it by something else",
    )


def _is_reached(job: Job, run: Run, graph: Graph) -> bool:
    acts = (act for act in deployments(job, graph) if goes_to_production(act, job, graph))
    return any(_happens(act, run) for act in acts)


def _is_in_environment(job: Job, graph: Graph) -> bool:
    """Say whether the job, or one before it, runs in an environment, which may not admit every branch."""
    return any(environment_of(one, graph) is not None for one in (job, *job.needs_closure))


def _happens(act: Act, run: Run) -> bool:
    steps = {id(step): step for step in (act.step, act.inner) if step is not None}
    return not act.is_conditional and all(step_runs(step, run) for step in steps.values())


def _asks(job: Job) -> bool:
    """Say whether a condition on the way looks at the ref in a way nobody can tell."""
    return any(one.if_ is not None for one in (job, *job.needs_closure))


def _elsewhere(job: OtherJob) -> Iterator[Finding]:
    """Yield a finding for a job of CircleCI or GitLab that nothing keeps from any branch."""
    pipeline = job.pipeline
    pushed = any(said.text.startswith("push") for said in pipeline.triggers)
    if pipeline.dialect is Dialect.ARGO or not pushed or not job.is_whole:
        return
    around = (job, *job.needs_closure)
    if any(
        one.is_filtered or one.is_optional or one.is_manual or one.asks or not one.is_whole for one in around
    ):
        return
    edit = for_main_branch(job)
    yield Finding(
        job.key,
        f"a push to any branch runs `{job.id}`, which deploys to production",
        fixes=() if edit is None else (Fix("Deploy the main branch only", Safety.UNSAFE, edits=(edit,)),),
        confidence=Confidence.MEDIUM,
        level=Level.REGULAR if job.environment is None else None,
        detail="the next push to another branch replaces it by something else",
    )
