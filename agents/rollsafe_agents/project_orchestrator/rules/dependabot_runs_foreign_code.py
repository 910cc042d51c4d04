"""Dependabot may run code that the dependencies bring along.

## What it does
Reports `insecure-external-code-execution: allow`.

## Why it matters
To read the dependencies, Dependabot then runs their code, with the credentials of the private registries it was given.

## Bad
```yaml title=".github/dependabot.yml"
version: 2
updates:
  - package-ecosystem: bundler
    directory: /
    insecure-external-code-execution: allow  # <-
    schedule:
      interval: weekly
    cooldown:
      default-days: 7
```

## Good
```yaml title=".github/dependabot.yml"
version: 2
updates:
  - package-ecosystem: bundler
    directory: /
    insecure-external-code-execution: deny
    schedule:
      interval: weekly
    cooldown:
      default-days: 7
```

## Fix
Writes `deny`. Unsafe: dependencies that are only known by running code are not updated.

## References
- [GitHub: insecure-external-code-execution](https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference#insecure-external-code-execution--)

## Equivalent rules
- `zizmor:dependabot-execution`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dependabot import DependabotUpdate
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(update: DependabotUpdate) -> Iterator[Finding]:
    """Yield a finding for an entry that lets foreign code run."""
    node = update.execution
    if node is not None and node.text == "allow":
        yield Finding(
            node,
            f"`{update.ecosystem or 'updates'}`: code of the dependencies runs with the registries' credentials",
            fixes=(Fix("Refuse it", Safety.UNSAFE, edits=(set_value(node, "deny"),)),),
        )
