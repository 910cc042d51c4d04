"""A limit of a workflow is a number that makes no sense.

## What it does
Reports a `timeout-minutes` or `max-parallel` of zero or below, and a `max-parallel` that is no whole number.

## Why it matters
GitHub refuses the file or cancels the job as soon as it starts.

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
    timeout-minutes: 0  # <-
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
    steps:
      - run: make test
```

## Fix
None: which limit is right only you know.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:syntax-check`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.rules import Finding, Severity, rule


@rule(severity=Severity.ERROR, since="0.1.0")
def check(part: Job | Step) -> Iterator[Finding]:
    """Yield a finding for each limit that nothing can keep."""
    yield from _limit("timeout-minutes", part.node.at("timeout-minutes"))
    if isinstance(part, Job):
        node = part.node.at("strategy", "max-parallel")
        yield from _limit("max-parallel", node)
        if isinstance(node, Scalar) and _number(node) is not None and not float(node.text).is_integer():
            yield Finding(node, f"`max-parallel` is `{node.text}`, which is no whole number")


def _limit(name: str, node: Node | None) -> Iterator[Finding]:
    number = _number(node)
    if number is not None and number <= 0 and isinstance(node, Scalar):
        yield Finding(node, f"`{name}` is `{node.text}`, which leaves room for nothing")


def _number(node: Node | None) -> float | None:
    if not isinstance(node, Scalar) or not node.plain:
        return None
    digits = node.text.lstrip("+-").replace(".", "", 1)
    return float(node.text) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
