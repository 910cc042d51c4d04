"""A pull request that nobody has merged is deployed to production.

## What it does
Reports jobs that deploy to production and that a `pull_request` or `pull_request_target` event reaches: neither an
`if:` of the job, of the jobs it needs or of the step excludes it. Previews, dry runs, deployments behind a label and
workflows that only run when a pull request is closed and merged are left alone.

## Why it matters
Opening a pull request is enough to release it. Nobody has reviewed it yet, the next push to it releases again, and
after it is closed production still runs code that is on no branch.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
  pull_request:
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

## Good
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
  pull_request:
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
    if: github.event_name != 'pull_request'
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
Adds a condition that leaves pull requests out. Unsafe: somebody may rely on them being deployed.

## References
- [GitHub: pull_request](https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.expressions import UNKNOWN, Functions, fill
from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.github_workflow.runs import Run, step_runs
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob, Said
from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.pipeline_edits import insist
from rollsafe.rules.workflow_edits import add_condition
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import goes_to_production, production_of
from rollsafe.workspace.pipelines import Act, Certainty, deployments, deploys

_CHOSEN = ("labels", "label.name", "inputs.", "comment.body", "github.actor")
"""What a condition asks for when somebody decides about each pull request."""

_STATUS: Functions = {"success": True, "always": True, "cancelled": False, "failure": UNKNOWN}


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a production deployment that an open pull request starts."""
    if isinstance(job, OtherJob):
        yield from _on_merge_request(job, graph)
        return
    certainty = deploys(job, graph)
    if certainty is None or not job.workflow.has_event("pull_request", "pull_request_target"):
        return
    production = production_of(job, graph)
    if not production.is_production or not production.strong:
        return
    run = next((one for one in job.runs if one.is_pull_request and _reaches(job, one, graph)), None)
    if run is None or any(_is_chosen(one) for one in (job, *job.needs_closure)):
        return
    edit = add_condition(job, f"github.event_name != '{run.event}'")
    trigger = job.workflow.triggers[run.event]
    yield Finding(
        job.key,
        f"job `{job.id}` deploys to production from a `{run.event}` that nobody has merged",
        fixes=() if edit is None else (Fix("Leave pull requests out", Safety.UNSAFE, edits=(edit,)),),
        related=(Related(job.file, trigger, "starts the deployment"),),
        confidence=Confidence.MEDIUM if certainty is Certainty.PROBABLE else None,
        detail=f"every push to a pull request runs `{job.id}`, before any review",
    )


def _on_merge_request(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a job of GitLab that merge requests start."""
    said, production = job.on_change or _asked_by_none(job), production_of(job, graph)
    if said is None or deploys(job, graph) is None or not (production.is_production and production.strong):
        return
    if job.is_manual or job.asks is not None or job.follows_gate:
        return
    yield Finding(
        job.place(said),
        f"job `{job.id}` deploys to production from a merge request that nobody has merged",
        fixes=tuple(_leaving_out(job, said)),
        related=() if said.file in (None, job.file) else (Related(said.file, said.where, "starts it"),),
        confidence=Confidence.MEDIUM if deploys(job, graph) is Certainty.PROBABLE else None,
        level=Level.PEDANTIC if job.on_change is None and job.environment is not None else None,
        detail=f"every push to a merge request runs `{job.id}`, before any review",
    )


def _leaving_out(job: OtherJob, said: Said) -> Iterator[Fix]:
    """Yield what keeps merge requests away: a rule for the default branch instead, or a condition of Azure."""
    edit = None
    if job.pipeline.dialect is Dialect.AZURE:
        edit = insist(job, "ne(variables['Build.Reason'], 'PullRequest')")
    elif isinstance(said.where, Mapping) and said.file in (None, job.file):
        value = said.where.at("if")
        plain = isinstance(value, Scalar) and not value.block
        edit = (
            set_value(value, "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH")
            if plain and value is not None
            else None
        )
    if edit is not None:
        yield Fix("Leave changes out that nobody has merged", Safety.UNSAFE, edits=(edit,))


def _asked_by_none(job: OtherJob) -> Said | None:
    """Return what starts a pipeline of Azure for pull requests, where no condition leaves the job out."""
    if job.pipeline.dialect is not Dialect.AZURE or not job.is_whole:
        return None
    around = (job, *job.needs_closure)
    free = all(one.condition is None and not one.is_optional and one.is_whole for one in around)
    return job.pipeline.on_change if free else None


def _reaches(job: Job, run: Run, graph: Graph) -> bool:
    """Say whether the run deploys, and to what may be production."""
    environment = job.environment
    name = fill(environment.name, run.value, _STATUS) if environment is not None else None
    if name is not None and environment_of(name) is not EnvironmentKind.PRODUCTION:
        return False
    return any(_happens(act, run) for act in deployments(job, graph) if goes_to_production(act, job, graph))


def _happens(act: Act, run: Run) -> bool:
    if act.classification.tool == "pages" or act.is_conditional:
        return False
    steps = {id(step): step for step in (act.step, act.inner) if step is not None}
    return all(step_runs(step, run) for step in steps.values())


def _is_chosen(job: Job) -> bool:
    return job.if_ is not None and any(word in job.if_.text for word in _CHOSEN)
