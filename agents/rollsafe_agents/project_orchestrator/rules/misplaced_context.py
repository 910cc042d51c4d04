"""An expression reads a context where GitHub does not have it yet.

## What it does
Compares the contexts and status functions of each expression with those that GitHub offers at its key: `env` in
`runs-on`, `secrets` in a condition, `always()` outside of one, an expression where none is read at all.

## Why it matters
GitHub refuses the whole file: no job of it starts.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
env:
  RUNNER: ubuntu-24.04
jobs:
  test:
    runs-on: ${{ env.RUNNER }}  # <-
    timeout-minutes: 10
    steps:
      - run: make test
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
    runs-on: ${{ vars.RUNNER }}
    timeout-minutes: 10
    steps:
      - run: make test
```

## Fix
None: where the value can come from instead only you know.

## References
- [GitHub: contexts](https://docs.github.com/en/actions/reference/workflows-and-actions/contexts)

## Equivalent rules
- `actionlint:expression`
- `languageservices:parse`
"""

from collections.abc import Iterator

from rollsafe.artefacts.expressions import FaultKind
from rollsafe.artefacts.expressions.types import shown
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.shapes import Fault
from rollsafe.artefacts.shapes import FaultKind as GrammarFault
from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.rules.workflow_grammar import named_value
from rollsafe.workspace.expression_faults import FoundFault, expression_faults
from rollsafe.workspace.graph import Graph

_PLACES = (FaultKind.PLACE, FaultKind.FUNCTION_PLACE)


@rule(severity=Severity.ERROR, since="0.1.0")
def check(part: Workflow | Job | Step | CompositeAction, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each context that its key does not know."""
    refused = f"GitHub refuses `{part.file.path}` as a whole and starts none of its jobs"
    for found in expression_faults(part, graph):
        if found.fault.kind in _PLACES:
            yield Finding(Span(found.start, found.end), _message(found), detail=refused)
    for fault in part.reading.faults:
        if fault.kind is GrammarFault.EXPRESSION and not _is_tolerated(fault):
            yield Finding(
                fault.where,
                f"{named_value(part, fault)} is an expression, and GitHub reads none there",
                detail=refused,
            )


def _is_tolerated(fault: Fault) -> bool:
    """Say whether GitHub's runner fills it in although the grammar says nothing of expressions."""
    return fault.key == "shell"


def _message(found: FoundFault) -> str:
    key = ".".join(found.site.path)
    if found.fault.kind is FaultKind.FUNCTION_PLACE:
        return f"`{found.fault.name}()` is called in `{key}`, where GitHub does not know it"
    known = shown(found.fault.known)
    return f"`{found.fault.name}` is read in `{key}`, where GitHub knows only {known}"
