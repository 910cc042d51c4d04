"""An agent file lacks the name or the description its tool needs.

## What it does
Reports agent files without a field that the tool of their directory requires: name and description for Claude Code, the
description for Copilot and opencode. A description that holds no words counts as missing.

## Why it matters
Without a name the agent is left out; without a description nothing tells when it is to be called, so it never is.

## Bad
```markdown title=".claude/agents/rollback-planner.md"
---  # <-
description: Writes the way back for a deployment
---

You write down how each step is undone.
```

## Good
```markdown title=".claude/agents/rollback-planner.md"
---
name: rollback-planner
description: Writes the way back for a deployment
---

You write down how each step is undone.
```

## Fix
Names the agent after its file. There is none for a description: when an agent is to be called only its author knows.

## References
- [Claude Code: subagents](https://docs.anthropic.com/en/docs/claude-code/sub-agents)

## Equivalent rules
- `skillsaw:claude-agent-frontmatter`
- `skillsaw:copilot-agent-valid`
"""

from collections.abc import Iterator

from rollsafe.artefacts.agent_file import AgentDefinition
from rollsafe.formats.yaml_edit import eol_of
from rollsafe.rules import Edit, Finding, Fix, Severity, Span, rule
from rollsafe.rules.api import Safety


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(agent: AgentDefinition) -> Iterator[Finding]:
    """Yield a finding for what is missing."""
    front = agent.front
    if any(problem.fatal for problem in front.problems):
        return
    missing = [name for name in agent.place.required if not agent.text_of(name)]
    if not missing:
        return
    listed = " and no ".join(f"`{name}`" for name in missing)
    present = next((field for name in missing if (field := front.field(name))), None)
    yield Finding(
        present.key if present else agent.head,
        f"agent file `{agent.file.name}` has no {listed}",
        fixes=(_named(agent),) if missing == ["name"] and front.is_present and not present else (),
        detail=f"{agent.place.tool} leaves an agent without {' and '.join(missing)} out, or never calls it",
    )


def _named(agent: AgentDefinition) -> Fix:
    edit = Edit(Span.at(agent.front.front.start), f"name: {agent.stem}{eol_of(agent.file.text)}")
    return Fix(f"Name the agent `{agent.stem}`", Safety.SAFE, edits=(edit,))
