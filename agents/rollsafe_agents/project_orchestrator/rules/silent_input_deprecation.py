"""An action deprecates an input without saying why.

## What it does
Reports inputs of an `action.yml` whose `deprecationMessage` is empty.

## Why it matters
Who uses the input gets a warning that says nothing, and does not learn what to use instead.

## Bad
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
inputs:
  who:
    description: whom to greet
    deprecationMessage: ""  # <-
runs:
  using: composite
  steps:
    - run: echo "hello $WHO"
      shell: bash
      env:
        WHO: ${{ inputs.who }}
```

## Good
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
Removes the key. Unsafe: the input is not deprecated any more.

## References
- [GitHub: metadata of actions](https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax)

## Equivalent rules
- `actionlint:action`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import CompositeAction
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.called_actions import silent


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(action: CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each message that is empty."""
    for name, where in silent(action):
        node = action.inputs[name]
        holder = node if isinstance(node, Mapping) and len(node.entries) > 1 else None
        edit = remove_entry(action.file.text, holder, "deprecationMessage") if holder is not None else None
        fixes = () if edit is None else (Fix("Remove the empty message", Safety.UNSAFE, edits=(edit,)),)
        yield Finding(where, f"input `{name}` is deprecated without a word", fixes=fixes)
