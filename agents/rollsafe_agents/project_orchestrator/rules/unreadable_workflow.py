"""A workflow is no YAML that GitHub can read.

## What it does
Reports the place at which YAML ends to make sense, aliases of anchors that do not exist or that the alias is a part of.

## Why it matters
GitHub refuses the whole file: no job of it starts. In a workflow that only a tag starts nobody notices before the
release.

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
        env: *shared  # <-
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
```

## Fix
None: what was meant only you know.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:syntax-check`
- `languageservices:parse`
- `zizmor:invalid-input`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import CompositeAction, Workflow
from rollsafe.formats.nodes import Alias, walk
from rollsafe.formats.problems import Problem
from rollsafe.rules import Finding, Related, Severity, Span, rule


@rule(severity=Severity.ERROR, since="0.1.0")
def check(part: Workflow | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each place the reader stumbled over."""
    text = part.file.text
    if "*" in text:
        for node in walk(part.node):
            if isinstance(node, Alias) and node.target is not None:
                if node.target.start <= node.start < node.target.end:
                    yield Finding(node, f"`*{node.name}` stands for something that it is a part of")
            elif isinstance(node, Alias):
                yield Finding(
                    node, f"`*{node.name}` stands for nothing: there is no anchor `&{node.name}` before it"
                )
    for problem in part.problems:
        end = max(problem.end, min(problem.start + 1, len(text)))
        name = part.file.name
        message = problem.message if "`" in problem.message else f"`{name}`: {problem.message}"
        yield Finding(
            Span(problem.start, end),
            message,
            related=tuple(_elsewhere(part, problem)),
            detail=f"GitHub refuses `{part.file.path}` as a whole and starts none of its jobs",
        )


def _elsewhere(part: Workflow | CompositeAction, problem: Problem) -> Iterator[Related]:
    """Yield what is left open before the place at which reading stopped, such as a quote."""
    for place in (part.damaged or ()) if isinstance(part, Workflow) else ():
        if not place.holds(problem.start):
            yield Related(part.file, place, "what reading stops at begins in here")
