"""Terraform changes infrastructure without taking the state lock.

## What it does
Reports `-lock=false` on commands of `terraform`, `tofu` and `terragrunt` that write the state (`apply`, `destroy`,
`import`, `refresh`, `state mv|rm|push`), in workflows, actions, Makefiles, package scripts and shell scripts, and in
`TF_CLI_ARGS` variables of workflows. Plans may do without the lock.

## Why it matters
The lock is what keeps two runs from writing one state. Without it the later write wins: resources the other run has
made are forgotten and made again, or destroyed as unknown.

## Bad
```yaml title=".github/workflows/infrastructure.yml"
name: infrastructure
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: infrastructure-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  apply:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    steps:
      - run: terraform init -input=false
      - run: terraform plan -out=tfplan
      - run: terraform apply -lock=false tfplan  # <-
      - run: curl --fail --retry 5 https://shop.example/health
```

## Good
```yaml title=".github/workflows/infrastructure.yml"
name: infrastructure
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: infrastructure-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  apply:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    steps:
      - run: terraform init -input=false
      - run: terraform plan -out=tfplan
      - run: terraform apply tfplan
      - run: curl --fail --retry 5 https://shop.example/health
```

## Fix
Takes the flag away. Unsafe: a run that meets a held lock fails; `-lock-timeout=5m` lets it wait.

## References
- [Terraform: state locking](https://developer.hashicorp.com/terraform/language/state/locking)

## Equivalent rules
None known.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.other_pipelines.scripts import JobScript
from rollsafe.artefacts.scripts.runnable import Runnable
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.shell import ShellCommand
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.intent import justified
from rollsafe.text import Located
from rollsafe.text.patterns import lazily

_TOOLS: Final = frozenset({"terraform", "tofu", "terragrunt"})
_WRITES: Final = frozenset({"apply", "destroy", "import", "refresh", "taint", "untaint"})
_STATE: Final = frozenset({"mv", "rm", "push", "replace-provider"})
_UNLOCKED: Final = ("-lock=false", "--lock=false")
_VARIABLE: Final = lazily(r"TF_CLI_ARGS(_(apply|destroy|import|refresh))?")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(element: Workflow | CompositeAction | Runnable | OtherJob) -> Iterator[Finding]:
    """Yield a finding for each command or variable that switches the state lock off."""
    if isinstance(element, OtherJob):
        for script in element.scripts:
            if script.file is element.file and "lock=false" in script.scalar.text:
                yield from _in_commands(script)
    elif isinstance(element, Runnable):
        if "lock=false" in element.text:
            yield from _in_commands(element)
    elif "lock=false" in element.file.text:
        yield from _in_workflow(element)


def _in_workflow(element: Workflow | CompositeAction) -> Iterator[Finding]:
    jobs = element.jobs if isinstance(element, Workflow) else []
    steps = [step for job in jobs for step in job.steps] if jobs else _steps(element)
    for step in steps:
        yield from _in_commands(step)
    for owner in (element, *jobs, *steps):
        yield from _in_variables(owner)


def _steps(element: Workflow | CompositeAction) -> list[Step]:
    return element.steps if isinstance(element, CompositeAction) else []


def _in_commands(element: Step | Runnable | JobScript) -> Iterator[Finding]:
    if isinstance(element, Step) and element.is_disabled:
        return
    for command in element.commands:
        flag = command.flag("-lock", "--lock")
        if (
            flag is None
            or flag.text not in _UNLOCKED
            or not _writes(command)
            or justified(element.file, flag)
        ):
            continue
        before = command.words[command.texts.index(flag.text) - 1]
        edit = Edit(Span(before.end, flag.end), "")
        yield _finding(f"{command.name} {command.operands[0]}", flag, flag.text, (edit,))


def _writes(command: ShellCommand) -> bool:
    if command.name.rpartition("/")[2] not in _TOOLS:
        return False
    words: Sequence[str] = command.operands
    if words[:1] == ["state"]:
        return bool(_STATE.intersection(words[1:2]))
    return bool(_WRITES.intersection(words[:3]))


def _in_variables(element: Workflow | CompositeAction | Job | Step) -> Iterator[Finding]:
    env = element.node.map_at("env")
    for entry in env.entries if isinstance(env, Mapping) else ():
        value = entry.value
        if (
            not _VARIABLE.fullmatch(entry.name)
            or not isinstance(value, Scalar)
            or "lock=false" not in value.text
        ):
            continue
        if not justified(element.file, value):
            yield _finding(f"every `terraform` command under `{entry.name}`", value, value.text, ())


def _finding(what: str, where: Located, flag: str, edits: tuple[Edit, ...]) -> Finding:
    return Finding(
        where,
        f"`{flag}` lets {what if '`' in what else f'`{what}`'} write the state while another run does",
        fixes=(Fix("Take the lock", Safety.UNSAFE, edits=edits),) if edits else (),
        detail="of two runs the later write wins, and what the other one has made is forgotten",
    )
