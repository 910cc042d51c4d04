"""One commit is said to be two versions of an action.

## What it does
Reports actions that are pinned to a commit whose comment names another version than the same commit has elsewhere in the
repository.

## Why it matters
Tools that update pins, and people who look for a weakness, go by the comment. One of the two is wrong, and nobody
knows which code runs.

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
      - uses: shop-tools/report@8f4b7f84864484a7bf31766abe9204da3cbe65b3 # v2.1.0
      - uses: shop-tools/report@8f4b7f84864484a7bf31766abe9204da3cbe65b3 # v3.0.0  # <-
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
      - uses: shop-tools/report@8f4b7f84864484a7bf31766abe9204da3cbe65b3 # v2.1.0
      - uses: shop-tools/report@8f4b7f84864484a7bf31766abe9204da3cbe65b3 # v2.1.0
```

## Fix
No automatic fix: which of the two it is has to be looked up.

## References
- [zizmor: ref-version-mismatch](https://docs.zizmor.sh/audits/#ref-version-mismatch)

## Equivalent rules
- `zizmor:ref-version-mismatch`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Step
from rollsafe.rules import Confidence, Finding, Level, Related, Severity, rule
from rollsafe.rules.action_steps import version_of
from rollsafe.workspace.graph import Graph

_COMMIT = 40


@rule(severity=Severity.WARNING, level=Level.PEDANTIC, since="0.1.0")
def check(step: Step, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a commit that is called something else further up."""
    ref = step.uses
    if ref is None or len(ref.ref) < _COMMIT or not ref.owner:
        return
    version = version_of(step)
    if not version:
        return
    for other in graph.find(Step, f"pinned:{ref.name}"):
        if (other.file.path, other.start) >= (step.file.path, step.start):
            return
        told = version_of(other) if other.uses is not None and other.uses.ref == ref.ref else ""
        if told and not _agree(told, version):
            yield Finding(
                ref,
                f"the same commit of `{ref.name}` is {told} elsewhere, and {version} here",
                related=(Related(other.file, other.uses or other, f"says {told}"),),
                confidence=Confidence.MEDIUM,
            )
            return


def _agree(one: str, other: str) -> bool:
    """Say whether two versions can be the same; `2` says less than `2.1.0`."""
    return all(left == right for left, right in zip(one.split("."), other.split("."), strict=False))
