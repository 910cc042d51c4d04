"""`helm upgrade` neither waits for the new version nor goes back when it fails.

## What it does
Reports `helm upgrade` in pipelines without `--atomic` (in Helm 4 `--rollback-on-failure`) and without `--wait`, unless
the pipeline checks the release afterwards and has a rollback of its own. Clusters that live as long as the job,
previews and development environments are left alone.

## Why it matters
Helm reports success as soon as the objects are stored. When an upgrade is interrupted or its hook fails, the release
stays in `pending-upgrade` or `failed`, half of its objects new, and the next upgrade refuses to run.

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
    steps:
      - run: helm upgrade shop charts/shop --install --namespace shop  # <-
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
      - run: helm upgrade shop charts/shop --install --namespace shop --atomic --timeout 10m
```

## Fix
Adds `--atomic` with a time limit, or the flag of Helm 4. Unsafe: the command then takes as long as the rollout, and
failures take the release back, hooks included.

## References
- [Helm: helm upgrade](https://helm.sh/docs/helm/helm_upgrade/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Step
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import EnvironmentKind
from rollsafe.rules import Edit, FileEdit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.rules.pipeline_jobs import is_first
from rollsafe.text import Located
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import jobs_running, production_of
from rollsafe.workspace.pipelines import (
    Act,
    AnyJob,
    activities_of,
    acts_of_step,
    deployments,
    rolls_back,
    verifies,
)

_UNIMPORTANT: Final = frozenset({EnvironmentKind.PREVIEW, EnvironmentKind.DEVELOPMENT})
_WAITING: Final = ("--wait", "--atomic", "--rollback-on-failure")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(step: Step | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each `helm upgrade` of a step that leaves a failed release behind."""
    if isinstance(step, OtherJob):
        if _is_careless(step, graph):
            acts = [act for act in activities_of(step, graph) if _is_bare(act)]
            mine = (act for act in acts if is_first(step, act, lambda one: _is_careless(one, graph)))
            yield from (_finding(act, step, step, graph) for act in mine)
        return
    if not step.recognised and not step.calls_others:
        return
    acts = [act for act in acts_of_step(step, graph) if _is_bare(act)]
    if not acts:
        return
    jobs = [job for job in jobs_running(step, graph) if _is_careless(job, graph)]
    if jobs:
        yield from (_finding(act, step, jobs[0], graph) for act in acts)


def _is_bare(act: Act) -> bool:
    found = act.classification
    if found.tool != "helm" or found.verb != "upgrade" or act.raw is None or act.after_failure:
        return False
    return not act.raw.has_flag(*_WAITING)


def _is_careless(job: AnyJob, graph: Graph) -> bool:
    """Say whether the job deploys to a place that matters and nothing else checks it and goes back."""
    if production_of(job, graph).kind in _UNIMPORTANT or not deployments(job, graph):
        return False
    return not (verifies(job, graph) and rolls_back(job, graph))


def _finding(act: Act, step: Step | OtherJob, job: AnyJob, graph: Graph) -> Finding:
    release = next((word for word in act.texts[2:] if not word.startswith("-")), "")
    name = f"helm upgrade {release}" if release and "$" not in release else "helm upgrade"
    away = (Related(act.file, act.where, "written here"),) if act.file is not step.file else ()
    below = production_of(job, graph).kind is EnvironmentKind.STAGING
    return Finding(
        act.where if act.file is step.file else _caller(step),
        f"`{name}` returns before the new version serves and leaves a failed release as it is",
        fixes=tuple(_fixes(act, step, job)),
        related=away,
        severity=Severity.INFO if below else None,
        detail=f"job `{job.id}` is green while pods crash, and a release that is interrupted refuses the next upgrade",
    )


def _caller(step: Step | OtherJob) -> Located:
    return step.key if isinstance(step, OtherJob) else step.script_node or step


def _fixes(act: Act, step: Step | OtherJob, job: AnyJob) -> Iterator[Fix]:
    command = act.command
    if command is None:
        return
    limit = "" if command.has_flag("--timeout") else " --timeout 10m"
    flags = (
        ("--rollback-on-failure", "--atomic") if _has_helm_4(job) else ("--atomic", "--rollback-on-failure")
    )
    for flag in flags:
        edit = Edit(Span.at(command.end), f" {flag}{limit}")
        title = f"Add `{flag}`" + (" (Helm 4)" if flag == "--rollback-on-failure" else "")
        if act.file is step.file:
            yield Fix(title, Safety.UNSAFE, edits=(edit,))
        else:
            yield Fix(title, Safety.UNSAFE, elsewhere=(FileEdit(act.file.path, edit),))


def _has_helm_4(job: AnyJob) -> bool:
    """Say whether the job installs Helm 4."""
    if isinstance(job, OtherJob):
        return False
    setups = (step for step in job.steps if step.uses_text.lower().startswith("azure/setup-helm"))
    return any(step.inputs.get("version", "").lstrip("v").startswith("4") for step in setups)
