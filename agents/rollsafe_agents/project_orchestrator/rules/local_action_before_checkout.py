"""A step uses an action of the repository before the repository is there.

## What it does
Reports the first step of a job that uses `./…` while no step before it checks anything out, clones, downloads or unpacks.
Machines of one's own, which may keep the workspace, are left alone.

## Why it matters
The runner does not find `action.yml` and the job fails at once. In a job that only runs after a failure, or for a tag,
that is found when it is needed.

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
      - run: make test
      - uses: ./.github/actions/greet  # <-
```
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
runs:
  using: composite
  steps:
    - run: echo hello
      shell: bash
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
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
        with:
          persist-credentials: false
      - run: make test
      - uses: ./.github/actions/greet
```
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
runs:
  using: composite
  steps:
    - run: echo hello
      shell: bash
```

## Fix
None: which commit is to be checked out only you know.

## References
- [GitHub: actions in the same repository](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#example-using-an-action-in-the-same-repository-as-the-workflow)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.github_workflow.runners import labels_of
from rollsafe.rules import Finding, Severity, rule
from rollsafe.text.patterns import lazily

_BRINGS: Final = lazily(
    r"\b(?:git|gh|hub|svn|curl|wget|tar|unzip|rsync|scp|cp|mv|ln)\b|Invoke-WebRequest|Expand-Archive"
)
_BRINGS_NOTHING: Final = lazily(
    r"(?:actions/(?:setup-[a-z]+|labeler|stale)|docker/(?:setup-[a-z]+|login)-action"
    r"|aws-actions/configure-aws-credentials|google-github-actions/(?:auth|setup-gcloud)|azure/login)\Z"
)


@rule(severity=Severity.ERROR, since="0.1.0")
def check(job: Job) -> Iterator[Finding]:
    """Yield a finding for the first own action of a job with nothing in its workspace."""
    if job.problems or _may_keep_files(job):
        return
    for step in job.steps:
        uses = step.uses
        if uses is not None and uses.is_local and not uses.is_at_commit:
            yield Finding(uses, f"job `{job.id}` uses `{uses.text[:80]}` before it checks the repository out")
            return
        if _may_bring(step):
            return


def _may_keep_files(job: Job) -> bool:
    """Say whether the machine is, or may be, one of one's own, where an earlier run left the repository."""
    labels = [label.text.lower() for label in labels_of(job.fields.get("runs-on"))]
    return not labels or any("self-hosted" in label or "${{" in label for label in labels)


def _may_bring(step: Step) -> bool:
    """Say whether a step may put files into the workspace."""
    if step.run is not None:
        return _BRINGS.search(step.run.text) is not None
    return step.uses is None or _BRINGS_NOTHING.match(step.uses.name.lower()) is None
