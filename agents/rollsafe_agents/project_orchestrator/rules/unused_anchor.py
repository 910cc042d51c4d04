"""An anchor of a workflow is never used.

## What it does
Reports `&name` in a workflow or an `action.yml` that no `*name` behind it repeats.

## Why it matters
Whoever reads it looks for what it is repeated by, and a typing error in an alias of another name stays unseen.

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
    env: &variables  # <-
      STAGE: ci
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
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    env:
      STAGE: ci
    steps:
      - run: make test
```

## Fix
Removes the anchor.

## References
- [GitHub: anchors](https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations#yaml-anchors-and-aliases)

## Equivalent rules
- `actionlint:syntax-check`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import CompositeAction, Workflow
from rollsafe.formats.yaml_anchors import unused_anchors
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(part: Workflow | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each anchor without an alias."""
    text = part.file.text
    if "&" not in text or part.problems:
        return
    for anchor in unused_anchors(text, part.node):
        start = anchor.start
        while (
            start > 0 and text[start - 1] in " \t" and text[anchor.end : anchor.end + 1] in ("", "\n", "\r")
        ):
            start -= 1
        end = anchor.end
        while start == anchor.start and end < len(text) and text[end] in " \t":
            end += 1
        name = text[anchor.start : anchor.end]
        fix = Fix(f"Remove `{name}`", Safety.SAFE, edits=(Edit(Span(start, end), ""),))
        yield Finding(anchor, f"the anchor `{name}` is never used", fixes=(fix,))
