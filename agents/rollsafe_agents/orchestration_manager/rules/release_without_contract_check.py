"""An interface is released without anything that compares it with the one before.

## What it does
Reports the first job that deploys to production in repositories with an OpenAPI or AsyncAPI document of their own, where no
workflow and no script that workflows may call names a tool that holds the interface against its former revision or
against those who use it. Documents among tests, examples, generated files and clients are left out.

## Why it matters
Old and new versions of the service run side by side during the rollout, and whoever calls it is released later or not at all.
A path that is gone or a field that has become required is found out by their errors, when it is live.

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
    timeout-minutes: 15
    steps:
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.4.0
  description: What customers of the shop ordered
  contact: {name: Shop, url: "https://shop.example.com", email: shop@example.com}
  license: {name: MIT, url: "https://opensource.org/license/mit"}
servers:
  - url: https://orders.example.com
security:
  - token: []
tags:
  - {name: orders, description: What customers bought}
paths:
  /orders:
    get:
      operationId: latestOrder
      summary: Show the latest order
      description: Show the latest order of the shop
      tags: [orders]
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
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
      - run: oasdiff breaking --fail-on ERR origin/main:api/openapi.yaml api/openapi.yaml
  deploy:
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
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.4.0
  description: What customers of the shop ordered
  contact: {name: Shop, url: "https://shop.example.com", email: shop@example.com}
  license: {name: MIT, url: "https://opensource.org/license/mit"}
servers:
  - url: https://orders.example.com
security:
  - token: []
tags:
  - {name: orders, description: What customers bought}
paths:
  /orders:
    get:
      operationId: latestOrder
      summary: Show the latest order
      description: Show the latest order of the shop
      tags: [orders]
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
```

## Fix
None: which revision is live, and who uses the interface, is not in the repository. `rollsafe check --base REF` in the job that
tests is one way.

## References
- [OpenAPI: breaking changes by oasdiff](https://github.com/oasdiff/oasdiff/blob/main/docs/BREAKING-CHANGES.md)

## Equivalent rules
None known.
"""

from collections.abc import Iterator, Sequence

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.rules import Confidence, Finding, Level, Severity, rule
from rollsafe.workspace.contract_gates import compares, uncompared_contract
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of, siblings
from rollsafe.workspace.pipelines import AnyJob, Certainty, deploys


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, confidence=Confidence.MEDIUM)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the first production deployment of a repository whose interface nothing compares."""
    if not _releases(job, graph) or _is_told(job, graph):
        return
    contract = uncompared_contract(graph)
    if contract is None or (isinstance(job, OtherJob) and _is_compared(job)):
        return
    yield Finding(
        job.key,
        f"nothing compares `{contract}` with what is live before `{job.id}` releases it",
        detail="what breaks those who use the interface is found out by their errors",
    )


def _releases(job: AnyJob, graph: Graph) -> bool:
    if deploys(job, graph) is not Certainty.CERTAIN or not production_of(job, graph).is_production:
        return False
    return isinstance(job, OtherJob) or not (job.workflow.is_only_called or job.is_disabled)


def _is_told(job: AnyJob, graph: Graph) -> bool:
    """Say whether another job comes first: of the same workflow, or of one of GitHub by its path."""
    jobs: Sequence[AnyJob] = siblings(job)
    if next(one for one in jobs if one is job or _releases(one, graph)) is not job:
        return True
    mine = "~" if isinstance(job, OtherJob) else job.workflow.file.path
    earlier = (one for one in graph.every(Workflow, "path:") if one.file.path < mine)
    return any(_releases(it, graph) for one in earlier for it in one.jobs)


def _is_compared(job: OtherJob) -> bool:
    files = [job.pipeline.file, *(one.file for one in job.pipeline.jobs)]
    return any(file.told(compares) for file in {id(file): file for file in files}.values())
