"""A step gives an action an input that the action is about to drop.

## What it does
Reports inputs for which the action's metadata has a `deprecationMessage` and which are not required, of actions of the same
repository and of popular ones.

## Why it matters
The next version of the action ignores the input, and what it was given for no longer happens.

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
      - uses: actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8
      - uses: ./.github/actions/greet
        with:
          who: world  # <-
```
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
inputs:
  who:
    description: whom to greet
    deprecationMessage: Use `name` instead
runs:
  using: composite
  steps:
    - run: echo "hello $WHO"
      shell: bash
      env:
        WHO: ${{ inputs.who }}
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
      - uses: actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8
      - uses: ./.github/actions/greet
        with:
          who: world
```
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
inputs:
  who:
    description: whom to greet
runs:
  using: composite
  steps:
    - run: echo "hello $WHO"
      shell: bash
      env:
        WHO: ${{ inputs.who }}
```

## Fix
None: what takes its place is said in words.

## References
- [GitHub: metadata of actions](https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax)

## Equivalent rules
- `actionlint:action`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Step
from rollsafe.formats.nodes import Mapping, resolve
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.workspace.called_actions import interface_of
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC)
def check(step: Step, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each input that is deprecated."""
    given = resolve(step.fields.get("with"))
    if step.uses is None or not isinstance(given, Mapping) or step.owner.problems:
        return
    interface = interface_of(step, graph)
    if interface is None or interface.inputs is None:
        return
    for entry in given.entries:
        taken = interface.inputs.get(entry.name.lower())
        if taken is not None and taken.deprecation is not None and not taken.is_required:
            said = f": {_short(taken.deprecation)}" if taken.deprecation else ""
            yield Finding(entry.key, f"`{step.uses.name}` deprecates the input `{taken.name}`{said}")


def _short(said: str) -> str:
    return " ".join(said.split()).rstrip(". ")[:160]
