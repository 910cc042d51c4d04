"""A production deployment has no way back.

## What it does
Reports jobs that deploy to production where nothing takes a bad version back: no tool that rolls back by itself, no
step or job that runs after a failure, no workflow of the repository that rolls back or deploys a version somebody asks
for.

In GitLab, CircleCI and Azure the job of an older commit can be run again, so that it is only told at level `pedantic` there.

## Why it matters
When the new version breaks, the way back is improvised: a revert has to be written, reviewed, built and deployed while
users wait, or somebody types commands into production from memory.

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
Adds a step that takes the rollout back when something after it fails. Unsafe: it changes production, and a version
whose migration the old code cannot bear is better repaired forwards. Otherwise a workflow to fill in is offered, that
deploys the version it is asked for.

## References
- [Kubernetes: rollout undo](https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_undo/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition.rollouts import rollout_of
from rollsafe.formats.yaml_edit import eol_of
from rollsafe.rules import Confidence, Finding, Fix, Level, NewFile, Safety, Severity, rule
from rollsafe.rules.pipeline_edits import add_repair
from rollsafe.rules.workflow_edits import add_step_after
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import callers, environment_of, production_of
from rollsafe.workspace.pipelines import Act, Certainty, deployments, deploys, rolls_back

_BY_REVERT: Final = frozenset(
    {
        "terraform", "terragrunt", "pulumi", "cdktf", "ansible-playbook", "bicep", "s3", "pages", "firebase", "argocd",
        "flux", "surge", "gh-pages", "mkdocs", "mike", "vercel", "netlify", "wrangler", "fly", "railway", "render",
    }
)  # fmt: skip
"""Tools that are taken back by applying the former state, or from the platform's console."""

_ROLLBACK: Final = """name: rollback
on:
  workflow_dispatch:
    inputs:
      version:
        description: Tag or commit to deploy again
        required: true
        type: string
permissions:
  contents: read
concurrency:
  group: {group}
  cancel-in-progress: false
jobs:
  rollback:
    name: Take production back
    environment: {environment}
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    env:
      VERSION: ${{{{ inputs.version }}}}
    steps:
      - run: exit 1  # the command that deploys "$VERSION"
"""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a production deployment that nothing takes back."""
    if isinstance(job, OtherJob):
        yield from _elsewhere(job, graph)
        return
    if deploys(job, graph) is not Certainty.CERTAIN or job.uses is not None:
        return
    if not production_of(job, graph).is_production or rolls_back(job, graph):
        return
    calling = callers(job.workflow, graph)
    if any(rolls_back(one, graph) for one in calling):
        return
    acts = [act for act in deployments(job, graph) if not act.classification.probable]
    if all(act.classification.tool == "helm" and not act.classification.self_verifying for act in acts):
        return  # the missing flag is the cause, and has a rule of its own
    by_hand = any(one.workflow.has_event("workflow_dispatch") for one in (job, *calling))
    is_mild = by_hand or all(act.classification.tool in _BY_REVERT for act in acts)
    yield Finding(
        job.key,
        f"job `{job.id}` deploys to production, and nothing in the repository takes a bad version back",
        fixes=tuple(_fixes(job, acts, graph)),
        severity=Severity.INFO if is_mild else None,
        level=Level.PEDANTIC if is_mild else None,
        detail=f"when what `{job.id}` deploys breaks, the former version is only back after a revert has been "
        "reviewed, built and deployed",
    )


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a job of another service, which may run the job of an older commit once more."""
    if deploys(job, graph) is not Certainty.CERTAIN or not job.is_whole or job.repairs:
        return
    if not production_of(job, graph).is_production or rolls_back(job, graph):
        return
    acts = [act for act in deployments(job, graph) if not act.classification.probable]
    if all(act.classification.tool == "helm" and not act.classification.self_verifying for act in acts):
        return
    commands = (act.command for act in acts if act.file is job.file)
    rollout = next((it for one in commands if one is not None and (it := rollout_of(one)) is not None), None)
    edit = add_repair(job, rollout.undo) if rollout is not None else None
    title = f"Take `{rollout.workload}` back when the job fails" if rollout is not None else ""
    yield Finding(
        job.key,
        f"job `{job.id}` deploys to production, and nothing in the repository takes a bad version back",
        fixes=() if edit is None else (Fix(title, Safety.UNSAFE, edits=(edit,)),),
        severity=Severity.INFO,
        level=Level.PEDANTIC,
        detail=f"when what `{job.id}` deploys breaks, somebody has to find the run of the former version and start "
        "its job again",
    )


def _fixes(job: Job, acts: list[Act], graph: Graph) -> Iterator[Fix]:
    commands = (act.command for act in acts)
    rollout = next((it for one in commands if one is not None and (it := rollout_of(one)) is not None), None)
    if rollout is not None and job.steps and not job.steps[-1].node.flow:
        edit = add_step_after(job.steps[-1], f"if: failure()\nrun: {rollout.undo}")
        yield Fix(f"Take `{rollout.workload}` back when the job fails", Safety.UNSAFE, edits=(edit,))
    path = f"{job.root}/.github/workflows/rollback.yml".lstrip("/")
    environment = environment_of(job, graph)
    name = environment.name if environment is not None and "$" not in environment.name else "production"
    text = _ROLLBACK.format(group=f"deploy-{name}", environment=name or "production")
    text = text.replace("\n", eol_of(job.file.text))
    if not graph.has_file(path):
        yield Fix(
            "Create a workflow that deploys a version by hand", Safety.MANUAL, creates=(NewFile(path, text),)
        )
