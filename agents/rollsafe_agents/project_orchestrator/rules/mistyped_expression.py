"""An expression uses a value as something it is not.

## What it does
Follows the types of values through an expression: a name asked of a text, a list compared with a text, an object put
into a text, a list given where a function takes a text.

## Why it matters
GitHub does not complain: the comparison is false, the text says `Object` or `Array`, the name gives nothing.

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
        env:
          EVENT: ${{ github.event }}  # <-
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
        env:
          EVENT: ${{ toJSON(github.event) }}
```

## Fix
Writes an object or a list as JSON: unsafe, as the text is another one from then on.

## References
- [GitHub: expressions](https://docs.github.com/en/actions/reference/workflows-and-actions/expressions)

## Equivalent rules
- `actionlint:expression`
"""

from collections.abc import Iterator

from rollsafe.artefacts.expressions import FaultKind
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.workspace.expression_faults import FoundFault, expression_faults
from rollsafe.workspace.graph import Graph

_LONGEST = 60


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job | Step | CompositeAction, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each value that is used as something else."""
    for found in expression_faults(part, graph):
        if found.fault.kind in (FaultKind.TYPE, FaultKind.OBJECT):
            span = _trimmed(part.file.text, found)
            fixes = _fixes(part.file.slice(span), span) if found.fault.kind is FaultKind.OBJECT else ()
            yield Finding(span, f"in `{_short(part.file.slice(span))}` {found.fault.message}", fixes=fixes)


def _trimmed(text: str, found: FoundFault) -> Span:
    """Return the place without the blanks inside of `${{ }}`."""
    written = text[found.start : found.end]
    left = len(written) - len(written.lstrip())
    return Span(found.start + left, max(found.start + left + 1, found.start + len(written.rstrip())))


def _short(written: str) -> str:
    line = " ".join(written.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _fixes(written: str, span: Span) -> tuple[Fix, ...]:
    if "\n" in written or written == "null":
        return ()
    return (Fix("Write it as JSON", Safety.UNSAFE, edits=(Edit(span, f"toJSON({written})"),)),)
