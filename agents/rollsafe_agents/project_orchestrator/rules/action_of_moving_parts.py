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

## Fix
No automatic fix: the commits have to be looked up.

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
from rollsafe.rules import Finding, Level, Severity, rule

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@rule(severity=Severity.INFO, level=Level.AUDITOR, since="0.1.0")
def check(action: CompositeAction) -> Iterator[Finding]:
    """Yield a finding for an action with a part that can change."""
    key = action.node.key_at("runs")
    image = action.node.at("runs", "image")
    moving = [step.uses.name for step in action.steps if step.uses is not None and _moves(step.uses)]
    if isinstance(image, Scalar) and image.text.startswith("docker://") and "@sha256:" not in image.text:
        moving.append(image.text)
    if key is not None and moving:
        named = ", ".join(f"`{name}`" for name in moving[:3])
        yield Finding(key, f"the action is made of what can change: {named}")


def _moves(ref: ActionRef) -> bool:
    if ref.is_image:
        return "@sha256:" not in ref.text
    return bool(ref.owner) and _COMMIT.fullmatch(ref.ref) is None
