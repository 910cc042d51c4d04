"""A job is stopped before the check of its deployment has given its verdict.

## What it does
Compares `timeout-minutes` of jobs (in GitLab `timeout`, in Azure `timeoutInMinutes`) with how long the deployments and checks in them wait: `--timeout` of
`kubectl rollout status`, `kubectl wait` and `helm`, and the ten minutes of `aws ecs wait services-stable`.

## Why it matters
A job that reaches its limit is cancelled, which is no failure: steps under `if: failure()`, such as the rollback, do
not run. A release that does not become ready then stays as it is, half rolled out.

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
    timeout-minutes: 15  # <-
    steps:
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=20m
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
    timeout-minutes: 25
    steps:
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=20m
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Raises the limit five minutes above the longest wait. Unsafe: a job that hangs holds its place that much longer.

## References
- [GitHub: timeout-minutes](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes)

## Equivalent rules
None known.
"""

import math
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.durations import seconds_of
from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import Role
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.pipeline_jobs import own_scalar
from rollsafe.workspace.exclusion import is_lasting
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import Act, activities_of

_TIMED: Final = frozenset({"kubectl", "oc", "helm", "helmfile", "argocd"})
_MINUTE: Final = 60_000
_ECS_WAIT: Final = 10.0
"""Minutes: 40 attempts, 15 seconds apart."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a limit that is not above the longest wait inside of the job."""
    if isinstance(job, OtherJob):
        limit = own_scalar(job, "timeout") or own_scalar(job, "timeoutInMinutes")
        minutes = (job.limit or 0) // _MINUTE or None
    else:
        limit, minutes = job.timeout_node, job.timeout
    if limit is None or minutes is None or not is_lasting(job, graph):
        return
    acts = [act for act in activities_of(job, graph) if not act.after_failure]
    slowest = max(acts, key=_minutes, default=None)
    if slowest is None or _minutes(slowest) < minutes:
        return
    wait = _minutes(slowest)
    raised = str(math.ceil(wait) + 5)
    written = f"{raised} minutes" if isinstance(job, OtherJob) and not limit.text.isdigit() else raised
    edits = () if "$" in limit.text else (set_value(limit, written),)
    yield Finding(
        limit,
        f"job `{job.id}` is stopped after {minutes} minutes, before `{slowest.title}` has waited its {wait:g}",
        fixes=(Fix(f"Raise it to {raised}", Safety.UNSAFE, edits=edits),) if edits else (),
        related=(Related(slowest.file, slowest.where, "waits longer than it may"),),
        detail="reaching the limit cancels the job, and a cancelled job does not run what stands under `if: failure()`",
    )


def _minutes(act: Act) -> float:
    """Return how long a deployment or check waits; 0 when it does not say."""
    if Role.VERIFY not in act and Role.DEPLOY not in act:
        return 0.0
    if act.classification.verb.startswith("ecs wait"):
        return _ECS_WAIT
    command = act.raw if act.classification.tool in _TIMED else None
    value = command.option("--timeout") if command is not None else None
    if value is None:
        return 0.0
    seconds = float(value) if value.isascii() and value.isdigit() and len(value) < 8 else seconds_of(value)
    return (seconds or 0.0) / 60
