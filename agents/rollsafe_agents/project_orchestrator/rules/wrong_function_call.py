"""An expression calls a function that does not exist, or with the wrong arguments.

## What it does
Reports unknown functions, calls with too few or too many arguments, format strings that do not fit their values, and
texts given to `fromJSON` that are no JSON.

## Why it matters
GitHub refuses the file, or the job fails when it gets there.

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
        if: startWith(github.ref, 'refs/tags/')  # <-
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
        if: startsWith(github.ref, 'refs/tags/')
```

## Fix
Writes the nearest function there is. Unsafe: the expression takes effect from then on.

## References
- [GitHub: expressions](https://docs.github.com/en/actions/reference/workflows-and-actions/expressions)

## Equivalent rules
- `actionlint:expression`
- `languageservices:parse`
"""

from collections.abc import Iterator

from rollsafe.artefacts.expressions import FaultKind
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text import nearest
from rollsafe.workspace.expression_faults import FoundFault, expression_faults
from rollsafe.workspace.graph import Graph

_KINDS = (FaultKind.FUNCTION, FaultKind.CALL, FaultKind.FORMAT, FaultKind.JSON)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job | Step | CompositeAction, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each call that cannot be made."""
    for found in expression_faults(part, graph):
        if found.fault.kind in _KINDS:
            close = _close(found)
            hint = f"; the nearest is `{close}`" if close is not None else ""
            yield Finding(
                Span(found.start, found.end),
                f"{found.fault.message}{hint}",
                fixes=_fixes(part.file.slice(Span(found.start, found.end)), found, close),
            )


def _close(found: FoundFault) -> str | None:
    return nearest(found.fault.name, found.fault.known) if found.fault.kind is FaultKind.FUNCTION else None


def _fixes(written: str, found: FoundFault, close: str | None) -> tuple[Fix, ...]:
    name = found.fault.name
    if close is None or not written.startswith(name):
        return ()
    edit = Edit(Span(found.start, found.start + len(name)), close)
    return (Fix(f"Call `{close}`", Safety.UNSAFE, edits=(edit,)),)
