"""Runs of a workflow may pile up, because nothing limits how many there are at once.

## What it does
Reports workflows in which neither the workflow nor all of its jobs have a `concurrency` group, and groups that
leave open whether a newer run cancels the one in progress. Workflows that only others call are left to their
callers. Where only jobs that deploy are without a group, `unserialised-deploy` tells of each of them, and this rule is for
auditors.

## Why it matters
Every push starts another run, while those for commits nobody waits for any more keep runners busy and finish in
any order.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request  # <-
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: true
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Fix
Puts the runs of each branch into a group in which the newest stays. A workflow that releases something gets one
group for all, and lets a run that has begun end. Unsafe: runs are cancelled or wait. A group that says nothing
of `cancel-in-progress` gets the `false` it has anyway.

## References
- [GitHub: concurrency](https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency)

## Equivalent rules
- `zizmor:concurrency-limits`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Concurrency, Job, Workflow
from rollsafe.artefacts.recognition import Role
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import add_entry_after, column_of, eol_of
from rollsafe.rules import Edit, Finding, Fix, Level, Related, Safety, Severity, Span, rule
from rollsafe.workspace.exclusion import is_unserialised
from rollsafe.workspace.graph import Graph

_LASTING: Final = frozenset({Role.DEPLOY, Role.MIGRATE, Role.PUBLISH, Role.ROLLBACK})


@rule(severity=Severity.INFO, level=Level.PEDANTIC, since="0.1.0", fix=Safety.UNSAFE)
def check(workflow: Workflow, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a workflow, or a group, that does not say how many runs there are at once."""
    key = workflow.on_key
    if key is None or workflow.problems or workflow.is_only_called:
        return
    own = workflow.concurrency
    if own is not None:
        if _is_open(own):
            yield Finding(own, _open_message("the workflow"), fixes=_spoken_out(workflow, own))
        return
    alone, half = list[Job](), list[Job]()
    for job in workflow.jobs:
        if job.uses is None and not job.is_disabled:
            group = job.concurrency
            if group is None:
                alone.append(job)
            elif _is_open(group):
                half.append(job)
    if alone:
        # That deployments overlap is told of each job that deploys.
        left = [job for job in alone if not is_unserialised(job, graph)]
        yield Finding(
            key,
            f"no `concurrency` limits how many runs of {_names(left or alone)} there are at once",
            level=None if left else Level.AUDITOR,
            fixes=lambda: tuple(_grouped(workflow)),
            related=tuple(Related(job.file, job.key, "runs in no group") for job in alone[:3]),
        )
    if half:
        first = half[0].concurrency
        yield Finding(
            key,
            _open_message(_names(half)),
            fixes=() if first is None else _spoken_out(workflow, first),
            related=tuple(Related(job.file, job.key, "its group is this") for job in half[:3]),
        )


def _is_open(concurrency: Concurrency) -> bool:
    return isinstance(concurrency.node, Scalar)


def _open_message(whose: str) -> str:
    return f"the `concurrency` of {whose} leaves open whether a newer run cancels the one in progress"


def _names(jobs: list[Job]) -> str:
    named = ", ".join(f"`{job.id}`" for job in jobs[:3])
    return f"{named} and {len(jobs) - 3} more" if len(jobs) > 3 else named


def _spoken_out(workflow: Workflow, concurrency: Concurrency) -> tuple[Fix, ...]:
    """Return the fix that writes out what a bare group means."""
    node = concurrency.group_node
    text = workflow.file.text
    if node is None or node.block or node.start < concurrency.start or "\n" in text[node.start : node.end]:
        return ()
    indent = " " * (column_of(text, concurrency.start) + 2)
    eol = eol_of(text)
    lines = f"{eol}{indent}group: {text[node.start : node.end]}{eol}{indent}cancel-in-progress: false"
    gap = Span(concurrency.key.end + 1, node.end)
    return (Fix("Say that a run in progress goes on", Safety.UNSAFE, edits=(Edit(gap, lines),)),)


def _grouped(workflow: Workflow) -> Iterator[Fix]:
    entry = workflow.node.entry("on") or workflow.node.entry("true")
    if entry is None or workflow.node.flow:
        return
    lasting = not _LASTING.isdisjoint(workflow.roles)
    group = "${{ github.workflow }}" if lasting else "${{ github.workflow }}-${{ github.ref }}"
    cancels = "false" if lasting else "true"
    value = f"group: {group}\ncancel-in-progress: {cancels}"
    title = "Run one at a time" if lasting else "Let the newest run of a branch cancel the others"
    edit = add_entry_after(workflow.file.text, entry, "concurrency", value)
    yield Fix(title, Safety.UNSAFE, edits=(edit,))
