"""The production database is migrated without a copy to go back to.

## What it does
Reports jobs that migrate a production database where nothing before it, in the job or in those it waits for, makes a
dump, a snapshot or a branch of it. Level `auditor`: continuous archiving, which no workflow shows, serves as well.

## Why it matters
A migration that drops or rewrites the wrong thing cannot be undone by going back to the old code. What is left is the
nightly backup, and everything written since is lost.

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
      - run: alembic upgrade head  # <-
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
      - run: pg_dump --format=custom --file=before.dump "$DATABASE_URL"
      - run: alembic upgrade head
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
None: how the database is copied depends on where it runs.

## References
- [PostgreSQL: pg_dump](https://www.postgresql.org/docs/current/app-pgdump.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator, Sequence

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import Role
from rollsafe.rules import Confidence, Finding, Level, Severity, rule
from rollsafe.rules.pipeline_jobs import place_of, written_at
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import AnyJob, activities_of, migrations, roles_of_job


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, confidence=Confidence.MEDIUM)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the first migration of production that nothing saves anything before."""
    acts = [act for act in migrations(job, graph) if not act.classification.probable]
    if not acts:
        return
    production = production_of(job, graph)
    if not production.is_production or not production.strong or _is_saved(job, graph):
        return
    act = acts[0]
    yield Finding(
        place_of(act, job),
        f"`{act.title}` changes the production database, and nothing before it makes a copy",
        related=written_at(act, job),
        detail="what it drops or rewrites is only in the last backup, without what was written since",
    )


def _is_saved(job: AnyJob, graph: Graph) -> bool:
    for act in activities_of(job, graph):
        if Role.BACKUP in act:
            return True
        if Role.MIGRATE in act:
            break
    earlier: Sequence[AnyJob] = job.needs_closure
    return any(Role.BACKUP in roles_of_job(one, graph) for one in earlier)
