"""Jobs wait for each other in a circle.

## What it does
Follows `needs` from job to job and reports what comes back to itself: in GitHub Actions, in GitLab, where
`dependencies`, `extends` and `!reference` can come back, too, in CircleCI, Azure, Argo and Tekton.

## Why it matters
The service refuses the whole file: no job of it starts.

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
    needs: build  # <-
    steps:
      - run: make test
  build:
    needs: test  # <-
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make
```

```yaml title=".gitlab-ci.yml"
test:
  needs: [build]  # <-
  script:
    - make test
build:
  stage: test
  needs: [test]
  script:
    - make
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

```yaml title=".gitlab-ci.yml"
test:
  needs: [build]
  script:
    - make test
build:
  stage: test
  script:
    - make
```

## Fix
None: which of the jobs comes first only you know.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:job-needs`
- `languageservices:parse`
- `zizmor:invalid-input`
- `argo-lint:error`
- `gitlab-ci-local:reference`
- `gitlab-ci-local:error`
- `tekton-lint:no-pipeline-task-cycle`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Need
from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.rules import Finding, Related, Severity, rule
from rollsafe.rules.pipeline_faults import of_kind, refused

_OTHERS: Final = ("languageservices:parse", "zizmor:invalid-input")


@rule(severity=Severity.ERROR, since="0.1.0")
def check(part: Job | PipelineConfiguration | WorkflowObject) -> Iterator[Finding]:
    """Yield a finding for a job that waits for itself, at the wait that leads back."""
    if isinstance(part, Job):
        yield from _in_workflow(part)
        return
    for fault in of_kind(part, FaultKind.CYCLE):
        message = f"{fault.owner} `{fault.key}`, which leads back to it"
        yield Finding(fault.where, message, equivalents=fault.peers, detail=refused(part))


def _in_workflow(job: Job) -> Iterator[Finding]:
    for need in job.needs:
        if not _leads_back(job, need):
            continue
        others = [one for one in job.needs_closure if one is not job and job in one.needs_closure]
        first = min((job, *others), key=lambda one: one.start)
        path = (
            "itself"
            if need.id.lower() == job.id.lower()
            else f"`{need.id}`, which waits for `{job.id}` in turn"
        )
        related = tuple(Related(job.file, one.key, "waits in the circle") for one in others)
        yield Finding(
            need.node,
            f"job `{job.id}` waits for {path}",
            related=related,
            equivalents=None if first is job else _OTHERS,
        )
        return


def _leads_back(job: Job, need: Need) -> bool:
    needed = job.workflow.job(need.id)
    return needed is not None and (needed is job or job in needed.needs_closure)
