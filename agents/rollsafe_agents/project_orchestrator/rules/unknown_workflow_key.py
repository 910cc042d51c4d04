"""A workflow has a key that GitHub does not know.

## What it does
Compares every key of a workflow and of an `action.yml` with GitHub's own grammar. Names that are free (jobs, environment
variables, inputs) are left alone.

## Why it matters
GitHub refuses the whole file: no job of it starts, also those that guard a deployment. In a workflow that only a tag
starts nobody notices before the release.

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
        timeout-minuts: 5  # <-
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
        timeout-minutes: 5
```

## Fix
Writes the nearest key there is, where the value fits. Unsafe: the key takes effect from then on. A key near none can
be removed.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:syntax-check`
- `languageservices:parse`
- `zizmor:invalid-input`
- `actionlint:events`
- `actionlint:permissions`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.shapes import Fault, FaultKind, github_table
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.fields import near_key, removal_fixes, rename_fixes, told_near
from rollsafe.rules.workflow_grammar import DIALECT, where_in

_FILTERS: Final = frozenset(
    f"{name}{ending}" for name in ("branches", "tags", "paths") for ending in ("", "-ignore")
) | {"types", "workflows"}
_DEPTH: Final = 3
_OWN: Final = frozenset(
    {"workflow_dispatch", "workflow_call", "repository_dispatch", "schedule", "image_version"}
)
"""Events that have keys of their own."""


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job | Step | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each key that has no meaning where it stands."""
    for fault in part.reading.faults:
        if fault.kind is not FaultKind.UNKNOWN:
            continue
        if fault.key == "<<":
            yield Finding(fault.where, "GitHub does not merge what `<<` stands before", detail=_refused(part))
            continue
        table = github_table()
        close = near_key(fault, table)
        hint = told_near(fault, close, table) if close is not None else ""
        fixes = (
            rename_fixes(fault, close, DIALECT) if close is not None else removal_fixes(part.file.text, fault)
        )
        yield Finding(
            fault.where,
            f"GitHub knows no `{fault.key}` in {where_in(part, fault)}{hint}",
            fixes=fixes,
            equivalents=_equivalents(fault),
            severity=Severity.WARNING if _is_passed_over(fault) else None,
            detail="GitHub passes over it" if _is_passed_over(fault) else _refused(part),
        )


def _is_passed_over(fault: Fault) -> bool:
    """Say whether GitHub takes the file although its grammar does not know the key."""
    return len(fault.path) == _DEPTH and fault.path[:2] == ("on", "workflow_dispatch")


def _refused(part: Workflow | Job | Step | CompositeAction) -> str:
    return f"GitHub refuses `{part.file.path}` as a whole and starts none of its jobs"


def _equivalents(fault: Fault) -> tuple[str, ...]:
    """Return what others call it: an event or a filter of events is not just any key to all of them."""
    of_event = fault.path[0] == "on" and (
        len(fault.path) == 2
        or (len(fault.path) == _DEPTH and fault.key in _FILTERS and fault.path[1] not in _OWN)
    )
    is_scope = fault.path[-2:-1] == ("permissions",)
    told = "events" if of_event else "permissions" if is_scope else "syntax-check"
    named = (f"actionlint:{told}", "languageservices:parse")
    return named if is_scope else (*named, "zizmor:invalid-input")
