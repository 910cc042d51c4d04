"""A workflow lacks a key that GitHub insists on.

## What it does
Reports workflows without `on` or `jobs`, jobs without `runs-on`, steps with neither `run` nor `uses`, inputs of a called
workflow without `type`, and what an `action.yml` has to say.

## Why it matters
GitHub refuses the whole file: no job of it starts.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - name: Test  # <-
```

## Good
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - name: Test
        run: make test
```

## Fix
None: what is missing only you know.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:syntax-check`
- `languageservices:parse`
- `zizmor:invalid-input`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.shapes import Fault, FaultKind
from rollsafe.formats.nodes import Mapping, Sequence
from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.rules.fields import place_of
from rollsafe.rules.workflow_grammar import where_in
from rollsafe.text import Located

_EITHER: Final = {"runs-on": "`runs-on` or `uses`", "run": "`run` or `uses`"}


@rule(severity=Severity.ERROR, since="0.1.0")
def check(part: Workflow | Job | Step | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each mapping that lacks a required key."""
    if isinstance(part, Workflow) and not part.problems:
        yield from _of_nothing(part)
    if isinstance(part, Job) and not part.problems:
        yield from _of_no_steps(part)
    for fault in part.reading.faults:
        if fault.kind is FaultKind.MISSING:
            yield Finding(
                _place(part, fault),
                f"{where_in(part, fault)} has no {_key(fault)}",
                severity=_severity(part, fault),
                detail=f"GitHub refuses `{part.file.path}` as a whole and starts none of its jobs",
            )


def _of_nothing(workflow: Workflow) -> Iterator[Finding]:
    """Yield the finding for a file without any key, or one without a job."""
    if not workflow.node.entries:
        told = f"`{workflow.file.name}` is empty: it has no `on` and no `jobs`"
        yield Finding(Span(0, min(1, len(workflow.file.text))), told, severity=Severity.WARNING)
        return
    jobs = workflow.node.map_at("jobs")
    if jobs is not None and not jobs.entries:
        yield Finding(workflow.node.key_at("jobs") or jobs, "the workflow has `jobs`, and none of them")


def _of_no_steps(job: Job) -> Iterator[Finding]:
    """Yield the finding for a job on a machine with nothing to do there."""
    steps = job.fields.get("steps")
    is_empty = steps is None or (isinstance(steps, Sequence) and not steps.items)
    if is_empty and "runs-on" in job.fields and "uses" not in job.fields:
        yield Finding(job.key, f"job `{job.id}` has no `steps`")


def _severity(part: Workflow | Job | Step | CompositeAction, fault: Fault) -> Severity | None:
    """Return a lower severity for what only people read: runners take an action without it."""
    is_for_people = isinstance(part, CompositeAction) and fault.path[0] in ("name", "description")
    return Severity.WARNING if is_for_people else None


def _key(fault: Fault) -> str:
    alone = len(fault.path) == 1
    return _EITHER.get(fault.key, f"`{fault.key}`") if alone else f"`{fault.key}`"


def _place(part: Workflow | Job | Step | CompositeAction, fault: Fault) -> Located:
    if isinstance(part, Job) and len(fault.path) == 1:
        return part.key
    key = part.node.key_at(*fault.path[:-1]) if len(fault.path) > 1 else None
    if key is not None and part.node.at(*fault.path[:-1]) is fault.where:
        return key
    return place_of(fault.where) if isinstance(fault.where, Mapping) else fault.where
