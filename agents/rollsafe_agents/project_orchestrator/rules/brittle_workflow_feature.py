"""A step uses a feature that behaves differently from runner to runner, or that no tool can read.

## What it does
Reports scripts for the Windows command prompt (`shell: cmd`), and `pip-install` of `actions/setup-python`, which installs
into the machine's own Python. Shells that GitHub does not know by name are reported at level `auditor`.

## Why it matters
Nobody can tell reliably what a `cmd` script does, and packages in the machine's own Python depend on what the runner
brought along.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c
        with:
          python-version: "3.13"
          pip-install: tox  # <-
      - run: tox
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c
        with:
          python-version: "3.13"
      - run: |
          python -m venv .venv
          .venv/bin/pip install tox
          .venv/bin/tox
```

## Fix
No automatic fix: install into a virtual environment, and write scripts for `bash` or `pwsh`.

## References
- [zizmor: misfeature](https://docs.zizmor.sh/audits/#misfeature)

## Equivalent rules
- `zizmor:misfeature`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.action_steps import action_of
from rollsafe.rules.script_variables import shell_name

_KNOWN: Final = frozenset({"bash", "pwsh", "python", "sh", "powershell"})


@rule(severity=Severity.INFO, level=Level.PEDANTIC, since="0.1.0")
def check(part: Workflow | Job | Step | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for a shell or an input that is better left alone."""
    if isinstance(part, Step):
        if part.is_skipped:
            return
        if part.run is not None:
            yield from _of_shell(part.fields.get("shell"))
        elif action_of(part) == "actions/setup-python":
            given = next((key for key in part.inputs if key.lower() == "pip-install"), None)
            node = part.node.at("with", given) if given is not None else None
            if node is not None:
                yield Finding(node, "`pip-install` installs into the Python of the machine")
    elif isinstance(part, Workflow):
        used = any(_uses_default(step) for job in part.jobs if not _has_default(job) for step in job.steps)
        yield from _of_shell(part.node.at("defaults", "run", "shell") if used else None)
    elif isinstance(part, Job):
        used = any(_uses_default(step) for step in part.steps)
        yield from _of_shell(part.node.at("defaults", "run", "shell") if used else None)


def _uses_default(step: Step) -> bool:
    return step.run is not None and step.fields.get("shell") is None


def _has_default(job: Job) -> bool:
    return job.node.at("defaults", "run", "shell") is not None


def _of_shell(node: Node | None) -> Iterator[Finding]:
    if not isinstance(node, Scalar) or node.is_null or "${{" in node.text:
        return
    name = shell_name(node.text)
    if name == "cmd":
        yield Finding(node, "no tool can tell reliably what a script for `cmd` does")
    elif name and name not in _KNOWN:
        yield Finding(node, f"`{name}` is none of the shells that GitHub knows by name", level=Level.AUDITOR)
