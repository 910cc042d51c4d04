"""A job reads a secret that no environment guards.

## What it does
Reports secrets that jobs without an `environment` read, the workflow's own token left out. Workflows that others call
are left out too: they cannot read the secrets of an environment.

## Why it matters
A secret of the repository is there for every workflow of every branch. A secret of an environment is given out only
to the branches it allows, and after the approvals it asks for.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: push
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: ./tools/report
        env:
          TOKEN: ${{ secrets.REPORT_TOKEN }}  # <-
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: push
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    environment: test
    timeout-minutes: 10
    steps:
      - run: ./tools/report
        env:
          TOKEN: ${{ secrets.REPORT_TOKEN }}
```

## Fix
Runs the job in an environment of its name. The environment has to be made, and the secret moved into it, first.

## References
- [GitHub: environment secrets](https://docs.github.com/en/actions/concepts/workflows-and-actions/deployment-environments)

## Equivalent rules
- `zizmor:secrets-outside-env`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import context_paths
from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.github_workflow.written import written_expressions
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.workflow_edits import add_job_key_after

_OWN: Final = ("secrets", "github_token")


@rule(severity=Severity.INFO, level=Level.AUDITOR, since="0.1.0", fix=Safety.MANUAL)
def check(job: Job) -> Iterator[Finding]:
    """Yield a finding for each secret that a job reads outside of an environment."""
    if (
        job.is_disabled
        or job.uses is not None
        or job.environment is not None
        or job.workflow.has_event("workflow_call")
    ):
        return
    if "secrets" not in job.file.slice(job).lower():
        return
    for written in written_expressions(job.file, job.node):
        for path, node in context_paths(written.expression.root):
            if path[0] != "secrets" or path == _OWN:
                continue
            named = written.text_of(node)
            yield Finding(
                written.place_of(node),
                f"job `{job.id}` reads `{' '.join(named.split())}` in no environment",
                fixes=tuple(_fixes(job)),
            )


def _fixes(job: Job) -> Iterator[Fix]:
    edit = add_job_key_after(job, "environment", job.id)
    if edit is not None:
        title = f"Run it in the environment `{job.id}`, once that holds the secret"
        yield Fix(title, Safety.MANUAL, edits=(edit,))
