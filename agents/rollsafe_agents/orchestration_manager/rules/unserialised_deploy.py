"""Two deployments to one environment can run at the same time.

## What it does
Reports jobs that deploy to a lasting environment and run under no `concurrency:` at all, neither their own nor that of
their workflow, their callers or the workflow they call. Tools that refuse to run twice, platforms that switch over at
once and environments of a single pull request are left alone unless level `pedantic` is asked for. In GitLab it is
`resource_group` that keeps runs apart, in CircleCI `serial-group` (level `pedantic`); Azure keeps it in its settings.

## Why it matters
Two merges within minutes start two deployments side by side. They change the same objects in an order nobody knows,
and the one that finishes last stays, which may be the older commit.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
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

## Good
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  deploy:
    needs: [test]
    environment: production
    concurrency:
      group: deploy-production
      cancel-in-progress: false
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Puts the job into a group named after the environment. Unsafe: deployments wait for each other, and of several that
wait GitHub keeps the newest.

## References
- [GitLab: resource group](https://docs.gitlab.com/ci/resource_groups/)
- [GitHub: concurrency](https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.pipeline_edits import given_to
from rollsafe.rules.pipeline_jobs import add_key
from rollsafe.rules.workflow_edits import add_job_key
from rollsafe.workspace.exclusion import is_lasting, is_unserialised, locks_itself, releasing_runs
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import callers, production_of
from rollsafe.workspace.pipelines import AnyJob, Certainty, deploys

_BY_HAND = frozenset({"workflow_dispatch"})
_GROUPS = {Dialect.GITLAB: "resource_group", Dialect.CIRCLECI: "serial-group"}
"""The key that keeps runs apart; Azure does it in the settings of the environment."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a deployment that nothing keeps from overlapping with another one."""
    if isinstance(job, OtherJob):
        yield from _elsewhere(job, graph)
        return
    if not is_unserialised(job, graph):
        return
    certainty = deploys(job, graph)
    events = {run.event for run in releasing_runs(job)}
    calling = callers(job.workflow, graph)
    yield Finding(
        job.key,
        f"nothing keeps two runs of `{job.id}` from deploying at the same time",
        fixes=tuple(_fixes(job, is_production=production_of(job, graph).is_production)),
        related=tuple(Related(one.file, one.key, "calls it, in no group either") for one in calling[:3]),
        severity=None
        if production_of(job, graph).is_production and not events <= _BY_HAND
        else Severity.INFO,
        confidence=Confidence.MEDIUM if certainty is Certainty.PROBABLE else None,
        level=None if _matters(job, graph) else Level.PEDANTIC,
        detail="two pushes within minutes deploy side by side, and the one that finishes last stays, which "
        "may be the older commit",
    )


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a job of GitLab without a resource group, or of CircleCI without a serial group."""
    key = _GROUPS.get(job.pipeline.dialect)
    certainty = deploys(job, graph)
    if key is None or certainty is None or job.lock is not None or not job.is_whole:
        return
    if job.repairs or not is_lasting(job, graph):
        return
    production = production_of(job, graph).is_production
    asked = job.is_manual or job.asks is not None or job.follows_gate
    name = job.environment.text if job.environment is not None else "production" if production else job.id
    group = name if job.pipeline.dialect is Dialect.GITLAB else f"<< pipeline.project.slug >>/deploy-{name}"
    plain = name.replace("-", "").replace("_", "").replace("/", "").isalnum()
    add = given_to if job.pipeline.dialect is Dialect.CIRCLECI else add_key
    edit = add(job, key, group) if plain else None
    regular = _matters(job, graph) and job.pipeline.dialect is Dialect.GITLAB and not asked
    yield Finding(
        job.key,
        f"nothing keeps two runs of `{job.id}` from deploying at the same time",
        fixes=()
        if edit is None
        else (Fix(f"Deploy one at a time by `{key}`", Safety.UNSAFE, edits=(edit,)),),
        severity=None if production and not asked else Severity.INFO,
        confidence=Confidence.MEDIUM if certainty is Certainty.PROBABLE else None,
        level=None if regular else Level.PEDANTIC,
        detail="two pushes within minutes deploy side by side, and the one that finishes last stays, which "
        "may be the older commit",
    )


def _matters(job: AnyJob, graph: Graph) -> bool:
    return production_of(job, graph).is_production and not locks_itself(job, graph)


def _fixes(job: Job, *, is_production: bool) -> Iterator[Fix]:
    if job.matrix is not None:
        # The legs of a matrix are in the group together and would wait for each other.
        return
    name = job.environment.name if job.environment is not None else ""
    group = f"deploy-{name or ('production' if is_production else job.id)}"
    if "\n" in group or "#" in group or ": " in group:
        return
    edit = add_job_key(job, "concurrency", f"group: {group}\ncancel-in-progress: false")
    if edit is not None:
        yield Fix(f"Deploy one at a time in the group `{group}`", Safety.UNSAFE, edits=(edit,))
