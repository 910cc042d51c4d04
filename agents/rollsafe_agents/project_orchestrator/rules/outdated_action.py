"""A step uses a version of an action that is made for runners of old.

## What it does
Reports versions of popular actions that run on a Node.js that GitHub no longer has, by a table with a date, and versions of
`actions/upload-artifact`, `actions/download-artifact` and `actions/cache` that GitHub has switched off.

## Why it matters
The step runs on a Node.js that its author never tried, for as long as GitHub allows it; one that is switched off fails. A
release that needs its artifact stops there.

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
      - uses: actions/upload-artifact@v3  # <-
        with:
          path: dist
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
      - uses: actions/upload-artifact@v7
        with:
          path: dist
```

## Fix
Writes the newest major version that the table knows, where that takes the same inputs and has the outputs that are read.
Unsafe: what it does may differ.

## References
- [GitHub: Node.js 16 actions](https://github.blog/changelog/2023-09-22-github-actions-transitioning-from-node-16-to-node-20/)
- [GitHub: artifact actions v3](https://github.blog/changelog/2024-04-16-deprecation-notice-v3-of-the-artifact-actions/)

## Equivalent rules
- `actionlint:action`
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.github_workflow import ActionRef, Step
from rollsafe.artefacts.github_workflow.known_actions import (
    Interface,
    interface_at,
    is_outdated,
    major_of,
    newest_version,
    table_date,
)
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.text.patterns import lazily

_SWITCHED_OFF: Final = {
    "actions/upload-artifact": ("v1", "v2", "v3"),
    "actions/download-artifact": ("v1", "v2", "v3"),
    "actions/cache": ("v1", "v2"),
}
_MAJOR = lazily(r"v\d+\Z")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for a version that is too old."""
    uses = step.uses
    if uses is None or not uses.owner or step.owner.problems:
        return
    if major_of(uses, step.behind_uses) in _SWITCHED_OFF.get(uses.name.lower(), ()):
        told = f"GitHub has switched `{uses.name}@{uses.ref}` off"
        yield Finding(uses, told, fixes=partial(_fixes, step, uses), severity=Severity.ERROR)
    elif is_outdated(uses, step.behind_uses):
        told = f"`{uses.text[:80]}` is made for a Node.js that runners no longer have (as of {table_date()})"
        yield Finding(uses, told, fixes=partial(_fixes, step, uses), level=Level.PEDANTIC)


def _fixes(step: Step, uses: ActionRef) -> tuple[Fix, ...]:
    newest = newest_version(uses)
    if newest is None or uses.ref_span is None or not _MAJOR.match(uses.ref) or newest == uses.ref:
        return ()
    interface = interface_at(uses.name, newest)
    if interface is None or not _is_fit(step, interface):
        return ()
    return (Fix(f"Use `{newest}`", Safety.UNSAFE, edits=(Edit(uses.ref_span, newest),)),)


def _is_fit(step: Step, interface: Interface) -> bool:
    """Say whether a version takes what the step gives it, and hands on what others read of the step."""
    given = {name.lower() for name in step.inputs}
    taken = interface.inputs
    if taken is not None:
        needed = {name for name, one in taken.items() if one.is_required}
        if given - taken.keys() or needed - given:
            return False
    if not step.id or interface.outputs is None:
        return True
    read = re.findall(rf"\bsteps\.{re.escape(step.id)}\.outputs\.([\w-]+)", step.behind_uses, re.I)
    return {name.lower() for name in read} <= {name.lower() for name in interface.outputs}
