"""An action or workflow is used whose repository is archived.

## What it does
Reports actions, called workflows and hooks of pre-commit from repositories that were archived when the table was made, in November 2026.

## Why it matters
Nobody mends an archived repository any more: neither what breaks with the next runner, nor what turns out to be
unsafe.

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
      - uses: actions/create-release@0cb9c9b65d5d1901c1f53e5e66eaf4afd303e70e  # <-
        with:
          tag_name: v1
          release_name: v1
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
      - run: gh release create v1 --generate-notes
```

## Fix
No automatic fix: another action, or a command, has to take its place.

## References
- [zizmor: archived-uses](https://docs.zizmor.sh/audits/#archived-uses)

## Equivalent rules
- `zizmor:archived-uses`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.pre_commit import HookRepository
from rollsafe.artefacts.recognition.archived import is_archived
from rollsafe.rules import Finding, Level, Severity, rule


@rule(severity=Severity.INFO, level=Level.PEDANTIC, since="0.1.0")
def check(user: Step | Job | HookRepository) -> Iterator[Finding]:
    """Yield a finding for a use of an archived repository."""
    if isinstance(user, HookRepository):
        if user.repository and is_archived(user.repository):
            yield Finding(user.url, _message(user.repository))
        return
    ref = user.uses
    off = user.is_skipped if isinstance(user, Step) else user.is_disabled
    if ref is not None and not off and ref.owner and is_archived(ref.repository):
        yield Finding(ref, _message(ref.repository))


def _message(repository: str) -> str:
    return f"`{repository}` is archived: nobody mends it any more"
