"""An action of this repository is taken from the workspace, whatever lies there.

## What it does
Reports `uses: ./…`. GitHub also knows `$/…`, which names the same file of the commit that the workflow itself is from.

## Why it matters
`./` is read from the workspace when the step begins. A step before it, or a checkout of a stranger's branch, may have
put another action there.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
        with:
          persist-credentials: false
      - uses: ./.github/actions/report  # <-
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
        with:
          persist-credentials: false
      - uses: $/.github/actions/report
```

## Fix
Writes `$/` for `./`. Unsafe: an action that an earlier step has made is not found.

## References
- [GitHub: self-repository syntax](https://github.blog/changelog/2026-07-30-reference-same-repository-actions-with-self-repository-syntax/)

## Equivalent rules
- `zizmor:self-repository`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule


@rule(severity=Severity.INFO, level=Level.AUDITOR, since="0.1.0", fix=Safety.UNSAFE)
def check(user: Step | Job) -> Iterator[Finding]:
    """Yield a finding for a use of the workspace's own action or workflow."""
    ref = user.uses
    off = user.is_skipped if isinstance(user, Step) else user.is_disabled
    if ref is None or off or not ref.text.startswith("./"):
        return
    yield Finding(
        ref,
        f"`{ref.name}` is taken from the workspace, not from the commit of the workflow",
        fixes=tuple(_fixes(user)),
    )


def _fixes(user: Step | Job) -> Iterator[Fix]:
    scalar = user.fields.get("uses")
    if not isinstance(scalar, Scalar) or scalar.block or not user.start <= scalar.start < user.end:
        return
    at = user.file.text.find("./", scalar.start, scalar.end)
    if at >= 0:
        yield Fix(
            "Take it from the workflow's own commit", Safety.UNSAFE, edits=(Edit(Span(at, at + 1), "$"),)
        )
