"""One commit is said to be two versions of an action.

## What it does
Reports actions that are pinned to a commit whose comment names another version than the same commit has elsewhere in the
repository: the rarer of the two, and where both are as frequent, the later.

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

from collections import Counter
from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Step
from rollsafe.rules import Confidence, Finding, Level, Related, Severity, rule
from rollsafe.rules.action_steps import version_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pins import pinned_steps

_MOST_VERSIONS = 40


@rule(severity=Severity.WARNING, level=Level.PEDANTIC, since="0.1.0")
def check(step: Step, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a commit that is called something else at most places."""
    ref = step.uses
    if ref is None or not step.pinned or not ref.owner:
        return
    version = version_of(step)
    if not version:
        return
    usual, other = graph.remember(("pinned version", ref.name, ref.ref), lambda: _usual(step, graph))
    if not _agree(usual, version):
        yield Finding(
            ref,
            f"the same commit of `{ref.name}` is {usual} elsewhere, and {version} here",
            related=(Related(other.file, other.uses or other, f"says {usual}"),),
            confidence=Confidence.MEDIUM,
        )


def _usual(step: Step, graph: Graph) -> tuple[str, Step]:
    """Return what most uses of a commit say it is, and the first that says so; the first of equals."""
    name, commit = (step.uses.name, step.uses.ref) if step.uses is not None else ("", "")
    same = [one for one in pinned_steps(name, graph) if one.uses and one.uses.ref == commit]
    firsts: dict[str, Step] = {}
    for one in sorted(same, key=lambda it: (it.file.path, it.start)):
        firsts.setdefault(version_of(one), one)
    counts = Counter(said for one in same if (said := version_of(one)))
    known = [said for said in firsts if said][:_MOST_VERSIONS]
    usual = max(known, key=lambda it: sum(counts[other] for other in known if _agree(it, other)))
    return usual, firsts[usual]


def _agree(one: str, other: str) -> bool:
    """Say whether two versions can be the same; `2` says less than `2.1.0`."""
    return all(left == right for left, right in zip(one.split("."), other.split("."), strict=False))
