"""An action that others pin to a commit changes all the same, since it uses what can change.

## What it does
Reports actions of this repository that are made of other actions, or of an image, without a commit or a digest.

## Why it matters
Whoever pins the action to a commit believes that it stays as it is. Its parts are looked up anew in every run.

## Bad
```yaml title="action.yml"
name: report
description: Writes the report
runs:  # <-
  using: composite
  steps:
    - uses: actions/setup-node@v6
    - run: ./report
      shell: bash
```
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
      - uses: actions/setup-node@2028fbc5c25fe9cf00d9f06a71cc4710d4507903
      - run: make test
```

## Good
```yaml title="action.yml"
name: report
description: Writes the report
runs:
  using: composite
  steps:
    - uses: actions/setup-node@2028fbc5c25fe9cf00d9f06a71cc4710d4507903
    - run: ./report
      shell: bash
```
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
      - uses: actions/setup-node@2028fbc5c25fe9cf00d9f06a71cc4710d4507903
      - run: make test
```

## Fix
Pins the commits that the repository uses elsewhere. Unsafe: they may be other versions than the tags name at present.
Where it pins none, they have to be looked up.

## References
- [GitHub: using third-party actions](https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions)

## Equivalent rules
- `poutine:unpinnable_action`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import ActionRef, CompositeAction
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pins import pinned_steps

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@rule(severity=Severity.INFO, level=Level.AUDITOR, since="0.1.0", fix=Safety.UNSAFE)
def check(action: CompositeAction, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for an action with a part that can change."""
    key = action.node.key_at("runs")
    image = action.node.at("runs", "image")
    moving = [step.uses.name for step in action.steps if step.uses is not None and _moves(step.uses)]
    if isinstance(image, Scalar) and image.text.startswith("docker://") and "@sha256:" not in image.text:
        moving.append(image.text)
    if key is not None and moving:
        named = ", ".join(f"`{name}`" for name in moving[:3])
        yield Finding(
            key, f"the action is made of what can change: {named}", fixes=tuple(_fixes(action, graph))
        )


def _fixes(action: CompositeAction, graph: Graph) -> Iterator[Fix]:
    """Yield the fix that pins what the repository pins elsewhere, where that is all of it."""
    edits: list[Edit] = []
    for step in action.steps:
        ref = step.uses
        if ref is None or not _moves(ref):
            continue
        pinned = {one.uses.ref for one in pinned_steps(ref.name, graph) if one.uses is not None}
        if len(pinned) != 1 or ref.ref_span is None:
            return
        edits.append(Edit(ref.ref_span, pinned.pop()))
    if edits:
        yield Fix("Pin the commits used elsewhere in this repository", Safety.UNSAFE, edits=tuple(edits))


def _moves(ref: ActionRef) -> bool:
    if ref.is_image:
        return "@sha256:" not in ref.text
    return bool(ref.owner) and _COMMIT.fullmatch(ref.ref) is None
