"""A job waits for a job that does not exist.

## What it does
Compares `needs` with the jobs of a workflow or pipeline: in GitHub Actions, and in GitLab, where `dependencies` and
`on_stop` name jobs, too, in CircleCI and Azure, in DAGs of Argo and
in pipelines of Tekton. What includes files of other
repositories is left alone.

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
    needs: biuld  # <-
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
  needs: [biuld]  # <-
  script:
    - make test
build:
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
  script:
    - make
```

## Fix
Writes the nearest job there is. Unsafe: another one may be meant.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:job-needs`
- `languageservices:parse`
- `zizmor:invalid-input`
- `argo-lint:error`
- `gitlab-ci-local:needs`
- `tekton-lint:no-pipeline-missing-task`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job, Need
from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.pipeline_faults import near, of_kind, refused
from rollsafe.text import nearest


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Job | PipelineConfiguration | WorkflowObject) -> Iterator[Finding]:
    """Yield a finding for each unknown job."""
    if isinstance(part, Job):
        yield from _in_workflow(part)
        return
    for fault in of_kind(part, FaultKind.NEED):
        hint, fixes = near(fault)
        yield Finding(
            fault.where,
            f"{fault.owner} `{fault.key}`, and no {fault.told or 'job'} is called that{hint}",
            fixes=fixes,
            equivalents=fault.peers,
            detail=refused(part),
        )


def _in_workflow(job: Job) -> Iterator[Finding]:
    for need in job.needs:
        is_known = job.workflow.job(need.id) is not None or "${{" in need.id
        # Where the file is damaged, so may be what names the job.
        if not is_known and not job.workflow.problems:
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
