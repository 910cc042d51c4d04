"""A change of what a workflow deploys does not start it.

## What it does
Reports `paths` and `paths-ignore` of a push that leave out a manifest, chart, values file or kustomization that the
workflow applies to production. Files for whose changes another workflow deploys are left alone.

In GitLab the `changes` of a job count, in Azure the `paths` of the trigger.

## Why it matters
The change is merged and nothing happens. It goes live weeks later, together with a change of something else, when nobody
thinks of it any more.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
    paths:  # <-
      - src/**
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
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
      - run: kubectl -n shop apply -f deploy/config.yaml
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```
```yaml title="deploy/config.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
  namespace: shop
data:
  CURRENCY: EUR
```

## Good
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
    paths:
      - src/**
      - deploy/**
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
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
      - run: kubectl -n shop apply -f deploy/config.yaml
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```
```yaml title="deploy/config.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
  namespace: shop
data:
  CURRENCY: EUR
```

## Fix
Adds the folder to the paths. Unsafe: the workflow runs more often.

## References
- [GitHub: paths](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from posixpath import dirname

from rollsafe.artefacts.github_workflow import Job, Trigger, Workflow
from rollsafe.artefacts.other_pipelines.model import OtherJob, Paths
from rollsafe.artefacts.recognition import Role
from rollsafe.formats.nodes import Sequence
from rollsafe.formats.yaml_edit import add_item
from rollsafe.rules import Edit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.workspace.deployed_files import NamedFile, files_below, named_files
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import deployments

_LATE = "it is merged and nothing happens, until a change of something else takes it along"


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workflow: Workflow | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for filters that leave out what is deployed."""
    if isinstance(workflow, OtherJob):
        yield from _elsewhere(workflow, graph)
        return
    trigger = workflow.triggers.get("push")
    if trigger is None or trigger.node is None or not (trigger.paths or trigger.paths_ignore):
        return
    where = trigger.node.key_at("paths") or trigger.node.key_at("paths-ignore")
    if where is None or justified(workflow.file, where):
        return
    left = [one for job in workflow.jobs for one in _left_out(job, trigger, graph)]
    if not left:
        return
    first = left[0]
    others = f" (and {len(left) - 1} more)" if len(left) > 1 else ""
    edit = _taking_in(workflow, trigger, first, graph)
    yield Finding(
        where,
        f"a change of `{first.word.text}`{others} does not start the workflow that applies it",
        fixes=() if edit is None else (Fix("Take it in", Safety.UNSAFE, edits=(edit,)),),
        related=tuple(Related(one.file, one.word, "applied here") for one in left[:3]),
        detail=_LATE,
    )


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the changes that start a job of GitLab, or a pipeline of Azure."""
    paths = job.paths or job.pipeline.paths
    if paths is None or paths.file not in (None, job.file) or justified(job.file, paths.where):
        return
    if not production_of(job, graph).is_production:
        return
    starts = {act.where.start for act in deployments(job, graph) if act.file is job.file}
    left = [
        one
        for one in named_files(job)
        if one.command.start in starts and _is_left_out(files_below(one.path, graph), job, paths, graph)
    ]
    if left:
        others = f" (and {len(left) - 1} more)" if len(left) > 1 else ""
        yield Finding(
            paths.where,
            f"a change of `{left[0].word.text}`{others} does not start `{job.id}`, which applies it",
            fixes=tuple(_widened(job, paths, left[0], graph)),
            related=tuple(Related(one.file, one.word, "applied here") for one in left[:3]),
            detail=_LATE,
        )


def _widened(job: OtherJob, paths: Paths, one: NamedFile, graph: Graph) -> Iterator[Fix]:
    named = paths.named
    path = one.path.removeprefix(f"{job.pipeline.root}/") if job.pipeline.root else one.path
    folder = dirname(path) if graph.has_file(one.path) else path
    if isinstance(named, Sequence) and folder and not paths.leave:
        edit = add_item(job.file.text, named, folder if paths.folders else f"{folder}/**/*")
        yield Fix("Take it in", Safety.UNSAFE, edits=(edit,))


def _is_left_out(files: list[str], job: OtherJob, paths: Paths, graph: Graph) -> bool:
    """Say whether changes of files start neither the job nor another one that deploys."""
    root = f"{job.pipeline.root}/" if job.pipeline.root else ""
    for path in (one.removeprefix(root) for one in files):
        if paths.concerns(path):
            return False
        others = (one for one in job.pipeline.jobs if one is not job and one.paths is not paths)
        if job.paths is not None and any(
            (one.paths is None or one.paths.concerns(path)) and deployments(one, graph) for one in others
        ):
            return False
    return bool(files)


def _left_out(job: Job, trigger: Trigger, graph: Graph) -> Iterator[NamedFile]:
    """Yield what a job applies to production and whose changes do not pass the filters."""
    if not any(run.event == "push" for run in job.runs) or not production_of(job, graph).is_production:
        return
    starts = {act.where.start for act in deployments(job, graph) if act.file is job.file}
    for one in named_files(job):
        if one.command.start not in starts:
            continue
        files = [_in_repository(path, job) for path in files_below(one.path, graph)]
        if files and not any(trigger.concerns([path]) for path in files) and not _handled(files, job, graph):
            yield one


def _in_repository(path: str, job: Job) -> str:
    return path.removeprefix(f"{job.root}/") if job.root else path


def _handled(files: list[str], job: Job, graph: Graph) -> bool:
    """Say whether another workflow deploys when one of the files changes."""
    for other in graph.every(Workflow, "path:"):
        push = other.triggers.get("push")
        if other is job.workflow or push is None or other.root != job.root:
            continue
        if Role.DEPLOY in other.roles and any(push.concerns([path]) for path in files):
            return True
    return False


def _taking_in(workflow: Workflow, trigger: Trigger, one: NamedFile, graph: Graph) -> Edit | None:
    paths = trigger.node.at("paths") if trigger.node is not None else None
    path = one.path.removeprefix(f"{workflow.root}/") if workflow.root else one.path
    folder = dirname(path) if graph.has_file(one.path) else path
    if not isinstance(paths, Sequence) or any(text.startswith("!") for text in trigger.paths):
        return None
    return add_item(workflow.file.text, paths, f"{folder}/**" if folder else path)
