"""A rollback cannot read the secrets that the deployment has.

## What it does
Reports jobs that take a version back and use a secret that a deploying job of the repository uses as well, where that
job runs in an environment and the rollback runs in none. A secret that jobs outside of environments use for other
things is taken for one of the repository.

## Why it matters
Secrets of an environment are empty outside of it. Nobody finds out before the first night on which the rollback is
needed, and then it fails to log in.

## Bad
```yaml title=".github/workflows/rollback.yml"
name: rollback
on:
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  rollback:  # <-
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl -n shop --token "$TOKEN" rollout undo deployment/shop
        env:
          TOKEN: ${{ secrets.CLUSTER_TOKEN }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
```
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
      - run: kubectl -n shop --token "$TOKEN" set image deployment/shop shop=registry.example/shop:${{ github.sha }}
        env:
          TOKEN: ${{ secrets.CLUSTER_TOKEN }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
```

## Good
```yaml title=".github/workflows/rollback.yml"
name: rollback
on:
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  rollback:
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl -n shop --token "$TOKEN" rollout undo deployment/shop
        env:
          TOKEN: ${{ secrets.CLUSTER_TOKEN }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
```
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
      - run: kubectl -n shop --token "$TOKEN" set image deployment/shop shop=registry.example/shop:${{ github.sha }}
        env:
          TOKEN: ${{ secrets.CLUSTER_TOKEN }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
```

## Fix
Names the environment of the deployment. Unsafe: its approvals hold the rollback up, too.

## References
- [GitHub: deployment environments](https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.recognition import Role
from rollsafe.rules import Confidence, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.workflow_edits import add_job_key
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import deploys, roles_of_job

_SECRET: Final = re.compile(r"\bsecrets\.(?!GITHUB_TOKEN\b)(\w+)", re.I)


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM, fix=Safety.UNSAFE)
def check(job: Job, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a rollback without the environment its secrets are in."""
    if job.environment is not None or job.uses is not None or job.is_disabled or job.workflow.is_only_called:
        return
    if not job.repairs and Role.ROLLBACK not in roles_of_job(job, graph):
        return
    wanted = _secrets(job)
    if not wanted or not (job.repairs or _only_goes_back(job, graph)):
        return
    others = [one for one in _jobs(graph) if one is not job]
    for other in others:
        shared = sorted(wanted & _secrets(other))
        if (
            other.environment is None
            or "$" in other.environment.name
            or not deploys(other, graph)
            or not shared
        ):
            continue
        own = [
            name
            for name in shared
            if not any(name in _secrets(it) for it in others if it.environment is None)
        ]
        if own:
            yield _finding(job, other, own[0])
            return


def _only_goes_back(job: Job, graph: Graph) -> bool:
    """Say whether the job is there to go back, rather than deploying with a rollback of its own."""
    return deploys(job, graph) is None


def _jobs(graph: Graph) -> list[Job]:
    return [job for one in graph.every(Workflow, "path:") for job in one.jobs if not job.is_disabled]


def _secrets(job: Job) -> frozenset[str]:
    return frozenset(match[1].upper() for match in _SECRET.finditer(job.file.text, job.start, job.end))


def _finding(job: Job, other: Job, secret: str) -> Finding:
    environment = other.environment
    name = environment.name if environment is not None else ""
    edit = add_job_key(job, "environment", name)
    return Finding(
        job.key,
        f"`{job.id}` takes a version back outside of `{name}`, in which `{other.id}` has its `{secret}`",
        fixes=() if edit is None else (Fix(f"Run it in `{name}`", Safety.UNSAFE, edits=(edit,)),),
        related=(Related(other.file, environment or other.key, "the deployment runs here"),),
        detail=f"where `{secret}` is a secret of the environment, it is empty in `{job.id}`",
    )
