"""A job waits for a job that does not exist.

## What it does
Compares `needs` with the jobs of the workflow.

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
    needs: biuld  # <-
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
    needs: build
    steps:
      - run: make test
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make
```

## Fix
Writes the nearest job there is. Unsafe: another one may be meant.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:job-needs`
- `languageservices:parse`
- `zizmor:invalid-input`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job, Need
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text import nearest


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job) -> Iterator[Finding]:
    """Yield a finding for each unknown job."""
    for need in job.needs if not job.workflow.problems else ():
        if job.workflow.job(need.id) is None and "${{" not in need.id:
            yield _unknown(job, need)


def _unknown(job: Job, need: Need) -> Finding:
    close = nearest(need.id, [one.id for one in job.workflow.jobs if one is not job])
    hint = f"; the nearest is `{close}`" if close is not None else ""
    fixes = (
        (Fix(f"Wait for `{close}`", Safety.UNSAFE, edits=(Edit(Span.of(need.node), close),)),)
        if close
        else ()
    )
    return Finding(
        need.node, f"job `{job.id}` waits for `{need.id}`, and no job is called that{hint}", fixes=fixes
    )
