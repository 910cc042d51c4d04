"""A job asks for a machine with labels that none has together.

## What it does
Reports two labels in one `runs-on` that stand for different systems or images. All of the labels have to be those of one
machine; a list is no choice.

## Why it matters
The job waits for a machine that never comes and fails after a day.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: [ubuntu-24.04, windows-2025]  # <-
    timeout-minutes: 10
    steps:
      - run: make test
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
      - run: make test
```

## Fix
None: which machine was meant, or whether a matrix over both, only you know.

## References
- [GitHub: hosted runners](https://docs.github.com/en/actions/reference/runners/github-hosted-runners)

## Equivalent rules
- `actionlint:runner-label`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.github_workflow.runners import are_together, labels_from_matrix, labels_of, system_of
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Finding, Related, Severity, rule


@rule(severity=Severity.ERROR, since="0.1.0")
def check(job: Job) -> Iterator[Finding]:
    """Yield a finding for each label that another one rules out."""
    labels = labels_of(job.fields.get("runs-on"))
    if len(labels) < 2 or job.problems:
        return
    is_own = any(label.text.lower() == "self-hosted" for label in labels)
    before: list[Scalar] = []
    for label in labels:
        matrix = job.matrix.node if job.matrix is not None else None
        meant = labels_from_matrix(label.text, matrix) if "${{" in label.text else [label]
        for one in meant:
            other = next((early for early in before if _are_apart(early, one, is_own=is_own)), None)
            if other is not None:
                told = f"no machine that job `{job.id}` may run on has both `{other.text}` and `{one.text}`"
                yield Finding(one, told, related=(Related(job.file, other, "the other label"),))
        before += meant


def _are_apart(one: Scalar, other: Scalar, *, is_own: bool) -> bool:
    """Say whether no machine has both; one of one's own may have labels of several images."""
    if is_own and system_of(one.text) == system_of(other.text):
        return False
    return not are_together(one.text, other.text)
