"""A matrix has a value twice.

## What it does
Reports values that stand twice in one row of `strategy.matrix`.

## Why it matters
Every job of the row runs twice under one name: twice the time and the minutes, and a deployment that runs twice. Most
often another value was meant, which now runs not at all.

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
    strategy:
      matrix:
        node: [20, 22, 22]  # <-
    steps:
      - run: make test NODE=${{ matrix.node }}
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
    strategy:
      matrix:
        node: [20, 22]
    steps:
      - run: make test NODE=${{ matrix.node }}
```

## Fix
Takes the second out. Unsafe: another value may have been meant.

## References
- [GitHub: matrix](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix)

## Equivalent rules
- `actionlint:matrix`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.github_workflow.matrices import literal, told
from rollsafe.formats.nodes import Mapping, Node, Sequence
from rollsafe.formats.yaml_removal import remove_item
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job) -> Iterator[Finding]:
    """Yield a finding for each value that a row has already."""
    if job.matrix is None or job.problems or not isinstance(job.matrix.node, Mapping):
        return
    for name, row in job.matrix.node.pairs():
        if name not in ("include", "exclude") and isinstance(row, Sequence):
            yield from _of_row(job, name, row)


def _of_row(job: Job, name: str, row: Sequence) -> Iterator[Finding]:
    seen: dict[object, Node] = {}
    for index, item in enumerate(row.items):
        value = literal(item)
        if value is None:
            continue
        if value in seen:
            edit = remove_item(job.file.text, row, index)
            fixes = (Fix(f"Remove the second {told(item)}", Safety.UNSAFE, edits=(edit,)),) if edit else ()
            yield Finding(item, f"`{name}` of the matrix of job `{job.id}` has {told(item)} twice", fixes)
        seen.setdefault(value, item)
