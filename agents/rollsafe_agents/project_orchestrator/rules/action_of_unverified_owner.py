"""An action is used whose owner GitHub has not verified.

## What it does
Reports actions of owners that are not among the verified ones in GitHub's marketplace, as it was in November 2026. Owners
whose actions the repository's own name begins with are not known here.

## Why it matters
Anybody can publish an action under any name that is free. A verified owner is at least who they say they are.

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
      - uses: shop-tools/upload-action@8f4b7f84864484a7bf31766abe9204da3cbe65b3  # <-
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
      - uses: docker/login-action@c94ce9fb468520275223c153574b00df6fe4bcc9
```

## Fix
No automatic fix: it is for you to say whom you trust.

## References
- [GitHub: verified creators](https://docs.github.com/en/actions/how-tos/create-and-publish-actions/publish-in-github-marketplace#about-badges-in-github-marketplace)

## Equivalent rules
- `poutine:github_action_from_unverified_creator_used`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Step
from rollsafe.artefacts.recognition.action_facts import is_verified
from rollsafe.rules import Confidence, Finding, Level, Severity, rule


@rule(severity=Severity.HINT, level=Level.AUDITOR, since="0.1.0")
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for an action of somebody GitHub does not vouch for."""
    ref = step.uses
    if ref is not None and ref.owner and "${{" not in ref.text and not is_verified(ref.owner):
        yield Finding(ref, f"GitHub has not verified who `{ref.owner}` is", confidence=Confidence.MEDIUM)
