"""A script is to run in a shell that is not there.

## What it does
Reports `shell` of a step or of `defaults.run` that is none of those GitHub knows and no command with `{0}` for the script's
file, and shells that the job's system does not have.

## Why it matters
The step fails before its script begins. In a step that only runs after a failure, such as one that goes back to the last
release, nobody notices before it is needed.

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
        shell: bsh  # <-
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
        shell: bash
```

## Fix
Writes the nearest name. Unsafe: the script runs from then on.

## References
- [GitHub: shells](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell)

## Equivalent rules
- `actionlint:shell-name`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.github_workflow.runners import labels_of, system_of
from rollsafe.formats.nodes import Scalar, resolve
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text import nearest

_ALL: Final = frozenset({"bash", "pwsh", "python", "sh", "cmd", "powershell"})
_MISSING: Final = {
    "windows": frozenset({"sh"}),
    "linux": frozenset({"cmd", "powershell"}),
    "macos": frozenset({"cmd", "powershell"}),
}
_CALLED: Final = {"windows": "Windows", "linux": "Linux", "macos": "macOS"}


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each shell that is not known, or not where it is asked for."""
    if part.problems:
        return
    if not isinstance(part, Workflow):
        for step in part.steps:
            yield from _of_step(step, part)
    if not isinstance(part, CompositeAction):
        yield from _of_shell(resolve(part.node.at("defaults", "run", "shell")), part)


def _of_step(step: Step, part: Job | CompositeAction) -> Iterator[Finding]:
    if "shell" in step.fields and "run" in step.fields:
        yield from _of_shell(resolve(step.fields["shell"]), part)


def _of_shell(shell: object, part: Workflow | Job | CompositeAction) -> Iterator[Finding]:
    if not isinstance(shell, Scalar) or shell.is_null or "{0}" in shell.text or "${{" in shell.text:
        return
    name = shell.text.strip().lower()
    if name not in _ALL:
        close = nearest(name, _ALL)
        hint = f"; the nearest is `{close}`" if close is not None else ""
        yield Finding(
            shell,
            f"`{shell.text[:40]}` is no shell that GitHub knows, nor a command with `{{0}}`{hint}",
            _fixes(shell, close),
        )
        return
    system = _system(part) if isinstance(part, Job) else ""
    if name in _MISSING.get(system, ()):
        told = (
            f"job `{part.id}` runs on {_CALLED[system]}, which has no `{name}`"
            if isinstance(part, Job)
            else ""
        )
        yield Finding(shell, told, severity=Severity.WARNING if name == "sh" else None)


def _fixes(shell: Scalar, close: str | None) -> tuple[Fix, ...]:
    if close is None or shell.block:
        return ()
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(set_value(shell, close),)),)


def _system(job: Job) -> str:
    """Return the one system that the job's labels stand for; empty where that is not known."""
    found = {system_of(label.text) for label in labels_of(job.fields.get("runs-on"))} - {""}
    return found.pop() if len(found) == 1 else ""
