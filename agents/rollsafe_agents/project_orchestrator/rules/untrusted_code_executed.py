"""Code of a pull request is run with the rights of the repository.

## What it does
Reports steps that build, test or otherwise run what a checkout of a pull request brought along, in workflows that
`pull_request_target`, `issue_comment` or `workflow_run` starts. Where something looks at who sent the pull request, an
environment may ask for an approval, the checkout is told `allow-unsafe-pr-checkout`, or it is not certain whose code it
is, it is reported at level `pedantic`; so are Azure pipelines and those of Tekton that pull requests start.

## Why it matters
These runs have the repository's secrets and a token that may write. `npm install`, `make` and most other tools run
whatever the checked out files say, and these are the stranger's.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request_target
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
        with:
          ref: ${{ github.event.pull_request.head.sha }}
          persist-credentials: false
      - run: npm ci  # <-
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request_target
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
      - run: npm ci
```

## Fix
Checks out the branch of the repository itself. Unsafe: it is not the pull request's code that is run then.

## References
- [GitHub: preventing pwn requests](https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/)

## Equivalent rules
- `poutine:untrusted_checkout_exec`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.artefacts.other_pipelines import PipelineConfiguration
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.action_steps import label_of
from rollsafe.workspace.foreign_code import (
    Checkout,
    Run,
    foreign_checkout,
    pipeline_runs,
    runs_after,
    tekton_runs,
)
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Job | PipelineConfiguration | KubernetesObject, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each tool that runs a stranger's code."""
    if isinstance(part, Job):
        checkout = foreign_checkout(part, graph)
        if checkout is not None:
            yield from _of_workflow(part, checkout)
        return
    runs = pipeline_runs(part) if isinstance(part, PipelineConfiguration) else tekton_runs(part)
    for run in runs:
        yield Finding(
            run.where,
            f"`{run.tool}` runs code of the pull request that started the pipeline",
            severity=Severity.WARNING,
            confidence=Confidence.LOW,
            level=Level.PEDANTIC,
        )


def _of_workflow(job: Job, checkout: Checkout) -> Iterator[Finding]:
    """Yield a finding for each tool; the first one that is certain stands for all of them."""
    runs = list(runs_after(job, checkout))
    first = next((run for run in runs if checkout.is_certain and run.is_certain), None)
    for run in runs:
        yield _finding(job, checkout, run, certain=run is first)


def _finding(job: Job, checkout: Checkout, run: Run, *, certain: bool) -> Finding:
    whose = "a pull request" if checkout.is_certain else "whatever was checked out"
    return Finding(
        run.where,
        f"`{run.tool}` runs code of {whose} in `{job.id}`, with the repository's secrets and token",
        fixes=lambda: tuple(_fixes(checkout.step)),
        related=(Related(job.file, checkout.step, f"{label_of(checkout.step)} brings the code"),),
        severity=None if certain else Severity.WARNING,
        confidence=None if certain else Confidence.LOW,
        level=None if certain else Level.PEDANTIC,
    )


def _fixes(step: Step) -> Iterator[Fix]:
    inputs = step.node.at("with")
    if not isinstance(inputs, Mapping) or inputs.entry("ref") is None:
        return
    edit = remove_entry(step.file.text, inputs, "ref")
    if edit is not None and len(inputs.entries) > 1:
        yield Fix("Check out the repository's own branch", Safety.UNSAFE, edits=(edit,))
