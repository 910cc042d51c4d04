"""Staging is migrated before its deployment and production is not.

## What it does
Compares jobs of one workflow that deploy to staging and to production. Reports those for production that neither
migrate nor wait for a job that does, where the one for staging runs a migration.

## Why it matters
The release has worked on staging because its schema was there. In production the same code meets the old schema, and
fails at the first query that needs the new one.

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
      - run: alembic upgrade head
      - run: kubectl -n staging set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n staging rollout status deployment/shop --timeout=300s
  deploy:  # <-
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
      - run: alembic upgrade head
      - run: kubectl -n staging set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n staging rollout status deployment/shop --timeout=300s
  deploy:
    needs: [deploy-staging]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: alembic upgrade head
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
None: the connection that the migration needs in production is not in the file.

## References
- [Prisma: deploying database changes](https://www.prisma.io/docs/orm/prisma-client/deployment/deploy-database-changes-with-prisma-migrate)

## Equivalent rules
None known.
"""

from collections.abc import Iterator, Sequence

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import EnvironmentKind, Role
from rollsafe.rules import Confidence, Finding, Related, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import goes_to, production_of, remembered, staged
from rollsafe.workspace.pipelines import (
    Act,
    AnyJob,
    Certainty,
    called_workflow,
    deployments,
    deploys,
    migrations,
    roles_of_job,
)


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a production deployment whose counterpart migrates."""
    if deploys(job, graph) is not Certainty.CERTAIN or not goes_to(job, EnvironmentKind.PRODUCTION, graph):
        return
    if not _is_known(job, graph) or _migrates_somewhere(job, graph):
        return
    tools = {act.classification.tool for act in deployments(job, graph)}
    for one in staged(job, graph):
        act = _migration(one, graph)
        if act is not None and tools & {it.classification.tool for it in deployments(one, graph)}:
            yield _finding(job, one, act)
            return


def _is_known(job: AnyJob, graph: Graph) -> bool:
    """Say whether all that the job does is at hand."""
    if isinstance(job, OtherJob):
        return job.is_whole
    return job.uses is None or called_workflow(job, graph) is not None


def _migrates_somewhere(job: AnyJob, graph: Graph) -> bool:
    """Say whether a job of the workflow that is not for another environment migrates, or may."""
    others = (EnvironmentKind.STAGING, EnvironmentKind.DEVELOPMENT, EnvironmentKind.PREVIEW)

    def find(jobs: Sequence[AnyJob]) -> bool:
        around = (one for one in jobs if production_of(one, graph).kind not in others)
        return any(Role.MIGRATE in roles_of_job(one, graph) or not _is_known(one, graph) for one in around)

    return remembered(job, "migrates somewhere", graph, find)


def _migration(job: AnyJob, graph: Graph) -> Act | None:
    """Return the first migration of a job; one that its script decides about does not count."""
    found = (
        act for act in migrations(job, graph) if not act.is_conditional and not act.classification.probable
    )
    return next(found, None)


def _finding(job: AnyJob, other: AnyJob, act: Act) -> Finding:
    return Finding(
        job.key,
        f"`{other.id}` runs `{act.title}`, and nothing does before `{job.id}` is live",
        related=(Related(act.file, act.where, "staging is migrated here"),),
        detail=f"`{job.id}` puts code live that was tried on a schema production does not have",
    )
