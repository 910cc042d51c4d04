"""A deployment that hangs holds its runner and its turn for six hours.

## What it does
Reports jobs that deploy or migrate without `timeout-minutes`. A time limit on each of the steps that do so is enough.
Jobs that deploy to other environments than production are reported at a lower severity.

## Why it matters
Without a limit GitHub waits 360 minutes. A migration that waits for a lock or a rollout that never becomes ready keeps
the concurrency group occupied, so that the fix for it waits behind it.

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
  deploy:  # <-
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
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
  deploy:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    steps:
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Adds a limit of 30 minutes. Unsafe: a deployment that takes longer is stopped half way; the longest of the last runs,
doubled, is a good value.

## References
- [GitHub: timeout-minutes](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes)

## Equivalent rules
- `ghalint:job_timeout_minutes_is_required`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.workflow_edits import add_job_key_after
from rollsafe.workspace.exclusion import Harm, harm_of, is_lasting
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import Act, Certainty, deployments, deploys, migrations


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a deploying or migrating job that nothing ends but GitHub's own limit."""
    if job.uses is not None or job.timeout_node is not None or not is_lasting(job, graph):
        return
    acts = [*deployments(job, graph), *migrations(job, graph)]
    if all(_is_limited(act) for act in acts):
        return
    production = production_of(job, graph).is_production
    what = "deploys" if deploys(job, graph) else "migrates"
    edit = add_job_key_after(job, "timeout-minutes", "30")
    yield Finding(
        job.key,
        f"job `{job.id}` {what} without a time limit, so it may hang for 360 minutes",
        fixes=() if edit is None else (Fix("Add `timeout-minutes: 30`", Safety.UNSAFE, edits=(edit,)),),
        severity=None if production else Severity.INFO,
        confidence=Confidence.MEDIUM if deploys(job, graph) is Certainty.PROBABLE else None,
        level=None if production and harm_of(job, graph) is not Harm.NONE else Level.PEDANTIC,
        detail=f"until then `{job.id}` keeps its place, and the next release waits behind it",
    )


def _is_limited(act: Act) -> bool:
    return act.step is not None and act.step.node.at("timeout-minutes") is not None
