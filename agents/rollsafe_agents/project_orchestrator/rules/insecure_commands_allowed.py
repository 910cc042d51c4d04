"""A step may change the environment of later steps by what it prints.

## What it does
Reports `ACTIONS_ALLOW_UNSECURE_COMMANDS` that is switched on. An `env` that is one expression, which may hold it, is
reported at level `auditor`.

## Why it matters
Everything the steps print is then read for commands. A log line that holds a stranger's text, such as the title of a
pull request, sets variables like `PATH`, and the next step runs their program.

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
      - run: make test
        env:
          ACTIONS_ALLOW_UNSECURE_COMMANDS: true  # <-
          MODE: fast
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
      - run: make test
        env:
          MODE: fast
```

## Fix
Removes the variable. Unsafe: steps that still print such commands have no effect any more.

## References
- [GitHub: deprecating set-env and add-path](https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/)

## Equivalent rules
- `zizmor:insecure-commands`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Step, Workflow
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule

_NAME: Final = "ACTIONS_ALLOW_UNSECURE_COMMANDS"


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job | Step) -> Iterator[Finding]:
    """Yield a finding for an environment that switches the old commands on."""
    if isinstance(part, Step) and part.run is None:
        return
    env = part.node.at("env")
    if isinstance(env, Scalar) and "${{" in env.text:
        yield Finding(
            env,
            f"whether `{_NAME}` is switched on is only known when it runs: `env` is one expression",
            severity=Severity.INFO,
            confidence=Confidence.LOW,
            level=Level.AUDITOR,
        )
    entry = env.entry(_NAME) if isinstance(env, Mapping) else None
    value = entry.value if entry is not None else None
    if entry is None or not isinstance(env, Mapping) or not isinstance(value, Scalar):
        return
    if value.text.strip().lower() == "true":
        alone = len(env.entries) == 1
        edit = remove_entry(part.file.text, *((part.node, "env") if alone else (env, _NAME)))
        fix = Fix("Remove the variable", Safety.UNSAFE, edits=(edit,)) if edit is not None else None
        yield Finding(
            entry,
            f"`{_NAME}` lets anything that is printed change the environment",
            fixes=(fix,) if fix is not None else (),
        )
