"""Production is deployed at the same time as staging, not after it.

## What it does
Reports jobs that deploy to production where the same run of the workflow deploys to staging by the same tool and neither
waits for the other. Level `pedantic`: staging may be there for something else.

## Why it matters
Staging finds what tests do not, if somebody looks at it before production. Side by side, both have the version that
breaks.

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
  deploy-staging:
    needs: [test]
    environment: staging
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl -n staging set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n staging rollout status deployment/shop --timeout=300s
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
  deploy-staging:
    needs: [test]
    environment: staging
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl -n staging set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n staging rollout status deployment/shop --timeout=300s
  deploy:
    needs: [test, deploy-staging]
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
Lets production wait for staging. Unsafe: a failure there holds the release up.

## References
- [GitHub: needs](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds)

## Equivalent rules
None known.
"""

from collections.abc import Iterator, Sequence

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import EnvironmentKind
from rollsafe.rules import Edit, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.pipeline_jobs import wait_for
from rollsafe.rules.workflow_edits import add_needs
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import goes_to, staged
from rollsafe.workspace.pipelines import AnyJob, Certainty, deployments, deploys


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a production deployment that does not wait for that of staging."""
    if deploys(job, graph) is not Certainty.CERTAIN or not goes_to(job, EnvironmentKind.PRODUCTION, graph):
        return
    tools = {act.classification.tool for act in deployments(job, graph)}
    before: Sequence[AnyJob] = job.needs_closure
    for one in staged(job, graph):
        if one in before or job in one.needs_closure:
            continue
        if tools & {act.classification.tool for act in deployments(one, graph)} and _together(job, one):
            edit = _waiting(job, one)
            yield Finding(
                job.key,
                f"`{job.id}` deploys to production beside `{one.id}`, not after it",
                fixes=() if edit is None else (Fix(f"Wait for `{one.id}`", Safety.UNSAFE, edits=(edit,)),),
                related=(Related(one.file, one.key, "deploys to staging in the same run"),),
                detail="a version that breaks staging breaks production in the same minute",
            )
            return


def _together(job: AnyJob, other: AnyJob) -> bool:
    """Say whether one run reaches both, other than one that somebody starts by hand."""
    if isinstance(job, OtherJob) or isinstance(other, OtherJob):
        one, two = job, other
        return (
            isinstance(one, OtherJob)
            and isinstance(two, OtherJob)
            and not any(it.is_optional or it.is_manual or it.asks for it in (one, two))
        )
    by_hand = ("workflow_dispatch", "workflow_call", "repository_dispatch")
    return any(run in other.runs for run in job.runs if run.event not in by_hand)


def _waiting(job: AnyJob, other: AnyJob) -> Edit | None:
    if isinstance(job, OtherJob):
        return wait_for(job, [other.id.rpartition("/")[2]])
    return add_needs(job, [other.id])
