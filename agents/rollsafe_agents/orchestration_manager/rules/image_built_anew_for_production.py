"""Production gets another build than the one that was tried on staging.

## What it does
Reports jobs that build an image and deploy it to production where an earlier job of the same workflow has built it
from the same commit and deployed it to staging, and is waited for. Level `pedantic`. Builds that name the environment
are left alone: they are meant to differ.

## Why it matters
The second build takes the base image, the packages and the tools of that hour. What goes live has never run anywhere, and
has overwritten the image that has.

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
      - run: docker build --tag registry.example/shop:${{ github.sha }} --push .
      - run: kubectl -n staging set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n staging rollout status deployment/shop --timeout=300s
  deploy:
    needs: [deploy-staging]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: docker build --tag registry.example/shop:${{ github.sha }} --push .  # <-
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
      - run: docker build --tag registry.example/shop:${{ github.sha }} --push .
      - run: kubectl -n staging set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n staging rollout status deployment/shop --timeout=300s
  deploy:
    needs: [deploy-staging]
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
None that is applied by itself: what the build made besides the image may be needed.

## References
- [The Twelve-Factor App: build, release, run](https://12factor.net/build-release-run)

## Equivalent rules
None known.
"""

from collections.abc import Iterator, Sequence

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import EnvironmentKind, Role, name_environment
from rollsafe.rules import Finding, Level, Related, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.rules.pipeline_jobs import place_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import goes_to
from rollsafe.workspace.pipelines import Act, AnyJob, Certainty, activities_of, deploys


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a build that staging has had already."""
    if deploys(job, graph) is not Certainty.CERTAIN or not goes_to(job, EnvironmentKind.PRODUCTION, graph):
        return
    mine = _build(job, graph)
    if mine is None or justified(mine.file, mine.where):
        return
    before: Sequence[AnyJob] = job.needs_closure
    for one in before:
        theirs = _build(one, graph)
        if theirs is None or not goes_to(one, EnvironmentKind.STAGING, graph) or not deploys(one, graph):
            continue
        yield Finding(
            place_of(mine, job),
            f"`{job.id}` builds again what `{one.id}` has built and tried",
            related=(Related(theirs.file, theirs.where, "this is what was tried"),),
            detail="the second build takes base images and packages of its own hour, so what goes live has run nowhere",
        )
        return


def _build(job: AnyJob, graph: Graph) -> Act | None:
    """Return the first build of an image in a job that is not for one environment only."""
    for act in activities_of(job, graph):
        if Role.DEPLOY in act:
            return None
        if Role.BUILD in act and act.classification.tool == "docker":
            said = " ".join(act.texts) + (act.inner.file.slice(act.inner) if act.inner is not None else "")
            named = any(name_environment(word) is not EnvironmentKind.UNKNOWN for word in said.split())
            return None if named or "matrix." in said or "inputs." in said else act
    return None
