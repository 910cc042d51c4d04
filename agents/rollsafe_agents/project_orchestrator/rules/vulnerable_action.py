"""A version of an action is used that has a published weakness.

## What it does
Reports actions whose version, by tag or by the comment behind a commit, is one that a published advisory names. The table
is of November 2026. A tag like `v2` counts as the newest of its kind.

## Why it matters
The weakness is public, and so is how to use it: most of them let whoever opens a pull request run code in the job.

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
      - uses: tj-actions/branch-names@v7.0.6  # <-
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
      - uses: tj-actions/branch-names@v7.0.7
```

## Fix
Names the first version without the weakness, where a tag is used. Unsafe: it may behave differently. A commit has to be
looked up.

## References
- [GitHub Advisory Database](https://github.com/advisories?query=ecosystem%3Aactions)

## Equivalent rules
- `poutine:known_vulnerability_in_build_component`
- `zizmor:known-vulnerable-actions`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import ActionRef, Step
from rollsafe.artefacts.recognition.action_facts import Advisory, advisories_for
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, rule
from rollsafe.rules.action_steps import action_of, version_of

_COMMIT: Final = 40


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for each advisory about the version a step uses."""
    name = action_of(step)
    if not name or step.uses is None or step.is_skipped:
        return
    version = version_of(step)
    for advisory in advisories_for(name, version):
        yield Finding(
            step.uses,
            f"`{step.uses.name}` {version} has a published weakness: {advisory.id}",
            fixes=tuple(_fixes(step.uses, advisory)),
            detail=advisory.summary.strip().rstrip("."),
        )


def _fixes(ref: ActionRef, advisory: Advisory) -> Iterator[Fix]:
    if advisory.fixed and ref.ref_span is not None and len(ref.ref) < _COMMIT:
        tag = ("v" if ref.ref.startswith("v") else "") + advisory.fixed
        yield Fix(f"Use `{tag}`", Safety.UNSAFE, edits=(Edit(ref.ref_span, tag),))
