"""A rollback cannot read the secrets that the deployment has.

## What it does
Reports jobs that take a version back and use a secret that a deploying job of the repository uses as well, where that
job runs in an environment and the rollback runs in none. A secret that jobs outside of environments use for other
things is taken for one of the repository.

In CircleCI the context of the deployment counts, in Azure its groups of variables.

## Why it matters
Secrets of an environment are empty outside of it. Nobody finds out before the first night on which the rollback is
needed, and then it fails to log in.

## Bad
```yaml title=".github/workflows/rollback.yml"
name: rollback
on:
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  rollback:  # <-
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl -n shop --token "$TOKEN" rollout undo deployment/shop
        env:
          TOKEN: ${{ secrets.CLUSTER_TOKEN }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
```
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
      - run: kubectl -n shop --token "$TOKEN" set image deployment/shop shop=registry.example/shop:${{ github.sha }}
        env:
          TOKEN: ${{ secrets.CLUSTER_TOKEN }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
```

## Good
```yaml title=".github/workflows/rollback.yml"
name: rollback
on:
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  rollback:
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl -n shop --token "$TOKEN" rollout undo deployment/shop
        env:
          TOKEN: ${{ secrets.CLUSTER_TOKEN }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
```
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
      - run: kubectl -n shop --token "$TOKEN" set image deployment/shop shop=registry.example/shop:${{ github.sha }}
        env:
          TOKEN: ${{ secrets.CLUSTER_TOKEN }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
```

## Fix
Names the environment of the deployment. Unsafe: its approvals hold the rollback up, too.

## References
- [GitHub: deployment environments](https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob, Said
from rollsafe.artefacts.recognition import Role
from rollsafe.rules import Confidence, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.pipeline_edits import given_to
from rollsafe.rules.pipeline_jobs import add_key
from rollsafe.rules.workflow_edits import add_job_key
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import deploys, roles_of_job

_SECRET: Final = lazily(r"\bsecrets\.(?!GITHUB_TOKEN\b)(\w+)", re.I)


_NAMED: Final = lazily(r"\$\{?(\w+)|\$\((\w+)\)")
_KEPT: Final = lazily(r"token|password|passwd|secret|key|credential|kubeconfig|cert", re.I)
_KEYS: Final = {Dialect.GITLAB: "environment", Dialect.CIRCLECI: "context", Dialect.AZURE: "variables"}


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM, fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a rollback without the environment its secrets are in."""
    if isinstance(job, OtherJob):
        yield from _elsewhere(job, graph)
        return
    if job.environment is not None or job.uses is not None or job.is_disabled or job.workflow.is_only_called:
        return
    if not job.repairs and Role.ROLLBACK not in roles_of_job(job, graph):
        return
    wanted = _secrets(job)
    if not wanted or not (job.repairs or _only_goes_back(job, graph)):
        return
    others = [one for one in _jobs(graph) if one is not job]
    for other in others:
        shared = sorted(wanted & _secrets(other))
        if (
            other.environment is None
            or "$" in other.environment.name
            or not deploys(other, graph)
            or not shared
        ):
            continue
        own = [
            name
            for name in shared
            if not any(name in _secrets(it) for it in others if it.environment is None)
        ]
        if own:
            yield _finding(job, other, own[0])
            return


def _only_goes_back(job: Job, graph: Graph) -> bool:
    """Say whether the job is there to go back, rather than deploying with a rollback of its own."""
    return deploys(job, graph) is None


def _jobs(graph: Graph) -> list[Job]:
    return [job for one in graph.every(Workflow, "path:") for job in one.jobs if not job.is_disabled]


def _secrets(job: Job) -> frozenset[str]:
    return frozenset(match[1].upper() for match in _SECRET.finditer(job.file.text, job.start, job.end))


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a rollback that uses a variable of a deployment and has not what that has it from."""
    if job.is_aside or not job.is_whole or not (job.repairs or Role.ROLLBACK in roles_of_job(job, graph)):
        return
    if deploys(job, graph) is not None and not job.repairs:
        return
    mine, wanted = {one.text for one in _holders(job)}, _variables(job)
    around = [job.pipeline, *job.pipeline.beside]
    others = [one for it in around for one in it.jobs if one is not job and _variables(one) & wanted]
    for other in others:
        held = [one for one in _holders(other) if one.text not in mine and "$" not in one.text]
        free = {name for one in others if not _holders(one) for name in _variables(one)}
        shared = sorted((_variables(other) & wanted) - free)
        if held and shared and not mine and deploys(other, graph) is not None:
            yield _lacking(job, other, held[0], shared[0])
            return


def _holders(job: OtherJob) -> list[Said]:
    """Return what a job has secrets from: contexts, groups of variables, an environment of GitLab."""
    own = [job.environment] if job.environment is not None and job.pipeline.dialect is Dialect.GITLAB else []
    return [*job.holders, *own]


def _variables(job: OtherJob) -> frozenset[str]:
    """Return the variables that the commands of a job use and its file does not set."""
    found = {
        name for script in job.scripts for pair in _NAMED.findall(script.scalar.text) for name in pair if name
    }
    return frozenset(name for name in found if name not in job.variables and _KEPT.search(name))


def _lacking(job: OtherJob, other: OtherJob, held: Said, name: str) -> Finding:
    key = _KEYS[job.pipeline.dialect]
    value = f"[{held.text}]" if key == "context" else held.text
    value = f"- group: {held.text}" if key == "variables" else value
    edit = given_to(job, key, value) if key == "context" else add_key(job, key, value)
    return Finding(
        job.key,
        f"`{job.id}` takes a version back outside of `{held.text}`, in which `{other.id}` has its `{name}`",
        fixes=() if edit is None else (Fix(f"Run it in `{held.text}`", Safety.UNSAFE, edits=(edit,)),),
        related=(Related(other.file, other.place(held), "the deployment has it from here"),),
        detail=f"where `{name}` is kept there and nowhere else, it is empty in `{job.id}`",
    )


def _finding(job: Job, other: Job, secret: str) -> Finding:
    environment = other.environment
    name = environment.name if environment is not None else ""
    edit = add_job_key(job, "environment", name)
    return Finding(
        job.key,
        f"`{job.id}` takes a version back outside of `{name}`, in which `{other.id}` has its `{secret}`",
        fixes=() if edit is None else (Fix(f"Run it in `{name}`", Safety.UNSAFE, edits=(edit,)),),
        related=(Related(other.file, environment or other.key, "the deployment runs here"),),
        detail=f"where `{secret}` is a secret of the environment, it is empty in `{job.id}`",
    )
