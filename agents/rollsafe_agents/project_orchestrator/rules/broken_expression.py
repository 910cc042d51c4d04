"""An expression of a workflow cannot be read.

## What it does
Reports what GitHub's parser would stumble over in `${{ … }}` and in conditions: an operand that is missing, a quote or
parenthesis that is not closed, text in double quotes.

## Why it matters
GitHub refuses the whole file: no job of it starts.

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
        if: github.ref == "refs/heads/main"  # <-
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
        if: github.ref == 'refs/heads/main'
```

## Fix
Writes text in double quotes in single ones, as expressions have it. Unsafe: a file that GitHub refused runs from then
on.

## References
- [GitHub: expressions](https://docs.github.com/en/actions/reference/workflows-and-actions/expressions)

## Equivalent rules
- `actionlint:expression`
- `languageservices:parse`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import FaultKind
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text.patterns import lazily
from rollsafe.workspace.expression_faults import FoundFault, expression_faults
from rollsafe.workspace.graph import Graph

_QUOTED: Final = lazily(r'"([^"\\\n]*)"')


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job | Step | CompositeAction, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each place an expression cannot be read at."""
    for found in expression_faults(part, graph):
        if found.fault.kind is FaultKind.SYNTAX:
            yield Finding(
                Span(found.start, found.end),
                f"the expression cannot be read: {found.fault.message}",
                fixes=_fixes(part.file.text, found),
                detail=f"GitHub refuses `{part.file.path}` as a whole and starts none of its jobs",
            )


def _fixes(text: str, found: FoundFault) -> tuple[Fix, ...]:
    """Return the fix that turns double quotes into single ones, where the YAML around takes both."""
    scalar = found.site.scalar
    fault = found.fault
    match = _QUOTED.match(scalar.text, fault.start)
    if match is None or not (scalar.plain or scalar.block):
        return ()
    at = script_offsets(text, scalar)
    span = Span(at(match.start()), at(match.end() - 1) + 1)
    if text[span.start : span.end] != match.group():
        return ()
    literal = "'" + match[1].replace("'", "''") + "'"
    return (Fix(f"Write `{literal}`", Safety.UNSAFE, edits=(Edit(span, literal),)),)
