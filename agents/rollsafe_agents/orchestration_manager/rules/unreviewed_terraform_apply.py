"""Terraform applies something else than the plan somebody has looked at.

## What it does
Reports `terraform apply` of a plan file that the job neither makes nor fetches (no `plan -out`, no download, no
cache), which fails. At level `pedantic` also `apply -auto-approve` without a plan in production, where a plan of the
same workflow is made in another job and thrown away.

## Why it matters
A plan is made against the state of that moment. Applied later without the file, Terraform plans again, and destroys
what has drifted or been merged in between without anybody having seen it.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  deploy:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: terraform init -input=false
      - run: terraform apply -input=false tfplan  # <-
      - run: curl --fail --retry 10 https://shop.example/health
```

## Good
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  deploy:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: terraform init -input=false
      - run: terraform plan -input=false -out=tfplan && terraform apply -input=false tfplan
      - run: curl --fail --retry 10 https://shop.example/health
```

## Fix
None that is applied by itself for a missing file; the plan has to be handed on from where it is made.

## References
- [Terraform: automate Terraform](https://developer.hashicorp.com/terraform/tutorials/automation/automate-terraform)

## Equivalent rules
None known.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.formats.shell import ShellCommand
from rollsafe.rules import Confidence, Finding, Level, Related, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.text import Located, Span
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import AnyJob

_TOOLS: Final = frozenset({"terraform", "tofu"})
_FETCHED: Final = lazily(
    r"download|artifact|cache|restore|attach_workspace|aws s3 cp|gsutil|gcloud storage|az storage|unzip|tar |mv |cp "
    r"|show|checkout@|DownloadPipeline|dflook|curl|wget|scp|rsync",
)
"""Words of a step that may bring a file in."""


@rule(severity=Severity.ERROR, since="0.1.0")
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each apply of a plan that is not there, or without the plan that is."""
    if "apply" not in job.file.slice(job) or job.is_disabled:
        return
    commands = _commands(job)
    for command in commands:
        if not _is(command, "apply") or command.has_flag("-destroy", "--destroy"):
            continue
        plan = _plan_file(command)
        if plan is not None:
            if not _is_there(job, command, plan):
                yield _missing(job, command, plan)
        elif command.has_flag("-auto-approve", "--auto-approve"):
            yield from _unseen(job, command, graph)


def _commands(job: AnyJob) -> list[ShellCommand]:
    if isinstance(job, OtherJob):
        held = [script for script in job.scripts if script.file is job.file]
        return [command for script in held for command in script.commands]
    return [command for step in job.steps if not step.is_disabled for command in step.commands]


def _is(command: ShellCommand, verb: str) -> bool:
    name = command.name.rpartition("/")[2]
    return name in _TOOLS and verb in command.operands[:1] and not command.wrappers


def _plan_file(command: ShellCommand) -> str | None:
    """Return the plan an apply is given; None without one, or where it is computed."""
    last = command.texts[-1]
    if last.startswith("-") or last == "apply" or "$" in last or "{" in last or "*" in last:
        return None
    before = command.texts[-2]
    return (
        None
        if before.startswith("-") and "=" not in before and before in _WITH_VALUE
        else last.removeprefix("./")
    )


_WITH_VALUE: Final = frozenset(
    {"-var", "-var-file", "-target", "-replace", "-lock-timeout", "-parallelism", "-state"}
)


def _is_there(job: AnyJob, apply: ShellCommand, plan: str) -> bool:
    """Say whether anything before the command makes the file, or may bring it in."""
    name = plan.rpartition("/")[2]
    text = job.file.slice(Span(job.start, apply.start))
    if name in text:
        return True
    if isinstance(job, OtherJob):
        return not job.is_whole or _FETCHED.search(text) is not None or bool(job.calls) or bool(job.waits)
    steps = (step for step in job.steps if not step.is_disabled and step.start < apply.start)
    return any(_may_bring(step) for step in steps)


def _may_bring(step: Step) -> bool:
    if step.calls_others or step.uses_text.lower().startswith(("hashicorp/terraform", "dflook/")):
        return True
    return _FETCHED.search(step.file.slice(step).replace("actions/checkout@", "")) is not None


def _missing(job: AnyJob, command: ShellCommand, plan: str) -> Finding:
    place: Located = command.words[-1]
    return Finding(
        place,
        f"`{plan}` is not there when `{job.id}` applies it: the job neither makes nor fetches it",
        detail="every run of a job begins with an empty directory, so this fails before anything is changed",
    )


def _unseen(job: AnyJob, command: ShellCommand, graph: Graph) -> Iterator[Finding]:
    """Yield a finding when an earlier job plans and this one does not apply that plan."""
    if not production_of(job, graph).is_production or justified(job.file, command):
        return
    earlier: Sequence[AnyJob] = job.needs_closure
    for one in earlier:
        plans = (it for it in _commands(one) if _is(it, "plan") and not it.has_flag("-destroy"))
        plan = next(plans, None) if one.file is job.file else None
        if plan is not None:
            yield Finding(
                command,
                f"`{job.id}` plans again and applies that, not the plan that `{one.id}` has shown",
                related=(Related(one.file, plan, "this plan is thrown away"),),
                severity=Severity.WARNING,
                confidence=Confidence.MEDIUM,
                level=Level.PEDANTIC,
                detail="what has changed in between is applied, or destroyed, without anybody having seen it",
            )
            return
