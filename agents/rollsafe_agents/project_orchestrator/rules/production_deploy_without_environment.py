"""A job deploys to production without naming an environment.

## What it does
Reports jobs that deploy to production by a command or action and have no `environment:`. Reusable workflows are
left alone where a caller may name it, and so are jobs behind one that waits in an environment. In Azure only a
`deployment` has an environment.

## Why it matters
An environment is where GitHub asks for approval, restricts branches, keeps the production secrets and records what
was deployed when. Without one, any push to the branch deploys at once, with secrets every job of the repository
can read, and nobody can tell afterwards which commit runs.

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
  deploy-production:  # <-
    needs: [test]
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl apply -k k8s/overlays/production
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
  deploy-production:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl apply -k k8s/overlays/production
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Adds `environment: production`. Unsafe: GitHub makes the environment on the first run, and reviewers and secrets
have to be set in its settings.

## References
- [GitHub: environments](https://docs.github.com/en/actions/concepts/workflows-and-actions/deployment-environments)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.formats.yaml_edit import add_entry_before
from rollsafe.rules import Confidence, Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.pipeline_jobs import add_key
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import Certainty, deploys


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a production deployment outside of any environment."""
    if isinstance(job, OtherJob):
        yield from _elsewhere(job, graph)
        return
    if job.uses is not None or job.environment is not None or deploys(job, graph) is not Certainty.CERTAIN:
        return
    production = production_of(job, graph)
    if not production.is_production:
        return
    if job.workflow.has_event("workflow_call") or any(need.environment for need in job.needs_closure):
        return
    signal = next((one for one in production.signals if one.strong), None)
    why = f" (`{signal.text}`)" if signal is not None else ""
    yield Finding(
        job.key,
        f"job `{job.id}` deploys to production{why} without an `environment`",
        fixes=tuple(Fix("Name the environment", Safety.UNSAFE, edits=(edit,)) for edit in _edits(job)),
        confidence=None if production.strong else Confidence.MEDIUM,
        detail=f"nothing asks for approval before `{job.id}`, and nothing records which commit it deployed",
    )


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a job of GitLab, or of Azure that is no deployment; CircleCI has no environments."""
    if job.pipeline.dialect is Dialect.CIRCLECI or job.environment is not None or job.is_aside:
        return
    if job.asks is not None or job.kind != "job":
        return
    if not job.is_whole or deploys(job, graph) is not Certainty.CERTAIN:
        return
    production = production_of(job, graph)
    if not production.is_production or any(one.environment is not None for one in job.needs_closure):
        return
    # In Azure only a `deployment` has an environment, with its steps in another place.
    edit = add_key(job, "environment", "production") if job.pipeline.dialect is Dialect.GITLAB else None
    yield Finding(
        job.key,
        f"job `{job.id}` deploys to production without an `environment`",
        fixes=() if edit is None else (Fix("Name the environment", Safety.UNSAFE, edits=(edit,)),),
        severity=Severity.INFO,
        confidence=None if production.strong else Confidence.MEDIUM,
        level=Level.PEDANTIC,
        detail=f"anybody who may push runs `{job.id}`, and nothing records which commit it deployed",
    )


def _edits(job: Job) -> Iterator[Edit]:
    if job.node.flow or not job.node.entries:
        return
    anchor = next((e for e in job.node.entries if e.name in ("runs-on", "uses")), job.node.entries[0])
    yield add_entry_before(job.file.text, anchor, "environment", "production")
