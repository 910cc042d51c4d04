"""A job names the same job twice in its `needs`.

## What it does
Reports the second of two entries of `needs` that are the same but for their case.

## Why it matters
It waits no longer for it. One of the two is often a slip: the job that was meant is not waited for.

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
    needs:
      - build
      - build  # <-
    steps:
      - run: make test
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make
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
    needs:
      - build
    steps:
      - run: make test
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make
```

## Fix
None: whether another job was meant only you know.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:job-needs`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job
from rollsafe.rules import Finding, Level, Severity, rule


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC)
def check(job: Job) -> Iterator[Finding]:
    """Yield a finding for each job that is waited for already."""
    seen: set[str] = set()
    for need in job.needs:
        if need.id.lower() in seen:
            yield Finding(need.node, f"job `{job.id}` waits for `{need.id}` twice")
        seen.add(need.id.lower())
