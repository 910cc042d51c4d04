"""A newer run cancels a deployment in the middle.

## What it does
Reports `cancel-in-progress` where it is, or works out as, true for a run that deploys or migrates. Expressions are
followed: one that is false on the branch that deploys is left alone. So are groups of one pull request or one run,
platforms that switch over at once, and values a comment explains. In pipelines of GitLab the same is said by
`interruptible: true`, of the job or by default.

## Why it matters
The runner is killed where it stands: `terraform` keeps its state lock, `helm` leaves a release in `pending-upgrade`
that refuses the next one, a migration stops half way, and of five services three run the new version. The newer run
then starts on top of that.

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
  cancel-in-progress: true  # <-
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
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Lets a running deployment finish. Unsafe: the next release waits for it. To go on cancelling test runs, give the test
jobs a group of their own.

## References
- [GitLab: interruptible](https://docs.gitlab.com/ci/yaml/#interruptible)
- [GitHub: concurrency](https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Concurrency, Job, Workflow
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import Role
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.rules.pipeline_jobs import add_key, own_scalar
from rollsafe.workspace.exclusion import Harm, cancels, harm_of, is_below_production, is_lasting
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import AnyJob, Certainty, activities_of, deploys

_LEFT_BEHIND = {
    Harm.LOCKED: "what it holds (a state lock, a pending release, a migration half done) stays behind for the newer run",
    Harm.MIXED: "what it has reached by then runs the new version and the rest the old one",
    Harm.NONE: "the newer run starts while the platform still works on the older one",
}


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workflow: Workflow | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each concurrency setting that lets a deployment be cancelled."""
    if isinstance(workflow, OtherJob):
        yield from _interruptible(workflow, graph)
        return
    whole = workflow.concurrency
    if whole is not None:
        yield from _judge(whole, workflow.jobs, graph)
    for job in workflow.jobs:
        own = job.concurrency
        if own is not None:
            yield from _judge(own, [job], graph)


def _interruptible(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a job of GitLab that its next pipeline ends."""
    if job.cancelled is None or not is_lasting(job, graph):
        return
    value = own_scalar(job, "interruptible")
    if justified(job.file, value or job.key):
        return
    harm = harm_of(job, graph)
    act = next(one for one in activities_of(job, graph) if Role.DEPLOY in one or Role.MIGRATE in one)
    edit = set_value(value, "false") if value is not None else add_key(job, "interruptible", "false")
    there = job.cancelled.file or job.file
    yield Finding(
        value or job.key,
        f"a newer pipeline cancels job `{job.id}` in the middle of `{act.title}`: it is `interruptible`",
        fixes=() if edit is None else (Fix("Let it finish", Safety.UNSAFE, edits=(edit,)),),
        related=() if value is not None else (Related(there, job.cancelled.where, "for all jobs"),),
        severity=_severity(harm, job, graph),
        level=Level.PEDANTIC if harm is Harm.NONE else None,
        detail=f"`{job.id}` is killed where it stands: {_LEFT_BEHIND[harm]}",
    )


def _judge(concurrency: Concurrency, jobs: list[Job], graph: Graph) -> Iterator[Finding]:
    value = concurrency.cancel_node
    if value is None or value.as_bool() is False:
        return
    hit = [job for job in jobs if is_lasting(job, graph) and cancels(concurrency, job)]
    if hit and not justified(jobs[0].file, value):
        worst = max(hit, key=lambda job: (harm_of(job, graph), not is_below_production(job, graph)))
        yield _finding(value, worst, hit, graph)


def _finding(value: Scalar, job: Job, hit: list[Job], graph: Graph) -> Finding:
    harm = harm_of(job, graph)
    act = next(one for one in activities_of(job, graph) if Role.DEPLOY in one or Role.MIGRATE in one)
    others = f" (and {len(hit) - 1} more)" if len(hit) > 1 else ""
    return Finding(
        value,
        f"a newer run cancels job `{job.id}`{others} in the middle of `{act.title}`",
        fixes=(Fix("Let it finish", Safety.UNSAFE, edits=(set_value(value, "false"),)),),
        related=tuple(Related(one.file, one.key, "can be cancelled half way") for one in hit[:4]),
        severity=_severity(harm, job, graph),
        confidence=Confidence.MEDIUM if deploys(job, graph) is Certainty.PROBABLE else None,
        level=Level.PEDANTIC if harm is Harm.NONE else None,
        detail=f"`{job.id}` is killed where it stands: {_LEFT_BEHIND[harm]}",
    )


def _severity(harm: Harm, job: AnyJob, graph: Graph) -> Severity:
    if harm is Harm.NONE:
        return Severity.HINT
    locked = harm is Harm.LOCKED and not is_below_production(job, graph)
    return Severity.ERROR if locked else Severity.WARNING
