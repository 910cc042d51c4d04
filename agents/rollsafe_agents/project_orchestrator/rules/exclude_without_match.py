"""A matrix excludes what it does not have.

## What it does
Reports entries of `strategy.matrix.exclude` whose key is no row of the matrix, or whose value is none of the row's.
Rows and values that expressions make are left alone, and values that differ in case alone.

## Why it matters
The entry excludes nothing: the combination that it was written for runs, on a system or against an environment that was
to be spared.

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
        node: [20, 22]
        os: [macOS-15, ubuntu-24.04]
        exclude:
          - node: 18  # <-
          - {node: 20, os: macos-15}
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
        os: [macOS-15, ubuntu-24.04]
        exclude:
          - {node: 20, os: macos-15}
    steps:
      - run: make test NODE=${{ matrix.node }}
```

## Fix
Removes the entry, which excludes nothing.

## References
- [GitHub: matrix](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix)

## Equivalent rules
- `actionlint:matrix`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.github_workflow.matrices import covers, rows_of, told
from rollsafe.formats.nodes import Mapping, Node, Sequence, resolve
from rollsafe.formats.yaml_removal import remove_entry, remove_item
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text import Located

_SHOWN = 6


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(job: Job) -> Iterator[Finding]:
    """Yield a finding for each excluded value that the matrix does not have."""
    matrix = job.matrix.node if job.matrix is not None and not job.problems else None
    excluded = matrix.at("exclude") if isinstance(matrix, Mapping) else None
    if not isinstance(matrix, Mapping) or not isinstance(excluded, Sequence):
        return
    rows = rows_of(matrix)
    if rows is None:
        return
    for index, item in enumerate(excluded.items):
        entry = resolve(item)
        for one in entry.entries if isinstance(entry, Mapping) else ():
            found = _wrong(job, one.name, one.key, one.value, rows)
            if found is not None:
                where, message = found
                yield Finding(where, message, fixes=_fixes(job.file.text, matrix, excluded, index))


def _wrong(
    job: Job, name: str, key: Node, value: Node, rows: dict[str, list[Node] | None]
) -> tuple[Located, str] | None:
    row = rows.get(name.lower(), [])
    if row is None or name == "<<":
        return None
    if not row:
        known = ", ".join(f"`{one}`" for one in rows) or "nothing"
        return key, f"the matrix of job `{job.id}` excludes by `{name}`; its rows are {known}"
    if any(covers(one, value) for one in row):
        return None
    known = ", ".join(told(one) for one in row[:_SHOWN]) + (" …" if len(row) > _SHOWN else "")
    return value, f"the matrix of job `{job.id}` excludes {told(value)} of `{name}`, which has {known}"


def _fixes(text: str, matrix: Mapping, excluded: Sequence, index: int) -> tuple[Fix, ...]:
    if len(excluded.items) > 1:
        edit = remove_item(text, excluded, index)
    else:
        edit = remove_entry(text, matrix, "exclude")
    return (Fix("Remove what excludes nothing", Safety.SAFE, edits=(edit,)),) if edit is not None else ()
