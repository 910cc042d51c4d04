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
      - uses: tj-actions/branch-names@6871f53176ad61624f978536bbf089c574dc19a2 # v8.0.1
```

## Fix
No automatic fix: which version is right for the workflow has to be looked up.

## References
- [GitHub Advisory Database](https://github.com/advisories?query=ecosystem%3Aactions)

## Equivalent rules
- `poutine:known_vulnerability_in_build_component`
- `zizmor:known-vulnerable-actions`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Step
from rollsafe.artefacts.recognition.action_facts import advisories_for
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.action_steps import action_of, version_of


@rule(severity=Severity.WARNING, since="0.1.0")
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
            detail=advisory.summary.strip().rstrip("."),
        )
