"""A job is given every secret of the repository.

## What it does
Reports `toJSON(secrets)`, and `secrets[…]` with a name that is only known when the job runs.

## Why it matters
The runner is given the secrets a job names. Here it cannot know which, so all of them are in the job's memory, where
any action it runs can find them.

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
          SECRETS: ${{ toJSON(secrets) }}  # <-
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
    timeout-minutes: 10
    steps:
      - run: ./tools/report
        env:
          TOKEN: ${{ secrets.REPORT_TOKEN }}
```

## Fix
No automatic fix: name the secrets the job needs.

## References
- [zizmor: overprovisioned-secrets](https://docs.zizmor.sh/audits/#overprovisioned-secrets)

## Equivalent rules
- `zizmor:overprovisioned-secrets`
- `poutine:job_all_secrets`
"""

from collections.abc import Iterator

from rollsafe.artefacts.expressions import Call, Index, Literal, context_path, walk
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.github_workflow.written import Written, written_expressions
from rollsafe.rules import Finding, Level, Related, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0")
def check(part: Workflow | CompositeAction | Job | Step) -> Iterator[Finding]:
    """Yield a finding for each expression that needs all secrets, and for each job that has one."""
    if isinstance(part, Job):
        yield from _of_job(part)
    for written in part.own_expressions:
        if not any(_takes_all(node) for node in walk(written.expression.root)):
            continue
        yield Finding(
            written.place,
            f"`{_short(written)}` puts every secret of the repository into the job's memory",
            level=Level.PEDANTIC if "[" in written.text else None,
            equivalents=("zizmor:overprovisioned-secrets",),
        )


def _of_job(job: Job) -> Iterator[Finding]:
    if "secrets" not in job.file.slice(job).lower():
        return
    for written in written_expressions(job.file, job.node):
        if any(_takes_all(node) for node in walk(written.expression.root)):
            yield Finding(
                job.key,
                f"job `{job.id}` has every secret of the repository in its memory",
                related=(Related(job.file, written.place, "needs all of them"),),
                level=Level.AUDITOR,
                equivalents=("poutine:job_all_secrets",),
            )
            return


def _takes_all(node: object) -> bool:
    if isinstance(node, Call) and node.name.lower() == "tojson":
        return any(context_path(argument) == ("secrets",) for argument in node.arguments)
    if isinstance(node, Index) and not isinstance(node.index, Literal):
        return context_path(node.base) == ("secrets",)
    return False


def _short(written: Written) -> str:
    text = " ".join(written.text.split()).replace("`", "'")
    return text if len(text) <= 60 else f"{text[:57]}..."
