"""A step installs whatever version of a tool is the newest.

## What it does
Reports actions that install a tool and are given no version of it, and commands that install a package outside of the
project's lock file, such as `npm install left-pad` or `gem install rake`.

## Why it matters
The next run may get another version, with other behaviour or with code that somebody put there an hour before.

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
      - run: npm install left-pad  # <-
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
      - run: npm ci
```

## Fix
No automatic fix: name the version, or put the package into the lock file.

## References
- [zizmor: unpinned-tools](https://docs.zizmor.sh/audits/#unpinned-tools)
- [zizmor: adhoc-packages](https://docs.zizmor.sh/audits/#adhoc-packages)

## Equivalent rules
- `zizmor:unpinned-tools`
- `zizmor:adhoc-packages`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Step
from rollsafe.artefacts.recognition.publishing import installs_package
from rollsafe.artefacts.recognition.switches import State, Switch, Test
from rollsafe.rules import Confidence, Finding, Level, Severity, Span, rule
from rollsafe.rules.action_steps import action_of, state_in

_TOOLS: Final[dict[str, Test]] = {
    "1password/load-secrets-action": Switch("version", default=True, values=("latest",)),
    "aquasecurity/setup-trivy": Switch("version", default=True, values=("latest",)),
    "extractions/setup-crate": Switch("version", default=True, values=("*",)),
    "extractions/setup-just": Switch("just-version", default=True, values=("*",)),
}

_LOCAL: Final = frozenset({"command", "env", "exec", "nice", "sudo", "time"})
"""Prefixes after which a command still runs on the runner itself."""


@rule(severity=Severity.INFO, level=Level.PEDANTIC, since="0.1.0")
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for an installation of no particular version."""
    if step.is_skipped:
        return
    if step.uses is not None:
        state = state_in(step, _TOOLS)
        test = _TOOLS.get(action_of(step))
        if state is not State.OFF and isinstance(test, Switch):
            yield Finding(
                step.input(test.input) or step.uses,
                f"`{step.uses.name}` installs whatever version is the newest: `{test.input}` names none",
                confidence=Confidence.LOW if state is State.OPEN else None,
                equivalents=("zizmor:unpinned-tools",),
            )
        return
    for command in step.commands if step.run is not None else ():
        if _LOCAL.issuperset(command.wrappers) and installs_package(command.texts):
            yield Finding(
                Span(command.start, command.end),
                f"`{' '.join(command.texts[:4]).replace('`', '')}` installs a package outside of the lock file",
                equivalents=("zizmor:adhoc-packages",),
            )
