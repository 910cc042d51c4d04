"""A job waits for the concurrency group that its own run holds.

## What it does
Compares the concurrency group of a workflow with those of its jobs, and with the group of a workflow of the same repository that one of its jobs
calls. The texts have to be the same; those with what differs by job, such as `matrix` or `inputs`, are left alone.

## Why it matters
A run that holds a group keeps it until all its jobs are done, and the job waits for that. GitHub sees it and cancels: `Canceling since a
deadlock for concurrency group was detected`. In a called workflow, `github.workflow` is the name of the one that calls, so that groups written
alike in both are the same.

## Bad
```yaml title=".github/workflows/build.yml"
name: build
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: true
jobs:
  pages:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    concurrency:
      group: ${{ github.workflow }}-${{ github.ref }}  # <-
    steps:
      - run: make pages
```

## Good
```yaml title=".github/workflows/build.yml"
name: build
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: true
jobs:
  pages:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    concurrency:
      group: ${{ github.workflow }}-${{ github.ref }}-pages
    steps:
      - run: make pages
```

## Fix
Gives the job, or the called workflow, a group of its own. Unsafe: it no longer waits for other runs under the old name.

## References
- [GitHub: control the concurrency of workflows and jobs](https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency)

## Equivalent rules
GitHub's language service tells the first half, without a name for it.
"""

import re
from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Concurrency, Job, Workflow
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import FileEdit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import called_workflow

_VARYING = lazily(r"\b(?:matrix|inputs|needs|strategy|env|steps|runner|job)[.\[]|\bgithub\.job\b", re.I)
_BLANKS = lazily(r"\s+")
_DETAIL = "the run holds the group until the job is done, and the job waits for the run: GitHub cancels it"


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workflow: Workflow, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each job that waits for its own run."""
    whole = workflow.concurrency
    for job in workflow.jobs:
        own = job.concurrency
        if whole is not None and own is not None and _is_same(whole, own) and own.group_node is not None:
            yield Finding(
                own.group_node,
                f"job `{job.id}` waits for the group `{_shown(own)}`, which its own run holds",
                fixes=_renaming(own.group_node, job.id),
                related=(Related(workflow.file, whole.key, "the run holds it"),),
                detail=_DETAIL,
            )
        elif job.uses is not None and job.uses.is_local:
            yield from _of_call(job, [one for one in (whole, own) if one is not None], graph)


def _of_call(job: Job, held: list[Concurrency], graph: Graph) -> Iterator[Finding]:
    called = called_workflow(job, graph) if held else None
    theirs = called.concurrency if called is not None else None
    if called is None or theirs is None or theirs.group_node is None or job.uses is None:
        return
    if called.file.path == job.file.path or not any(_is_same(one, theirs) for one in held):
        return
    name = called.file.name.rpartition(".")[0]
    fixes: tuple[Fix, ...] = ()
    if _can_be_longer(theirs.group_node):
        edit = FileEdit(called.file.path, set_value(theirs.group_node, f"{theirs.group}-{name}"))
        title = f"Give `{called.file.name}` a group of its own"
        fixes = (Fix(title, Safety.UNSAFE, elsewhere=(edit,)),)
    yield Finding(
        job.uses,
        f"job `{job.id}` calls `{called.file.name}`, which waits for the group `{_shown(theirs)}` of this run",
        fixes=fixes,
        related=(Related(called.file, theirs.key, "it waits for the same group"),),
        detail=_DETAIL,
    )


def _is_same(one: Concurrency, other: Concurrency) -> bool:
    """Say whether two groups are surely the same one."""
    texts = {_BLANKS.sub("", held.group).lower() for held in (one, other)}
    return len(texts) == 1 and "" not in texts and not _VARYING.search(other.group)


def _shown(held: Concurrency) -> str:
    return " ".join(held.group.split())[:80]


def _can_be_longer(node: Scalar) -> bool:
    return not node.block


def _renaming(node: Scalar, name: str) -> tuple[Fix, ...]:
    if not _can_be_longer(node):
        return ()
    edit = set_value(node, f"{node.text}-{name}")
    return (Fix("Give the job a group of its own", Safety.UNSAFE, edits=(edit,)),)
