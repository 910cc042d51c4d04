"""Two agent files of one tool have the same name.

## What it does
Reports agent files whose `name` is that of another file for the same tool in the project.

## Why it matters
One of the two replaces the other without a word, and which one depends on the order in which files are read. Whoever
edits the one that lost wonders why nothing changes.

## Bad
```markdown title=".claude/agents/db/reviewer.md"
---
name: reviewer  # <-
description: Reviews migrations
---

You look at locks.
```
```markdown title=".claude/agents/web/reviewer.md"
---
name: reviewer  # <-
description: Reviews pages
---

You look at pages.
```

## Good
```markdown title=".claude/agents/db/reviewer.md"
---
name: migration-reviewer
description: Reviews migrations
---

You look at locks.
```
```markdown title=".claude/agents/web/reviewer.md"
---
name: page-reviewer
description: Reviews pages
---

You look at pages.
```

## Fix
There is none: which of the two keeps the name is for their authors to say.

## References
- [Claude Code: subagents](https://docs.anthropic.com/en/docs/claude-code/sub-agents)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.agent_file import AgentDefinition
from rollsafe.rules import Finding, Related, Severity, rule
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0")
def check(agent: AgentDefinition, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for an agent whose name another one has."""
    field = agent.front.field("name")
    if field is None or not agent.given_name:
        return
    key = f"agent:{agent.place.name}:{agent.given_name}"
    others = [one for one in graph.find(AgentDefinition, key) if one.file.path != agent.file.path]
    others = [one for one in others if one.home == agent.home]
    if not others:
        return
    paths = ", ".join(f"`{one.file.path}`" for one in others[:3])
    yield Finding(
        field.value,
        f"`{agent.given_name}` is the name of another agent of {agent.place.tool} too: {paths}",
        related=tuple(Related(one.file, one.head, "the same name is used here") for one in others[:3]),
        detail="one of them replaces the other without a word, depending on the order files are read in",
    )
