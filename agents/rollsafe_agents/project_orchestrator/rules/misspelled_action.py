"""An action is named almost like a well-known one.

## What it does
Reports actions, and hooks of pre-commit, whose name differs from that of a well-known one by one letter, by two that changed places, or by a sign
between words.

## Why it matters
Such names are registered by people who wait for the mistake. Their code then runs with the job's token and secrets.

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
      - uses: action/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8  # <-
        with:
          persist-credentials: false
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
```

## Fix
Writes the well-known name. Unsafe: other code runs then.

## References
- [zizmor: typosquat-uses](https://docs.zizmor.sh/audits/#typosquat-uses)

## Equivalent rules
- `zizmor:typosquat-uses`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.pre_commit import HookRepository
from rollsafe.artefacts.recognition.popular_actions import almost
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(user: Step | Job | HookRepository) -> Iterator[Finding]:
    """Yield a finding for a name that is nearly a well-known one."""
    where = user.url if isinstance(user, HookRepository) else user.uses
    name = user.repository if isinstance(user, HookRepository) else user.uses.repository if user.uses else ""
    meant = almost(name) if name else None
    if where is None or meant is None:
        return
    at = user.file.text.find(name, where.start, where.end)
    edit = Edit(Span(at, at + len(name)), meant) if at >= 0 else None
    yield Finding(
        where,
        f"`{name}` is almost `{meant}`, and somebody else's",
        fixes=(Fix(f"Use `{meant}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else (),
    )
