"""A version goes to all regions of production at the same time.

## What it does
Reports jobs that deploy to production in a matrix over regions, clusters, accounts or tenants without `max-parallel`
(in Azure `maxParallel`). Level `pedantic`: going everywhere at once may be what is wanted.

## Why it matters
A version that breaks the first region breaks all of them before anybody has looked. With `fail-fast`, which is the
default, the first failure also cancels the others half way.

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
    strategy:
      matrix:  # <-
        region: [eu, us]
    steps:
      - run: kubectl -n shop --context ${{ matrix.region }} set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop --context ${{ matrix.region }} rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop --context ${{ matrix.region }} rollout undo deployment/shop
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
    strategy:
      max-parallel: 1
      matrix:
        region: [eu, us]
    steps:
      - run: kubectl -n shop --context ${{ matrix.region }} set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop --context ${{ matrix.region }} rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop --context ${{ matrix.region }} rollout undo deployment/shop
```

## Fix
Deploys one leg after the other. Unsafe: the release takes longer. A failure of one leg then keeps it from the rest.

## References
- [GitHub: max-parallel](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymax-parallel)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry_before
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.rules.pipeline_edits import given_to
from rollsafe.rules.pipeline_jobs import add_key
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import deploys

_PLACES: Final = re.compile(
    r"region|cluster|account|tenant|location|zone|datacenter|dc|env|environment|stage|customer", re.I
)


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a matrix over places that all get the version at once."""
    if isinstance(job, OtherJob):
        legs = job.legs if job.most_at_once is None and job.lock is None and job.node is not None else None
        where, edit = job.key, _one_after_the_other(job)
    else:
        matrix = job.matrix
        if (
            matrix is None
            or job.max_parallel is not None
            or not any(_PLACES.search(key) for key in matrix.keys)
        ):
            return
        legs = matrix.legs
        where, edit = job.node.key_at("strategy", "matrix") or job.key, _one_by_one(job)
    if legs is None or legs < 2 or not deploys(job, graph) or justified(job.file, where):
        return
    if not production_of(job, graph).is_production:
        return
    yield Finding(
        where,
        f"`{job.id}` deploys to {legs} places of production at the same time",
        fixes=() if edit is None else (Fix("Deploy to one after the other", Safety.UNSAFE, edits=(edit,)),),
        detail="a version that breaks the first of them has reached all before anybody has looked",
    )


def _one_after_the_other(job: OtherJob) -> Edit | None:
    """Return the edit after which the legs of a job wait for each other: a group that all of them are in."""
    match job.pipeline.dialect:
        case Dialect.GITLAB:
            return add_key(job, "resource_group", "production")
        case Dialect.CIRCLECI:
            return given_to(job, "serial-group", "deploy-production")
        case _:
            strategy = job.node.at("strategy") if job.node is not None else None
            held = isinstance(strategy, Mapping) and not strategy.flow and strategy.entries
            if not held or not isinstance(strategy, Mapping):
                return None
            return add_entry_before(job.file.text, strategy.entries[0], "maxParallel", "1")


def _one_by_one(job: Job) -> Edit | None:
    strategy = job.strategy
    if strategy is None or strategy.flow or not strategy.entries:
        return None
    return add_entry_before(job.file.text, strategy.entries[0], "max-parallel", "1")
