"""An action is declared in a way that no runner can run.

## What it does
Reports `runs` of an `action.yml` with a runtime that GitHub does not have or no longer has, with files that are not there, with an image that
is built from a file not named `Dockerfile`, and with `post-if` without `post`. Files in directories that builds write,
such as `dist`, are left alone.

## Why it matters
Every step that uses the action fails before it begins, in each workflow that calls it.

## Bad
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
runs:
  using: node16  # <-
  main: dist/index.js
```

## Good
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
runs:
  using: node24
  main: dist/index.js
```

## Fix
Writes the newest Node.js in place of one that is gone. Unsafe: the action has to be tried on it.

## References
- [GitHub: metadata of actions](https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax)

## Equivalent rules
- `actionlint:action`
"""

import itertools
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import CompositeAction
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.workspace.called_actions import ActionFault, own_faults, steps_using
from rollsafe.workspace.graph import Graph

_MOST: Final = 3
_BUILT: Final = frozenset({"dist", "lib", "build", "out", "target", "bin"})


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(action: CompositeAction, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each reason why the action cannot run."""
    for fault in own_faults(action, graph.has_file):
        if not fault.file or _BUILT.isdisjoint(fault.file.split("/")):
            name = action.name or action.file.path
            severity = Severity.WARNING if fault.replacement else None
            using = itertools.islice(steps_using(action, graph), _MOST)
            yield Finding(
                fault.where,
                f"`{name[:60]}` {fault.message}",
                fixes=_fixes(fault),
                severity=severity,
                related=tuple(
                    Related(one.file, one.uses or one.node, "uses it, and fails there") for one in using
                ),
            )


def _fixes(fault: ActionFault) -> tuple[Fix, ...]:
    if not fault.replacement or not isinstance(fault.where, Scalar) or fault.where.block:
        return ()
    edit = set_value(fault.where, fault.replacement)
    return (Fix(f"Run on `{fault.replacement}`", Safety.UNSAFE, edits=(edit,)),)
