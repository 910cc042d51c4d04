"""Nobody looks whether what was deployed to production works.

## What it does
Reports jobs that deploy to production by a tool that returns before the new version serves, where neither the job nor
one that waits for it checks anything afterwards: no `rollout status`, no request to a health endpoint, no smoke test.
Called workflows, actions, targets and scripts are looked into. A production job that starts as soon as an earlier
environment is deployed, with no check in between, is reported with low confidence.

## Why it matters
`kubectl apply` has succeeded when the API server has stored the object. Pods that crash, images that cannot be pulled
and probes that fail come after that, while the run is green, and whoever merged has gone home.

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
Adds the command that waits until the version is live, or as a start the request to fill in. Unsafe: a release that
does not become ready fails the run.

## References
- [Kubernetes: rollout status](https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_status/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import EnvironmentKind
from rollsafe.artefacts.recognition.rollouts import rollout_of
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.pipeline_edits import add_command
from rollsafe.rules.workflow_edits import add_step_after
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import callers, environment_of, production_of
from rollsafe.workspace.pipelines import Act, Certainty, called_workflow, deployments, deploys, verifies

_WAITS: Final = frozenset(
    {
        "terraform", "terragrunt", "pulumi", "cdktf", "ansible-playbook", "cap", "mina", "dep", "fab", "s3", "bicep",
        "pages", "nixos-rebuild", "aws s3", "azd", "mkdocs", "mike", "gh-pages", "surge", "firebase",
    }
)  # fmt: skip
"""Tools that fail when what they do fails, and publishers of files."""

_HEALTH: Final = "curl --fail --retry 10 --retry-delay 6 --retry-all-errors https://HOST/health"


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a production deployment, or for one that rests on an earlier environment."""
    if isinstance(job, OtherJob):
        yield from _elsewhere(job, graph)
        return
    certainty = deploys(job, graph)
    if certainty is None or not production_of(job, graph).is_production:
        return
    if certainty is Certainty.CERTAIN and job.uses is None:
        yield from _unverified(job, graph)
    elif job.uses is not None and called_workflow(job, graph) is None:
        yield from _unverified_before(job, graph)


def _unverified(job: Job, graph: Graph) -> Iterator[Finding]:
    calling = callers(job.workflow, graph)
    if verifies(job, graph) or (calling and all(verifies(one, graph) for one in calling)):
        return
    acts = [act for act in deployments(job, graph) if not act.classification.probable]
    if all(act.classification.tool == "helm" for act in acts):
        return  # the missing flag is the cause, and has a rule of its own
    act = next((one for one in reversed(acts) if one.classification.tool not in _WAITS), acts[-1])
    yield Finding(
        job.key,
        f"job `{job.id}` deploys with `{act.title}` and never looks whether the new version works",
        fixes=tuple(_fixes(act)),
        related=(
            Related(act.file, act.where, "returns before the new version serves"),
            *(Related(one.file, one.key, "calls it, and does not look either") for one in calling[:3]),
        ),
        level=Level.PEDANTIC if all(one.classification.tool in _WAITS for one in acts) else None,
        detail=f"a version that does not start leaves `{job.id}` green, and is noticed by its users first",
    )


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a job of another kind of pipeline that looks at nothing, as nobody after it does."""
    if deploys(job, graph) is not Certainty.CERTAIN or not job.is_whole or verifies(job, graph):
        return
    if not production_of(job, graph).is_production or not _is_known_after(job):
        return
    acts = [act for act in deployments(job, graph) if not act.classification.probable]
    if all(act.classification.tool == "helm" or act.raw is None for act in acts):
        return  # a missing flag of helm has a rule of its own, and tasks and orbs wait by themselves
    act = next((one for one in reversed(acts) if one.classification.tool not in _WAITS), acts[-1])
    yield Finding(
        job.key,
        f"job `{job.id}` deploys with `{act.title}` and never looks whether the new version works",
        fixes=tuple(_after(act, job)),
        related=(Related(act.file, act.where, "returns before the new version serves"),),
        level=Level.PEDANTIC if all(one.classification.tool in _WAITS for one in acts) else None,
        detail=f"a version that does not start leaves `{job.id}` green, and is noticed by its users first",
    )


def _is_known_after(job: OtherJob) -> bool:
    """Say whether all that runs after a job is known."""
    return job.pipeline.is_whole and all(one.is_whole for one in job.dependants)


def _after(act: Act, job: OtherJob) -> Iterator[Fix]:
    """Yield the command that waits as the last of the job's."""
    rollout = rollout_of(act.command) if act.command is not None else None
    edit = add_command(job, rollout.status) if rollout is not None and act.file is job.file else None
    if rollout is not None and edit is not None:
        yield Fix(f"Wait for the rollout of `{rollout.workload}`", Safety.UNSAFE, edits=(edit,))


def _fixes(act: Act) -> Iterator[Fix]:
    step = act.step
    if step is None or step.node.flow:
        return
    command = act.command
    rollout = rollout_of(command) if command is not None else None
    if rollout is not None:
        yield Fix(
            f"Wait for the rollout of `{rollout.workload}`",
            Safety.UNSAFE,
            edits=(add_step_after(step, f"run: {rollout.status}"),),
        )
    yield Fix("Ask a health endpoint", Safety.MANUAL, edits=(add_step_after(step, f"run: {_HEALTH}"),))


def _unverified_before(job: Job, graph: Graph) -> Iterator[Finding]:
    """Yield a finding when production follows an earlier environment that nothing has looked at."""
    before = [one for one in job.needs_closure if production_of(one, graph).kind is EnvironmentKind.STAGING]
    before = [one for one in before if deploys(one, graph)]
    if not before or environment_of(job, graph) is not None or any(verifies(one, graph) for one in before):
        return
    names = ", ".join(f"`{one.id}`" for one in before[:3])
    yield Finding(
        job.key,
        f"job `{job.id}` goes to production as soon as {names} is deployed, with no check in between",
        related=tuple(Related(one.file, one.key, "deployed, and then not looked at") for one in before[:3]),
        confidence=Confidence.LOW,
        detail=f"unless the environment asks for an approval, a version that breaks {names} goes on to production",
    )
