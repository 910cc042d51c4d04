"""A called workflow is given every secret of the caller.

## What it does
Reports `secrets: inherit`.

## Why it matters
The called workflow, and every action it runs, can read all secrets of this repository, also those it has nothing to
do with.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: push
permissions:
  contents: read
jobs:
  report:
    uses: ./.github/workflows/report.yml  # <-
    secrets: inherit
```
```yaml title=".github/workflows/report.yml"
name: report
on:
  workflow_call:
    secrets:
      REPORT_TOKEN:
        required: true
permissions:
  contents: read
jobs:
  report:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - run: ./tools/report
        env:
          TOKEN: ${{ secrets.REPORT_TOKEN }}
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: push
permissions:
  contents: read
jobs:
  report:
    uses: ./.github/workflows/report.yml
    secrets:
      REPORT_TOKEN: ${{ secrets.REPORT_TOKEN }}
```
```yaml title=".github/workflows/report.yml"
name: report
on:
  workflow_call:
    secrets:
      REPORT_TOKEN:
        required: true
permissions:
  contents: read
jobs:
  report:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - run: ./tools/report
        env:
          TOKEN: ${{ secrets.REPORT_TOKEN }}
```

## Fix
Passes the secrets that the called workflow declares, where it is in this repository and reads no others. Unsafe:
secrets of its environments have to be there too.

## References
- [zizmor: secrets-inherit](https://docs.zizmor.sh/audits/#secrets-inherit)

## Equivalent rules
- `zizmor:secrets-inherit`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import context_paths
from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import column_of, eol_of, indented
from rollsafe.rules import Edit, Finding, Fix, Level, Related, Safety, Severity, Span, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import called_workflow

_OWN: Final = "github_token"


@rule(severity=Severity.INFO, level=Level.PEDANTIC, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a call that passes all secrets on."""
    secrets = job.secrets
    if job.is_disabled or job.uses is None or not isinstance(secrets, Scalar) or secrets.text != "inherit":
        return
    yield Finding(
        job.uses,
        f"`{job.uses.name}` is given every secret of this repository by `secrets: inherit`",
        fixes=tuple(_fixes(job, secrets, graph)),
        related=(Related(job.file, secrets, "passes all of them"),),
    )


def _fixes(job: Job, secrets: Scalar, graph: Graph) -> Iterator[Fix]:
    called = called_workflow(job, graph)
    trigger = called.triggers.get("workflow_call") if called is not None else None
    if called is None or trigger is None or not trigger.secrets or job.node.flow:
        return
    declared = {name.lower() for name in trigger.secrets}
    if not _read(called) - {_OWN} <= declared:
        return
    lines = "\n".join(f"{name}: ${{{{ secrets.{name} }}}}" for name in trigger.secrets)
    eol = eol_of(job.file.text)
    entry = job.node.entry("secrets")
    if entry is None or entry.value is not secrets:
        return
    text = eol + indented(lines, " " * (column_of(job.file.text, entry.start) + 2)).replace("\n", eol)
    yield Fix(
        "Pass the declared secrets", Safety.UNSAFE, edits=(Edit(Span(entry.key.end + 1, secrets.end), text),)
    )


def _read(workflow: Workflow) -> set[str]:
    """Return the secrets a workflow reads; a name of its own for those that cannot be told."""
    return {
        path[1] if len(path) > 1 else "*"
        for written in workflow.expressions
        for path, _ in context_paths(written.expression.root)
        if path[0] == "secrets"
    }
