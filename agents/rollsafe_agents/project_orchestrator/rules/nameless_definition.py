"""A workflow or a job has no name of its own.

## What it does
Reports workflows and jobs without `name`. Jobs that call a workflow are left out.

## Why it matters
GitHub then shows the path of the file, or the id of the job, where people look for what failed.

## Bad
```yaml title=".github/workflows/test.yml"
on: pull_request  # <-
permissions:
  contents: read
jobs:
  unit-test:
    name: Unit test
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Good
```yaml title=".github/workflows/test.yml"
name: Test
on: pull_request
permissions:
  contents: read
jobs:
  unit-test:
    name: Unit test
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Fix
Names it after the file or the id. Unsafe: checks that a branch waits for are known by the name of the job.

## References
- [GitHub: name](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#name)

## Equivalent rules
- `zizmor:anonymous-definition`
"""

import re
from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.formats.yaml_edit import add_entry_before
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.workflow_edits import add_job_key


@rule(severity=Severity.HINT, level=Level.AUDITOR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job) -> Iterator[Finding]:
    """Yield a finding for a workflow or a job without a name."""
    if isinstance(part, Job):
        if part.node.entry("name") is None and part.uses is None and not part.is_disabled:
            yield Finding(part.key, f"job `{part.id}` has no name", fixes=lambda: tuple(_of_job(part)))
    elif part.node.entry("name") is None and part.jobs and not part.problems:
        first = part.node.entries[0]
        file = part.file.name
        yield Finding(
            first.key, f"the workflow in `{file}` has no name", fixes=lambda: tuple(_of_workflow(part))
        )


def _of_job(job: Job) -> Iterator[Fix]:
    name = _words(job.id)
    edit = add_job_key(job, "name", name) if name else None
    if edit is not None and not job.node.flow:
        edit = add_entry_before(job.file.text, job.node.entries[0], "name", name)
        yield Fix(f"Name it `{name}`", Safety.UNSAFE, edits=(edit,))


def _of_workflow(workflow: Workflow) -> Iterator[Fix]:
    name = _words(workflow.file.name.partition(".")[0])
    if name and not workflow.node.flow:
        edit = add_entry_before(workflow.file.text, workflow.node.entries[0], "name", name)
        yield Fix(f"Name it `{name}`", Safety.UNSAFE, edits=(edit,))


def _words(text: str) -> str:
    """Return an id as words that need no quotes, such as `Unit test`; nothing where that is not possible."""
    words = " ".join(re.split(r"[-_\s]+", text.strip("-_")))
    plain = re.fullmatch(r"[A-Za-z][\w ]*", words) and words.lower() not in (
        "true",
        "false",
        "null",
        "yes",
        "no",
        "on",
        "off",
    )
    return words[0].upper() + words[1:] if plain else ""
