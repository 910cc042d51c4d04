"""An action does what the runner can do by itself.

## What it does
Reports well-known actions whose work a command does that every runner of GitHub has, such as `gh release`. Those that
do more than one command are reported at level `auditor`.

## Why it matters
Every action is code of somebody else that runs with the job's token. One that is not needed is a risk for nothing.

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
      - uses: sergeysova/jq-action@a3f0d4ff59cc1dddf023fc0b325dd75b10deec58  # <-
        with:
          cmd: jq .version package.json
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
      - run: jq .version package.json
```

## Fix
No automatic fix: write the command as a step.

## References
- [zizmor: superfluous-actions](https://docs.zizmor.sh/audits/#superfluous-actions)

## Equivalent rules
- `zizmor:superfluous-actions`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Step
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.action_steps import action_of

_COMMANDS: Final = {
    "actions-ecosystem/action-add-labels": "gh issue edit --add-label",
    "actions-ecosystem/action-remove-labels": "gh issue edit --remove-label",
    "addnab/docker-run-action": "docker run",
    "dacbd/create-issue-action": "gh issue create",
    "elgohr/github-release-action": "gh release create",
    "ncipollo/release-action": "gh release create",
    "sergeysova/jq-action": "jq",
    "softprops/action-gh-release": "gh release create",
    "svenstaro/upload-release-action": "gh release upload",
}
_LONGER: Final = {
    "dtolnay/rust-toolchain": "rustup",
    "endbug/add-and-commit": "git commit",
    "peter-evans/create-or-update-comment": "gh issue comment",
    "peter-evans/create-pull-request": "gh pr create",
    "stefanzweifel/git-auto-commit-action": "git commit",
}


@rule(severity=Severity.INFO, level=Level.PEDANTIC, since="0.1.0")
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for an action that one command replaces."""
    name = action_of(step)
    command = _COMMANDS.get(name) or _LONGER.get(name)
    if command is not None and step.uses is not None and not step.is_skipped:
        yield Finding(
            step.uses,
            f"`{step.uses.name}` does what `{command}` does, which every runner of GitHub has",
            level=Level.AUDITOR if name in _LONGER else None,
        )
