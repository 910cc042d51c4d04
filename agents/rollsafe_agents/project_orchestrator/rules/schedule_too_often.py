"""A workflow is to run more often than GitHub runs it.

## What it does
Reports `on.schedule` with less than five minutes between two runs.

## Why it matters
Five minutes is the shortest interval: runs in between do not happen, so whatever counts on them, such as a check that
something is alive, is silently slower than it looks.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  schedule:
    - cron: "* 6-18 * * *"  # <-
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Good
```yaml title=".github/workflows/check.yml"
name: check
on:
  schedule:
    - cron: "*/5 6-18 * * *"
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
Writes `*/5` where the minutes are `*` or every so many. Unsafe: the runs come at other times.

## References
- [GitHub: schedule](https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule)

## Equivalent rules
- `actionlint:events`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.formats.cron import cron_fault
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.plans.schedules import shortest_gap
from rollsafe.plans.times import MINUTE
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text.patterns import lazily

_SHORTEST: Final = 5
_EVERY = lazily(r"\*(?:/\d)?(?= )")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workflow: Workflow) -> Iterator[Finding]:
    """Yield a finding for each schedule whose runs would come too close."""
    clock = workflow.triggers.get("schedule")
    if clock is None or workflow.problems:
        return
    for cron in clock.crons:
        gap = None if cron_fault(cron.text) else shortest_gap(cron.text)
        if gap is not None and gap < _SHORTEST * MINUTE:
            yield Finding(
                cron,
                f"`{cron.text}` asks for a run every {gap // MINUTE} min; GitHub waits five minutes at least",
                fixes=_fixes(cron),
            )


def _fixes(cron: Scalar) -> tuple[Fix, ...]:
    every = _EVERY.match(cron.text)
    if every is None or cron.block:
        return ()
    edit = set_value(cron, f"*/{_SHORTEST}{cron.text[every.end() :]}")
    return (Fix("Run every five minutes", Safety.UNSAFE, edits=(edit,)),)
