"""An agent file has a tool list that names nothing.

## What it does
Reports `tools:` without a value, and for Claude Code an empty list. An empty list elsewhere says plainly that the agent
gets no tools.

## Why it matters
Tools differ in what they make of it: all tools, none, or an error that leaves the agent out. An agent that was meant to
read only may get a shell.

## Bad
```markdown title=".claude/agents/cost-reviewer.md"
---
name: cost-reviewer
description: Says what a change costs to run
tools:  # <-
---

You read the manifests and add up what they ask for.
```

## Good
```markdown title=".claude/agents/cost-reviewer.md"
---
name: cost-reviewer
description: Says what a change costs to run
---

You read the manifests and add up what they ask for.
```

## Fix
Takes the field out, after which the agent has the tools of its caller. Unsafe: where none were meant, they have to be
named.

## References
- [Claude Code: subagents](https://docs.anthropic.com/en/docs/claude-code/sub-agents)

## Equivalent rules
- `skillsaw:claude-agent-frontmatter`
"""

from collections.abc import Iterator

from rollsafe.artefacts.agent_file import AgentDefinition
from rollsafe.artefacts.agent_file.definition import is_empty
from rollsafe.formats.nodes import Sequence
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.agent_edits import remove_field
from rollsafe.rules.api import Safety


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(agent: AgentDefinition) -> Iterator[Finding]:
    """Yield a finding for a tool list without a tool."""
    field = agent.front.field("tools")
    if field is None or "tools" not in agent.place.fields or not is_empty(field):
        return
    if isinstance(field.value, Sequence) and not agent.place.strict_tools:
        return
    yield Finding(
        field.key,
        f"`tools` of `{agent.name}` names no tool",
        fixes=(remove_field(agent, field, "Remove `tools`"),),
        detail="tools differ in what they make of it: every tool, none, or an agent that is left out",
    )
