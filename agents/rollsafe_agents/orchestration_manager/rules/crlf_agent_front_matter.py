"""An agent file with CRLF line ends has an unquoted `: `, which together make it vanish.

## What it does
Reports agent files whose lines end in CRLF and whose front matter is refused by YAML.

## Why it matters
Some tools mend an unquoted `: ` by quoting the line, and their pattern for a line does not know CRLF. The same file then
works on the machine of its author and is left out, without a word, where git wrote CRLF.

## Bad
```markdown title=".claude/agents/schema-reviewer.md" line-ends="crlf"
---
name: schema-reviewer
description: Reads migrations. When to use: before a migration is merged <!-- <- -->
---

You look at every statement and the lock it takes.
```

## Good
```markdown title=".claude/agents/schema-reviewer.md" line-ends="crlf"
---
name: schema-reviewer
description: |-
  Reads migrations. When to use: before a migration is merged
---

You look at every statement and the lock it takes.
```

## Fix
Writes the text as a block scalar, which is valid with either line end; the line ends stay as they are.

## References
- [YAML 1.2: line breaks](https://yaml.org/spec/1.2.2/#54-line-break-characters)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.agent_file import AgentDefinition
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.agent_edits import as_block_scalars
from rollsafe.rules.api import Safety


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(agent: AgentDefinition) -> Iterator[Finding]:
    """Yield a finding for a refused field on a line that ends in CRLF."""
    if not agent.is_refused_for_line_ends:
        return
    field = next(field for field in agent.front.fields if field.refused)
    fix = as_block_scalars(agent)
    yield Finding(
        field.key,
        f"`{field.name}` of `{agent.name}` is not valid YAML, and with CRLF line ends no tool mends it",
        fixes=(fix,) if fix else (),
        detail="tools that quote such a line for themselves fail at the carriage return and leave the agent out",
    )
