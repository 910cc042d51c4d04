"""Dependabot proposes releases before anybody had time to find out what is in them.

## What it does
Reports entries of `updates` whose `cooldown` is shorter than seven days. Without one it is three.

## Why it matters
Releases with malicious code are usually found within days. Who updates within hours is among those they are made for.

## Bad
```yaml title=".github/dependabot.yml"
version: 2
updates:
  - package-ecosystem: npm  # <-
    directory: /
    schedule:
      interval: weekly
```

## Good
```yaml title=".github/dependabot.yml"
version: 2
updates:
  - package-ecosystem: npm
    directory: /
    schedule:
      interval: weekly
    cooldown:
      default-days: 7
```

## Fix
Waits for seven days. Unsafe: updates come later.

## References
- [GitHub: cooldown](https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference#cooldown-)

## Equivalent rules
- `zizmor:dependabot-cooldown`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dependabot import DependabotUpdate
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry, set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.text import Edit, Located

_ENOUGH: Final = 7


@rule(severity=Severity.INFO, level=Level.PEDANTIC, since="0.1.0", fix=Safety.UNSAFE)
def check(update: DependabotUpdate) -> Iterator[Finding]:
    """Yield a finding for an entry that waits for less than a week."""
    days = update.days
    if days is None or days >= _ENOUGH:
        return
    edit = _edit(update)
    ecosystem = update.ecosystem or "updates"
    yield Finding(
        _place(update),
        f"`{ecosystem}`: releases are proposed {days} days after they came out",
        fixes=(Fix("Wait for seven days", Safety.UNSAFE, edits=(edit,)),) if edit is not None else (),
    )


def _place(update: DependabotUpdate) -> Located:
    cooldown = update.node.at("cooldown")
    return update.days_node or cooldown or next(iter(update.node.entries), update)


def _edit(update: DependabotUpdate) -> Edit | None:
    text, node = update.file.text, update.days_node
    cooldown = update.node.at("cooldown")
    if node is not None:
        return set_value(node, str(_ENOUGH))
    if isinstance(cooldown, Mapping):
        return add_entry(text, cooldown, "default-days", str(_ENOUGH))
    if cooldown is not None:
        return None
    return add_entry(text, update.node, "cooldown", f"default-days: {_ENOUGH}")
